//! A file whose lines are to be told by who brought them.

use std::io::{self, Read};

use selkie_store::{Node, ReadError, RepoPath, Seal, SealId, Store};
use thiserror::Error;

use crate::blame::graphed::{GraphedHistory, Unsealed};
use crate::graph::index::Graph;
use crate::graph::trees::TreeReader;
use crate::rename::FindingRenames;
use crate::tree::bytes::bytes_of;
use crate::tree::compare::content;
use crate::work::disk::{Kept, has_returns, node_of};
use crate::work::reach::Reach;
use crate::workspace::Workspace;

/// A file in a seal, or as it is on disk on top of what the clone stands on.
#[derive(Debug)]
pub struct Annotated<'a> {
    store: &'a Store,
    unsealed: Option<Unsealed>,
    /// The seal that it is in.
    pub seal: SealId,
    /// Where it is.
    pub path: RepoPath,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Why there are no lines to tell.
#[derive(Debug, Error)]
pub enum AnnotateError {
    /// Nothing known is there.
    #[error("nothing known is at '{0}'")]
    Unknown(RepoPath),
    /// The seal has nothing there.
    #[error("that seal has no '{0}'")]
    Absent(RepoPath),
    /// It is known, and not on disk.
    #[error("'{0}' is gone from disk")]
    Gone(RepoPath),
    /// It is a folder, a link or the like.
    #[error("'{0}' is no file")]
    NoFile(RepoPath),
    /// It has more bytes than a text may have.
    #[error("'{0}' is too long to be told line by line")]
    Long(RepoPath),
    /// It can not be read.
    #[error("'{path}' can not be read")]
    Disk {
        /// The path.
        path: RepoPath,
        /// Why.
        source: io::Error,
    },
    /// An object can not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl<'a> Annotated<'a> {
    /// The file in a seal.
    ///
    /// # Errors
    ///
    /// See [`AnnotateError`].
    pub fn at(store: &'a Store, seal: SealId, path: RepoPath) -> Result<Self, AnnotateError> {
        let tree = store.load::<Seal>(seal)?.tree;
        let Some(node) = TreeReader::new(store).node(tree, &path)? else {
            return Err(AnnotateError::Absent(path));
        };
        let Some(content) = content(&node) else { return Err(AnnotateError::NoFile(path)) };
        let Some(bytes) = bytes_of(store, content)? else { return Err(AnnotateError::Long(path)) };
        Ok(Self { store, unsealed: None, seal, path, bytes })
    }

    /// The known file as it is on disk.
    ///
    /// # Errors
    ///
    /// See [`AnnotateError`].
    pub fn on_disk(workspace: &'a Workspace, path: RepoPath) -> Result<Self, AnnotateError> {
        let store = &**workspace.repository().store();
        let tree = workspace.known()?;
        let known = TreeReader::new(store).node(tree, &path)?;
        match known {
            None => return Err(AnnotateError::Unknown(path)),
            Some(Node::Directory(_)) => return Err(AnnotateError::NoFile(path)),
            Some(_) => {}
        }
        let found = read(workspace, &path, known.as_ref());
        let found = found.map_err(|source| AnnotateError::Disk { path: path.clone(), source })?;
        let Some((node, bytes)) = found else { return Err(AnnotateError::Gone(path)) };
        if content(&node).is_none() {
            return Err(AnnotateError::NoFile(path));
        }
        let bases = workspace.repository().desk().bases.clone();
        let file = bytes.clone();
        let unsealed = Unsealed { path: path.clone(), node, bytes: file, tree, bases };
        let (unsealed, seal) = (Some(unsealed), Unsealed::seal());
        Ok(Self { store, unsealed, seal, path, bytes })
    }

    /// The history that it came from.
    #[must_use]
    pub fn history<'g>(&self, graph: &'g Graph, finding: FindingRenames) -> GraphedHistory<'g>
    where
        'a: 'g,
    {
        GraphedHistory::new(graph, self.store, finding, self.unsealed.clone())
    }
}

/// What is on disk at a path, and its bytes if it is a file.
fn read(
    workspace: &Workspace,
    path: &RepoPath,
    known: Option<&Node>,
) -> io::Result<Option<(Node, Vec<u8>)>> {
    let mut reach = Reach::new(workspace.copy().top());
    let Some(stat) = reach.look(path)? else { return Ok(None) };
    let Some((node, _)) = node_of(&mut reach, path, &stat, known, &mut Vec::new())? else {
        return Ok(None);
    };
    let mut bytes = Vec::new();
    if content(&node).is_some() {
        let store = workspace.repository().store();
        let had_returns = || has_returns(store, known).map_err(io::Error::other);
        let Some((mut file, _)) = Kept::at(&mut reach, path, known, had_returns)? else {
            return Ok(None);
        };
        file.read_to_end(&mut bytes)?;
    }
    Ok(Some((node, bytes)))
}
