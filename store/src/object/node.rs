//! What stands at one path.

use crate::id::{BlobId, ChunksId, ConflictId, ObjectId, TreeId};
use crate::kind::Kind;

/// What a name in a tree stands for.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Node {
    /// A file.
    File(Content),
    /// A file that may be run.
    Executable(Content),
    /// A symbolic link: the blob is its target.
    Symlink(BlobId),
    /// A directory.
    Directory(TreeId),
    /// Something that sides differ on and nobody settled yet.
    Conflict(ConflictId),
    /// Something of another system, kept as it came.
    Foreign(Foreign),
}

/// The bytes of a file. Which form a content has follows from its length alone, so one content
/// has one id.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Content {
    /// At most [`BLOB_LEN_MAX`](crate::BLOB_LEN_MAX) bytes, in one object.
    Whole(BlobId),
    /// A longer one, in chunks.
    Chunked(ChunksId),
}

/// Something of another system that we do not understand, such as a submodule of git.
///
/// It names no object of ours. Merging and checkout leave it alone; exporting gives it back.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Foreign {
    /// The mode it had there.
    pub mode: u32,
    /// What it was there, for git the raw hash. At most [`Foreign::LEN_MAX`] bytes.
    pub bytes: Box<[u8]>,
}

impl Node {
    /// The object that this node names.
    #[must_use]
    pub fn link(&self) -> Option<(Kind, ObjectId)> {
        match self {
            Self::File(content) | Self::Executable(content) => Some(content.link()),
            Self::Symlink(id) => Some((Kind::Blob, id.object())),
            Self::Directory(id) => Some((Kind::Tree, id.object())),
            Self::Conflict(id) => Some((Kind::Conflict, id.object())),
            Self::Foreign(_) => None,
        }
    }
}

impl Content {
    /// The object at the top of this content.
    #[must_use]
    pub const fn link(self) -> (Kind, ObjectId) {
        match self {
            Self::Whole(id) => (Kind::Blob, id.object()),
            Self::Chunked(id) => (Kind::Chunks, id.object()),
        }
    }
}

impl Foreign {
    /// Bytes in the longest foreign thing.
    pub const LEN_MAX: usize = 64;
}
