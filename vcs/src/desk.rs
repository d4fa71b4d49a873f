//! What belongs to one clone and is never sent: where it stands and what it has not shared.

use std::collections::BTreeMap;

use selkie_store::{ObjectId, SealId, TreeId};
use serde::{Deserialize, Serialize};

use crate::hunt::Hunt;
use crate::shelf::{self, Shelf};
use crate::strategy::Strategy;

/// The state of a clone beside the view. Every operation tells the desk before and after it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Desk {
    /// The timeline that the next seal goes to; none where somebody travelled to a seal.
    pub timeline: Option<String>,
    /// What the next seal continues, first the one whose tree the working copy was made from. None
    /// before the first seal; several while heads are brought together.
    pub bases: Vec<SealId>,
    /// What was gathered for the next seal: the whole tree that it will have.
    pub gathered: Option<TreeId>,
    /// Unfinished work that was laid aside, by name.
    pub shelves: BTreeMap<String, Shelf>,
    /// Timelines that stay here, with their heads.
    pub private: BTreeMap<String, SealId>,
    /// The search for the seal with which something went wrong, while one is under way.
    pub hunt: Option<Hunt>,
    /// How whoever began the fuse that is under way asked all of it to be settled.
    pub asked: Option<Strategy>,
}

impl Desk {
    /// Whether it leads nowhere: that of a clone which is not begun.
    pub(crate) const fn is_blank(&self) -> bool {
        self.timeline.is_none() && self.bases.is_empty()
    }

    /// Whether seals are being brought together.
    pub(crate) const fn is_fusing(&self) -> bool {
        self.bases.len() > 1
    }

    /// Every object that the desk must not lose.
    pub fn objects(&self) -> impl Iterator<Item = ObjectId> {
        let seals = self.bases.iter().chain(self.private.values()).map(|seal| seal.object());
        let shelves = self.shelves.values().flat_map(Shelf::objects);
        let seals = seals.chain(self.hunt.iter().flat_map(Hunt::objects));
        seals.chain(self.gathered.map(TreeId::object)).chain(shelves)
    }
}

/// A desk as an operation tells it, but for what was thought of later: a search that is under way, and how a fuse is settled.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Told {
    timeline: Option<String>,
    bases: Vec<[u8; ObjectId::LEN]>,
    gathered: Option<[u8; ObjectId::LEN]>,
    shelves: BTreeMap<String, shelf::Told>,
    private: BTreeMap<String, [u8; ObjectId::LEN]>,
}

impl From<&Desk> for Told {
    fn from(desk: &Desk) -> Self {
        let seal = |seal: &SealId| *seal.object().as_bytes();
        let shelf = |(name, shelf): (&String, &Shelf)| (name.clone(), shelf.into());
        let named = |(name, id): (&String, &SealId)| (name.clone(), seal(id));
        Self {
            timeline: desk.timeline.clone(),
            bases: desk.bases.iter().map(seal).collect(),
            gathered: desk.gathered.map(|tree| *tree.object().as_bytes()),
            shelves: desk.shelves.iter().map(shelf).collect(),
            private: desk.private.iter().map(named).collect(),
        }
    }
}

impl From<Told> for Desk {
    fn from(told: Told) -> Self {
        let seal = |bytes| SealId::from(ObjectId::from_bytes(bytes));
        let shelf = |(name, told): (String, shelf::Told)| (name, told.into());
        Self {
            timeline: told.timeline,
            bases: told.bases.into_iter().map(seal).collect(),
            gathered: told.gathered.map(|bytes| ObjectId::from_bytes(bytes).into()),
            shelves: told.shelves.into_iter().map(shelf).collect(),
            private: told.private.into_iter().map(|(name, bytes)| (name, seal(bytes))).collect(),
            hunt: None,
            asked: None,
        }
    }
}
