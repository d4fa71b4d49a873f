//! Who is not listened to.

use std::collections::BTreeMap;

use crate::identity::node_id::NodeId;
use crate::moment::Moment;

/// Peers that passed on what nobody signed. An honest node checks before it passes on, so it is the peer
/// that lied. Its pings are answered; what it tells of others is not read for some time, so that a flood of
/// forgeries costs one check of a signature.
#[derive(Debug, Default)]
pub(crate) struct Muted(BTreeMap<NodeId, Moment>);

/// Peers on the list. Beyond that, whose time is over first is let go.
pub(crate) const MUTED_MAX: usize = 256;

impl Muted {
    pub(crate) fn mute(&mut self, peer: NodeId, until: Moment) {
        if self.0.len() >= MUTED_MAX
            && let Some(first) = self.0.iter().min_by_key(|(_, until)| **until).map(|(id, _)| *id)
        {
            self.0.remove(&first);
        }
        self.0.insert(peer, until);
    }

    pub(crate) fn has(&mut self, now: Moment, peer: &NodeId) -> bool {
        if self.0.get(peer).is_some_and(|until| *until <= now) {
            self.0.remove(peer);
        }
        self.0.contains_key(peer)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_list_has_an_end_and_so_has_a_place_on_it() {
        let name = |n: usize| {
            let mut bytes = [0; NodeId::LEN];
            bytes[..8].copy_from_slice(&(n as u64).to_be_bytes());
            NodeId::from_bytes(bytes)
        };
        let at = |seconds| Moment::START + Duration::from_secs(seconds);
        let mut muted = Muted::default();
        (0..=MUTED_MAX).for_each(|n| muted.mute(name(n), at(10 + n as u64)));
        assert_eq!(muted.0.len(), MUTED_MAX);
        assert!(!muted.has(at(0), &name(0)));
        assert!(muted.has(at(10), &name(1)));
        assert!(!muted.has(at(11), &name(1)));
    }
}
