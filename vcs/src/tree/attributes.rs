//! What attributes say of the files of a tree.

use std::cell::RefCell;
use std::collections::BTreeMap;

use selkie_store::{Node, ReadError, RepoPath, Store, TreeId};

use crate::attributes::Attributes;
use crate::conflict::text_of;
use crate::tree::fuse::moves::node_at;

/// The lists of one tree, each read when the first file of its folder is asked for.
#[derive(Debug)]
pub(crate) struct TreeAttributes {
    tree: TreeId,
    // By folder, with a slash at its end but for the top.
    folders: RefCell<BTreeMap<String, Attributes>>,
}

impl TreeAttributes {
    pub(crate) const fn new(tree: TreeId) -> Self {
        Self { tree, folders: RefCell::new(BTreeMap::new()) }
    }

    /// What holds for the files beside this one.
    pub(crate) fn beside(&self, store: &Store, path: &RepoPath) -> Result<Attributes, ReadError> {
        let path = path.as_str();
        let ends = path.match_indices('/').map(|(at, _)| at + 1);
        let mut attributes = Attributes::default();
        for end in std::iter::once(0).chain(ends) {
            let folder = &path[..end];
            let known = self.folders.borrow().get(folder).cloned();
            attributes = match known {
                Some(known) => known,
                None => self.read(store, folder, &attributes)?,
            };
        }
        Ok(attributes)
    }

    fn read(
        &self,
        store: &Store,
        folder: &str,
        outer: &Attributes,
    ) -> Result<Attributes, ReadError> {
        let list = RepoPath::new(&format!("{folder}{}", Attributes::FILE));
        let node = match list {
            Ok(list) => node_at(store, self.tree, &list)?,
            // Where a path would be too long no file is.
            Err(_) => None,
        };
        let text = match node {
            Some(node @ (Node::File(_) | Node::Executable(_))) => text_of(store, &node)?,
            _ => None,
        };
        let attributes = text.map_or_else(|| outer.clone(), |text| outer.inside(folder, &text));
        self.folders.borrow_mut().insert(folder.to_owned(), attributes.clone());
        Ok(attributes)
    }
}
