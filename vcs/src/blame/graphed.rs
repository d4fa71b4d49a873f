//! A history as the graph has it, and below it the store.

use std::collections::HashMap;

use selkie_crdt::Hlc;
use selkie_store::{Content, Node, ObjectId, ReadError, RepoPath, SealId, Store, TreeId};
use thiserror::Error;

use crate::blame::History;
use crate::blame::stored::{StoredHistory, StoredHistoryError};
use crate::graph::error::GraphError;
use crate::graph::index::Graph;
use crate::graph::row::Row;
use crate::graph::touched::{Touch, path_number};
use crate::graph::trees::TreeReader;
use crate::rename::FindingRenames;

/// The history that a graph tells. Where its list of changed paths says that a seal left the file alone, no tree is
/// read, so that the way through seals without interest costs a look-up each.
///
/// Something not sealed may stand on top of it, as if it were a seal.
#[derive(Debug)]
pub struct GraphedHistory<'a> {
    graph: &'a Graph,
    trees: TreeReader<'a>,
    stored: StoredHistory<'a>,
    unsealed: Option<Unsealed>,
    /// What stood at the path in seals that were asked about.
    nodes: HashMap<SealId, (RepoPath, Option<Node>)>,
    /// The seal asked about last: of its parents it will be asked now.
    here: Option<Here>,
    number: (RepoPath, u64),
}

/// A file that is not sealed, and what its next seal continues.
#[derive(Clone, Debug)]
pub struct Unsealed {
    /// Where it is.
    pub path: RepoPath,
    /// What it would be in a tree.
    pub node: Node,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// All that is known, to find where it was if it was moved.
    pub tree: TreeId,
    /// What the next seal continues.
    pub bases: Vec<SealId>,
}

#[derive(Clone, Debug)]
struct Here {
    seal: SealId,
    row: Row,
    parents: Vec<Row>,
}

/// Why a history can not be told.
#[derive(Debug, Error)]
pub enum GraphedHistoryError {
    /// The graph has no answer.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// An object can not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The store has no answer.
    #[error(transparent)]
    Stored(#[from] StoredHistoryError),
}

impl Unsealed {
    /// What stands for the seal of what is not sealed. No object has this name.
    #[must_use]
    pub fn seal() -> SealId {
        ObjectId::from_bytes([0; ObjectId::LEN]).into()
    }
}

impl<'a> GraphedHistory<'a> {
    /// The history in this graph; `finding` says what is taken for a rename.
    #[must_use]
    pub fn new(
        graph: &'a Graph,
        store: &'a Store,
        finding: FindingRenames,
        unsealed: Option<Unsealed>,
    ) -> Self {
        let mut stored = StoredHistory::new(store, finding);
        if let Some(Unsealed { tree, bases, .. }) = &unsealed {
            stored.stand_in(Unsealed::seal(), NOW, bases.clone(), *tree);
        }
        let number = (RepoPath::default(), path_number(""));
        let (nodes, here) = (HashMap::new(), None);
        Self { graph, trees: TreeReader::new(store), stored, unsealed, nodes, here, number }
    }

    /// The row of a seal that the graph knows whole.
    fn row(&self, seal: SealId) -> Result<Option<Row>, GraphError> {
        let Some(row) = self.graph.row(seal)? else { return Ok(None) };
        Ok((!self.graph.is_absent(row)?).then_some(row))
    }

    /// The seal asked about last, if the graph says that its parent `seal` has at the path what it has.
    fn same_in(&mut self, seal: SealId, path: &RepoPath) -> Result<Option<SealId>, GraphError> {
        let Some(Here { seal: child, row, parents }) = &self.here else { return Ok(None) };
        let is_known = self.nodes.get(child).is_some_and(|(there, _)| there == path);
        let parent = self.graph.row(seal)?;
        let nth = parents.iter().position(|row| Some(*row) == parent);
        if !is_known || nth.is_none() {
            return Ok(None);
        }
        if self.number.0 != *path {
            self.number = (path.clone(), path_number(path.as_str()));
        }
        let is_same = match self.graph.touch(*row, self.number.1)? {
            Touch::Same => nth == Some(0),
            Touch::AsInSecond => nth == Some(1),
            Touch::Changed | Touch::Unsaid => false,
        };
        Ok(is_same.then_some(*child))
    }
}

/// Later than every seal.
const NOW: Hlc = Hlc::from_ms(Hlc::MS_MAX);

impl History for GraphedHistory<'_> {
    type Error = GraphedHistoryError;

    fn seal(&mut self, seal: SealId) -> Result<(Hlc, Vec<SealId>), GraphedHistoryError> {
        self.here = None;
        let Some(row) = self.row(seal)? else { return Ok(self.stored.seal(seal)?) };
        let parents: Vec<Row> = self.graph.parents(row)?.collect();
        let mut present = Vec::new();
        for parent in &parents {
            // Where a history ends that is not all here, what came before it is not asked about.
            if !self.graph.is_absent(*parent)? {
                present.push(self.graph.id(*parent)?);
            }
        }
        self.here = Some(Here { seal, row, parents });
        Ok((self.graph.time(row)?.0, present))
    }

    fn node(&mut self, seal: SealId, path: &RepoPath) -> Result<Option<Node>, GraphedHistoryError> {
        if seal == Unsealed::seal() {
            let unsealed = self.unsealed.as_ref().filter(|unsealed| unsealed.path == *path);
            return Ok(unsealed.map(|unsealed| unsealed.node.clone()));
        }
        let node = match self.same_in(seal, path)? {
            Some(child) => self.nodes[&child].1.clone(),
            None => match self.row(seal)?.map(|row| self.graph.tree(row)).transpose()?.flatten() {
                Some(tree) => self.trees.node(tree, path)?,
                None => self.stored.node(seal, path)?,
            },
        };
        self.nodes.insert(seal, (path.clone(), node.clone()));
        Ok(node)
    }

    fn origin(
        &mut self,
        seal: SealId,
        parent: SealId,
        path: &RepoPath,
    ) -> Result<Option<RepoPath>, GraphedHistoryError> {
        Ok(self.stored.origin(seal, parent, path)?)
    }

    fn bytes(&mut self, content: Content) -> Result<Vec<u8>, GraphedHistoryError> {
        let is_it = |unsealed: &&Unsealed| match &unsealed.node {
            Node::File(own) | Node::Executable(own) => *own == content,
            Node::Symlink(_) | Node::Directory(_) | Node::Conflict(_) | Node::Foreign(_) => false,
        };
        if let Some(unsealed) = self.unsealed.as_ref().filter(is_it) {
            return Ok(unsealed.bytes.clone());
        }
        Ok(self.stored.bytes(content)?)
    }
}
