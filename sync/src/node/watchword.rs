//! What a caller says with its first packet, so that who shares something with this node is told from strangers before anything is kept of either.
//!
//! The caller of QUIC chooses the first name of a connection, which nobody else looks at: twenty bytes that must be hard to guess. Eight of
//! these are drawn, and the others are a keyed hash of them that only those can make who know the channel. To all others it is noise, as
//! any such name is. It lets nobody in: who has said it begins a handshake where strangers would not be answered, and that is all.

use std::sync::Arc;

use blake3::{Hasher, keyed_hash};
use quinn::ConnectionId;

use crate::channel_id::ChannelId;
use crate::identity::network::NetworkId;
use crate::identity::node_id::NodeId;
use crate::node::random::random;

/// What those have who know a channel, to say when they call each other.
#[derive(Clone)]
pub(super) struct Watchword([u8; 32]);

/// Bytes that are drawn, so that no two calls have anything in common.
const DRAWN_LEN: usize = 8;
/// Bytes of the name: as many as QUIC takes, and as many as it draws by itself.
const LEN: usize = 20;

/// Separates the key of these words from whatever else is hashed.
const WORD: &str = "selkie 1 watchword";

impl Watchword {
    /// That of those who know this channel, in this network.
    pub(super) fn of(network: &NetworkId, channel: &ChannelId) -> Self {
        let mut hasher = Hasher::new_derive_key(WORD);
        hasher.update(network.as_bytes()).update(channel.as_bytes());
        Self(*hasher.finalize().as_bytes())
    }

    /// The name of a connection with this node.
    fn said_to(&self, node: NodeId, drawn: [u8; DRAWN_LEN]) -> ConnectionId {
        let hash = keyed_hash(&self.0, &[node.as_bytes().as_slice(), &drawn].concat());
        let mut name = [0; LEN];
        name[..DRAWN_LEN].copy_from_slice(&drawn);
        name[DRAWN_LEN..].copy_from_slice(&hash.as_bytes()[..LEN - DRAWN_LEN]);
        ConnectionId::new(&name)
    }

    /// Whether the name of a connection with this node shows that its caller knows the channel.
    pub(super) fn is_in(&self, name: &ConnectionId, node: NodeId) -> bool {
        let drawn = name.first_chunk::<DRAWN_LEN>();
        drawn.is_some_and(|drawn| self.said_to(node, *drawn) == *name)
    }

    /// What names the connections of one call of this node.
    pub(super) fn says_to(self, node: NodeId) -> Arc<dyn Fn() -> ConnectionId + Send + Sync> {
        Arc::new(move || {
            let drawn = random().expect("the system gave random bytes when the node began");
            self.said_to(node, drawn)
        })
    }
}

impl std::fmt::Debug for Watchword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Watchword(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NODE: NodeId = NodeId::from_bytes([7; 32]);

    fn word(channel: u8) -> Watchword {
        let channel = ChannelId::from_bytes([channel; 16]);
        Watchword::of(&NetworkId::named("selkie"), &channel)
    }

    #[test]
    fn who_knows_the_channel_is_told_from_everybody_else() {
        let name = word(1).says_to(NODE)();
        assert!(word(1).is_in(&name, NODE));
        assert!(!word(2).is_in(&name, NODE), "another channel");
        assert!(!word(1).is_in(&name, NodeId::from_bytes([8; 32])), "said to somebody else");
        assert_ne!(word(1).says_to(NODE)(), name, "and never twice");
    }

    #[test]
    fn no_name_is_a_word_but_the_whole_one() {
        let name = word(1).says_to(NODE)();
        for len in 0..name.len() {
            assert!(!word(1).is_in(&ConnectionId::new(&name[..len]), NODE), "{len} bytes of it");
        }
        for at in 0..name.len() {
            let mut other = name.to_vec();
            other[at] ^= 1;
            assert!(!word(1).is_in(&ConnectionId::new(&other), NODE), "byte {at}");
        }
    }

    #[test]
    fn the_word_has_these_bytes() {
        let name = word(1).said_to(NODE, [9; DRAWN_LEN]);
        assert_eq!(name.to_string(), "0909090909090909ee1c79f9aa191d120a0ec0e3");
    }
}
