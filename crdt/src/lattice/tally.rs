//! What each actor contributed to a counter.

use alloc::vec::Vec;
use core::error::Error;
use core::fmt;
use core::hash::{Hash, Hasher};

use crate::actor::ActorId;
use crate::columns::{Columns, VALUE_MAX};

/// `N` running totals for each actor, which only that actor raises.
#[derive(Clone, Debug)]
pub(crate) struct Tally<const N: usize> {
    shares: Columns<N>,
    // Where the actor that added last is found again. Only a hint: it is checked before use, and
    // says nothing about the state.
    recent: usize,
}

impl<const N: usize> Tally<N> {
    pub(crate) const fn new() -> Self {
        Self { shares: Columns::new(), recent: 0 }
    }

    pub(crate) fn share(&self, actor: &ActorId) -> [u64; N] {
        self.shares.row(actor)
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = (ActorId, [u64; N])> + '_ {
        self.shares.iter()
    }

    pub(crate) fn sums(&self) -> [i128; N] {
        self.shares.sums()
    }

    /// Adds `amount` to one total of `actor`.
    #[inline]
    pub(crate) fn add(
        &mut self,
        actor: ActorId,
        column: usize,
        amount: u64,
    ) -> Result<(), CounterFull> {
        if !self.shares.is_at(self.recent, &actor) {
            return self.add_elsewhere(actor, column, amount);
        }
        let total = &mut self.shares.row_mut(self.recent)[column];
        if amount > VALUE_MAX - *total {
            return Err(CounterFull { actor });
        }
        *total += amount;
        Ok(())
    }

    /// Takes the larger of each total and answers by how much each sum grew.
    pub(crate) fn merge(&mut self, other: &Self) -> [i128; N] {
        self.shares.merge(&other.shares)
    }

    // Out of line, so that adding in a row is short enough to be put where it is asked for.
    #[cold]
    #[inline(never)]
    fn add_elsewhere(
        &mut self,
        actor: ActorId,
        column: usize,
        amount: u64,
    ) -> Result<(), CounterFull> {
        match self.shares.find(&actor) {
            Ok(at) => {
                self.recent = at;
                self.add(actor, column, amount)
            }
            Err(_) if amount == 0 => Ok(()),
            Err(_) if amount > VALUE_MAX => Err(CounterFull { actor }),
            Err(at) => {
                let mut row = [0; N];
                row[column] = amount;
                self.shares.insert(at, actor, row);
                self.recent = at;
                Ok(())
            }
        }
    }
}

impl<const N: usize> PartialEq for Tally<N> {
    fn eq(&self, other: &Self) -> bool {
        self.shares == other.shares
    }
}

impl<const N: usize> Eq for Tally<N> {}

impl<const N: usize> Hash for Tally<N> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.shares.hash(state);
    }
}

impl<const N: usize> TryFrom<Vec<(ActorId, [u64; N])>> for Tally<N> {
    type Error = TallyError;

    fn try_from(shares: Vec<(ActorId, [u64; N])>) -> Result<Self, TallyError> {
        for ((before, _), (actor, _)) in shares.iter().zip(shares.iter().skip(1)) {
            if before >= actor {
                return Err(TallyError::Unsorted { actor: *actor });
            }
        }
        for &(actor, share) in &shares {
            if share == [0; N] {
                return Err(TallyError::Zero { actor });
            }
            if share.iter().any(|total| *total > VALUE_MAX) {
                return Err(TallyError::TooLarge { actor });
            }
        }
        Ok(Self { shares: Columns::from_ascending(shares), recent: 0 })
    }
}

/// An actor's running total would pass 2^63 - 1. Nothing was added.
///
/// ```
/// use selkie_crdt::{ActorId, CounterFull, GCounter, Lattice};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let (mut here, mut there) = (GCounter::default(), GCounter::default());
/// here.add(east, i64::MAX as u64)?;
/// there.add(west, 1)?;
/// here.join(&there);
/// assert_eq!(here.add(east, 1), Err(CounterFull { actor: east }));
/// assert_eq!(here.added_by(&west), 1);
/// # Ok::<(), CounterFull>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CounterFull {
    /// The actor.
    pub actor: ActorId,
}

impl fmt::Display for CounterFull {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the total of actor {} would pass {VALUE_MAX}", self.actor)
    }
}

impl Error for CounterFull {}

/// Why a list of totals is not the written form of a counter. No counter was made.
///
/// ```
/// use selkie_crdt::{ActorId, GCounter, TallyError};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let listed = GCounter::try_from(vec![(west, [1]), (east, [1])]);
/// assert_eq!(listed, Err(TallyError::Unsorted { actor: east }));
/// assert!(GCounter::try_from(vec![(east, [1]), (west, [1])]).is_ok());
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TallyError {
    /// An actor does not stand after a smaller one: the written form ascends.
    Unsorted {
        /// The actor.
        actor: ActorId,
    },
    /// An actor is listed that contributed nothing.
    Zero {
        /// The actor.
        actor: ActorId,
    },
    /// A total is above 2^63 - 1.
    TooLarge {
        /// Whose total it is.
        actor: ActorId,
    },
}

impl fmt::Display for TallyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsorted { actor } => {
                write!(f, "actor {actor} does not stand after a smaller one")
            }
            Self::Zero { actor } => write!(f, "actor {actor} is listed with nothing contributed"),
            Self::TooLarge { actor } => {
                write!(f, "a total of actor {actor} is above {VALUE_MAX}")
            }
        }
    }
}

impl Error for TallyError {}
