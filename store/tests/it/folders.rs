//! Folders of files as trees of a store. The tests of other crates use this file too.

use std::collections::{BTreeMap, BTreeSet};

use selkie_store::{Batch, Hint, Kind, Name, Node, ObjectId, Store, Tree, TreeId, links};

/// What is in a folder: contents by path.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// Puts the files of a folder into a batch, each after what stood at its place before. The folder ends with a stroke, but for the first.
pub(crate) fn put_tree(
    batch: &Batch,
    store: &Store,
    files: &Files,
    folder: &str,
    before: Option<TreeId>,
) -> TreeId {
    let old = before.map(|id| store.load::<Tree>(id).unwrap()).unwrap_or_default();
    let mut nodes = BTreeMap::new();
    for (path, bytes) in files.iter().filter(|(path, _)| path.starts_with(folder)) {
        let rest = &path[folder.len()..];
        let name = rest.split('/').next().unwrap();
        let link = old.get(name).and_then(Node::link);
        let node = if rest.contains('/') {
            if nodes.contains_key(name) {
                continue;
            }
            let before = link.filter(|(kind, _)| *kind == Kind::Tree).map(|(_, id)| id.into());
            Node::Directory(put_tree(batch, store, files, &format!("{folder}{name}/"), before))
        } else {
            let base = link.map(|(_, id)| id);
            Node::File(batch.put_content(&bytes[..], Hint { path, base }).unwrap())
        };
        nodes.insert(name.to_owned(), node);
    }
    let named = nodes.into_iter().map(|(name, node)| (Name::new(&name).unwrap(), node));
    let base = before.map(TreeId::object);
    batch.put_value(&named.collect::<Tree>(), Hint { path: "", base }).unwrap()
}

/// All that can be reached from these, themselves too.
pub(crate) fn closure(store: &Store, mut left: Vec<ObjectId>) -> BTreeSet<ObjectId> {
    let mut found = BTreeSet::new();
    while let Some(id) = left.pop() {
        if found.insert(id) {
            let object = store.read(&id).unwrap();
            left.extend(links(object.kind, &object.bytes).unwrap().into_iter().map(|(_, id)| id));
        }
    }
    found
}
