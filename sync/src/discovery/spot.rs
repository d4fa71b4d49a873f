//! Where those who know a channel find each other at a server.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::channel_id::ChannelId;
use crate::identity::network::NetworkId;

/// What a rendezvous server calls a channel: a hash that only those can make who know the channel, and that leads back to nothing.
#[derive(Clone, Copy, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Spot([u8; Self::LEN]);

/// Separates the names of spots from whatever else is hashed.
const CONTEXT: &str = "selkie 1 rendezvous spot";

impl Spot {
    /// Bytes in a name.
    pub const LEN: usize = 16;

    /// That of those who know this channel, in this network.
    #[must_use]
    pub fn of(network: &NetworkId, channel: &ChannelId) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key(CONTEXT);
        hasher.update(network.as_bytes()).update(channel.as_bytes());
        let mut name = [0; Self::LEN];
        hasher.finalize_xof().fill(&mut name);
        Self(name)
    }

    /// The one that is named so, whoever meets there.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0[..4].iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spot_is_of_one_channel_in_one_network() {
        let spot = |network, channel| {
            Spot::of(&NetworkId::named(network), &ChannelId::from_bytes([channel; 16]))
        };
        assert_eq!(spot("town", 1), spot("town", 1));
        assert_ne!(spot("town", 1), spot("town", 2));
        assert_ne!(spot("town", 1), spot("village", 1));
    }
}
