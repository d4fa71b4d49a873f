//! Objects on their way to another store.

use crate::id::ObjectId;
use crate::kind::Kind;

mod bare;
pub(crate) mod format;
pub(crate) mod load;
pub(crate) mod take;

/// Some objects as they travel: what they are, and their bytes made small.
///
/// Their ids do not travel. Who receives them hashes what came, and so knows what it is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Parcel(Vec<u8>);

impl Parcel {
    /// Its bytes.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// What a parcel says of its bytes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Label {
    /// Blocks as a store keeps them, one after the other.
    Blocks(Vec<Block>),
    /// Objects that were made small for the way: each after what it resembles.
    Fresh(Fresh),
}

/// A block of a pack.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Block {
    pub(crate) form: Form,
    pub(crate) stored_len: u32,
    pub(crate) raw_len: u32,
    /// Those of its objects that are meant, in the order of their bytes.
    pub(crate) members: Vec<Member>,
}

/// How a block is made small.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Form {
    Raw,
    Zstd,
    Delta { base: Prefix, step: u16 },
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Member {
    pub(crate) kind: Kind,
    /// Bytes between the member before and this one, which belong to nobody.
    pub(crate) skip: u32,
    pub(crate) length: u32,
}

/// Objects one after the other, each a frame whose prefix is the bytes of what it resembles, the id of that, and the ids of
/// the objects before it in the parcel. What links to them names them for three bytes or so instead of 32.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Fresh {
    pub(crate) items: Vec<Item>,
    /// The first bytes of a hash over all ids: a base that was another one shows here.
    pub(crate) check: [u8; 4],
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Item {
    pub(crate) kind: Kind,
    pub(crate) length: u32,
    pub(crate) stored_len: u32,
    pub(crate) base: Base,
}

/// The first bytes of an id: enough to know an object among all that somebody has, but for who wants to deceive.
/// And that shows in the ids of what is made from it.
pub(crate) type Prefix = [u8; 6];

pub(crate) fn prefix_of(id: &ObjectId) -> Prefix {
    *id.as_bytes().first_chunk().expect("an id is longer")
}

/// What an object resembles.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Base {
    Nothing,
    /// An object that the receiver has, by the first bytes of its id.
    Had(Prefix),
    /// An object of this parcel, by its number.
    Before(u32),
}

impl Fresh {
    pub(crate) fn check_of(ids: &[ObjectId]) -> [u8; 4] {
        let mut hasher = blake3::Hasher::new();
        ids.iter().for_each(|id| _ = hasher.update(id.as_bytes()));
        *hasher.finalize().as_bytes().first_chunk().expect("a hash has 32 bytes")
    }

    /// What a frame is made after: the bytes of a base and its id, then the ids of the objects just before it.
    pub(crate) fn prefix(base: Option<(ObjectId, &[u8])>, before: &[ObjectId]) -> Vec<u8> {
        let latest = &before[before.len().saturating_sub(IDS_MAX)..];
        let (id, bytes) = base.map_or((None, &[][..]), |(id, bytes)| (Some(id), bytes));
        let ids = id.iter().chain(latest).flat_map(ObjectId::as_bytes);
        bytes.iter().chain(ids).copied().collect()
    }
}

/// So many ids are put into a prefix.
const IDS_MAX: usize = 64;
