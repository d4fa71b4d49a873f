//! How often others may open a repair.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::identity::node_id::NodeId;
use crate::membership::allowance::Allowance;
use crate::moment::Moment;

/// What peers have left. It outlives their sessions, so that nobody has more for coming again.
#[derive(Debug)]
pub(super) struct Openings {
    of_one: BTreeMap<NodeId, Allowance>,
    of_all: Allowance,
}

/// Repairs of one peer at once, and in each [`SPAN`].
const OF_ONE: (u32, u32) = (4, 1);
/// Repairs of all: each may cost a pass over all ids of a store.
const OF_ALL: (u32, u32) = (16, 8);
/// The time in which allowances grow.
const SPAN: Duration = Duration::from_secs(600);
/// Peers that are remembered.
const PEERS_MAX: usize = 256;

impl Openings {
    pub(super) const fn new() -> Self {
        let of_all = Allowance::new(OF_ALL.0, OF_ALL.1);
        Self { of_one: BTreeMap::new(), of_all }
    }

    /// Whether this peer may open one now; if so, it has one less.
    pub(super) fn take(&mut self, now: Moment, peer: NodeId) -> bool {
        if !self.of_one.contains_key(&peer) && self.of_one.len() >= PEERS_MAX {
            // With as many as these the allowance of all is what bounds them.
            self.of_one.pop_first();
        }
        let of_one = self.of_one.entry(peer).or_insert(Allowance::new(OF_ONE.0, OF_ONE.1));
        of_one.take(now, SPAN, 1) == 1 && self.of_all.take(now, SPAN, 1) == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_has_its_share_and_all_have_theirs() {
        let name = |number: usize| {
            let mut bytes = [0; NodeId::LEN];
            bytes[..8].copy_from_slice(&(number as u64).to_be_bytes());
            NodeId::from_bytes(bytes)
        };
        let mut openings = Openings::new();
        let now = Moment::START;
        let taken = (0..100).filter(|_| openings.take(now, name(0))).count();
        assert_eq!(taken, 4);
        let taken = (0..1_000).filter(|number| openings.take(now, name(1 + *number))).count();
        assert_eq!(taken, 12);
        assert_eq!(openings.of_one.len(), PEERS_MAX);
        assert!(openings.take(now + SPAN, name(2)));
    }
}
