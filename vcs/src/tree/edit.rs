//! A tree made from another by changing some of its paths.

use std::collections::BTreeMap;

use selkie_store::{
    Batch, Canonical, Hint, Name, Node, ObjectId, ReadError, RepoPath, Store, Tree, TreeId,
    WriteError,
};
use thiserror::Error;

/// What becomes of paths: a node, or nothing.
pub type Edits = BTreeMap<RepoPath, Option<Node>>;

/// Why a tree was not made. Nothing of it is visible unless the batch is finished.
#[derive(Debug, Error)]
pub enum EditError {
    /// A tree on the way to an edited path can not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A new tree can not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// What an edit puts at a path is nowhere.
    #[error("object {0} is not here")]
    Absent(ObjectId),
}

/// Makes the tree that `base` becomes under `edits`. Trees without an edited path below them are not even
/// read, and `base` must be in the store, not only in the batch.
///
/// An edit replaces what stood at its path, and a file on the way to it: after an edit of `a/b`, `a` is a
/// directory. Edits are carried out in the order of their paths. A directory that loses its last entry goes
/// as well, except the top.
///
/// What an edit puts at a path is in the batch, or relied on by it: a collection may be about to remove it.
///
/// # Errors
///
/// A tree can not be read or written, or what an edit puts at a path is nowhere.
pub fn edit(
    store: &Store,
    batch: &Batch,
    base: TreeId,
    edits: &Edits,
) -> Result<TreeId, EditError> {
    for node in edits.values().flatten() {
        rely(batch, node)?;
    }
    let edits: Vec<_> = edits.iter().map(|(path, node)| (path.as_str(), node)).collect();
    let maker = Maker { store, batch };
    match maker.folder(Some(base), &edits)? {
        Some(tree) => Ok(tree),
        None => Ok(batch.put_value(&Tree::default(), Hint::NONE)?),
    }
}

/// Keeps what a node links to, with all below it, until the batch is finished.
fn rely(batch: &Batch, node: &Node) -> Result<(), EditError> {
    let Some((_, id)) = node.link() else { return Ok(()) };
    if id == empty_tree().object() {
        batch.put_value(&Tree::default(), Hint::NONE)?;
    } else if !batch.rely(&id)? {
        return Err(EditError::Absent(id));
    }
    Ok(())
}

struct Maker<'a> {
    store: &'a Store,
    batch: &'a Batch<'a>,
}

/// An edit, its path from the folder in question.
type Edit<'a> = (&'a str, &'a Option<Node>);

impl Maker<'_> {
    /// The tree of a folder, or nothing if nothing is in it.
    fn folder(&self, base: Option<TreeId>, edits: &[Edit]) -> Result<Option<TreeId>, EditError> {
        // The tree with nothing in it need not be in any store.
        let old = match base.filter(|base| *base != empty_tree()) {
            Some(base) => self.store.load(base)?,
            None => Tree::default(),
        };
        let mut entries: BTreeMap<Name, Node> =
            old.iter().map(|(name, node)| (name.clone(), node.clone())).collect();
        let mut rest = edits;
        while let Some((path, node)) = rest.first() {
            let (first, below) = path.split_once('/').map_or((*path, None), |(a, b)| (a, Some(b)));
            let Ok(name) = Name::new(first) else {
                unreachable!("every part of a path is a name, and the top is not edited")
            };
            if below.is_none() {
                match node {
                    Some(node) => entries.insert(name, node.clone()),
                    None => entries.remove(&name),
                };
                rest = &rest[1..];
                continue;
            }
            let is_inside = |(path, _): &Edit| {
                path.strip_prefix(first).is_some_and(|rest| rest.starts_with('/'))
            };
            let count = rest.iter().take_while(|edit| is_inside(edit)).count();
            let (inside, after) = rest.split_at(count);
            rest = after;
            let inside: Vec<Edit> =
                inside.iter().map(|(path, node)| (&path[first.len() + 1..], *node)).collect();
            let adds = inside.iter().any(|(_, node)| node.is_some());
            let before = match entries.get(&name) {
                // What is empty already stays, perhaps by an edit of its own: it loses nothing here.
                Some(Node::Directory(tree)) if *tree == empty_tree() && !adds => continue,
                Some(Node::Directory(tree)) => Some(*tree),
                // A file is replaced only by what comes into being below it.
                Some(_) if !adds => continue,
                Some(_) | None => None,
            };
            match self.folder(before, &inside)? {
                Some(tree) => entries.insert(name, Node::Directory(tree)),
                None => entries.remove(&name),
            };
        }
        if entries.is_empty() {
            return Ok(None);
        }
        let hint = Hint { path: "", base: base.map(TreeId::object) };
        Ok(Some(self.batch.put_value(&Tree::from(entries), hint)?))
    }
}

/// The id of the tree with nothing in it, which needs no object.
pub(crate) fn empty_tree() -> TreeId {
    let bytes = Tree::default().encode().expect("an empty tree has no part that is too long");
    ObjectId::of(Tree::KIND, &bytes).into()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use selkie_store::{Content, Kind, SimDisk};

    use super::*;

    fn file(text: &str) -> Node {
        Node::File(Content::Whole(ObjectId::of(Kind::Blob, text.as_bytes()).into()))
    }

    fn edited(store: &Store, base: TreeId, edits: &[(&str, Option<Node>)]) -> TreeId {
        let edits = edits.iter().map(|(path, node)| (RepoPath::new(path).unwrap(), node.clone()));
        let batch = Batch::new(store);
        batch.put(Kind::Blob, b"1", Hint::NONE).unwrap();
        let tree = edit(store, &batch, base, &edits.collect()).unwrap();
        batch.finish().unwrap();
        tree
    }

    /// All paths of a tree that are no directories, and directories with nothing in them.
    fn paths(store: &Store, tree: TreeId) -> Vec<String> {
        let mut found = Vec::new();
        let entries: Tree =
            if tree == empty_tree() { Tree::default() } else { store.load(tree).unwrap() };
        for (name, node) in entries.iter() {
            match node {
                Node::Directory(inner) => {
                    let inner = paths(store, *inner);
                    found.extend(inner.iter().map(|path| format!("{name}/{path}")));
                    if inner.is_empty() {
                        found.push(format!("{name}/"));
                    }
                }
                _ => found.push(name.to_string()),
            }
        }
        found
    }

    #[test]
    fn only_edited_paths_change() {
        let store = Store::open(Arc::new(SimDisk::default())).unwrap();
        let one = Some(file("1"));
        let first = edited(
            &store,
            empty_tree(),
            &[
                ("a/b/c", one.clone()),
                ("a/d", one.clone()),
                ("a.b", one.clone()),
                ("e", one.clone()),
            ],
        );
        assert_eq!(paths(&store, first), ["a/b/c", "a/d", "a.b", "e"]);
        for (edits, expected) in [
            (vec![("a/b/c", None)], &["a/d", "a.b", "e"][..]),
            (vec![("a", None)], &["a.b", "e"]),
            (vec![("a/b/c", None), ("a/d", None)], &["a.b", "e"]),
            (vec![("e/f", one.clone())], &["a/b/c", "a/d", "a.b", "e/f"]),
            (vec![("e/f", None)], &["a/b/c", "a/d", "a.b", "e"]),
            (vec![("a", one.clone())], &["a", "a.b", "e"]),
            (vec![("a", None), ("a/x/y", one.clone())], &["a/x/y", "a.b", "e"]),
            (vec![("g", Some(Node::Directory(empty_tree())))], &["a/b/c", "a/d", "a.b", "e", "g/"]),
            (
                vec![("a", Some(Node::Directory(empty_tree()))), ("a/b/c", None), ("a/d", None)],
                &["a/", "a.b", "e"],
            ),
            (vec![("none", None), ("no/such", None)], &["a/b/c", "a/d", "a.b", "e"]),
        ] {
            let tree = edited(&store, first, &edits);
            let mut expected = expected.to_vec();
            expected.sort_by_key(|path| path.split('/').map(str::to_owned).collect::<Vec<_>>());
            assert_eq!(paths(&store, tree), expected, "{edits:?}");
        }
        assert_eq!(edited(&store, first, &[("e", one)]), first);
        assert_eq!(
            paths(&store, edited(&store, first, &[("a", None), ("a.b", None), ("e", None)])),
            [""; 0]
        );
    }
    #[test]
    fn what_is_nowhere_comes_into_no_tree() {
        let store = Store::open(Arc::new(SimDisk::default())).unwrap();
        let edits = [(RepoPath::new("a").unwrap(), Some(file("2")))].into();
        let refused = edit(&store, &Batch::new(&store), empty_tree(), &edits);
        assert!(matches!(refused, Err(EditError::Absent(_))), "{refused:?}");
    }
}
