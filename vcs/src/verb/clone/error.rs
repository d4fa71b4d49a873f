//! Why there is no clone.

use selkie_crdt::ActorId;
use selkie_store::{HandoverError, LogError, Problem, Refusal, ViewError};
use thiserror::Error;

use crate::verb::bundling::BundleError;
use crate::verb::clone::place::PlaceError;
use crate::verb::trouble::Trouble;
use crate::workspace::WorkspaceError;

/// Why there is no clone. The folder is as it was.
#[derive(Debug, Error)]
pub enum CloneError {
    /// The folder can not become a clone.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// What comes in a bundle can not be taken.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// The donor has no timeline of this name.
    #[error("there is no timeline '{0}' there")]
    NoTimeline(String),
    /// The objects there can not be copied.
    #[error(transparent)]
    Objects(#[from] HandoverError),
    /// What was copied is damaged, or makes no sense.
    #[error("what is there is not sound")]
    Unsound(#[source] Problem),
    /// What a replica says there can not be true.
    #[error("the log of replica {replica} is not taken")]
    Refused {
        /// Whose log.
        replica: ActorId,
        /// Why.
        source: Refusal,
    },
    /// A log can not be read there.
    #[error(transparent)]
    Log(#[from] LogError),
    /// What replicas say can not be read.
    #[error(transparent)]
    View(#[from] ViewError),
    /// The clone can not be opened.
    #[error(transparent)]
    Workspace(#[from] WorkspaceError),
    /// The store, the files or the history failed.
    #[error(transparent)]
    Failed(Trouble),
}

impl<E: Into<Trouble>> From<E> for CloneError {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}
