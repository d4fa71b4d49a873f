//! The bytes of a file in a tree.

use selkie_store::{Content, Parts, ReadError, Store};

use crate::text::lines::Text;

/// All bytes of a content; nothing if they are more than a text may have.
pub(crate) fn bytes_of(store: &Store, content: Content) -> Result<Option<Vec<u8>>, ReadError> {
    let mut bytes = Vec::new();
    for part in Parts::new(store, content) {
        bytes.extend_from_slice(&part?);
        if bytes.len() > Text::LEN_MAX {
            return Ok(None);
        }
    }
    Ok(Some(bytes))
}
