//! Where a log begins.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use crate::actor::ActorId;
use crate::hlc::Hlc;
use crate::log::entry::{Entry, Position};
use crate::version::{VersionError, VersionVector};

/// What was cut off the front of a log: so many entries of each author, the last of them written
/// at this time.
///
/// ```
/// use selkie_crdt::{ActorId, Hlc, Log, Retention, VersionVector};
/// let east = ActorId::from_bytes([1; 16]);
/// let mut here = Log::new();
/// here.append(east, Hlc::from_ms(10), "old")?;
/// here.append(east, Hlc::from_ms(20), "new")?;
/// here.compact(&Retention::newest(1), &here.version().clone(), 30);
/// // Who joins now begins where this log begins.
/// let mut there = Log::new();
/// there.restore(here.base())?;
/// there.merge(here.since(there.version())?.cloned());
/// assert!(there.iter().eq(here.iter()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "Vec<Position>", into = "Vec<Position>")
)]
pub struct Base {
    version: VersionVector,
    times: BTreeMap<ActorId, Hlc>, // invariant: lists whom `version` lists
    end: Option<Position>,         // invariant: the last of all in `version` and `times`
}

impl Base {
    /// The base of a log from which nothing was cut off.
    #[must_use]
    pub const fn new() -> Self {
        Self { version: VersionVector::new(), times: BTreeMap::new(), end: None }
    }

    /// How many entries of each author were cut off.
    #[must_use]
    pub const fn version(&self) -> &VersionVector {
        &self.version
    }

    /// When the last of the author's entries was written that was cut off.
    #[must_use]
    pub fn time(&self, author: &ActorId) -> Option<Hlc> {
        self.times.get(author).copied()
    }

    /// The last positions that were cut off, one for each author, ascending by author.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Position> + '_ {
        let both = self.version.iter().zip(self.times.values());
        both.map(|((author, sequence), time)| Position { time: *time, author, sequence })
    }

    /// The last position of all that was cut off.
    #[must_use]
    pub const fn end(&self) -> Option<Position> {
        self.end
    }

    /// Takes in the next entry of an author.
    pub(crate) fn extend_by<P>(&mut self, entry: &Entry<P>) {
        self.version.raise(entry.author, entry.sequence);
        self.times.insert(entry.author, entry.time);
        self.end = self.end.max(Some(entry.position()));
    }
}

impl TryFrom<Vec<Position>> for Base {
    type Error = VersionError;

    /// Takes the one form in which a base is written down: the last position of each author,
    /// ascending by author.
    fn try_from(ends: Vec<Position>) -> Result<Self, VersionError> {
        let counters: Vec<_> = ends.iter().map(|end| (end.author, end.sequence)).collect();
        let version = VersionVector::try_from(counters)?;
        let times = ends.iter().map(|end| (end.author, end.time)).collect();
        Ok(Self { version, times, end: ends.into_iter().max() })
    }
}

impl From<Base> for Vec<Position> {
    fn from(base: Base) -> Self {
        base.iter().collect()
    }
}
