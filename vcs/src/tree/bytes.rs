//! The bytes of a file in a tree.

use selkie_store::{Content, Parts, ReadError, Store};

use crate::text::lines::Text;

/// All bytes of a content; nothing if they are more than a text may have.
pub(crate) fn bytes_of(store: &Store, content: Content) -> Result<Option<Vec<u8>>, ReadError> {
    let mut parts = Parts::new(store, content);
    let mut bytes = parts.next().transpose()?.unwrap_or_default();
    for part in parts {
        bytes.extend_from_slice(&part?);
        if bytes.len() > Text::LEN_MAX {
            return Ok(None);
        }
    }
    // A long one has grown to twice its length at most.
    bytes.shrink_to_fit();
    Ok((bytes.len() <= Text::LEN_MAX).then_some(bytes))
}
