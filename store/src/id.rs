//! The names of objects.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use blake3::Hasher;
use blake3::hazmat::{ContextKey, HasherExt, hash_derive_key_context};
use thiserror::Error;

use crate::hex;
use crate::kind::Kind;

/// The name of an object: BLAKE3 over its kind and its canonical bytes.
///
/// Equal ids mean equal kind and equal bytes. Text form: 64 hexadecimal digits, lower case.
///
/// ```
/// use selkie_store::{Kind, ObjectId};
/// let blob = ObjectId::of(Kind::Blob, b"seal");
/// assert_ne!(blob, ObjectId::of(Kind::Tree, b"seal"));
/// assert_eq!(blob.to_string().parse(), Ok(blob));
/// ```
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct ObjectId([u8; Self::LEN]);

impl ObjectId {
    /// Bytes in an id.
    pub const LEN: usize = 32;

    /// The id of an object of this kind with these canonical bytes.
    #[must_use]
    pub fn of(kind: Kind, bytes: &[u8]) -> Self {
        let key = &CONTEXT_KEYS[usize::from(kind.number()) - 1];
        Self(*Hasher::new_from_context_key(key).update(bytes).finalize().as_bytes())
    }

    /// The id that these bytes spell.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// The bytes that spell this id.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }

    /// As a number that orders ids, but for those that begin alike.
    const fn beginning(&self) -> u64 {
        u64::from_be_bytes(*self.0.first_chunk().expect("an id is longer"))
    }
}

/// By their bytes. Two that differ nearly always do so in the first, so these are compared where no function is called.
impl Ord for ObjectId {
    fn cmp(&self, other: &Self) -> Ordering {
        self.beginning().cmp(&other.beginning()).then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for ObjectId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex::write(&self.0, f)
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for ObjectId {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        hex::parse(text).map(Self).ok_or(ParseIdError)
    }
}

/// The text is not 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("an object id is 64 lower-case hexadecimal digits")]
pub struct ParseIdError;

/// An [`ObjectId`] known to name an object of one kind.
macro_rules! typed_id {
    ($(#[doc = $doc:literal] $name:ident: $kind:expr;)*) => {$(
        #[doc = $doc]
        #[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub struct $name(ObjectId);

        impl $name {
            /// The kind of the object that such an id names.
            pub const KIND: Kind = $kind;

            /// The id without its kind.
            #[must_use]
            pub const fn object(self) -> ObjectId {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        /// Whoever converts knows the kind from where the id stood.
        impl From<ObjectId> for $name {
            fn from(id: ObjectId) -> Self {
                Self(id)
            }
        }

        impl From<$name> for ObjectId {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    )*};
}

typed_id! {
    /// The id of a blob.
    BlobId: Kind::Blob;
    /// The id of a chunk list.
    ChunksId: Kind::Chunks;
    /// The id of a tree.
    TreeId: Kind::Tree;
    /// The id of a seal.
    SealId: Kind::Seal;
    /// The id of a conflict.
    ConflictId: Kind::Conflict;
}

/// The contexts, hashed once rather than for every object.
static CONTEXT_KEYS: LazyLock<[ContextKey; Kind::ALL.len()]> =
    LazyLock::new(|| Kind::ALL.map(|kind| hash_derive_key_context(kind.context())));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_stay_what_they_are() {
        for (kind, id) in Kind::ALL.into_iter().zip(EMPTY) {
            assert_eq!(ObjectId::of(kind, b"").to_string(), id, "{kind}");
        }
    }

    // Made by another implementation: the empty input under each context.
    const EMPTY: [&str; 5] = [
        "735c9dca4a9b280e16ff0c476266514c711a1441e8624a82104b3505ca626936",
        "956999c3eecd6d03c60d0ce592de72ae191880a7914e0ce8756a62090ca089ab",
        "df42179fb226f77e90895374c7e506d49a216c94fb081b7e694c1fa94f90e7c5",
        "f7ebc04cc3d58253d428301e48a6568cecfb3d55ab0cae9519826ec734447fba",
        "fd8958fdcafd10caeea3d0e818b3d71dde21c5a9466a62f74dd60e2825ab611d",
    ];

    #[test]
    fn a_kind_has_one_number() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_number(kind.number()), Some(kind));
        }
        assert_eq!(Kind::from_number(0), None);
        assert_eq!(Kind::from_number(6), None);
    }

    #[test]
    fn only_64_lower_case_digits_are_an_id() {
        let text = "ab".repeat(32);
        assert_eq!(text.parse(), Ok(ObjectId::from_bytes([0xab; 32])));
        for wrong in ["", "ab", &text[1..], &text.to_uppercase(), &format!("{text}0")] {
            assert_eq!(wrong.parse::<ObjectId>(), Err(ParseIdError), "{wrong:?}");
        }
    }
}
