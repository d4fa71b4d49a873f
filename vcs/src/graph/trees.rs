//! Trees of the store, those read last kept.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::rc::Rc;

use selkie_store::{Node, ReadError, RepoPath, Store, Tree, TreeId};

use crate::graph::touched::{PATHS_MAX, Touched, path_number};

/// Reads trees for whoever walks along a history, where the next tree is nearly the last one.
#[derive(Debug)]
pub struct TreeReader<'a> {
    store: &'a Store,
    kept: HashMap<TreeId, Rc<Tree>>,
}

/// Trees that are kept. When there are more, all are let go: that is rare, and simple.
const KEPT_MAX: usize = 8192;

/// A path that differs, and the folders it names before and after.
type Differing = (String, Option<TreeId>, Option<TreeId>);

/// What stands at a path that differs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Level {
    /// A folder, before or after.
    Folder,
    /// Anything else.
    File,
}

/// Two folders to compare, and the path of both with a slash behind it.
struct Pair {
    path: String,
    before: Option<TreeId>,
    after: Option<TreeId>,
}

impl<'a> TreeReader<'a> {
    /// A reader that has read nothing.
    #[must_use]
    pub fn new(store: &'a Store) -> Self {
        Self { store, kept: HashMap::new() }
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

    /// The numbers of the paths at which two trees differ, or of all of `after` if there is nothing
    /// before.
    ///
    /// # Errors
    ///
    /// A tree can not be read.
    pub fn touched(&mut self, before: Option<TreeId>, after: TreeId) -> Result<Touched, ReadError> {
        let mut numbers = Vec::new();
        let end = self.differences(before, after, |path, _| {
            numbers.push(path_number(path));
            // Every folder on the way counts, so that this also bounds how deep we go.
            if numbers.len() > PATHS_MAX {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })?;
        Ok(if end.is_break() { Touched::Unsaid } else { Touched::from_numbers(numbers) })
    }

    /// Calls `each` with every path at which two trees differ, folders and the top among them, and
    /// with what stands there.
    pub(crate) fn differences(
        &mut self,
        before: Option<TreeId>,
        after: TreeId,
        mut each: impl FnMut(&str, Level) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, ReadError> {
        let mut pairs = Vec::new();
        if before != Some(after) {
            if each("", Level::Folder).is_break() {
                return Ok(ControlFlow::Break(()));
            }
            pairs.push(Pair { path: String::new(), before, after: Some(after) });
        }
        while let Some(pair) = pairs.pop() {
            for (path, before, after) in self.compare(&pair)? {
                let level = if before.or(after).is_some() { Level::Folder } else { Level::File };
                if each(&path, level).is_break() {
                    return Ok(ControlFlow::Break(()));
                }
                if before != after {
                    pairs.push(Pair { path: path + "/", before, after });
                }
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// The entries of two folders that differ.
    fn compare(&mut self, pair: &Pair) -> Result<Vec<Differing>, ReadError> {
        let before = pair.before.map_or_else(|| Ok(Rc::default()), |id| self.tree(id))?;
        let after = pair.after.map_or_else(|| Ok(Rc::default()), |id| self.tree(id))?;
        let mut found = Vec::new();
        let mut differs = |name: &str, before: Option<&Node>, after: Option<&Node>| {
            if before != after {
                let path = format!("{}{name}", pair.path);
                found.push((path, before.and_then(folder), after.and_then(folder)));
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

    fn tree(&mut self, id: TreeId) -> Result<Rc<Tree>, ReadError> {
        if let Some(tree) = self.kept.get(&id) {
            return Ok(Rc::clone(tree));
        }
        let tree = Rc::new(self.store.load::<Tree>(id)?);
        if self.kept.len() == KEPT_MAX {
            self.kept.clear();
        }
        self.kept.insert(id, Rc::clone(&tree));
        Ok(tree)
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
