//! Nodes that have to do with each other.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A network: those who know its name. What was signed in one means nothing in another.
#[derive(Clone, Copy, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub struct NetworkId([u8; Self::LEN]);

/// Separates names of networks from whatever else is hashed.
const CONTEXT: &str = "selkie 1 network name";

impl NetworkId {
    /// Bytes in an id.
    pub const LEN: usize = 32;

    /// The network of this name. A name that nobody guesses keeps strangers from knowing it.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self(blake3::derive_key(CONTEXT, name.as_bytes()))
    }

    /// The bytes that spell it.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }
}

impl fmt::Debug for NetworkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0[..4].iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
