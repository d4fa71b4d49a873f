//! One change, named.

use core::error::Error;
use core::fmt;

use crate::actor::ActorId;

/// The name of one change: who made it, and the how-many-eth of theirs it is.
///
/// Counters start at 1 and have no holes: whoever saw `(a, 7)` and keeps causal order saw
/// `(a, 1)` to `(a, 6)` too.
///
/// ```
/// use selkie_crdt::{ActorId, Dot};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let (easts, wests) = (Dot::try_from((east, 1))?, Dot::try_from((west, 1))?);
/// assert_ne!(easts, wests); // the first change of each
/// # Ok::<(), selkie_crdt::NoDot>(())
/// ```
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "(ActorId, u64)", into = "(ActorId, u64)")
)]
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

impl TryFrom<(ActorId, u64)> for Dot {
    type Error = NoDot;

    /// Takes a counter from 1 to [`Dot::COUNTER_MAX`].
    fn try_from((actor, counter): (ActorId, u64)) -> Result<Self, NoDot> {
        match counter {
            1..=Self::COUNTER_MAX => Ok(Self { actor, counter }),
            _ => Err(NoDot { actor, counter }),
        }
    }
}

impl From<Dot> for (ActorId, u64) {
    fn from(dot: Dot) -> Self {
        (dot.actor, dot.counter)
    }
}

impl fmt::Debug for Dot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.actor, self.counter)
    }
}

/// This names no change: the counter is zero or beyond [`Dot::COUNTER_MAX`].
///
/// ```
/// use selkie_crdt::{ActorId, Dot};
/// let east = ActorId::from_bytes([1; 16]);
/// assert!(Dot::try_from((east, 0)).is_err()); // what a peer may send, and nobody ever did
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NoDot {
    /// Whose counter it is.
    pub actor: ActorId,
    /// The counter.
    pub counter: u64,
}

impl fmt::Display for NoDot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { actor, counter } = self;
        write!(f, "counter {counter} of actor {actor} is not in 1 to {}", Dot::COUNTER_MAX)
    }
}

impl Error for NoDot {}
