//! How the known tree becomes another.

use std::collections::HashMap;

use selkie_store::{Name, Node, RepoPath, Store, Tree, TreeId};

use crate::tree::edit::empty_tree;
use crate::work::folding::Folding;
use crate::work::index::Index;
use crate::work::index::rebase::TreeError;

/// A path with different nodes in two trees. A directory is one only if nothing is in it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Difference {
    /// The path.
    pub path: RepoPath,
    /// What the known tree has there.
    pub before: Option<Node>,
    /// What the other tree has there.
    pub after: Option<Node>,
}

/// All that differs between the known tree and another.
#[derive(Clone, Debug, Default)]
pub struct Against {
    /// The paths, in the order of a walk: a directory's own before those in it.
    pub differences: Vec<Difference>,
    /// Directories that the other tree does not have, each before those in it.
    pub gone: Vec<RepoPath>,
    /// Names beside each other in the other tree that the file system takes for one.
    pub clashes: Vec<(RepoPath, RepoPath)>,
}

impl Index {
    /// What differs between the known tree and `other`. Trees that are the same are not read. Names are held
    /// against each other only for a file system that folds them.
    ///
    /// # Errors
    ///
    /// A tree can not be read, or is too deep.
    pub fn against(
        &self,
        store: &Store,
        other: TreeId,
        folding: Folding,
    ) -> Result<Against, TreeError> {
        let mut walk = Walk { index: self, store, folding, found: Against::default() };
        walk.both(0, &RepoPath::default(), other)?;
        Ok(walk.found)
    }

    /// The differences that bring back known paths as they are known.
    #[must_use]
    pub fn again(&self, paths: &[RepoPath]) -> Vec<Difference> {
        let known = paths.iter().filter_map(|path| {
            let empty = || self.tree_at(path).filter(|tree| *tree == empty_tree());
            let node = self.node_at(path).or_else(|| empty().map(Node::Directory))?;
            Some(Difference { path: path.clone(), before: Some(node.clone()), after: Some(node) })
        });
        known.collect()
    }
}

struct Walk<'a> {
    index: &'a Index,
    store: &'a Store,
    folding: Folding,
    found: Against,
}

impl Walk<'_> {
    fn both(&mut self, directory: usize, path: &RepoPath, tree: TreeId) -> Result<(), TreeError> {
        if self.index.tree(directory) == tree {
            return Ok(());
        }
        let entries = self.load(path, tree)?;
        let mut rows = self.index.rows(directory).peekable();
        for (name, node) in entries.iter().filter(|(_, node)| !is_directory(node)) {
            let own = name.as_str().as_bytes();
            while let Some(gone) = rows.next_if(|row| self.index.row_name(*row) < own) {
                self.row_is_gone(path, gone)?;
            }
            let row = rows.next_if(|row| self.index.row_name(*row) == own);
            let before = row.map(|row| self.index.node(row));
            if before.as_ref() != Some(node) {
                self.differ(path.join(name)?, before, Some(node.clone()));
            }
        }
        for gone in rows {
            self.row_is_gone(path, gone)?;
        }
        let mut children = self.index.children(directory).peekable();
        for (name, node) in entries.iter() {
            let Node::Directory(inner) = node else { continue };
            let own = name.as_str().as_bytes();
            let path = path.join(name)?;
            while let Some(gone) = children.next_if(|child| self.index.directory_name(*child) < own)
            {
                self.gone(gone, path.parent())?;
            }
            match children.next_if(|child| self.index.directory_name(*child) == own) {
                Some(child) => self.both(child, &path, *inner)?,
                None => self.added(&path, *inner)?,
            }
        }
        for gone in children {
            self.gone(gone, Some(path.clone()))?;
        }
        // A directory that is empty on one side only is a path of its own there.
        let was_empty = self.index.tree(directory) == empty_tree();
        if !path.is_top() && (was_empty || tree == empty_tree()) {
            let empty = |is: bool| is.then(|| Node::Directory(empty_tree()));
            self.differ(path.clone(), empty(was_empty), empty(tree == empty_tree()));
        }
        Ok(())
    }

    /// A directory that the other tree does not have.
    fn gone(&mut self, directory: usize, parent: Option<RepoPath>) -> Result<(), TreeError> {
        let parent = parent.unwrap_or_default();
        let path = index_path(&parent, self.index.directory_name(directory))?;
        self.found.gone.push(path.clone());
        for row in self.index.rows(directory) {
            self.row_is_gone(&path, row)?;
        }
        for child in self.index.children(directory) {
            self.gone(child, Some(path.clone()))?;
        }
        Ok(())
    }

    fn row_is_gone(&mut self, folder: &RepoPath, row: usize) -> Result<(), TreeError> {
        let before = Some(self.index.node(row));
        self.differ(index_path(folder, self.index.row_name(row))?, before, None);
        Ok(())
    }

    /// A directory that only the other tree has.
    fn added(&mut self, path: &RepoPath, tree: TreeId) -> Result<(), TreeError> {
        let entries = self.load(path, tree)?;
        if entries.is_empty() {
            self.differ(path.clone(), None, Some(Node::Directory(tree)));
        }
        for (name, node) in entries.iter() {
            let path = path.join(name)?;
            match node {
                Node::Directory(inner) => self.added(&path, *inner)?,
                _ => self.differ(path, None, Some(node.clone())),
            }
        }
        Ok(())
    }

    fn load(&mut self, path: &RepoPath, tree: TreeId) -> Result<Tree, TreeError> {
        if tree == empty_tree() {
            return Ok(Tree::default());
        }
        let entries: Tree = self.store.load(tree)?;
        if self.folding == Folding::Apart {
            return Ok(entries);
        }
        let mut seen: HashMap<String, &Name> = HashMap::new();
        for (name, _) in entries.iter() {
            if let Some(other) = seen.insert(name.folded(), name) {
                self.found.clashes.push((path.join(other)?, path.join(name)?));
            }
        }
        Ok(entries)
    }

    fn differ(&mut self, path: RepoPath, before: Option<Node>, after: Option<Node>) {
        self.found.differences.push(Difference { path, before, after });
    }
}

fn index_path(folder: &RepoPath, name: &[u8]) -> Result<RepoPath, TreeError> {
    let name = std::str::from_utf8(name).expect("the index holds names of trees, which are text");
    let separator = if folder.is_top() { "" } else { "/" };
    Ok(RepoPath::new(&format!("{folder}{separator}{name}"))?)
}

const fn is_directory(node: &Node) -> bool {
    matches!(node, Node::Directory(_))
}
