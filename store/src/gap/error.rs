//! Why it is not known what another lacks.

use thiserror::Error;

use crate::id::ObjectId;
use crate::kind::Kind;
use crate::log::error::LogError;
use crate::pack::PackError;
use crate::store::error::ReadError;

/// Why it is not known what another lacks. Nothing was changed.
#[derive(Debug, Error)]
pub enum GapError {
    /// A log can not be read.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The folder of packs can not be listed, or the table of a pack not be read.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// An object can not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// More is lacked than was asked to be looked for.
    #[error("more is lacked than fits into one parcel")]
    Large,
    /// An object is here, and one that it links to is not.
    #[error("a {kind} {id} is linked to and not here")]
    Missing {
        /// What it should be.
        kind: Kind,
        /// Its name.
        id: ObjectId,
    },
}
