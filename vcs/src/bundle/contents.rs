//! What a bundle says of itself.

use std::collections::{BTreeMap, BTreeSet};

use selkie_store::{ChangeId, SealId};

use crate::rev::name::{TagName, TimelineName};

/// What a bundle says of itself.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Contents {
    /// The timelines that it brings, and where they end.
    pub timelines: BTreeMap<TimelineName, BTreeSet<SealId>>,
    /// The tags that it brings, and where they stand.
    pub tags: BTreeMap<TagName, BTreeSet<SealId>>,
    /// The seals that are not in it, and that whoever takes it in has to have.
    pub builds_on: BTreeMap<SealId, ChangeId>,
    /// How many objects are in it.
    pub objects: u64,
    /// Bytes in all of them.
    pub bytes: u64,
}

impl Contents {
    /// Every seal that something in it is called after.
    pub(crate) fn tips(&self) -> BTreeSet<SealId> {
        self.timelines.values().chain(self.tags.values()).flatten().copied().collect()
    }
}
