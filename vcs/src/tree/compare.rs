//! Which paths differ between two trees.

use std::iter::FusedIterator;

use selkie_store::{Content, Name, Node, PathError, ReadError, RepoPath, Store, Tree, TreeId};
use thiserror::Error;

use super::filter::PathFilter;

/// A path that is not the same in two trees.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TreeChange {
    /// The path.
    pub path: RepoPath,
    /// What it was, if it was. Never a directory.
    pub before: Option<Node>,
    /// What it is, if it is. Never a directory.
    pub after: Option<Node>,
}

/// How a path is not the same.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum TreeChangeKind {
    /// It was not, or was a directory.
    Added,
    /// It is no more, or is a directory.
    Removed,
    /// It has another content, and perhaps may be run now or no longer.
    Modified,
    /// It may be run now, or no longer, and that is all.
    Mode,
    /// A file became a link, or the like.
    Type,
    /// It is in conflict on one side or both.
    Conflict,
}

impl TreeChangeKind {
    /// How a path is not the same that had the one node and has the other.
    #[must_use]
    pub fn of(before: Option<&Node>, after: Option<&Node>) -> Self {
        use Node::{Conflict, Executable, File, Foreign, Symlink};
        match (before, after) {
            (Some(Conflict(_)), _) | (_, Some(Conflict(_))) => Self::Conflict,
            (None, _) => Self::Added,
            (_, None) => Self::Removed,
            (Some(File(one) | Executable(one)), Some(File(other) | Executable(other))) => {
                if one == other { Self::Mode } else { Self::Modified }
            }
            (Some(Symlink(_)), Some(Symlink(_))) => Self::Modified,
            (Some(Foreign(one)), Some(Foreign(other))) if one.mode == other.mode => Self::Modified,
            (Some(_), Some(_)) => Self::Type,
        }
    }
}

impl TreeChange {
    /// How it is not the same.
    #[must_use]
    pub fn kind(&self) -> TreeChangeKind {
        TreeChangeKind::of(self.before.as_ref(), self.after.as_ref())
    }
}

/// The bytes of a file, whether it may be run or not.
pub(crate) const fn content(node: &Node) -> Option<Content> {
    match node {
        Node::File(content) | Node::Executable(content) => Some(*content),
        Node::Symlink(_) | Node::Directory(_) | Node::Conflict(_) | Node::Foreign(_) => None,
    }
}

/// The paths that differ between two trees, in the order of their paths.
///
/// Only directories that differ are read, each when its turn comes, and those that the filter does not reach are
/// not read at all. A file that became a directory is removed, and what is in it added. Empty directories are
/// nothing.
///
/// After an error comes no more.
#[derive(Debug)]
pub struct TreeChanges<'a> {
    store: &'a Store,
    filter: &'a PathFilter,
    coming: Vec<Coming>, // the next on top
}

/// Why trees can not be compared to the end.
#[derive(Debug, Error)]
pub enum CompareError {
    /// A tree can not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Trees lie in one another deeper, or with longer names, than any path goes.
    #[error("a tree is deeper than paths go")]
    Path(#[from] PathError),
}

#[derive(Debug)]
enum Coming {
    Change(TreeChange),
    Directory { path: RepoPath, before: Option<TreeId>, after: Option<TreeId> },
}

impl<'a> TreeChanges<'a> {
    /// What differs from `before` to `after`; nothing stands for an empty tree.
    pub fn new(
        store: &'a Store,
        before: Option<TreeId>,
        after: Option<TreeId>,
        filter: &'a PathFilter,
    ) -> Self {
        let top = Coming::Directory { path: RepoPath::default(), before, after };
        let coming = if before == after { Vec::new() } else { vec![top] };
        Self { store, filter, coming }
    }

    fn step(&mut self) -> Result<Option<TreeChange>, CompareError> {
        while let Some(coming) = self.coming.pop() {
            match coming {
                Coming::Change(change) => return Ok(Some(change)),
                Coming::Directory { path, before, after } => {
                    let tree = |id: Option<TreeId>| {
                        id.map_or(Ok(Tree::default()), |id| self.store.load::<Tree>(id))
                    };
                    let (before, after) = (tree(before)?, tree(after)?);
                    self.enter(&path, &before, &after)?;
                }
            }
        }
        Ok(None)
    }

    fn enter(&mut self, path: &RepoPath, before: &Tree, after: &Tree) -> Result<(), CompareError> {
        let first = self.coming.len();
        let (mut befores, mut afters) = (before.iter().peekable(), after.iter().peekable());
        loop {
            let next = [befores.peek(), afters.peek()].into_iter().flatten().map(|(name, _)| *name);
            let Some(name) = next.min() else { break };
            let one = befores.next_if(|(own, _)| *own == name).map(|(_, node)| node);
            let other = afters.next_if(|(own, _)| *own == name).map(|(_, node)| node);
            if one != other {
                self.differ(path, name, one, other)?;
            }
        }
        // Names are in order, paths need not be: `a-b` comes before `a/x`, though `a` before `a-b`.
        let coming = &mut self.coming[first..];
        if !coming.is_sorted_by(|one, next| one.place().le(next.place())) {
            coming.sort_by(|one, next| one.place().cmp(next.place()));
        }
        coming.reverse();
        Ok(())
    }

    /// Notes what differs under one name: what is no directory, and what is one.
    fn differ(
        &mut self,
        directory: &RepoPath,
        name: &Name,
        before: Option<&Node>,
        after: Option<&Node>,
    ) -> Result<(), CompareError> {
        let path = directory.join(name)?;
        let leaf = |node: Option<&Node>| node.filter(|node| tree_of(node).is_none()).cloned();
        let (leaf_before, leaf_after) = (leaf(before), leaf(after));
        if leaf_before != leaf_after && self.filter.admits(&path) {
            let path = path.clone();
            let change = TreeChange { path, before: leaf_before, after: leaf_after };
            self.coming.push(Coming::Change(change));
        }
        let (before, after) = (before.and_then(tree_of), after.and_then(tree_of));
        if before != after && self.filter.reaches_below(&path) {
            self.coming.push(Coming::Directory { path, before, after });
        }
        Ok(())
    }
}

const fn tree_of(node: &Node) -> Option<TreeId> {
    match node {
        Node::Directory(id) => Some(*id),
        Node::File(_)
        | Node::Executable(_)
        | Node::Symlink(_)
        | Node::Conflict(_)
        | Node::Foreign(_) => None,
    }
}

impl Coming {
    /// Its path as the paths in it or at it are ordered.
    fn place(&self) -> impl Iterator<Item = u8> {
        let (path, end) = match self {
            Self::Change(change) => (&change.path, None),
            Self::Directory { path, .. } => (path, Some(b'/')),
        };
        path.as_str().bytes().chain(end)
    }
}

impl Iterator for TreeChanges<'_> {
    type Item = Result<TreeChange, CompareError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.step().transpose();
        if matches!(next, Some(Err(_))) {
            self.coming.clear();
        }
        next
    }
}

impl FusedIterator for TreeChanges<'_> {}

#[cfg(test)]
mod tests;
