//! What fails under a command, whatever the command is.

use selkie_store::{ReadError, WriteError};
use thiserror::Error;

use crate::graph::grow::GrowError;
use crate::repository::PerformError;
use crate::tree::compare::CompareError;
use crate::tree::edit::EditError;
use crate::tree::fuse::fused::FusingError;
use crate::work::follow::FollowError;
use crate::work::index::rebase::TreeError;
use crate::work::record::RecordError;
use crate::work::unsettled::UnsettledError;

/// What the store, the files or the history answered instead of doing their part. All is as it was,
/// but for an operation that was begun: the next command finishes it.
#[derive(Debug, Error)]
pub enum Trouble {
    /// An object can not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Something new can not be stored.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The files can not be looked at, or something is in the way of one.
    #[error(transparent)]
    Files(#[from] FollowError),
    /// It can not be told what became of a conflict.
    #[error(transparent)]
    Unsettled(#[from] UnsettledError),
    /// A file can not be recorded.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// A tree can not be followed.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// A tree can not be made.
    #[error(transparent)]
    Edit(#[from] EditError),
    /// Trees can not be brought together.
    #[error(transparent)]
    Fusing(#[from] FusingError),
    /// Two trees can not be compared.
    #[error(transparent)]
    Compare(#[from] CompareError),
    /// The history can not be read.
    #[error(transparent)]
    History(#[from] GrowError),
    /// The operation can not be carried out.
    #[error(transparent)]
    Perform(#[from] PerformError),
}
