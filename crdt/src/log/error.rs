//! What a log refuses.

use core::error::Error;
use core::fmt;

use crate::actor::ActorId;
use crate::dot::{Dot, NoDot};
use crate::hlc::Hlc;
use crate::version::VersionVector;

/// Why an entry was not taken in. The log is as it was.
///
/// ```
/// use selkie_crdt::{ActorId, Entry, Hlc, Log};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let (mut here, mut there) = (Log::new(), Log::new());
/// let told = here.append(east, Hlc::from_ms(10), "yes")?.clone();
/// there.merge([told.clone()]);
/// // Somebody writes in east's name.
/// let outcome = there.merge([Entry { payload: "no", ..told }]);
/// assert_eq!(outcome.rejected[0].reason, selkie_crdt::RejectReason::Conflict);
/// assert!(there.iter().map(|entry| entry.payload).eq(["yes"]));
/// # let _ = west;
/// # Ok::<(), selkie_crdt::AppendError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RejectReason {
    /// Its sequence is none.
    NoDot(NoDot),
    /// It depends on an entry of its own author, which its sequence says already.
    DependsOnItself,
    /// Another entry of this name is here, with other contents: two places write under one id.
    Conflict,
    /// It was written before the author's entry before it, so the two have no order.
    TimeBackwards {
        /// When that was written.
        last: Hlc,
    },
}

impl fmt::Display for RejectReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoDot(error) => error.fmt(f),
            Self::DependsOnItself => write!(f, "the entry lists its own author as a dependency"),
            Self::Conflict => write!(f, "another entry is here at this position of its author"),
            Self::TimeBackwards { last } => {
                write!(f, "the entry was written before the one before it, of time {last}")
            }
        }
    }
}

impl Error for RejectReason {}

/// Why nothing was appended.
///
/// ```
/// use selkie_crdt::{ActorId, AppendError, Hlc, Log};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let (mut here, mut there) = (Log::new(), Log::new());
/// here.append(east, Hlc::from_ms(10), "first")?;
/// here.append(east, Hlc::from_ms(20), "second")?;
/// there.merge(here.iter().cloned());
/// // East loses its memory, and hears of its second entry before it has the first again.
/// let mut restored = Log::new();
/// restored.merge(there.iter().skip(1).cloned());
/// let refused = restored.append(east, Hlc::from_ms(30), "another first");
/// assert!(matches!(refused, Err(AppendError::Overtaken { .. })));
/// # let _ = west;
/// # Ok::<(), selkie_crdt::AppendError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AppendError {
    /// The author has written all the entries it can. It goes on under a new id.
    Exhausted {
        /// The author.
        author: ActorId,
    },
    /// Others know a later entry of this author than is here: this replica lost what it wrote, or
    /// a copy of it writes elsewhere. It goes on under a new id.
    Overtaken {
        /// The latest entry that is known.
        known: Dot,
    },
    /// The time is before that of the author's last entry.
    TimeBackwards {
        /// When that was written.
        last: Hlc,
    },
}

impl fmt::Display for AppendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exhausted { author } => {
                write!(f, "author {author} has written all {} entries", Dot::COUNTER_MAX)
            }
            Self::Overtaken { known } => write!(f, "entry {known:?} was already written elsewhere"),
            Self::TimeBackwards { last } => {
                write!(f, "the author's last entry is later, of time {last}")
            }
        }
    }
}

impl Error for AppendError {}

/// A reader lacks entries that were cut off. It restores a snapshot that covers the base, then asks
/// for what came after.
///
/// ```
/// use selkie_crdt::{ActorId, Retention, Hlc, Log};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let (mut here, mut there) = (Log::new(), Log::new());
/// here.append(east, Hlc::from_ms(10), "old")?;
/// here.append(east, Hlc::from_ms(20), "new")?;
/// here.compact(&Retention::newest(1), &here.version().clone(), 30);
/// assert!(here.since(there.version()).is_err()); // west is told, and asks for a snapshot
/// # there.append(west, Hlc::from_ms(1), "x")?;
/// # Ok::<(), selkie_crdt::AppendError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Compacted {
    /// How many entries of each author were cut off.
    pub base: VersionVector,
}

impl fmt::Display for Compacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "entries up to {:?} were cut off", self.base)
    }
}

impl Error for Compacted {}

/// Why a log did not restore a base. It is as it was.
///
/// ```
/// use selkie_crdt::{ActorId, RestoreError, Retention, Hlc, Log};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let (mut here, mut there) = (Log::new(), Log::new());
/// here.append(east, Hlc::from_ms(10), "a")?;
/// there.append(west, Hlc::from_ms(10), "b")?;
/// for log in [&mut here, &mut there] {
///     log.compact(&Retention::newest(0), &log.version().clone(), 30);
/// }
/// // Each let go of what the other never had.
/// assert!(matches!(here.restore(there.base()), Err(RestoreError::Behind { .. })));
/// # Ok::<(), selkie_crdt::AppendError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum RestoreError {
    /// The base does not cover what was cut off here, so entries would be in neither.
    Behind {
        /// How many entries of each author were cut off here.
        base: VersionVector,
    },
    /// The first entry of this author after the base was written before the last one in it.
    Contradicted {
        /// The author.
        author: ActorId,
    },
}

impl fmt::Display for RestoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Behind { base } => write!(f, "the base does not cover {base:?}"),
            Self::Contradicted { author } => {
                write!(f, "the base puts entries of author {author} out of order")
            }
        }
    }
}

impl Error for RestoreError {}
