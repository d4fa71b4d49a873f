//! One step of one author.

use crate::actor::ActorId;
use crate::dot::Dot;
use crate::hlc::Hlc;
use crate::log::error::RejectReason;
use crate::version::VersionVector;

/// One step of one author: never changed, named by its author and its place among the author's.
///
/// It comes after the entry before it and after all entries that it depends on. Two entries of one
/// name are one entry, or somebody writes under an id that is not theirs alone.
///
/// ```
/// use selkie_crdt::{ActorId, Hlc, Log};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let (mut here, mut there) = (Log::new(), Log::new());
/// let greeting = here.append(east, Hlc::from_ms(10), "hello")?.clone();
/// there.merge([greeting.clone()]);
/// let answer = there.append(west, Hlc::from_ms(20), "hello yourself")?;
/// // The answer comes after the greeting wherever both arrive.
/// assert!(answer.dependencies.contains(&greeting.dot()));
/// # Ok::<(), selkie_crdt::AppendError>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Entry<P> {
    /// Who wrote it.
    pub author: ActorId,
    /// Its place among the entries of that author, from 1 to [`Dot::COUNTER_MAX`].
    pub sequence: u64,
    /// When, by the author's clock: not before the author's entry before it.
    pub time: Hlc,
    /// What it comes after besides the author's entry before it: all that the author had taken in
    /// of others, less what comes before one of those anyway. The author is never listed.
    pub dependencies: VersionVector,
    /// What was done.
    pub payload: P,
}

impl<P> Entry<P> {
    /// The name of this entry.
    #[must_use]
    pub const fn dot(&self) -> Dot {
        Dot { actor: self.author, counter: self.sequence }
    }

    /// Where this entry is folded.
    #[must_use]
    pub const fn position(&self) -> Position {
        Position { time: self.time, author: self.author, sequence: self.sequence }
    }

    /// Whether the entry can be one at all, whatever else is known.
    pub(crate) fn check(&self) -> Result<(), RejectReason> {
        Dot::try_from((self.author, self.sequence)).map_err(RejectReason::NoDot)?;
        if self.dependencies.get(&self.author) > 0 {
            return Err(RejectReason::DependsOnItself);
        }
        Ok(())
    }
}

/// The place of an entry in the order in which all replicas fold: by time, then author, then
/// sequence.
///
/// ```
/// use selkie_crdt::{ActorId, Hlc, Log};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let (mut here, mut there) = (Log::new(), Log::new());
/// let easts = here.append(east, Hlc::from_ms(10), "a")?.position();
/// let wests = there.append(west, Hlc::from_ms(10), "b")?.position();
/// assert!(easts < wests); // at one time by author, on every replica
/// # Ok::<(), selkie_crdt::AppendError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Position {
    /// When the entry was written.
    pub time: Hlc,
    /// By whom.
    pub author: ActorId,
    /// Its place among the entries of that author.
    pub sequence: u64,
}
