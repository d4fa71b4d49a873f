//! The name of what some nodes replicate together.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A channel: logs that replicate together, such as those of one repository.
///
/// Random, so that nobody meets another's by chance. It lets nobody in; but who knows it recognises, in a local network, the nodes that
/// have the channel.
#[derive(Clone, Copy, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub struct ChannelId([u8; Self::LEN]);

impl ChannelId {
    /// Bytes in an id.
    pub const LEN: usize = 16;

    /// The channel that these bytes name. They must come from a good random source.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// The bytes that name it.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }
}

impl fmt::Display for ChannelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ChannelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0[..4].iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
