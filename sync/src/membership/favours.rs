//! What is done for others, and how often.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::identity::node_id::NodeId;
use crate::moment::Moment;

/// Counts what each peer asked for in the period that runs, so that nobody makes a node work for him alone.
#[derive(Debug)]
pub(crate) struct Favours {
    most: u32,
    since: Moment,
    counts: BTreeMap<NodeId, u32>,
}

/// Peers that are served in one period.
pub(crate) const SERVED_MAX: usize = 256;

impl Favours {
    /// So many for each peer in a period.
    pub(crate) const fn new(most: u32) -> Self {
        Self { most, since: Moment::START, counts: BTreeMap::new() }
    }

    /// Whether this peer is served once more.
    pub(crate) fn may(&mut self, now: Moment, period: Duration, peer: NodeId) -> bool {
        if now - self.since >= period {
            self.counts.clear();
            self.since = now;
        }
        if self.counts.len() >= SERVED_MAX && !self.counts.contains_key(&peer) {
            return false;
        }
        let count = self.counts.entry(peer).or_default();
        *count = count.saturating_add(1);
        *count <= self.most
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_is_served_some_times_in_a_period_and_so_are_some_peers() {
        let name = |n: u16| {
            let mut bytes = [0; NodeId::LEN];
            bytes[..2].copy_from_slice(&n.to_be_bytes());
            NodeId::from_bytes(bytes)
        };
        let period = Duration::from_secs(1);
        let mut favours = Favours::new(2);
        let served = [0; 3].map(|n| favours.may(Moment::START, period, name(n)));
        assert_eq!(served, [true, true, false]);
        let peers = (0..999).filter(|n| favours.may(Moment::START, period, name(*n))).count();
        assert_eq!(peers, SERVED_MAX - 1, "all that there is room for, but for the first");
        assert!(favours.may(Moment::START + period, period, name(0)));
    }
}
