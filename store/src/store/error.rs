//! Why a store can not be opened, and an object not be read.

use std::io;

use thiserror::Error;

use crate::id::ObjectId;
use crate::kind::Kind;
use crate::object::error::DecodeError;
use crate::pack::PackError;

/// Why a store can not be opened. Nothing was changed.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The file system did not let us.
    #[error("the store can not be opened")]
    Io(#[from] io::Error),
    /// Something else wrote the file that says what the folder is.
    #[error("the folder holds no store that this program knows: it says {0:?}")]
    NoStore(String),
    /// A later version of this program wrote the store.
    #[error("the store has format {0}, and this program knows format 1: use a newer one")]
    Version(u64),
    /// A later version of this program wrote a pack.
    #[error(transparent)]
    Pack(PackError),
}

/// Why an object can not be read.
#[derive(Debug, Error)]
pub enum ReadError {
    /// No pack has it.
    #[error("no object {0}")]
    Absent(ObjectId),
    /// A pack that has it, or may have it, can not be read. The file stays in place.
    #[error("object {id} can not be read")]
    Unreadable {
        /// The object.
        id: ObjectId,
        /// What is wrong with the pack.
        source: PackError,
    },
    /// The stored bytes are not those that were written. The file stays in place.
    #[error("object {0} is damaged")]
    Damaged(ObjectId),
    /// It is stored as a difference to another object, which can not be read.
    #[error("object {id} needs {base} to be read")]
    Base {
        /// The object.
        id: ObjectId,
        /// What it is a difference to.
        base: ObjectId,
        /// Why that can not be read.
        source: Box<ReadError>,
    },
    /// It is an object, but of another kind.
    #[error("object {id} is a {found}, not a {wanted}")]
    Kind {
        /// The object.
        id: ObjectId,
        /// What was asked for.
        wanted: Kind,
        /// What it is.
        found: Kind,
    },
    /// Its bytes are those that were written, and no object of its kind.
    #[error("object {id} makes no sense")]
    Decode {
        /// The object.
        id: ObjectId,
        /// What is wrong with it.
        source: DecodeError,
    },
    /// The folder of packs can not be listed.
    #[error("the packs can not be listed")]
    List(#[source] io::Error),
}

impl ReadError {
    /// Whether a pack was removed before it was read.
    pub(super) fn is_of_removed_pack(&self) -> bool {
        match self {
            Self::Unreadable { source, .. } => source.is_absent(),
            Self::Base { source, .. } => source.is_of_removed_pack(),
            Self::Absent(_)
            | Self::Damaged(_)
            | Self::Kind { .. }
            | Self::Decode { .. }
            | Self::List(_) => false,
        }
    }
}
