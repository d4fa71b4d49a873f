//! A content on its way out of the store.

use crate::id::{BlobId, ChunksId, ObjectId};
use crate::kind::Kind;
use crate::object::chunks::{Chunk, ChunkList};
use crate::object::error::{DecodeError, Part};
use crate::object::node::Content;
use crate::store::Store;
use crate::store::error::ReadError;

/// The bytes of a content, part by part. One part and the lists above it are in memory.
#[derive(Debug)]
pub struct Parts<'a> {
    store: &'a Store,
    // What is still to come, the next on top.
    coming: Vec<Coming>,
}

/// What is to come.
#[derive(Clone, Copy, Debug)]
enum Coming {
    Blob(BlobId),
    Chunk(Chunk),
    List(ChunksId, Option<Place>),
}

/// What a list has to be to stand where it stands.
#[derive(Clone, Copy, Debug)]
struct Place {
    level: u8,
    content_len: u64,
}

impl<'a> Parts<'a> {
    /// All of a content.
    pub fn new(store: &'a Store, content: Content) -> Self {
        let first = match content {
            Content::Whole(id) => Coming::Blob(id),
            Content::Chunked(id) => Coming::List(id, None),
        };
        Self { store, coming: vec![first] }
    }

    fn next_part(&mut self) -> Result<Option<Vec<u8>>, ReadError> {
        while let Some(coming) = self.coming.pop() {
            match coming {
                Coming::Blob(id) => return self.blob(id.object()).map(Some),
                Coming::Chunk(chunk) => {
                    let bytes = self.blob(chunk.id)?;
                    let fits = bytes.len() as u64 == chunk.length;
                    return if fits { Ok(Some(bytes)) } else { Err(misfit(chunk.id)) };
                }
                Coming::List(id, place) => self.enter(id, place)?,
            }
        }
        Ok(None)
    }

    fn blob(&self, id: ObjectId) -> Result<Vec<u8>, ReadError> {
        let object = self.store.read(&id)?;
        match object.kind {
            Kind::Blob => Ok(object.bytes),
            found => Err(ReadError::Kind { id, wanted: Kind::Blob, found }),
        }
    }

    fn enter(&mut self, id: ChunksId, place: Option<Place>) -> Result<(), ReadError> {
        let list: ChunkList = self.store.load(id)?;
        let fits = place.is_none_or(|place| {
            place.level == list.level() && place.content_len == list.content_len()
        });
        if !fits {
            return Err(misfit(id.object()));
        }
        self.coming.extend(list.chunks().iter().rev().map(|chunk| match list.level() {
            0 => Coming::Chunk(*chunk),
            level => {
                let place = Place { level: level - 1, content_len: chunk.length };
                Coming::List(chunk.id.into(), Some(place))
            }
        }));
        Ok(())
    }
}

impl Iterator for Parts<'_> {
    type Item = Result<Vec<u8>, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_part().transpose()
    }
}

/// The object is sound, and not what the list above it says.
const fn misfit(id: ObjectId) -> ReadError {
    ReadError::Decode { id, source: DecodeError::Rule(Part::Chunks) }
}
