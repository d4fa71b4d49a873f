//! Why bytes are no object, and why a value has no bytes.

use thiserror::Error;

use crate::cursor::Short;
use crate::name::NameError;
use crate::path::PathError;

/// A part of an object, named in errors.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Part {
    /// The pieces of a chunk list.
    Chunks,
    /// The name of a tree entry.
    Name,
    /// A foreign entry.
    Foreign,
    /// The parents of a seal.
    Parents,
    /// The author of a seal.
    Author,
    /// The message of a seal.
    Message,
    /// The seals that a seal replaces.
    Replaces,
    /// The labels of a seal.
    Labels,
    /// The sides and bases of a conflict.
    Terms,
    /// The path of a side of a conflict.
    Path,
    /// The note of a side of a conflict.
    Note,
}

/// A part of a value is longer than its length field can say. The value has no id.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("the object is too large to be written: {0:?}")]
pub struct TooLarge(pub Part);

/// Why bytes are no object of their kind. Whoever sent them is at fault, whatever they hash to.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum DecodeError {
    /// The bytes end before the object does.
    #[error("the object is cut short")]
    Short,
    /// Bytes follow the object.
    #[error("bytes follow the object")]
    Trailing,
    /// A later version wrote it, or nobody did.
    #[error("objects of version {0} are unknown")]
    Version(u8),
    /// No tree entry has this mode.
    #[error("tree entries of mode {0} are unknown")]
    Mode(u8),
    /// A yes or no is neither.
    #[error("a flag is {0}, not 0 or 1")]
    Flag(u8),
    /// The parts do not ascend, or one stands twice.
    #[error("the parts do not ascend: {0:?}")]
    Order(Part),
    /// A text is not UTF-8.
    #[error("a text is not UTF-8")]
    Text,
    /// A number is outside its limits.
    #[error("a limit is not kept: {0:?}")]
    Rule(Part),
    /// A tree entry has a name that no tree may hold.
    #[error(transparent)]
    Name(#[from] NameError),
    /// A side of a conflict has a path that no tree may hold.
    #[error(transparent)]
    Path(#[from] PathError),
}

impl From<Short> for DecodeError {
    fn from(Short: Short) -> Self {
        Self::Short
    }
}
