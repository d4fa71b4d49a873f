//! One change, named.

use core::fmt;

use crate::actor::ActorId;

/// The name of one change: who made it, and the how-many-eth of theirs it is.
///
/// Counters start at 1 and have no holes: whoever saw `(a, 7)` and keeps causal order saw
/// `(a, 1)` to `(a, 6)` too.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Dot {
    /// Who made the change.
    pub actor: ActorId,
    /// Its place among the changes of that actor, from 1 to [`Dot::COUNTER_MAX`].
    pub counter: u64,
}

impl Dot {
    /// The last change an actor can make: 2^44 - 1, half a year at a million a second.
    ///
    /// A larger counter from outside is refused, so that a dot and its actor's index fit
    /// together into eight bytes.
    pub const COUNTER_MAX: u64 = (1 << 44) - 1;
}

impl fmt::Debug for Dot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.actor, self.counter)
    }
}
