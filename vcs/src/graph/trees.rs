//! Trees of the store, those read last kept.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::rc::Rc;

use selkie_store::{Node, ReadError, RepoPath, Store, Tree, TreeId};

use crate::graph::touched::{PATHS_MAX, TAKEN, Touched, path_number};
use crate::tree::edit::empty_tree;

/// Reads trees for whoever walks along a history, where the next tree is nearly the last one.
#[derive(Debug)]
pub struct TreeReader<'a> {
    store: &'a Store,
    kept: HashMap<TreeId, Rc<Tree>>,
    // Entries of all of them.
    entries: usize,
}

/// Entries of the trees that are kept, at some hundred bytes each. When there are more, all are let go: whoever walks along a history needs
/// the last few trees, and one more read of those costs little.
const ENTRIES_MAX: usize = 1 << 18;

/// A path at which two trees differ.
#[derive(Debug)]
pub(crate) struct Differing {
    pub(crate) path: String,
    /// The folders it names before, after, and in the second parent of a merge.
    folders: [Option<TreeId>; 3],
    /// Whether it is what it was in the second parent.
    as_in_second: bool,
}

impl Differing {
    /// Whether it is something else than a folder, before and after.
    pub(crate) fn is_file(&self) -> bool {
        self.folders[..2] == [None, None]
    }
}

impl<'a> TreeReader<'a> {
    /// A reader that has read nothing.
    #[must_use]
    pub fn new(store: &'a Store) -> Self {
        Self { store, kept: HashMap::new(), entries: 0 }
    }

    /// What stands at the path in this tree. At the empty path that is the tree.
    ///
    /// # Errors
    ///
    /// A tree on the way can not be read.
    pub fn node(&mut self, top: TreeId, path: &RepoPath) -> Result<Option<Node>, ReadError> {
        let mut node = Node::Directory(top);
        for name in path.names() {
            let Node::Directory(folder) = node else { return Ok(None) };
            match self.tree(folder)?.get(name) {
                Some(found) => node = found.clone(),
                None => return Ok(None),
            }
        }
        Ok(Some(node))
    }

    /// The numbers of the paths at which a tree differs from that before it, or of all of it if there is
    /// nothing before. Of a merge, `second` is the tree of the second parent.
    ///
    /// # Errors
    ///
    /// A tree can not be read.
    pub fn touched(
        &mut self,
        before: Option<TreeId>,
        after: TreeId,
        second: Option<TreeId>,
    ) -> Result<Touched, ReadError> {
        let mut numbers = Vec::new();
        let end = self.differences([before, Some(after), second], |differing| {
            let is_taken = second.is_some() && differing.as_in_second;
            numbers.push(path_number(&differing.path) | if is_taken { TAKEN } else { 0 });
            // Every folder on the way counts, so that this also bounds how deep we go.
            if numbers.len() > PATHS_MAX {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })?;
        Ok(if end.is_break() { Touched::Unsaid } else { Touched::from_numbers(numbers) })
    }

    /// Calls `each` with every path at which the first two trees differ, folders and the top among
    /// them.
    pub(crate) fn differences(
        &mut self,
        trees: [Option<TreeId>; 3],
        mut each: impl FnMut(&Differing) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, ReadError> {
        let as_in_second = trees[1] == trees[2];
        let mut open = vec![Differing { path: String::new(), folders: trees, as_in_second }];
        while let Some(differing) = open.pop() {
            if differing.folders[0] == differing.folders[1] {
                continue;
            }
            if differing.path.is_empty() && each(&differing).is_break() {
                return Ok(ControlFlow::Break(()));
            }
            for inner in self.compare(&differing)? {
                if each(&inner).is_break() {
                    return Ok(ControlFlow::Break(()));
                }
                open.push(inner);
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// The entries of two folders that differ.
    fn compare(&mut self, outer: &Differing) -> Result<Vec<Differing>, ReadError> {
        let [before, after, second] = outer.folders;
        let [before, after] = [self.tree_or_empty(before)?, self.tree_or_empty(after)?];
        let second = self.tree_or_empty(second)?;
        let mut found = Vec::new();
        let mut differs = |name: &str, before: Option<&Node>, after: Option<&Node>| {
            if before != after {
                let second = second.get(name);
                let slash = if outer.path.is_empty() { "" } else { "/" };
                found.push(Differing {
                    path: format!("{}{slash}{name}", outer.path),
                    folders: [before, after, second].map(|node| node.and_then(folder)),
                    as_in_second: after == second,
                });
            }
        };
        for (name, node) in before.iter() {
            differs(name.as_str(), Some(node), after.get(name.as_str()));
        }
        for (name, node) in after.iter().filter(|(name, _)| before.get(name.as_str()).is_none()) {
            differs(name.as_str(), None, Some(node));
        }
        Ok(found)
    }

    fn tree_or_empty(&mut self, id: Option<TreeId>) -> Result<Rc<Tree>, ReadError> {
        id.map_or_else(|| Ok(Rc::default()), |id| self.tree(id))
    }

    fn tree(&mut self, id: TreeId) -> Result<Rc<Tree>, ReadError> {
        if let Some(tree) = self.kept.get(&id) {
            return Ok(Rc::clone(tree));
        }
        // The tree with nothing in it need not be in any store.
        let empty = id == empty_tree();
        let tree = if empty { Tree::default() } else { self.store.load::<Tree>(id)? };
        let tree = Rc::new(tree);
        self.keep(id, &tree);
        Ok(tree)
    }

    fn keep(&mut self, id: TreeId, tree: &Rc<Tree>) {
        // A tree with nothing in it takes its place too.
        let entries = tree.len() + 1;
        if self.entries + entries > ENTRIES_MAX {
            self.kept.clear();
            self.entries = 0;
        }
        self.entries += entries;
        self.kept.insert(id, Rc::clone(tree));
    }
}

const fn folder(node: &Node) -> Option<TreeId> {
    match node {
        Node::Directory(id) => Some(*id),
        Node::File(_)
        | Node::Executable(_)
        | Node::Symlink(_)
        | Node::Conflict(_)
        | Node::Foreign(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use selkie_store::{Kind, Name, ObjectId, SimDisk};

    use super::*;

    /// Trees were counted and not their entries: those of a folder with many files took all memory.
    #[test]
    fn few_large_trees_are_kept() {
        let store = Store::open(Arc::new(SimDisk::default())).unwrap();
        let mut reader = TreeReader::new(&store);
        let node = Node::Directory(empty_tree());
        let name = |number: usize| Name::new(&number.to_string()).unwrap();
        let large: Tree = (0..ENTRIES_MAX / 4).map(|number| (name(number), node.clone())).collect();
        let large = Rc::new(large);
        for number in 0..10_u8 {
            let id = TreeId::from(ObjectId::of(Kind::Tree, &[number]));
            reader.keep(id, &large);
            assert!(reader.kept.contains_key(&id) && reader.kept.len() < 4);
        }
    }
}
