//! What became of entries.

use alloc::vec::Vec;

use crate::dot::Dot;
use crate::log::entry::Entry;
use crate::log::error::RejectReason;
use crate::version::VersionVector;

/// What became of the entries that were merged, and of those that waited for them.
///
/// ```
/// use selkie_crdt::{ActorId, Entry, Hlc, Log, RejectReason};
/// let east = ActorId::from_bytes([1; 16]);
/// let (mut here, mut there) = (Log::new(), Log::new());
/// here.append(east, Hlc::from_ms(10), "to be")?;
/// here.append(east, Hlc::from_ms(20), "that is the question")?;
/// let [first, second] = [0, 1].map(|at| here.iter().nth(at).cloned().expect("two were written"));
/// // The second arrives alone and waits.
/// let outcome = there.merge([second.clone()]);
/// assert_eq!((outcome.new.len(), outcome.buffered), (0, 1));
/// // The first arrives, and another that claims its place.
/// let forged = Entry { payload: "not to be", ..first.clone() };
/// let outcome = there.merge([first.clone(), forged]);
/// assert_eq!(outcome.new, [first.dot(), second.dot()]);
/// assert_eq!(outcome.rejected[0].reason, RejectReason::Conflict);
/// assert!(there.iter().eq(here.iter()));
/// # Ok::<(), selkie_crdt::AppendError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[must_use]
pub struct MergeOutcome<P> {
    /// What was taken in, in that order; entries that had waited among them.
    pub new: Vec<Dot>,
    /// How many of those lie before the end of what was cut off. They are folded right after it,
    /// so a replica that had them before it cut may fold another order.
    pub late: usize,
    /// How many were here before.
    pub duplicate: usize,
    /// How many of those offered wait for others.
    pub buffered: usize,
    /// How many found no room to wait, offered now or earlier. They come again with what a peer
    /// has beyond [`Log::version`](crate::Log::version).
    pub dropped: usize,
    /// What was refused, and why.
    pub rejected: Vec<Rejection<P>>,
}

impl<P> MergeOutcome<P> {
    pub(crate) const fn new() -> Self {
        Self {
            new: Vec::new(),
            late: 0,
            duplicate: 0,
            buffered: 0,
            dropped: 0,
            rejected: Vec::new(),
        }
    }
}

/// An entry that was refused. The log is as it was.
///
/// ```
/// use selkie_crdt::{ActorId, Entry, Hlc, Log};
/// let east = ActorId::from_bytes([1; 16]);
/// let (mut here, mut there) = (Log::new(), Log::new());
/// here.append(east, Hlc::from_ms(10), "a")?;
/// here.append(east, Hlc::from_ms(20), "b")?;
/// there.merge(here.iter().cloned());
/// let told = here.iter().next().cloned().expect("two were written");
/// let liar = there.merge([Entry { payload: "z", ..told.clone() }]);
/// // What is here and what came have one name: whoever sees both knows of the liar.
/// assert_eq!(liar.rejected[0].entry.dot(), told.dot());
/// # Ok::<(), selkie_crdt::AppendError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Rejection<P> {
    /// The entry, as it came: beside the one that is here, it proves that its author writes twice.
    pub entry: Entry<P>,
    /// Why it was refused.
    pub reason: RejectReason,
}

/// What was cut off a log.
///
/// ```
/// use selkie_crdt::{ActorId, Hlc, Log, Retention};
/// let east = ActorId::from_bytes([1; 16]);
/// let (mut here, mut there) = (Log::new(), Log::new());
/// here.append(east, Hlc::from_ms(10), "a")?;
/// here.append(east, Hlc::from_ms(20), "b")?;
/// there.merge(here.iter().cloned());
/// let gone = here.compact(&Retention::newest(1), there.version(), 30);
/// assert_eq!((gone.removed[0].payload, gone.base.get(&east)), ("a", 1));
/// # Ok::<(), selkie_crdt::AppendError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[must_use = "who folds the log must take in what was cut off"]
pub struct Compaction<P> {
    /// How many entries of each author were cut off before.
    pub before: VersionVector,
    /// How many are now.
    pub base: VersionVector,
    /// The entries between, in the order in which they are folded.
    pub removed: Vec<Entry<P>>,
}
