//! A snapshot with its history.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use selkie_crdt::Hlc;

use crate::hex;
use crate::id::{ObjectId, SealId, TreeId};
use crate::kind::Kind;
use crate::object::key::{PublicKey, Signature};

/// An immutable snapshot: what everything was, what it came from, who says so.
///
/// Any value of the fields is a seal as long as it fits the format
/// ([`Canonical::encode`](crate::Canonical::encode) tells). [`sign`](crate::sign) signs one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Seal {
    /// The content.
    pub tree: TreeId,
    /// What it was made from, first the one it continues. The first seal has none.
    pub parents: Vec<SealId>,
    /// What stays the same when the seal is amended or moved.
    pub change: ChangeId,
    /// Hybrid time of the author.
    pub time: Hlc,
    /// Minutes that the author's clock on the wall was ahead of UTC.
    pub zone_minutes: i16,
    /// Who made it.
    pub author: Author,
    /// What it says. Its first line is the title.
    pub message: String,
    /// The seals that this one rewrites. They are named, not linked: they may be gone.
    pub replaces: BTreeSet<SealId>,
    /// What tools wrote beside it, by name: for git what a commit had and we have not, for an
    /// automatic merge which rule decided what. Names have at most 255 bytes.
    pub labels: BTreeMap<String, Vec<u8>>,
    /// The key that vouches for all of the above, and its signature.
    pub signature: Option<(PublicKey, Signature)>,
}

/// Who made a seal.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct Author {
    /// A person's name.
    pub name: String,
    /// Where to reach them, usually a mail address.
    pub contact: String,
}

/// The name of a change through all its rewritings: 128 bits.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ChangeId([u8; Self::LEN]);

impl Seal {
    /// The objects that the seal names, the tree first.
    pub fn links(&self) -> impl Iterator<Item = (Kind, ObjectId)> {
        let parents = self.parents.iter().map(|parent| (Kind::Seal, parent.object()));
        std::iter::once((Kind::Tree, self.tree.object())).chain(parents)
    }
}

impl ChangeId {
    /// Bytes in a change id.
    pub const LEN: usize = 16;

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
}

impl fmt::Display for ChangeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex::write(&self.0, f)
    }
}

impl fmt::Debug for ChangeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
