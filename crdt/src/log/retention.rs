//! Which entries a log keeps.

use alloc::vec::Vec;

use crate::dot::Dot;
use crate::log::entry::Position;
use crate::version::VersionVector;

/// Which entries a log keeps when it is compacted. All others are older than these and go.
///
/// Entries go oldest first, in the order in which they are folded, so what is left is folded on
/// top of what went. Nothing goes that a known peer still lacks, unless
/// [`Retention::even_unsynced`] says so.
///
/// ```
/// use selkie_crdt::{ActorId, Hlc, Keep, Log, Retention, VersionVector};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let (mut here, mut there) = (Log::new(), Log::new());
/// for ms in [10, 20, 30, 40] {
///     here.append(east, Hlc::from_ms(ms), ms)?;
/// }
/// // West has the first three: the fourth stays here, whatever the policy.
/// there.merge(here.iter().take(3).cloned());
/// let removed = here.compact(&Retention::newest(0), there.version(), 50).removed;
/// assert_eq!(removed.len(), 3);
///
/// let week_and_ten = Retention::any([Keep::Younger { ms: 604_800_000 }, Keep::Newest { count: 10 }]);
/// assert!(here.compact(&week_and_ten, there.version(), 50).removed.is_empty());
/// # Ok::<(), selkie_crdt::AppendError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Retention {
    rules: Rules,
    unsynced: Unsynced,
}

/// One rule for what is kept.
///
/// ```
/// use selkie_crdt::{ActorId, Hlc, Keep, Log, Retention};
/// let east = ActorId::from_bytes([1; 16]);
/// let (mut here, mut there) = (Log::new(), Log::new());
/// for ms in [10, 20, 30] {
///     here.append(east, Hlc::from_ms(ms), ms)?;
/// }
/// there.merge(here.iter().cloned());
/// let both = Retention::all([Keep::Newest { count: 2 }, Keep::Younger { ms: 15 }]);
/// assert_eq!(here.compact(&both, there.version(), 40).removed.len(), 2);
/// # Ok::<(), selkie_crdt::AppendError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Keep {
    /// All entries.
    Everything,
    /// Entries written at most so many milliseconds ago.
    Younger {
        /// How many.
        ms: u64,
    },
    /// The so many last entries.
    Newest {
        /// How many.
        count: u64,
    },
}

// Not nested: the entries that each rule keeps are the last so many, so one level says all that is
// asked for, and what is read from outside has a bounded depth.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
enum Rules {
    Any(Vec<Keep>),
    All(Vec<Keep>),
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
enum Unsynced {
    Stays,
    Goes,
}

impl Retention {
    /// Keeps all entries.
    #[must_use]
    pub fn everything() -> Self {
        Self::any([Keep::Everything])
    }

    /// Keeps entries written at most `ms` milliseconds ago.
    #[must_use]
    pub fn younger(ms: u64) -> Self {
        Self::any([Keep::Younger { ms }])
    }

    /// Keeps the last `count` entries.
    #[must_use]
    pub fn newest(count: u64) -> Self {
        Self::any([Keep::Newest { count }])
    }

    /// Keeps what any of the rules keeps: nothing, if there is none.
    #[must_use]
    pub fn any(rules: impl IntoIterator<Item = Keep>) -> Self {
        Self { rules: Rules::Any(rules.into_iter().collect()), unsynced: Unsynced::Stays }
    }

    /// Keeps only what all of the rules keep: everything, if there is none.
    #[must_use]
    pub fn all(rules: impl IntoIterator<Item = Keep>) -> Self {
        Self { rules: Rules::All(rules.into_iter().collect()), unsynced: Unsynced::Stays }
    }

    /// The same, also for entries that a known peer still lacks.
    ///
    /// Such a peer must restore a snapshot before it can go on. If it let go of entries in the same
    /// way that are not here either, no snapshot of either covers the other: so let only one
    /// replica of a group do this.
    #[must_use]
    pub fn even_unsynced(self) -> Self {
        Self { unsynced: Unsynced::Goes, ..self }
    }

    /// How many of the oldest of `entries`, which ascend, no rule keeps.
    pub(crate) fn removable<'a>(
        &self,
        entries: &(impl ExactSizeIterator<Item = &'a Position> + Clone),
        now_ms: u64,
    ) -> usize {
        let all = entries.len();
        let removable = |keep: &Keep| keep.removable(entries.clone(), now_ms);
        match &self.rules {
            Rules::Any(rules) => rules.iter().map(removable).min().unwrap_or(all),
            Rules::All(rules) => rules.iter().map(removable).max().unwrap_or(0),
        }
    }

    /// Whether an entry that no rule keeps may go.
    pub(crate) fn may_remove(&self, dot: &Dot, stable: &VersionVector) -> bool {
        match self.unsynced {
            Unsynced::Stays => stable.contains(dot),
            Unsynced::Goes => true,
        }
    }
}

impl Keep {
    fn removable<'a>(
        &self,
        entries: impl ExactSizeIterator<Item = &'a Position>,
        now_ms: u64,
    ) -> usize {
        match *self {
            Self::Everything => 0,
            Self::Younger { ms } => {
                let oldest = now_ms.saturating_sub(ms);
                entries.take_while(|position| position.time.ms() < oldest).count()
            }
            Self::Newest { count } => {
                let count = usize::try_from(count).unwrap_or(usize::MAX);
                entries.len().saturating_sub(count)
            }
        }
    }
}
