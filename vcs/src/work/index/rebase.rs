//! The index of another tree, keeping what was seen.

use std::collections::BTreeMap;
use std::ops::Range;

use selkie_store::{Name, Node, PathError, ReadError, RepoPath, Store, Tree, TreeId};
use thiserror::Error;

use crate::tree::edit::empty_tree;
use crate::work::index::Index;
use crate::work::index::builder::Builder;
use crate::work::index::row::{Row, Sight};
use crate::work::stat::Stat;

/// What stood at paths of the disk when it was recorded or written, and the stat it had.
pub type Seen = BTreeMap<RepoPath, (Stat, Node)>;

/// Why a tree can not be laid out by paths.
#[derive(Debug, Error)]
pub enum TreeError {
    /// A part of it can not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It is deeper, or its paths are longer, than paths may be.
    #[error("the tree has a path that is none: {0}")]
    Path(#[from] PathError),
}

impl Index {
    /// The index of the tree `known`. Where a path has the node it had, what was seen of it stays; where it
    /// has another, `seen` may know that the disk has it already. Only trees that differ are read.
    ///
    /// `now_ns` is the time before the files in `seen` were read, or after they were written by us: what changed in
    /// its tick may have changed again unnoticed, and is not believed.
    ///
    /// # Errors
    ///
    /// The tree can not be read, or is too deep.
    pub fn rebase(
        &self,
        store: &Store,
        known: TreeId,
        seen: &Seen,
        now_ns: i64,
    ) -> Result<Self, TreeError> {
        let seen: Vec<_> = seen.iter().map(|(path, seen)| (path.as_str(), seen)).collect();
        let mut walk = Walk { old: self, store, seen, now_ns, out: Builder::default() };
        walk.folder(Some(0), &mut String::new(), "", known)?;
        Ok(walk.out.finish())
    }
}

struct Walk<'a> {
    old: &'a Index,
    store: &'a Store,
    seen: Vec<(&'a str, &'a (Stat, Node))>,
    now_ns: i64,
    out: Builder,
}

impl Walk<'_> {
    /// Adds a directory. `path` is its own, with a slash at the end but for the top.
    fn folder(
        &mut self,
        old: Option<usize>,
        path: &mut String,
        name: &str,
        tree: TreeId,
    ) -> Result<(), TreeError> {
        if let Some(old) =
            old.filter(|old| self.old.tree(*old) == tree && self.seen_in(path).is_empty())
        {
            self.out.copy(self.old, old);
            return Ok(());
        }
        let entries: Tree =
            if tree == empty_tree() { Tree::default() } else { self.store.load(tree)? };
        let memory = old.filter(|old| self.has_names(*old, &entries));
        let memory = memory.and_then(|old| self.old.memory(old)).cloned();
        let directory = self.out.begin(name.as_bytes(), tree, memory);
        let seen = self.seen_in(path);
        let mut rows = old.map_or(0..0, |old| self.old.rows(old)).peekable();
        for (name, node) in entries.iter() {
            if matches!(node, Node::Directory(_)) {
                continue;
            }
            let own = name.as_str().as_bytes();
            while rows.next_if(|row| self.old.row_name(*row) < own).is_some() {}
            let before = rows.next_if(|row| self.old.row_name(*row) == own);
            check(path, name)?;
            self.row(before, seen.clone(), path, name, node);
        }
        let mut olds = old.into_iter().flat_map(|old| self.old.children(old)).peekable();
        for (name, node) in entries.iter() {
            let Node::Directory(inner) = node else { continue };
            let own = name.as_str().as_bytes();
            while olds.next_if(|old| self.old.directory_name(*old) < own).is_some() {}
            let old = olds.next_if(|old| self.old.directory_name(*old) == own);
            let length = path.len();
            check(path, name)?;
            path.push_str(name.as_str());
            path.push('/');
            self.folder(old, path, name.as_str(), *inner)?;
            path.truncate(length);
        }
        self.out.end(directory);
        Ok(())
    }

    /// Adds a row. `seen` is what was seen in its directory and below.
    fn row(
        &mut self,
        before: Option<usize>,
        seen: Range<usize>,
        path: &str,
        name: &Name,
        node: &Node,
    ) {
        let before = before.filter(|row| self.old.node(*row) == *node);
        let just_now = self.seen[seen.clone()].binary_search_by(|(seen, _)| {
            let (folder, last) = seen.split_at(path.len().min(seen.len()));
            folder.cmp(path).then_with(|| last.cmp(name.as_str()))
        });
        let just_now = just_now.ok().map(|at| self.seen[seen.start + at].1);
        let just_now = just_now.filter(|(stat, seen)| seen == node && stat.is_settled(self.now_ns));
        let seen = match just_now {
            Some((stat, _)) => Some((Sight::Same, *stat)),
            None => before.and_then(|row| self.old.seen(row)),
        };
        self.out.add(&Row { name: name.as_str().as_bytes(), node: node.clone(), seen });
    }

    /// What was seen in a directory and below; its path ends in a slash but for the top.
    fn seen_in(&self, path: &str) -> Range<usize> {
        let start = self.seen.partition_point(|(seen, _)| *seen < path);
        let inside = self.seen[start..].partition_point(|(seen, _)| seen.starts_with(path));
        start..start + inside
    }

    /// Whether the directory knew these names and no other: then those it remembers as unknown still are.
    fn has_names(&self, directory: usize, entries: &Tree) -> bool {
        let is_directory = |node: &Node| matches!(node, Node::Directory(_));
        let new = |wanted: bool| {
            let entries = entries.iter().filter(move |(_, node)| is_directory(node) == wanted);
            entries.map(|(name, _)| name.as_str().as_bytes())
        };
        let rows = self.old.rows(directory).map(|row| self.old.row_name(row));
        let children = self.old.children(directory);
        rows.eq(new(false)) && children.map(|at| self.old.directory_name(at)).eq(new(true))
    }
}

/// Every part of the path is a name, so only its length and depth are left to look at.
fn check(folder: &str, name: &Name) -> Result<(), PathError> {
    let length = folder.len() + name.as_str().len();
    if length > RepoPath::LEN_MAX {
        return Err(PathError::Long(length));
    }
    let depth = folder.bytes().filter(|byte| *byte == b'/').count() + 1;
    if depth > RepoPath::DEPTH_MAX { Err(PathError::Deep) } else { Ok(()) }
}
