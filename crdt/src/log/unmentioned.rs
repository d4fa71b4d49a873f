//! What an entry must name.

use alloc::collections::BTreeMap;

use crate::actor::ActorId;
use crate::log::entry::Entry;
use crate::log::kept::Kept;
use crate::version::VersionVector;

/// What the next entry of an author must name: of what was taken in since its last entry, the
/// newest of others that no other entry comes after.
#[derive(Clone, Debug)]
pub(crate) struct Unmentioned {
    author: ActorId,
    newest: BTreeMap<ActorId, u64>, // invariant: does not list `author`
}

impl Unmentioned {
    /// How many entries are looked back over. What older ones imply may then be named once more
    /// than it must.
    const LOOK_BACK: usize = 1_000;

    /// What is to be named by an author of whom nothing is remembered: what no recent entry comes
    /// after.
    pub(crate) fn look_back<P>(author: ActorId, kept: &Kept<P>) -> Self {
        let mut implied = VersionVector::new();
        for entry in kept.iter().rev().take(Self::LOOK_BACK) {
            for (actor, sequence) in entry.dependencies.iter() {
                implied.raise(actor, sequence);
            }
        }
        let others = kept.version().diff(&implied).filter(|ahead| ahead.actor != author);
        Self { author, newest: others.map(|ahead| (ahead.actor, ahead.upto)).collect() }
    }

    pub(crate) fn author(&self) -> ActorId {
        self.author
    }

    /// Learns that an entry was taken in.
    pub(crate) fn note<P>(&mut self, entry: &Entry<P>) {
        for (actor, sequence) in entry.dependencies.iter() {
            if self.newest.get(&actor).is_some_and(|newest| *newest <= sequence) {
                self.newest.remove(&actor);
            }
        }
        if entry.author != self.author {
            self.newest.insert(entry.author, entry.sequence);
        }
    }

    /// What the next entry names; nothing is left.
    pub(crate) fn take(&mut self) -> VersionVector {
        let mut named = VersionVector::new();
        while let Some((actor, sequence)) = self.newest.pop_first() {
            named.raise(actor, sequence);
        }
        named
    }
}
