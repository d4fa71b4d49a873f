//! How many and how long things are, told from tables alone.

use crate::id::ObjectId;
use crate::object::chunks::ChunkList;
use crate::object::node::Content;
use crate::store::Store;
use crate::store::error::ReadError;

impl Store {
    /// How many packs there are that can be read, as the store knows it.
    #[must_use]
    pub fn pack_count(&self) -> usize {
        self.packs().sound.len()
    }

    /// The bytes of an object, as the packs tell it that the store knows. The object is not read.
    ///
    /// # Errors
    ///
    /// It is in none of them, or one can not be read.
    pub fn object_len(&self, id: &ObjectId) -> Result<u64, ReadError> {
        let packs = self.packs();
        for pack in packs.all() {
            let found =
                pack.find(id).map_err(|source| ReadError::Unreadable { id: *id, source })?;
            if let Some(object) = found {
                return Ok(object.length.into());
            }
        }
        Err(ReadError::Absent(*id))
    }

    /// The bytes of a content, of which only the list of its chunks is read.
    ///
    /// # Errors
    ///
    /// The list can not be read, or the content is not here.
    pub fn content_len(&self, content: Content) -> Result<u64, ReadError> {
        match content {
            Content::Whole(id) => self.object_len(&id.object()),
            Content::Chunked(id) => Ok(self.load::<ChunkList>(id)?.content_len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::batch::{Batch, Hint};
    use crate::disk::sim::SimDisk;
    use crate::store::{ReadError, Store};

    #[test]
    fn a_content_is_as_long_as_what_was_put() {
        let store = Store::open(Arc::new(SimDisk::default())).unwrap();
        let batch = Batch::new(&store);
        let lengths = [0, 5, 3 << 20];
        let put =
            lengths.map(|length| batch.put_content(&vec![7; length][..], Hint::NONE).unwrap());
        let absent = store.content_len(put[1]);
        assert!(matches!(absent, Err(ReadError::Absent(_))), "nothing is finished yet");
        batch.finish().unwrap();
        assert_eq!(put.map(|put| store.content_len(put).unwrap()), [0, 5, 3 << 20]);
    }
}
