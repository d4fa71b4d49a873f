//! The name of a node.

use std::fmt;

use selkie_store::PublicKey;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A device on the network: the public half of its key, which is its TLS identity too.
///
/// What comes over a connection is from the node whose key opened it. No message says who sends it.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct NodeId(PublicKey);

impl NodeId {
    /// Bytes in a name.
    pub const LEN: usize = PublicKey::LEN;

    /// The node with this key.
    #[must_use]
    pub const fn of(key: PublicKey) -> Self {
        Self(key)
    }

    /// The name that these bytes spell. Any do; what no key signed, nobody believes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        Self(PublicKey::from_bytes(bytes))
    }

    /// The bytes that spell it.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::LEN] {
        self.0.as_bytes()
    }

    /// The key of the node.
    #[must_use]
    pub const fn key(&self) -> &PublicKey {
        &self.0
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for NodeId {
    /// Its first eight digits: enough to follow it through a trace.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.8}", self.0.to_string())
    }
}

impl Serialize for NodeId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.as_bytes().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for NodeId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <[u8; Self::LEN]>::deserialize(deserializer).map(Self::from_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_spelled_whole_and_traced_short() {
        let node = NodeId::from_bytes([0xab; 32]);
        assert_eq!(node.to_string(), "ab".repeat(32));
        assert_eq!(format!("{node:?}"), "abababab");
    }
}
