//! The pieces of a long content.

use crate::id::ObjectId;
use crate::kind::Kind;

/// The pieces of a content that is too long for one blob, in order.
///
/// On level 0 the pieces are blobs; on level n they are chunk lists of level n - 1. There are
/// between 1 and [`ChunkList::COUNT_MAX`] pieces and none is empty.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct ChunkList {
    level: u8,
    chunks: Vec<Chunk>,
}

/// One piece of a [`ChunkList`].
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Chunk {
    /// The blob or the chunk list.
    pub id: ObjectId,
    /// Bytes of content in it, at least 1.
    pub length: u64,
}

impl ChunkList {
    /// Pieces in the longest list.
    pub const COUNT_MAX: usize = 512;
    /// The highest level. Lists of at least two pieces reach it beyond any disk.
    pub const LEVEL_MAX: u8 = 20;

    /// The list, if its numbers are within the limits.
    pub(crate) fn new(level: u8, chunks: Vec<Chunk>) -> Option<Self> {
        let total = chunks.iter().try_fold(0_u64, |sum, chunk| sum.checked_add(chunk.length));
        let holds = level <= Self::LEVEL_MAX
            && (1..=Self::COUNT_MAX).contains(&chunks.len())
            && chunks.iter().all(|chunk| chunk.length > 0)
            && total.is_some();
        holds.then_some(Self { level, chunks })
    }

    /// How many lists stand between this one and the blobs.
    #[must_use]
    pub const fn level(&self) -> u8 {
        self.level
    }

    /// The pieces, in order.
    #[must_use]
    pub fn chunks(&self) -> &[Chunk] {
        &self.chunks
    }

    /// Bytes of content in all pieces.
    #[must_use]
    pub fn content_len(&self) -> u64 {
        self.chunks.iter().map(|chunk| chunk.length).sum()
    }

    /// The kind of the pieces.
    #[must_use]
    pub const fn piece_kind(&self) -> Kind {
        match self.level {
            0 => Kind::Blob,
            _ => Kind::Chunks,
        }
    }

    /// The objects that the list names.
    pub fn links(&self) -> impl Iterator<Item = (Kind, ObjectId)> {
        self.chunks.iter().map(|chunk| (self.piece_kind(), chunk.id))
    }
}
