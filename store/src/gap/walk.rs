//! Which objects behind a seal another lacks.

use std::collections::{BTreeMap, HashSet};

use crate::gap::error::GapError;
use crate::gap::history::Lacked;
use crate::gap::spots::{Marked, Spot, Spots};
use crate::id::{ObjectId, TreeId};
use crate::kind::Kind;
use crate::object::chunks::ChunkList;
use crate::object::format::links;
use crate::object::tree::Tree;
use crate::store::Store;

/// A way through trees and lists, side by side with those that the other has or gets before. So what they
/// have in common is not looked into, and the way is as long as the change.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    store: &'a Store,
    spots: &'a Spots,
    /// So many objects, and directories beside those, are looked at.
    most: usize,
    met: Marked,
    had: HashSet<ObjectId>,
    /// What the other lacks, each behind what it links to.
    pub(super) lacked: Vec<Spot>,
    /// What the first of them resemble.
    pub(super) resembles: BTreeMap<u32, ObjectId>,
}

/// What is still to do.
#[derive(Debug)]
enum Step {
    Enter(Kind, ObjectId, Vec<ObjectId>),
    Leave(Spot, Option<ObjectId>),
}

/// Of more it is not noted what they resemble: then nobody asks.
pub(super) const RESEMBLES_MAX: usize = 4096;

/// More lists of which another may be a version than this are not looked into.
const OLDER_LISTS_MAX: usize = 8;

impl<'a> Walk<'a> {
    pub(super) fn new(store: &'a Store, spots: &'a Spots, most: usize) -> Self {
        let (lacked, resembles) = (Vec::new(), BTreeMap::new());
        Self { store, spots, most, met: spots.unmarked(), had: HashSet::new(), lacked, resembles }
    }

    /// Goes through what is behind a seal and not behind its parents, and then takes the seal.
    pub(super) fn seal(&mut self, seal: &Lacked) -> Result<(), GapError> {
        let had = seal.before.iter().filter(|(_, is_had)| *is_had);
        let had: Vec<_> = had.map(|(tree, _)| *tree).collect();
        if !had.is_empty() {
            self.survey(seal.tree, had)?;
        }
        let before = seal.before.iter().map(|(tree, _)| *tree).collect();
        self.run(vec![Step::Enter(Kind::Tree, seal.tree, before)])?;
        if let Some(spot) = self.unmet(Kind::Seal, seal.id)? {
            self.take(spot, seal.parent);
        }
        Ok(())
    }

    /// Goes through what is behind an object that no seal leads to.
    pub(super) fn object(&mut self, kind: Kind, id: ObjectId) -> Result<(), GapError> {
        self.run(vec![Step::Enter(kind, id, Vec::new())])
    }

    /// Notes what stands in the directories that changed, before anything is taken: what is moved from one to
    /// another is not lacked.
    fn survey(&mut self, tree: ObjectId, before: Vec<ObjectId>) -> Result<(), GapError> {
        let mut coming = vec![(tree, before)];
        let (mut gone, mut is_anything_new, mut count) = (Vec::new(), false, 0);
        while let Some((id, before)) = coming.pop() {
            count += 1;
            if count > self.most {
                return Err(GapError::Large);
            }
            if before.contains(&id) {
                continue;
            }
            let before = self.trees(&before)?;
            let tree = self.tree(id)?;
            for (name, node) in before.iter().flat_map(Tree::iter) {
                let Some((kind, id)) = node.link() else { continue };
                self.had.insert(id);
                if kind == Kind::Tree && tree.get(name.as_str()).is_none() {
                    gone.push(id);
                }
            }
            for (name, node) in tree.iter() {
                let Some((kind, id)) = node.link() else { continue };
                let before = counterparts(&before, name.as_str(), kind);
                is_anything_new |= before.is_empty();
                if kind == Kind::Tree && !before.is_empty() {
                    coming.push((id, before));
                }
            }
        }
        // What was in a directory that is gone may be anywhere, if there is anything that was not there.
        while let Some(id) = gone.pop().filter(|_| is_anything_new) {
            count += 1;
            if count > self.most {
                return Err(GapError::Large);
            }
            for (kind, id) in self.tree(id)?.links() {
                if self.had.insert(id) && kind == Kind::Tree {
                    gone.push(id);
                }
            }
        }
        Ok(())
    }

    fn run(&mut self, mut steps: Vec<Step>) -> Result<(), GapError> {
        while let Some(step) = steps.pop() {
            if self.lacked.len() > self.most {
                return Err(GapError::Large);
            }
            match step {
                Step::Leave(spot, base) => self.take(spot, base),
                Step::Enter(_, id, before) if before.contains(&id) || self.had.contains(&id) => {}
                Step::Enter(kind, id, before) => {
                    let Some(spot) = self.unmet(kind, id)? else { continue };
                    steps.push(Step::Leave(spot, before.first().copied()));
                    let from = steps.len();
                    self.enter(kind, id, &before, &mut steps)?;
                    // The first link is to be met first.
                    steps[from..].reverse();
                }
            }
        }
        Ok(())
    }

    fn enter(
        &self,
        kind: Kind,
        id: ObjectId,
        before: &[ObjectId],
        steps: &mut Vec<Step>,
    ) -> Result<(), GapError> {
        match kind {
            Kind::Blob => {}
            Kind::Chunks => self.enter_list(id, before, steps)?,
            Kind::Tree => {
                let before = self.trees(before)?;
                for (name, node) in self.tree(id)?.iter() {
                    if let Some((kind, id)) = node.link() {
                        let before = counterparts(&before, name.as_str(), kind);
                        steps.push(Step::Enter(kind, id, before));
                    }
                }
            }
            Kind::Seal | Kind::Conflict => {
                let object = self.store.read(&id)?;
                let links = links(object.kind, &object.bytes).unwrap_or_default();
                steps.extend(links.into_iter().map(|(kind, id)| Step::Enter(kind, id, Vec::new())));
            }
        }
        Ok(())
    }

    fn enter_list(
        &self,
        id: ObjectId,
        before: &[ObjectId],
        steps: &mut Vec<Step>,
    ) -> Result<(), GapError> {
        let list: ChunkList = self.store.load(id.into())?;
        let mut old = Vec::new();
        for before in before.iter().take(OLDER_LISTS_MAX) {
            let older: ChunkList = self.store.load((*before).into())?;
            if older.level() == list.level() {
                old.extend(older.chunks().iter().map(|chunk| chunk.id));
            }
        }
        let kept: HashSet<_> = list.chunks().iter().map(|chunk| chunk.id).collect();
        let known: HashSet<_> = old.iter().copied().collect();
        old.retain(|id| !kept.contains(id));
        let fresh = list.chunks().iter().filter(|chunk| !known.contains(&chunk.id));
        for (at, chunk) in fresh.enumerate() {
            let before = match list.piece_kind() {
                // A part of it may be in any of the lists that are gone.
                Kind::Chunks => old.iter().take(OLDER_LISTS_MAX).copied().collect(),
                Kind::Blob | Kind::Tree | Kind::Seal | Kind::Conflict => {
                    old.get(at).copied().into_iter().collect()
                }
            };
            steps.push(Step::Enter(list.piece_kind(), chunk.id, before));
        }
        Ok(())
    }

    /// Where an object is, if it was not met before.
    fn unmet(&mut self, kind: Kind, id: ObjectId) -> Result<Option<Spot>, GapError> {
        let found = self.spots.find(&id)?.filter(|(_, object)| object.kind == kind);
        let (spot, _) = found.ok_or(GapError::Missing { kind, id })?;
        Ok(self.met.mark(spot).then_some(spot))
    }

    fn take(&mut self, spot: Spot, base: Option<ObjectId>) {
        if let Some(base) = base
            && self.lacked.len() < RESEMBLES_MAX
            && let Ok(at) = u32::try_from(self.lacked.len())
        {
            self.resembles.insert(at, base);
        }
        self.lacked.push(spot);
    }

    fn trees(&self, ids: &[ObjectId]) -> Result<Vec<Tree>, GapError> {
        ids.iter().map(|id| self.tree(*id)).collect()
    }

    fn tree(&self, id: ObjectId) -> Result<Tree, GapError> {
        Ok(self.store.load(TreeId::from(id))?)
    }
}

/// What stands at this name in trees of before, of one kind.
fn counterparts(trees: &[Tree], name: &str, kind: Kind) -> Vec<ObjectId> {
    let nodes = trees.iter().filter_map(|tree| tree.get(name)?.link());
    let mut ids: Vec<_> = nodes.filter_map(|(found, id)| (found == kind).then_some(id)).collect();
    ids.dedup();
    ids
}
