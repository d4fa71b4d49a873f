//! Who makes a change.

use core::fmt;

/// The name of one writer: 128 bits, drawn at random by whoever owns the writer.
///
/// A writer is one incarnation of one replica. Two writers that share an id would give one
/// [`Dot`](crate::Dot) two meanings, so a copied or restored replica takes a new id.
///
/// ```
/// use selkie_crdt::ActorId;
/// let east = ActorId::from_bytes([0xea; 16]);
/// assert_eq!(east.to_string(), "eaeaeaeaeaeaeaeaeaeaeaeaeaeaeaea");
/// ```
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ActorId([u8; 16]);

impl ActorId {
    /// The id that these bytes spell.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes that spell this id.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for ActorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ActorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ActorId({self})")
    }
}
