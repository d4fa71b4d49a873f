//! What id a content would have, without writing it.

use std::io::{self, Read};

use crate::content::write::{cut_list, each_chunk, fill};
use crate::id::{BlobId, ChunksId, ObjectId};
use crate::kind::Kind;
use crate::limits::BLOB_LEN_MAX;
use crate::object::chunks::{Chunk, ChunkList};
use crate::object::format::Canonical;
use crate::object::node::Content;

impl Content {
    /// The content that [`Batch::put_content`](crate::Batch::put_content) would make of these bytes.
    ///
    /// `buffer` is for whoever asks about many: it grows to the size of a blob once.
    ///
    /// ```
    /// use selkie_store::{BlobId, Content, Kind, ObjectId};
    /// let blob = BlobId::from(ObjectId::of(Kind::Blob, b"fish"));
    /// assert_eq!(Content::identify(&b"fish"[..], &mut Vec::new())?, Content::Whole(blob));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The bytes can not be read.
    pub fn identify(mut from: impl Read, buffer: &mut Vec<u8>) -> io::Result<Self> {
        if buffer.len() <= BLOB_LEN_MAX {
            // Fresh memory is zero, and only what is read into is ever touched.
            *buffer = vec![0; BLOB_LEN_MAX + 1];
        }
        let length = fill(&mut from, buffer)?;
        if length <= BLOB_LEN_MAX {
            return Ok(Self::Whole(BlobId::from(ObjectId::of(Kind::Blob, &buffer[..length]))));
        }
        let mut chunks = Vec::new();
        each_chunk(&mut io::Cursor::new(&buffer[..length]).chain(from), |(_, bytes)| {
            chunks.push(Chunk { id: ObjectId::of(Kind::Blob, &bytes), length: bytes.len() as u64 });
            true
        })?;
        Ok(identify_lists(chunks))
    }
}

fn identify_lists(mut chunks: Vec<Chunk>) -> Content {
    for level in 0..=ChunkList::LEVEL_MAX {
        let lists = cut_list(&chunks).map(|part| {
            let list = ChunkList::new(level, part.to_vec());
            let list = list.expect("what was cut is within the limits");
            let bytes = list.encode().expect("a list within the limits has a spelling");
            Chunk { id: ObjectId::of(Kind::Chunks, &bytes), length: list.content_len() }
        });
        let lists: Vec<_> = lists.collect();
        if let [only] = lists[..] {
            return Content::Chunked(ChunksId::from(only.id));
        }
        chunks = lists;
    }
    unreachable!("each level has a thirtieth of the one below, and none has 2^100 pieces")
}
