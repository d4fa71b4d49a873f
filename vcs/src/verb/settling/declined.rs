//! Why somebody can not have what they want to take.

use thiserror::Error;

/// Why it can not be taken of a part, which stays as it is.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum Declined {
    /// It has fewer sides.
    #[error("it has no such side")]
    Side,
    /// It has fewer lines.
    #[error("it has no such lines")]
    Lines,
    /// It is a name at which something else is, or there was none.
    #[error("there was nothing, or something else is there now")]
    Absent,
    /// It is no text.
    #[error("it is decided as a whole")]
    Whole,
    /// No step makes something of it.
    #[error("nothing is offered")]
    Offer,
    /// It is no timeline.
    #[error("only a timeline that diverged is fused or kept apart")]
    File,
    /// It is a timeline that diverged.
    #[error("it is a timeline that diverged: take a side, fuse, or apart")]
    Heads,
    /// The clone stands on the timeline, and something is under way there.
    #[error("something is in conflict or gathered on it: settle and seal that first")]
    Busy,
    /// Seals would be taken from a timeline that is protected.
    #[error("the timeline is protected: no head is taken from it")]
    Protected,
    /// Its heads have no seal in common.
    #[error("its heads have no seal in common: take a side, or keep them apart")]
    Unrelated,
    /// Something would be in conflict, and files show conflicts only where the clone stands.
    #[error("files would be in conflict: switch to the timeline, and fuse there")]
    Conflicts,
    /// Nobody knows yet what a fuse would be.
    #[error("what a fuse of them would be is being found; a moment")]
    Unforeseen,
}
