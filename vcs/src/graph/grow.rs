//! The graph learns what the store has.

use std::collections::HashMap;

use selkie_store::{ReadError, Seal, SealId, Store};
use thiserror::Error;

use crate::graph::error::GraphError;
use crate::graph::file::GraphFile;
use crate::graph::row::{Entry, Facts, Known, Row};
use crate::graph::touched::Touched;
use crate::graph::trees::TreeReader;

#[cfg(test)]
mod tests;

/// Whether the changed paths of new seals are looked up, which makes the history of a path fast.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Paths {
    /// Compare each seal's tree with its first parent's.
    Look,
    /// Leave it to whoever asks for the history of a path.
    Leave,
}

/// Why the graph did not learn all. What it learned before it keeps.
#[derive(Debug, Error)]
pub enum GrowError {
    /// The graph itself has no answer.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// A seal or tree is there and can not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// Seals that are kept while what they came from is entered: the way to the first of a history is as long as the history.
const READ_MAX: usize = 4096;

impl GraphFile {
    /// Enters these seals, all that they came from, and what they rewrote as far as it is here. Returns
    /// how many were entered.
    ///
    /// A parent that the store has not is entered as absent. When such a one has come, the graph is made
    /// again, since what is below it must come first.
    ///
    /// # Errors
    ///
    /// A seal can not be read, or the graph.
    pub fn grow(
        &mut self,
        store: &Store,
        heads: &[SealId],
        paths: Paths,
    ) -> Result<usize, GrowError> {
        for row in self.graph.absent.clone() {
            if store.has(&self.graph.id(Row(row))?.object())? {
                *self = Self::empty();
                break;
            }
        }
        let before = self.graph.len();
        let mut trees = TreeReader::new(store);
        let mut read: HashMap<SealId, Option<Box<Seal>>> = HashMap::new();
        let mut open: Vec<SealId> = heads.iter().rev().copied().collect();
        while let Some(id) = open.last().copied() {
            if self.graph.row(id)?.is_some() {
                open.pop();
                continue;
            }
            // One that was let go of is read again.
            let known = match read.remove(&id) {
                Some(Some(seal)) => Some(*seal),
                Some(None) => load(store, id)?,
                None => None,
            };
            match known {
                Some(seal) => {
                    self.enter(id, &seal, &mut trees, paths)?;
                    open.pop();
                }
                None => {
                    if let Some(seal) = load(store, id)? {
                        self.needs(store, &seal, &mut open)?;
                        let is_kept = read.len() < READ_MAX;
                        read.insert(id, is_kept.then(|| Box::new(seal)));
                    } else {
                        self.graph.push_new(&Entry { id, known: Known::Absent })?;
                        open.pop();
                    }
                }
            }
        }
        Ok(self.graph.len() - before)
    }

    /// Puts on the stack what has to be entered before this seal: the first parent on top.
    fn needs(&self, store: &Store, seal: &Seal, open: &mut Vec<SealId>) -> Result<(), GrowError> {
        for replaced in &seal.replaces {
            if self.graph.row(*replaced)?.is_none() && store.has(&replaced.object())? {
                open.push(*replaced);
            }
        }
        for parent in seal.parents.iter().rev() {
            if self.graph.row(*parent)?.is_none() {
                open.push(*parent);
            }
        }
        Ok(())
    }

    fn enter(
        &mut self,
        id: SealId,
        seal: &Seal,
        trees: &mut TreeReader,
        paths: Paths,
    ) -> Result<(), GrowError> {
        let mut parents = Vec::with_capacity(seal.parents.len());
        for parent in &seal.parents {
            parents.push(self.graph.row(*parent)?.expect("parents were entered before"));
        }
        let touched = match paths {
            Paths::Look => self.touched(seal, &parents, trees)?,
            Paths::Leave => Touched::Unsaid,
        };
        let facts = Facts::of(seal, parents, touched);
        self.graph.push_new(&Entry { id, known: Known::Present(Box::new(facts)) })?;
        Ok(())
    }

    fn touched(
        &self,
        seal: &Seal,
        parents: &[Row],
        trees: &mut TreeReader,
    ) -> Result<Touched, GrowError> {
        let mut befores = Vec::new();
        for parent in parents {
            match self.graph.tree(*parent)? {
                Some(tree) => befores.push(tree),
                // Against a parent that is not here nothing can be said.
                None => return Ok(Touched::Unsaid),
            }
        }
        let (before, second) = match befores[..] {
            [] => (None, None),
            [before] => (Some(before), None),
            [before, second] => (Some(before), Some(second)),
            _ => return Ok(Touched::Unsaid),
        };
        match trees.touched(before, seal.tree, second) {
            Err(ReadError::Absent(_)) => Ok(Touched::Unsaid),
            touched => Ok(touched?),
        }
    }
}

fn load(store: &Store, id: SealId) -> Result<Option<Seal>, ReadError> {
    match store.load::<Seal>(id) {
        Err(ReadError::Absent(absent)) if absent == id.object() => Ok(None),
        seal => seal.map(Some),
    }
}
