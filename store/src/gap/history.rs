//! Which seals another lacks.

use std::collections::{BTreeSet, BinaryHeap, HashMap, HashSet};

use selkie_crdt::Hlc;

use crate::gap::error::GapError;
use crate::id::{ObjectId, SealId, TreeId};
use crate::kind::Kind;
use crate::log::error::LogError;
use crate::object::seal::Seal;
use crate::store::Store;
use crate::store::error::ReadError;

/// The seals between what is wanted and what the other has.
///
/// Seals are met latest first, and so are the roots of what the other has: nothing is looked at that is
/// older than the newest seal which both have on every way back. Where clocks went wrong a seal may be
/// counted as lacked that is not; then it is sent in vain.
#[derive(Debug, Default)]
pub(super) struct History {
    met: HashMap<ObjectId, Met>,
    waiting: BinaryHeap<(Hlc, ObjectId)>,
    lacked_waiting: usize,
}

/// What is known of a seal.
#[derive(Debug)]
struct Met {
    tree: TreeId,
    parents: Vec<SealId>,
    is_had: bool,
    is_waiting: bool,
}

/// A seal that the other lacks.
#[derive(Debug)]
pub(super) struct Lacked {
    pub(super) id: ObjectId,
    pub(super) tree: ObjectId,
    /// The trees of its parents, and whether the other has them.
    pub(super) before: Vec<(ObjectId, bool)>,
    pub(super) parent: Option<ObjectId>,
}

impl History {
    /// Looks for the seals behind `wanted`, at no more than `most` or so. `had` tells, as in [`Backlog`](crate::Backlog), which roots of a
    /// time or later the other has.
    pub(super) fn follow(
        store: &Store,
        wanted: &BTreeSet<ObjectId>,
        had: &mut impl FnMut(Hlc) -> Result<Vec<ObjectId>, LogError>,
        most: usize,
    ) -> Result<Self, GapError> {
        let mut history = Self::default();
        for id in wanted {
            history.meet(store, *id, false)?;
        }
        while history.lacked_waiting > 0
            && let Some((time, id)) = history.waiting.peek().copied()
        {
            if history.met.len() > most {
                return Err(GapError::Large);
            }
            let roots = had(time)?;
            if !roots.is_empty() {
                roots.into_iter().try_for_each(|root| history.meet_had(store, root))?;
                continue;
            }
            history.waiting.pop();
            let met = history.met.get_mut(&id).expect("what waits was met");
            met.is_waiting = false;
            let (is_had, parents) = (met.is_had, met.parents.clone());
            history.lacked_waiting -= usize::from(!is_had);
            for parent in parents {
                history.meet(store, parent.object(), is_had)?;
            }
        }
        Ok(history)
    }

    /// The seals that the other lacks, each behind its parents. The same for everybody who finds the same.
    pub(super) fn lacked(&self, wanted: &BTreeSet<ObjectId>) -> Vec<Lacked> {
        enum Step {
            Enter(ObjectId),
            Leave(ObjectId),
        }
        let mut lacked = Vec::new();
        let mut entered = HashSet::new();
        let mut steps: Vec<_> = wanted.iter().rev().copied().map(Step::Enter).collect();
        while let Some(step) = steps.pop() {
            match step {
                Step::Enter(id) => {
                    let Some(met) = self.met.get(&id).filter(|met| !met.is_had) else { continue };
                    if entered.insert(id) {
                        steps.push(Step::Leave(id));
                        let parents = met.parents.iter().rev();
                        steps.extend(parents.map(|parent| Step::Enter(parent.object())));
                    }
                }
                Step::Leave(id) => lacked.push(self.one(id)),
            }
        }
        lacked
    }

    fn one(&self, id: ObjectId) -> Lacked {
        let Met { tree, parents, .. } = &self.met[&id];
        let before = parents.iter().filter_map(|parent| self.met.get(&parent.object()));
        let before = before.map(|parent| (parent.tree.object(), parent.is_had)).collect();
        let parent = parents.first().map(|parent| parent.object());
        Lacked { id, tree: tree.object(), before, parent }
    }

    /// Meets a root that the other has, whatever it is. What is gone here tells nothing.
    fn meet_had(&mut self, store: &Store, id: ObjectId) -> Result<(), GapError> {
        match self.meet(store, id, true) {
            Err(GapError::Read(ReadError::Absent(_) | ReadError::Kind { .. })) => Ok(()),
            result => result,
        }
    }

    fn meet(&mut self, store: &Store, id: ObjectId, is_had: bool) -> Result<(), GapError> {
        let mut way = vec![id];
        while let Some(id) = way.pop() {
            let Some(met) = self.met.get_mut(&id) else {
                let found = self.find(store, id, is_had);
                found.map_err(|error| if is_had { error } else { missing(id, error) })?;
                continue;
            };
            if is_had && !met.is_had {
                met.is_had = true;
                self.lacked_waiting -= usize::from(met.is_waiting);
                // It was passed before it was known that the other has it, and so were those behind it.
                if !met.is_waiting {
                    way.extend(met.parents.iter().map(|parent| parent.object()));
                }
            }
        }
        Ok(())
    }

    fn find(&mut self, store: &Store, id: ObjectId, is_had: bool) -> Result<(), GapError> {
        let Seal { tree, parents, time, .. } = store.load(id.into())?;
        self.met.insert(id, Met { tree, parents, is_had, is_waiting: true });
        self.waiting.push((time, id));
        self.lacked_waiting += usize::from(!is_had);
        Ok(())
    }
}

fn missing(id: ObjectId, error: GapError) -> GapError {
    match error {
        GapError::Read(ReadError::Absent(_)) => GapError::Missing { kind: Kind::Seal, id },
        error => error,
    }
}
