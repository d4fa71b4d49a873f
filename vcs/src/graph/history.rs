//! The seals that changed one path.

use std::collections::HashMap;
use std::rc::Rc;

use selkie_store::{ReadError, RepoPath, TreeId};
use thiserror::Error;

use crate::graph::error::GraphError;
use crate::graph::index::Graph;
use crate::graph::row::Row;
use crate::graph::touched::{Touch, path_number};
use crate::graph::trees::TreeReader;
use crate::graph::walk::Frontier;
use crate::tree::compare::CompareError;

#[cfg(test)]
mod tests;

/// Why the history of a path can not be told to its end.
#[derive(Debug, Error)]
pub enum HistoryError {
    /// The graph has no answer.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// A tree can not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Two trees can not be compared, to find what was renamed.
    #[error(transparent)]
    Compare(#[from] CompareError),
}

/// A seal that changed a path.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Change {
    /// The seal.
    pub row: Row,
    /// What the path was called in it.
    pub path: RepoPath,
}

/// Where the content of a path came from that is new in a seal: asked with the tree before, the tree
/// of the seal and the path. It answers with the path before, if the content was moved.
pub type Renames<'r> =
    dyn FnMut(TreeId, TreeId, &RepoPath) -> Result<Option<RepoPath>, HistoryError> + 'r;

/// The seals that changed a path, newest first.
///
/// Of a merge that took the path from one parent as it was, only that parent's past is told. Trees are
/// asked only where the graph's list of changed paths does not rule a change out.
pub struct PathHistory<'g, 'r> {
    frontier: Frontier<'g>,
    trees: TreeReader<'g>,
    renames: Option<Box<Renames<'r>>>,
    /// The path asked for.
    path: Rc<Traced>,
    /// Where it is another one: below seals that renamed it.
    earlier: HashMap<Row, Rc<Traced>>,
}

/// A path, and its number.
struct Traced {
    path: RepoPath,
    number: u64,
}

impl Graph {
    /// Tells the history of a path from `tips` down, without `hidden` and what it came from. With
    /// `renames` the path is followed to where it was called otherwise; if two lines called it
    /// differently, the one that the walk comes by first counts.
    ///
    /// # Errors
    ///
    /// The graph can not be read.
    pub fn history_of<'g, 'r>(
        &'g self,
        trees: TreeReader<'g>,
        (tips, hidden): (&[Row], &[Row]),
        path: RepoPath,
        renames: Option<Box<Renames<'r>>>,
    ) -> Result<PathHistory<'g, 'r>, GraphError> {
        let frontier = Frontier::new(self, tips, hidden)?;
        let path = Rc::new(Traced::new(path));
        Ok(PathHistory { frontier, trees, renames, path, earlier: HashMap::new() })
    }
}

impl Iterator for PathHistory<'_, '_> {
    type Item = Result<Change, HistoryError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.step().transpose()
    }
}

impl PathHistory<'_, '_> {
    fn step(&mut self) -> Result<Option<Change>, HistoryError> {
        while let Some(row) = self.frontier.pop()? {
            let graph = self.frontier.graph;
            if graph.is_absent(row)? {
                continue;
            }
            let path = self.earlier.remove(&row).unwrap_or_else(|| Rc::clone(&self.path));
            let change = match graph.touch(row, path.number)? {
                // A root that did not touch the path never had it.
                Touch::Same => self.follow_nth(row, 0, &path)?,
                Touch::AsInSecond => self.follow_nth(row, 1, &path)?,
                Touch::Changed if self.renames.is_none() => {
                    self.frontier.follow_all(row)?;
                    Some(Change { row, path: path.path.clone() })
                }
                Touch::Changed | Touch::Unsaid => self.look(row, &path)?,
            };
            if change.is_some() {
                return Ok(change);
            }
        }
        Ok(None)
    }

    /// Compares what stands at the path with what stood there in each parent.
    fn look(&mut self, row: Row, path: &Rc<Traced>) -> Result<Option<Change>, HistoryError> {
        let graph = self.frontier.graph;
        let Some(tree) = graph.tree(row)? else { return Ok(None) };
        let node = self.trees.node(tree, &path.path)?;
        let mut parents = Vec::new();
        for parent in graph.parents(row)? {
            let Some(before) = graph.tree(parent)? else { continue };
            let stood = self.trees.node(before, &path.path)?;
            if stood == node {
                self.follow(parent, path)?;
                return Ok(None);
            }
            parents.push((parent, before, stood.is_some()));
        }
        if node.is_none() && parents.is_empty() {
            return Ok(None);
        }
        for (parent, before, stood) in parents {
            let earlier = match &mut self.renames {
                Some(renames) if !stood && node.is_some() => renames(before, tree, &path.path)?,
                Some(_) | None => None,
            };
            match earlier {
                Some(earlier) => self.follow(parent, &Rc::new(Traced::new(earlier)))?,
                None => self.follow(parent, path)?,
            }
        }
        Ok(Some(Change { row, path: path.path.clone() }))
    }

    /// Goes on to one parent. There is nothing to tell.
    fn follow_nth(
        &mut self,
        row: Row,
        nth: usize,
        path: &Rc<Traced>,
    ) -> Result<Option<Change>, GraphError> {
        if let Some(parent) = self.frontier.graph.parents(row)?.nth(nth) {
            self.follow(parent, path)?;
        }
        Ok(None)
    }

    fn follow(&mut self, parent: Row, path: &Rc<Traced>) -> Result<(), GraphError> {
        if !Rc::ptr_eq(path, &self.path) {
            self.earlier.entry(parent).or_insert_with(|| Rc::clone(path));
        }
        self.frontier.follow(parent)
    }
}

impl Traced {
    fn new(path: RepoPath) -> Self {
        let number = path_number(path.as_str());
        Self { path, number }
    }
}
