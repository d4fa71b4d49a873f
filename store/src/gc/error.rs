//! Why garbage is not collected.

use std::error::Error;
use std::io;

use thiserror::Error;

use crate::batch::WriteError;
use crate::id::ObjectId;
use crate::kind::Kind;
use crate::merge::MergeError;
use crate::pack::PackError;
use crate::store::error::ReadError;

/// Why garbage is not collected. No object that can be reached was removed; collecting again goes on.
#[derive(Debug, Error)]
pub enum GcError {
    /// The folder of packs can not be used.
    #[error("garbage can not be collected")]
    Io(#[from] io::Error),
    /// The caller does not know what is still used.
    #[error("what is still used can not be told")]
    Roots(#[source] Box<dyn Error + Send + Sync>),
    /// The caller names no object as used, and there are some.
    #[error("no object is said to be used: all would be removed")]
    NothingUsed,
    /// What the caller says is used is not here, so the rest of the list may be wrong as well.
    #[error("object {0} is said to be used, and is missing")]
    NoRoot(ObjectId),
    /// An object in use names another that is nowhere. `repair` comes first.
    #[error("object {from} names the {kind} {to}, which is missing")]
    Missing {
        /// The object that names it.
        from: ObjectId,
        /// What it has to be.
        kind: Kind,
        /// The object that is missing.
        to: ObjectId,
    },
    /// A pack can not be read. `repair` comes first.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// An object can not be read, and so not what it uses. `repair` comes first.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The objects can not be moved.
    #[error(transparent)]
    Merge(#[from] MergeError),
    /// What is used again can not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}
