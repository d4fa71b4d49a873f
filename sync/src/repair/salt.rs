//! Short names of ids that only members can foretell.

use std::fmt;

use selkie_store::ObjectId;

/// A secret that the members of a repository share, from which the images of ids are made.
///
/// Who knows it can search for two objects with one image, at some 2^32 tries. That costs a repair its short
/// way and nothing else: the whole ids have the last word. Whoever finds that out should have the
/// members take another salt.
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct Salt([u8; Self::LEN]);

/// Separates these keys from whatever else is derived from a secret.
const IMAGE_CONTEXT: &str = "selkie 1 repair image";
const NAME_CONTEXT: &str = "selkie 1 repair salt name";

impl Salt {
    /// Bytes in a salt.
    pub const LEN: usize = 32;

    /// The salt that these bytes spell, which nobody can guess.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// What may be said of it: equal names mean equal salts.
    pub(crate) fn name(&self) -> SaltName {
        let name = blake3::derive_key(NAME_CONTEXT, &self.0);
        *name.first_chunk().expect("a hash is longer than a name")
    }

    pub(crate) fn key(&self) -> ImageKey {
        ImageKey(blake3::derive_key(IMAGE_CONTEXT, &self.0))
    }
}

impl fmt::Debug for Salt {
    /// Nothing of it: it is a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Salt")
    }
}

/// The name of a salt.
pub(crate) type SaltName = [u8; 8];

/// What makes images.
#[derive(Clone)]
pub(crate) struct ImageKey([u8; 32]);

impl fmt::Debug for ImageKey {
    /// Nothing of it: it is a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ImageKey")
    }
}

/// What an image leaves out of an id.
pub(crate) type Tail = [u8; TAIL_LEN];

/// Bytes in a tail.
pub(crate) const TAIL_LEN: usize = ObjectId::LEN - HEAD_LEN;
const HEAD_LEN: usize = size_of::<u64>();

impl ImageKey {
    /// The image of an id: its head, hidden by a keyed hash of its tail.
    ///
    /// So image and tail together spell the id, and who knows one is told only the other. Two ids with one
    /// tail have different images.
    pub(crate) fn image(&self, id: &ObjectId) -> u64 {
        u64::from_be_bytes(head(id)) ^ self.mask(&tail(id))
    }

    /// The id with this image and this tail.
    pub(crate) fn id(&self, image: u64, tail: &Tail) -> ObjectId {
        let mut bytes = [0; ObjectId::LEN];
        bytes[..HEAD_LEN].copy_from_slice(&(image ^ self.mask(tail)).to_be_bytes());
        bytes[HEAD_LEN..].copy_from_slice(tail);
        ObjectId::from_bytes(bytes)
    }

    fn mask(&self, tail: &Tail) -> u64 {
        let hash = blake3::keyed_hash(&self.0, tail);
        u64::from_be_bytes(*hash.as_bytes().first_chunk().expect("a hash is longer than a head"))
    }
}

fn head(id: &ObjectId) -> [u8; HEAD_LEN] {
    *id.as_bytes().first_chunk().expect("an id is longer than its head")
}

/// What the image of an id leaves out.
pub(crate) fn tail(id: &ObjectId) -> Tail {
    *id.as_bytes().last_chunk().expect("an id is longer than its tail")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(head: u8, tail: u8) -> ObjectId {
        let mut bytes = [tail; 32];
        bytes[..8].fill(head);
        ObjectId::from_bytes(bytes)
    }

    #[test]
    fn image_and_tail_spell_the_id() {
        let key = Salt::from_bytes([7; 32]).key();
        let id = id(1, 2);
        assert_eq!(key.id(key.image(&id), &tail(&id)), id);
    }

    #[test]
    fn an_image_can_not_be_foretold_without_the_salt() {
        let images = [7, 8].map(|salt| Salt::from_bytes([salt; 32]).key().image(&id(1, 2)));
        assert_ne!(images[0], images[1]);
        let names = [7, 8].map(|salt| Salt::from_bytes([salt; 32]).name());
        assert_ne!(names[0], names[1]);
        assert_eq!(format!("{:?}", Salt::from_bytes([7; 32])), "Salt");
    }

    #[test]
    fn ids_with_one_tail_have_different_images() {
        let key = Salt::from_bytes([7; 32]).key();
        assert_ne!(key.image(&id(1, 9)), key.image(&id(2, 9)));
    }
}
