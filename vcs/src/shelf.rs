//! Unfinished work that was laid aside.

use selkie_crdt::Hlc;
use selkie_store::{ObjectId, SealId, TreeId};
use serde::{Deserialize, Serialize};

/// All that was not sealed, with the seal it was made on, so that it can be brought to any other.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Shelf {
    /// The timeline it was made on, if it was made on one.
    pub timeline: Option<String>,
    /// The seal it was made on; none before the first one.
    pub base: Option<SealId>,
    /// What was gathered, if something was: the tree that the next seal would have had.
    pub gathered: Option<TreeId>,
    /// What the files were.
    pub work: TreeId,
    /// What somebody says of it.
    pub message: String,
    /// When it was laid aside.
    pub time: Hlc,
    /// Whether it comes back with its timeline.
    pub comes: Comes,
}

/// How a shelf comes back.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum Comes {
    /// When its timeline is entered: a switch laid it aside.
    ByItself,
    /// When somebody asks for it.
    WhenAsked,
}

impl Shelf {
    /// Bytes in the longest message. Every operation tells all shelves, so they are kept small.
    pub const MESSAGE_LEN_MAX: usize = 1000;

    /// Shelves that a clone has at most.
    pub const COUNT_MAX: usize = 256;

    /// Every object that the shelf must not lose.
    pub fn objects(&self) -> impl Iterator<Item = ObjectId> {
        let trees = self.gathered.into_iter().chain([self.work]).map(TreeId::object);
        self.base.map(SealId::object).into_iter().chain(trees)
    }
}

/// A shelf as an operation tells it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Told {
    timeline: Option<String>,
    base: Option<[u8; ObjectId::LEN]>,
    gathered: Option<[u8; ObjectId::LEN]>,
    work: [u8; ObjectId::LEN],
    message: String,
    time: Hlc,
    comes: Comes,
}

impl From<&Shelf> for Told {
    fn from(shelf: &Shelf) -> Self {
        Self {
            timeline: shelf.timeline.clone(),
            base: shelf.base.map(|seal| *seal.object().as_bytes()),
            gathered: shelf.gathered.map(|tree| *tree.object().as_bytes()),
            work: *shelf.work.object().as_bytes(),
            message: shelf.message.clone(),
            time: shelf.time,
            comes: shelf.comes,
        }
    }
}

impl From<Told> for Shelf {
    fn from(told: Told) -> Self {
        Self {
            timeline: told.timeline,
            base: told.base.map(|bytes| ObjectId::from_bytes(bytes).into()),
            gathered: told.gathered.map(|bytes| ObjectId::from_bytes(bytes).into()),
            work: ObjectId::from_bytes(told.work).into(),
            message: told.message,
            time: told.time,
            comes: told.comes,
        }
    }
}
