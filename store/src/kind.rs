//! What an object is.

use std::fmt;

/// The kind of an object: part of its name, so that equal bytes of two kinds are two objects.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Kind {
    /// The bytes of a file, or one chunk of a long file.
    Blob,
    /// The list of chunks of a long file, or a list of such lists.
    Chunks,
    /// A directory.
    Tree,
    /// A snapshot with its history.
    Seal,
    /// A path on which sides differ.
    Conflict,
}

impl Kind {
    /// Every kind, in the order of their numbers.
    pub const ALL: [Self; 5] = [Self::Blob, Self::Chunks, Self::Tree, Self::Seal, Self::Conflict];

    /// The number that stands for this kind on disk and on the wire.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Blob => 1,
            Self::Chunks => 2,
            Self::Tree => 3,
            Self::Seal => 4,
            Self::Conflict => 5,
        }
    }

    /// The kind with this number.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.number() == number)
    }

    /// The BLAKE3 key derivation context of this kind's ids. Changing one changes every id.
    pub(crate) const fn context(self) -> &'static str {
        match self {
            Self::Blob => "selkie 1 object blob",
            Self::Chunks => "selkie 1 object chunks",
            Self::Tree => "selkie 1 object tree",
            Self::Seal => "selkie 1 object seal",
            Self::Conflict => "selkie 1 object conflict",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Blob => "blob",
            Self::Chunks => "chunk list",
            Self::Tree => "tree",
            Self::Seal => "seal",
            Self::Conflict => "conflict",
        })
    }
}
