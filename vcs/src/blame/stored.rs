//! A history as the store has it.

use std::collections::HashMap;

use selkie_crdt::Hlc;
use selkie_store::{Content, Node, Parts, ReadError, RepoPath, Seal, SealId, Store, Tree, TreeId};
use thiserror::Error;

use crate::blame::History;
use crate::rename::FindingRenames;
use crate::rename::source::source;
use crate::tree::compare::CompareError;

/// The history that the objects of a store tell. What was asked of a seal is remembered, its files are not.
#[derive(Debug)]
pub struct StoredHistory<'a> {
    store: &'a Store,
    finding: FindingRenames,
    seals: HashMap<SealId, Known>,
}

/// What is remembered of a seal.
#[derive(Clone, Debug)]
struct Known {
    time: Hlc,
    parents: Vec<SealId>,
    tree: TreeId,
}

/// Why a stored history can not be told.
#[derive(Debug, Error)]
pub enum StoredHistoryError {
    /// An object can not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Two trees can not be compared.
    #[error(transparent)]
    Compare(#[from] CompareError),
}

impl<'a> StoredHistory<'a> {
    /// The history in this store; `finding` says what is taken for a rename.
    #[must_use]
    pub fn new(store: &'a Store, finding: FindingRenames) -> Self {
        Self { store, finding, seals: HashMap::new() }
    }

    /// Lets something that is no seal stand for one.
    pub(crate) fn stand_in(&mut self, seal: SealId, time: Hlc, parents: Vec<SealId>, tree: TreeId) {
        self.seals.insert(seal, Known { time, parents, tree });
    }

    fn known(&mut self, seal: SealId) -> Result<&Known, ReadError> {
        if !self.seals.contains_key(&seal) {
            let Seal { tree, parents, time, .. } = self.store.load(seal)?;
            self.seals.insert(seal, Known { time, parents, tree });
        }
        Ok(&self.seals[&seal])
    }
}

impl History for StoredHistory<'_> {
    type Error = StoredHistoryError;

    fn seal(&mut self, seal: SealId) -> Result<(Hlc, Vec<SealId>), StoredHistoryError> {
        let known = self.known(seal)?;
        Ok((known.time, known.parents.clone()))
    }

    fn node(&mut self, seal: SealId, path: &RepoPath) -> Result<Option<Node>, StoredHistoryError> {
        let mut node = Node::Directory(self.known(seal)?.tree);
        for name in path.names() {
            let Node::Directory(tree) = node else { return Ok(None) };
            let tree: Tree = self.store.load(tree)?;
            let Some(found) = tree.get(name) else { return Ok(None) };
            node = found.clone();
        }
        Ok(Some(node))
    }

    fn origin(
        &mut self,
        seal: SealId,
        parent: SealId,
        path: &RepoPath,
    ) -> Result<Option<RepoPath>, StoredHistoryError> {
        let trees = (self.known(parent)?.tree, self.known(seal)?.tree);
        Ok(source(self.store, trees, path, self.finding)?)
    }

    fn bytes(&mut self, content: Content) -> Result<Vec<u8>, StoredHistoryError> {
        let parts: Result<Vec<_>, _> = Parts::new(self.store, content).collect();
        Ok(parts?.concat())
    }
}
