//! How much of everybody's work a replica has seen.

use alloc::vec::Vec;
use core::cmp::Ordering;
use core::error::Error;
use core::fmt;

use crate::actor::ActorId;
use crate::columns::{Columns, Standing};
use crate::dot::Dot;
use crate::lattice::Lattice;

#[cfg(test)]
mod tests;

/// For each actor, how many of its changes were seen: all up to that counter, none beyond.
///
/// Merging takes the larger counter of each actor. An actor at zero is not listed, and no counter
/// is beyond [`Dot::COUNTER_MAX`], so equal knowledge has one form.
///
/// ```
/// use selkie_crdt::{ActorId, Causality, VersionVector};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let (mut here, mut there) = (VersionVector::new(), VersionVector::new());
/// here.increment(east)?;
/// there.increment(west)?;
/// assert_eq!(here.compare(&there), Causality::Concurrent);
/// here.merge(&there);
/// assert_eq!(here.compare(&there), Causality::After);
/// # Ok::<(), selkie_crdt::Exhausted>(())
/// ```
#[derive(Clone, Eq, Hash, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "Vec<(ActorId, u64)>", into = "Vec<(ActorId, u64)>")
)]
pub struct VersionVector {
    counters: Columns<1>, // invariant: none beyond Dot::COUNTER_MAX
}

/// How two version vectors stand to each other.
///
/// ```
/// use selkie_crdt::{ActorId, Causality, VersionVector};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let (mut here, mut there) = (VersionVector::new(), VersionVector::new());
/// assert_eq!(here.compare(&there), Causality::Equal);
/// here.increment(east)?;
/// assert_eq!(there.compare(&here), Causality::Before);
/// there.increment(west)?;
/// assert_eq!(here.compare(&there), Causality::Concurrent);
/// # Ok::<(), selkie_crdt::Exhausted>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Causality {
    /// Both saw the same changes.
    Equal,
    /// The first saw less than the second.
    Before,
    /// The first saw more than the second.
    After,
    /// Each saw a change that the other did not.
    Concurrent,
}

impl VersionVector {
    /// The vector of somebody who saw nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self { counters: Columns::new() }
    }

    /// The vector that lists these actors, in whatever order they come.
    ///
    /// # Errors
    ///
    /// Refuses an actor that is listed twice, a counter of zero and one beyond
    /// [`Dot::COUNTER_MAX`].
    pub fn try_from_iter(
        counters: impl IntoIterator<Item = (ActorId, u64)>,
    ) -> Result<Self, VersionError> {
        let mut counters: Vec<_> = counters.into_iter().collect();
        counters.sort_unstable();
        Self::try_from(counters)
    }

    /// How many changes of `actor` were seen.
    #[must_use]
    pub fn get(&self, actor: &ActorId) -> u64 {
        let [counter] = self.counters.row(actor);
        counter
    }

    /// Whether the change `dot` was seen.
    #[must_use]
    pub fn contains(&self, dot: &Dot) -> bool {
        (1..=self.get(&dot.actor)).contains(&dot.counter)
    }

    /// The actors seen, ascending, each with its counter.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (ActorId, u64)> + '_ {
        self.counters.iter().map(|(actor, [counter])| (actor, counter))
    }

    /// How many actors were seen.
    #[must_use]
    pub fn len(&self) -> usize {
        self.counters.len()
    }

    /// Whether nothing was seen.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How this vector stands to `other`.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Causality {
        match self.counters.standing(&other.counters) {
            Standing { above: false, below: false } => Causality::Equal,
            Standing { above: false, below: true } => Causality::Before,
            Standing { above: true, below: false } => Causality::After,
            Standing { above: true, below: true } => Causality::Concurrent,
        }
    }

    /// Whether this vector saw all that `other` saw.
    #[must_use]
    pub fn dominates(&self, other: &Self) -> bool {
        !self.counters.standing(&other.counters).below
    }

    /// What this vector saw and `other` did not: for each such actor, ascending, the changes
    /// `after < counter <= upto`.
    ///
    /// ```
    /// use selkie_crdt::{ActorId, Ahead, VersionVector};
    /// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
    /// let here = VersionVector::try_from_iter([(east, 7), (west, 2)])?;
    /// let there = VersionVector::try_from_iter([(east, 5), (west, 9)])?;
    /// assert!(here.diff(&there).eq([Ahead { actor: east, after: 5, upto: 7 }]));
    /// assert!(there.diff(&here).eq([Ahead { actor: west, after: 2, upto: 9 }]));
    /// # Ok::<(), selkie_crdt::VersionError>(())
    /// ```
    pub fn diff<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = Ahead> + 'a {
        let both = self.counters.beside(&other.counters);
        both.filter(|(_, [ours], [theirs])| ours > theirs).map(|(actor, [upto], [after])| Ahead {
            actor,
            after,
            upto,
        })
    }

    /// Counts one more change of `actor` and names it.
    ///
    /// # Errors
    ///
    /// Refuses when the actor has made the last change it can make.
    pub fn increment(&mut self, actor: ActorId) -> Result<Dot, Exhausted> {
        match self.counters.find(&actor) {
            Ok(at) => {
                let [counter] = self.counters.row_mut(at);
                if *counter == Dot::COUNTER_MAX {
                    return Err(Exhausted { actor });
                }
                *counter += 1;
                Ok(Dot { actor, counter: *counter })
            }
            Err(at) => {
                self.counters.insert(at, actor, [1]);
                Ok(Dot { actor, counter: 1 })
            }
        }
    }

    /// Counts all changes of `actor` up to `counter` as seen.
    ///
    /// No change is beyond [`Dot::COUNTER_MAX`], so a larger `counter` counts as that.
    pub fn raise(&mut self, actor: ActorId, counter: u64) {
        let counter = counter.min(Dot::COUNTER_MAX);
        match self.counters.find(&actor) {
            Ok(at) => {
                let [ours] = self.counters.row_mut(at);
                *ours = counter.max(*ours);
            }
            Err(at) if counter > 0 => self.counters.insert(at, actor, [counter]),
            Err(_) => {}
        }
    }

    /// Counts as seen all that `other` saw.
    pub fn merge(&mut self, other: &Self) {
        self.counters.merge(&other.counters);
    }

    /// Keeps as seen only what `other` saw too.
    ///
    /// What all of several replicas saw is the meet of their vectors.
    pub fn meet(&mut self, other: &Self) {
        self.counters.meet(&other.counters);
    }
}

impl Lattice for VersionVector {
    fn join(&mut self, other: &Self) {
        self.merge(other);
    }
}

impl Default for VersionVector {
    fn default() -> Self {
        Self::new()
    }
}

impl PartialOrd for VersionVector {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match self.compare(other) {
            Causality::Equal => Some(Ordering::Equal),
            Causality::Before => Some(Ordering::Less),
            Causality::After => Some(Ordering::Greater),
            Causality::Concurrent => None,
        }
    }
}

impl TryFrom<Vec<(ActorId, u64)>> for VersionVector {
    type Error = VersionError;

    /// Takes the one form in which a vector is written down: ascending by actor.
    fn try_from(counters: Vec<(ActorId, u64)>) -> Result<Self, VersionError> {
        for (&(before, _), &(actor, _)) in counters.iter().zip(counters.iter().skip(1)) {
            match before.cmp(&actor) {
                Ordering::Less => {}
                Ordering::Equal => return Err(VersionError::Repeated { actor }),
                Ordering::Greater => return Err(VersionError::Unsorted { actor }),
            }
        }
        for &(actor, counter) in &counters {
            match counter {
                0 => return Err(VersionError::Zero { actor }),
                1..=Dot::COUNTER_MAX => {}
                _ => return Err(VersionError::TooLarge { actor, counter }),
            }
        }
        let rows = counters.into_iter().map(|(actor, counter)| (actor, [counter]));
        Ok(Self { counters: Columns::from_ascending(rows) })
    }
}

impl From<VersionVector> for Vec<(ActorId, u64)> {
    fn from(version: VersionVector) -> Self {
        version.iter().collect()
    }
}

impl fmt::Debug for VersionVector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// The changes of one actor that one vector has beyond another.
///
/// ```
/// use selkie_crdt::{ActorId, Ahead, VersionVector};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let (mut here, mut there) = (VersionVector::new(), VersionVector::new());
/// here.raise(east, 7);
/// there.raise(east, 4);
/// there.raise(west, 9);
/// let lacks: Vec<_> = here.diff(&there).collect();
/// assert_eq!(lacks, [Ahead { actor: east, after: 4, upto: 7 }]);
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Ahead {
    /// Whose changes these are.
    pub actor: ActorId,
    /// The last change that both have, or zero.
    pub after: u64,
    /// The last change that the one has.
    pub upto: u64,
}

/// Why a list of counters is no version vector. None was made.
///
/// ```
/// use selkie_crdt::{ActorId, VersionError, VersionVector};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let listed = VersionVector::try_from(vec![(west, 4), (east, 7)]);
/// assert_eq!(listed, Err(VersionError::Unsorted { actor: east }));
/// assert!(VersionVector::try_from(vec![(east, 7), (west, 4)]).is_ok());
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum VersionError {
    /// An actor is listed more than once.
    Repeated {
        /// The actor.
        actor: ActorId,
    },
    /// An actor stands after a larger one, where the written form ascends.
    Unsorted {
        /// The actor.
        actor: ActorId,
    },
    /// An actor is listed of which nothing was seen.
    Zero {
        /// The actor.
        actor: ActorId,
    },
    /// A counter is beyond [`Dot::COUNTER_MAX`].
    TooLarge {
        /// Whose counter it is.
        actor: ActorId,
        /// The counter.
        counter: u64,
    },
}

impl fmt::Display for VersionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Repeated { actor } => write!(f, "actor {actor} is listed more than once"),
            Self::Unsorted { actor } => write!(f, "actor {actor} stands after a larger one"),
            Self::Zero { actor } => write!(f, "actor {actor} is listed with a counter of zero"),
            Self::TooLarge { actor, counter } => {
                write!(f, "counter {counter} of actor {actor} is beyond {}", Dot::COUNTER_MAX)
            }
        }
    }
}

impl Error for VersionError {}

/// An actor has made the last change it can make; nothing was counted. Its replica goes on under a
/// new actor id.
///
/// ```
/// use selkie_crdt::{ActorId, Dot, VersionVector};
/// let [east, east_again] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let mut here = VersionVector::new();
/// here.raise(east, Dot::COUNTER_MAX);
/// assert!(here.increment(east).is_err());
/// assert_eq!(here.increment(east_again)?.counter, 1);
/// # Ok::<(), selkie_crdt::Exhausted>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Exhausted {
    /// The actor.
    pub actor: ActorId,
}

impl fmt::Display for Exhausted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "actor {} has made all {} changes it can make", self.actor, Dot::COUNTER_MAX)
    }
}

impl Error for Exhausted {}
