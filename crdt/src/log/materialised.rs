//! What the entries of a log come to.

use alloc::vec::Vec;
use core::error::Error;
use core::fmt;

use crate::dot::Dot;
use crate::log::Log;
use crate::log::base::Base;
use crate::log::entry::{Entry, Position};
use crate::log::outcome::Compaction;
use crate::version::VersionVector;

#[cfg(test)]
mod tests;

/// A state that is made from entries, one after another.
///
/// The same entries in the same order must make the same state: no clock, no randomness, nothing
/// from outside.
///
/// ```
/// use selkie_crdt::{ActorId, Entry, Hlc, Log, Materialise, Materialised};
/// #[derive(Clone, Default)]
/// struct Sum(u64);
/// impl Materialise<u64> for Sum {
///     fn apply(&mut self, entry: &Entry<u64>) {
///         self.0 += entry.payload;
///     }
/// }
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let (mut here, mut there) = (Log::new(), Log::new());
/// here.append(east, Hlc::from_ms(10), 3)?;
/// there.append(west, Hlc::from_ms(20), 4)?;
/// here.merge(there.iter().cloned());
/// let mut sum = Materialised::new(Sum::default());
/// sum.refresh(&here)?;
/// assert_eq!(sum.state().0, 7);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Materialise<P>: Clone {
    /// Takes in the next entry, in the order of [`Position`].
    fn apply(&mut self, entry: &Entry<P>);

    /// Learns that these entries, all taken in already and nothing after them, were cut off the
    /// log: the place to let go of what they left. Does nothing unless said otherwise.
    fn compacted(&mut self, removed: &[Entry<P>]) {
        let _ = removed;
    }
}

/// The state that a log comes to, kept up with it.
///
/// It is the state at the log's base with all entries that are here on top. Replicas whose logs
/// have one base and one version hold the same state. An entry that comes late changes the past:
/// from a checkpoint before it all is folded again. Checkpoints are dense near the end, where
/// entries come late, and sparse far back: about two for each doubling of the distance.
///
/// ```
/// use selkie_crdt::{ActorId, Entry, Hlc, Log, Materialise, Materialised};
/// #[derive(Clone, Default)]
/// struct Story(String);
/// impl Materialise<&str> for Story {
///     fn apply(&mut self, entry: &Entry<&str>) {
///         self.0 += entry.payload;
///     }
/// }
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let (mut here, mut there) = (Log::new(), Log::new());
/// let mut story = Materialised::new(Story::default());
/// here.append(east, Hlc::from_ms(10), "once ")?;
/// here.append(east, Hlc::from_ms(30), "there was")?;
/// story.refresh(&here)?;
/// assert_eq!(story.state().0, "once there was");
/// // What west wrote meanwhile belongs in between.
/// here.merge([there.append(west, Hlc::from_ms(20), "upon a time ")?.clone()]);
/// story.refresh(&here)?;
/// assert_eq!(story.state().0, "once upon a time there was");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Materialised<M> {
    base: Folded<M>,
    base_version: VersionVector,
    checkpoints: Vec<Folded<M>>, // invariant: ascending by position
    checkpoint_every: usize,
    head: Folded<M>,
    version: VersionVector,
}

/// A state on the way from the base to the end.
#[derive(Clone, Debug)]
struct Folded<M> {
    state: M,
    /// The last entry that was folded, none right at the base.
    last: Option<Position>,
    /// How many entries were folded since the base.
    count: usize,
}

impl<M: Clone> Materialised<M> {
    /// How many entries lie between a checkpoint and the next unless said otherwise.
    pub const CHECKPOINT_EVERY: usize = 64;

    /// Nothing folded yet: `start` is the state of the empty log.
    #[must_use]
    pub fn new(start: M) -> Self {
        Self::restore(Snapshot { base: Base::new(), state: start })
    }

    /// Goes on from a snapshot, for a log that restored its base.
    #[must_use]
    pub fn restore(snapshot: Snapshot<M>) -> Self {
        let base = Folded { state: snapshot.state, last: None, count: 0 };
        let version = snapshot.base.version().clone();
        Self {
            head: base.clone(),
            base,
            base_version: version.clone(),
            checkpoints: Vec::new(),
            checkpoint_every: Self::CHECKPOINT_EVERY,
            version,
        }
    }

    /// The same with another number of entries between checkpoints; none counts as one. Fewer make
    /// late entries cheaper and take more room.
    #[must_use]
    pub fn with_checkpoint_every(self, entries: usize) -> Self {
        Self { checkpoint_every: entries.max(1), ..self }
    }

    /// The state, as of the last refresh.
    #[must_use]
    pub const fn state(&self) -> &M {
        &self.head.state
    }

    /// What the state was folded from.
    #[must_use]
    pub const fn version(&self) -> &VersionVector {
        &self.version
    }

    /// The state at the base of `log`, for a reader that lacks what was cut off. With it and what
    /// [`Log::since`] answers for the base, the reader has all.
    ///
    /// # Errors
    ///
    /// Refuses a log with another base.
    pub fn snapshot<P>(&self, log: &Log<P>) -> Result<Snapshot<M>, RefreshError> {
        self.check_base(log.base().version())?;
        Ok(Snapshot { base: log.base().clone(), state: self.base.state.clone() })
    }

    /// Takes in what came into `log` since the last refresh, late entries too.
    ///
    /// # Errors
    ///
    /// Refuses a log with another base, and one that lacks what was folded. The state is as it was.
    pub fn refresh<P>(&mut self, log: &Log<P>) -> Result<Refreshed, RefreshError>
    where
        M: Materialise<P>,
    {
        self.check_base(log.base().version())?;
        if !log.version().dominates(&self.version) {
            return Err(RefreshError::Ahead { version: self.version.clone() });
        }
        let before = self.head.count;
        if let Some(first) = self.first_new(log) {
            self.rewind(first);
        }
        let again = before - self.head.count;
        let rewound = self.head.count;
        for entry in log.iter_after(self.head.last) {
            self.fold(entry);
        }
        self.version.clone_from(log.version());
        Ok(Refreshed { folded: self.head.count - rewound, again })
    }

    /// Follows a log that was compacted: folds what was cut off into the base, and tells the
    /// materialiser. The state is that of the base until the next refresh, which folds again all
    /// that is left.
    ///
    /// # Errors
    ///
    /// Refuses what was cut off elsewhere than at the base of this state. The state is as it was.
    pub fn compact<P>(&mut self, compaction: &Compaction<P>) -> Result<(), RefreshError>
    where
        M: Materialise<P>,
    {
        self.check_base(&compaction.before)?;
        if compaction.removed.is_empty() {
            return Ok(());
        }
        for entry in &compaction.removed {
            self.base.state.apply(entry);
        }
        self.base.state.compacted(&compaction.removed);
        self.base_version.clone_from(&compaction.base);
        self.version.clone_from(&compaction.base);
        self.head.clone_from(&self.base);
        self.checkpoints.clear();
        Ok(())
    }

    fn check_base(&self, base: &VersionVector) -> Result<(), RefreshError> {
        if self.base_version != *base {
            return Err(RefreshError::OtherBase { base: base.clone() });
        }
        Ok(())
    }

    /// The first position in `log` that was not folded.
    fn first_new<P>(&self, log: &Log<P>) -> Option<Position> {
        let ahead = log.version().diff(&self.version);
        let firsts = ahead.map(|ahead| Dot { actor: ahead.actor, counter: ahead.after + 1 });
        firsts.filter_map(|dot| log.position(&dot)).min()
    }

    /// Goes back to the latest state in which `position` is still to come.
    fn rewind(&mut self, position: Position) {
        let is_to_come = |folded: &Folded<M>| folded.last.is_none_or(|last| last < position);
        if is_to_come(&self.head) {
            return;
        }
        while self.checkpoints.last().is_some_and(|checkpoint| !is_to_come(checkpoint)) {
            self.checkpoints.pop();
        }
        self.head.clone_from(self.checkpoints.last().unwrap_or(&self.base));
    }

    fn fold<P>(&mut self, entry: &Entry<P>)
    where
        M: Materialise<P>,
    {
        self.head.state.apply(entry);
        self.head.last = Some(entry.position());
        self.head.count += 1;
        if self.head.count.is_multiple_of(self.checkpoint_every) {
            self.checkpoints.push(self.head.clone());
            self.thin();
        }
    }

    /// Of the checkpoints whose distance from the end lies between one power of two and the next,
    /// keeps the nearest and the farthest.
    fn thin(&mut self) {
        let (count, every) = (self.head.count, self.checkpoint_every);
        let doubling = |folded: &Folded<M>| ((count - folded.count) / every).checked_ilog2();
        let doublings: Vec<_> = self.checkpoints.iter().map(doubling).collect();
        let is_between = |at: usize| {
            at > 0 && at + 1 < doublings.len() && doublings[at - 1] == doublings[at + 1]
        };
        let mut at = 0..;
        self.checkpoints.retain(|_| !at.next().is_some_and(is_between));
    }
}

/// A state and the base it belongs to, for a reader that lacks what was cut off.
///
/// ```
/// use selkie_crdt::{ActorId, Entry, Hlc, Log, Materialise, Materialised, Retention};
/// # #[derive(Clone, Default)]
/// # struct Sum(u64);
/// # impl Materialise<u64> for Sum {
/// #     fn apply(&mut self, entry: &Entry<u64>) {
/// #         self.0 += entry.payload;
/// #     }
/// # }
/// let east = ActorId::from_bytes([1; 16]);
/// let (mut here, mut there) = (Log::new(), Log::new());
/// let mut sum = Materialised::new(Sum::default());
/// for ms in [1, 2, 3] {
///     here.append(east, Hlc::from_ms(ms), ms)?;
/// }
/// sum.refresh(&here)?;
/// let gone = here.compact(&Retention::newest(1), &here.version().clone(), 9);
/// sum.compact(&gone)?;
/// // A newcomer begins with the sum of what is gone, and adds what is here.
/// let snapshot = sum.snapshot(&here)?;
/// there.restore(&snapshot.base)?;
/// there.merge(here.since(there.version())?.cloned());
/// let mut theirs = Materialised::restore(snapshot);
/// theirs.refresh(&there)?;
/// assert_eq!(theirs.state().0, 6);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Snapshot<M> {
    /// What the state was folded from.
    pub base: Base,
    /// The state.
    pub state: M,
}

/// What a refresh did.
///
/// ```
/// use selkie_crdt::{ActorId, Entry, Hlc, Log, Materialise, Materialised};
/// # #[derive(Clone, Default)]
/// # struct Sum(u64);
/// # impl Materialise<u64> for Sum {
/// #     fn apply(&mut self, entry: &Entry<u64>) {
/// #         self.0 += entry.payload;
/// #     }
/// # }
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let (mut here, mut there) = (Log::new(), Log::new());
/// let mut sum = Materialised::new(Sum::default());
/// here.append(east, Hlc::from_ms(10), 3)?;
/// there.append(west, Hlc::from_ms(5), 4)?;
/// sum.refresh(&here)?;
/// // West's entry is older: it is folded before the one that is folded already.
/// here.merge(there.iter().cloned());
/// let done = sum.refresh(&here)?;
/// assert_eq!((done.folded, done.again, sum.state().0), (2, 1, 7));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Refreshed {
    /// How many entries were folded.
    pub folded: usize,
    /// How many of those had been folded before, and were again since a late entry came.
    pub again: usize,
}

/// Why a state did not follow a log. It is as it was.
///
/// ```
/// use selkie_crdt::{ActorId, Entry, Hlc, Log, Materialise, Materialised, Retention};
/// # #[derive(Clone, Default)]
/// # struct Sum(u64);
/// # impl Materialise<u64> for Sum {
/// #     fn apply(&mut self, entry: &Entry<u64>) {
/// #         self.0 += entry.payload;
/// #     }
/// # }
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let (mut here, mut there) = (Log::new(), Log::new());
/// let mut sum = Materialised::new(Sum::default());
/// here.append(east, Hlc::from_ms(10), 3)?;
/// there.merge(here.iter().cloned());
/// let _gone = here.compact(&Retention::newest(0), there.version(), 20);
/// // Nobody told the sum what was cut off, and it does not guess.
/// assert!(sum.refresh(&here).is_err());
/// sum.refresh(&there)?;
/// assert_eq!(sum.state().0, 3);
/// # let _ = west;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum RefreshError {
    /// The log was compacted, or restored, without this state. A snapshot with the log's base, or
    /// each [`Compaction`] since, leads on.
    OtherBase {
        /// What was cut off the log.
        base: VersionVector,
    },
    /// The state was folded from entries that the log never had: it belongs to another.
    Ahead {
        /// What the state was folded from.
        version: VersionVector,
    },
}

impl fmt::Display for RefreshError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherBase { base } => write!(f, "the log begins after {base:?}"),
            Self::Ahead { version } => write!(f, "the log lacks entries of {version:?}"),
        }
    }
}

impl Error for RefreshError {}
