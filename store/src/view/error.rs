//! Why a view can not be read or changed, and what it could not fold.

use std::io;

use selkie_crdt::{ActorId, DecodeError, JoinError};
use thiserror::Error;

use crate::batch::WriteError;
use crate::codec::CodecError;
use crate::id::ObjectId;
use crate::log::error::LogError;
use crate::store::error::ReadError;

/// Why a view can not be read. Nothing was changed.
#[derive(Debug, Error)]
pub enum ViewError {
    /// The folder of logs can not be read.
    #[error("the logs can not be listed")]
    List(#[source] io::Error),
    /// A log can not be read or written.
    #[error(transparent)]
    Log(#[from] LogError),
    /// It can not be read or kept where logs end.
    #[error("the proofs of where logs end can not be used")]
    Fork(#[source] io::Error),
    /// What an entry reaches is not known.
    #[error("entry {position} of replica {replica} is not understood")]
    Unknown {
        /// Whose log.
        replica: ActorId,
        /// Which entry.
        position: u64,
    },
    /// It is not known which objects are here.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The objects that an entry reaches can not be kept from being collected.
    #[error("the objects of an entry can not be kept")]
    Keep(#[from] WriteError),
}

/// Why the view was not changed. It is as it was.
#[derive(Debug, Error)]
pub enum EditError<E> {
    /// Whoever was to change it would not, as things are.
    #[error("the change was declined")]
    Declined(E),
    /// What others did can not be read, or the entry can not be written.
    #[error(transparent)]
    View(#[from] ViewError),
    /// Our own log can not be folded to its end, so our next change has no name yet. The view's stops
    /// say why.
    #[error("the log of this replica is not folded to its end")]
    Stopped,
    /// Our own log no longer has what was read from it: it was removed, cut or replaced. To write on would
    /// give positions a second content, so the clone takes a new name: [`reincarnate`](crate::reincarnate).
    #[error("the log of this replica lost entries that it had")]
    Lost,
    /// Our own log has ended: it said two things in one place, or it builds upon one that did. The clone takes a new name:
    /// [`reincarnate`](crate::reincarnate).
    #[error("the log of this replica has ended")]
    Ended,
    /// An object that the entry would reach is not here.
    #[error("object {0} is not here")]
    Absent(ObjectId),
    /// The change is too long, or breaks the rules of entries.
    #[error("the change can not be an entry")]
    Step(#[from] CodecError),
}

/// Where the folding of a log stopped. Entries before are in the view, those from here on are not.
#[derive(Debug, Error)]
#[error("entry {position} of replica {replica} is not applied")]
pub struct Stop {
    /// Whose log.
    pub replica: ActorId,
    /// The first entry that is not applied.
    pub position: u64,
    /// Why.
    #[source]
    pub why: Obstacle,
}

/// Why an entry is not applied.
#[derive(Debug, Error)]
pub enum Obstacle {
    /// It builds upon changes that are not here yet: they come with the entries of this replica.
    #[error("it waits for change {from} of replica {actor}, and {have} are here")]
    Waits {
        /// Who made them.
        actor: ActorId,
        /// How many of their changes are here.
        have: u64,
        /// How many it builds upon.
        from: u64,
    },
    /// The log can not be read there.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The replica said another thing in this place as well, so its log ends before it.
    #[error("the replica said another thing in this place as well, so its log ends before it")]
    Forked,
    /// It builds upon what this replica said after the end of its log, so its own log ends before it.
    #[error("it builds upon what replica {0} said after the end of its log")]
    Ended(ActorId),
    /// It says nothing that this program understands.
    #[error("it makes no sense")]
    Step(#[from] CodecError),
    /// Its delta makes no sense.
    #[error("its delta makes no sense: {0}")]
    Delta(DecodeError),
    /// The first entry does not say which key writes the log, or another than that has the name.
    #[error("it does not begin the log of the replica")]
    Unbound,
    /// It begins a log that has begun.
    #[error("the log has begun before")]
    Rebound,
    /// It brings changes in the name of somebody else.
    #[error("it writes in the name of replica {0}")]
    Foreign(ActorId),
    /// Its changes do not follow those of the entry before.
    #[error("it begins at change {from} of its replica, and {have} are here")]
    Order {
        /// How many changes of the replica are here.
        have: u64,
        /// How many it builds upon.
        from: u64,
    },
    /// The document does not take the delta.
    #[error("the view does not take it: {0}")]
    Join(JoinError),
}

/// Why entries of a peer were not taken, or what is wrong with one that is here.
#[derive(Debug, Error)]
pub enum Refusal {
    /// They do not follow what is here, or contradict it, or can not be written.
    #[error(transparent)]
    Log(#[from] LogError),
    /// An entry can never be applied.
    #[error("entry {position} is refused")]
    Entry {
        /// Which one.
        position: u64,
        /// Why.
        #[source]
        why: Obstacle,
    },
    /// An entry is not signed by the key that the log began with.
    #[error("entry {0} is not signed by whoever began the log")]
    Signature(u64),
    /// Objects that an entry reaches are not here. Those before it were taken.
    #[error("entry {position} reaches objects that are not here: {}", .absent.len())]
    Absent {
        /// Which one.
        position: u64,
        /// What is not here.
        absent: Vec<ObjectId>,
    },
}

impl Stop {
    /// Whether something is wrong with the log here: not if it waits for others, or ended.
    #[must_use]
    pub const fn is_damage(&self) -> bool {
        !matches!(self.why, Obstacle::Waits { .. } | Obstacle::Forked | Obstacle::Ended(_))
    }
}

impl<E> From<LogError> for EditError<E> {
    fn from(error: LogError) -> Self {
        Self::View(error.into())
    }
}
