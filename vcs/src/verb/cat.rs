//! What a file holds, as it was recorded.

use selkie_store::{Content, Node, Parts, ReadError, RepoPath, Store, TreeId};
use thiserror::Error;

use crate::graph::trees::TreeReader;

/// Why a path has no bytes.
#[derive(Debug, Error)]
pub enum CatError {
    /// Nothing is there.
    #[error("there is no '{0}' there")]
    Absent(RepoPath),
    /// It is a folder.
    #[error("'{0}' is a folder there")]
    Folder(RepoPath),
    /// It is in conflict, and has the bytes of each side.
    #[error("'{0}' is in conflict there")]
    Conflict(RepoPath),
    /// It belongs to another system.
    #[error("'{0}' is something of another system there")]
    Foreign(RepoPath),
    /// An object can not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// The bytes of a file in a tree, part by part; of a link its target.
///
/// # Errors
///
/// See [`CatError`].
pub fn cat<'a>(store: &'a Store, tree: TreeId, path: &RepoPath) -> Result<Parts<'a>, CatError> {
    match TreeReader::new(store).node(tree, path)? {
        Some(Node::File(content) | Node::Executable(content)) => Ok(Parts::new(store, content)),
        Some(Node::Symlink(target)) => Ok(Parts::new(store, Content::Whole(target))),
        Some(Node::Directory(_)) => Err(CatError::Folder(path.clone())),
        Some(Node::Conflict(_)) => Err(CatError::Conflict(path.clone())),
        Some(Node::Foreign(_)) => Err(CatError::Foreign(path.clone())),
        None => Err(CatError::Absent(path.clone())),
    }
}
