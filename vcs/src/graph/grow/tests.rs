use std::collections::BTreeSet;
use std::sync::Arc;

use selkie_crdt::Hlc;
use selkie_store::{
    Author, Batch, BlobId, ChangeId, Content, Hint, Kind, Name, Node, ObjectId, SimDisk, Tree,
    TreeId,
};

use super::*;
use crate::graph::touched::{Touch, path_number};
use crate::graph::toy;

fn store() -> Store {
    Store::open(Arc::new(SimDisk::default())).unwrap()
}

/// A seal of an empty tree, or of one that is nowhere.
fn seal(name: &str, parents: &[SealId]) -> Seal {
    Seal {
        tree: TreeId::from(ObjectId::of(Kind::Tree, name.as_bytes())),
        parents: parents.to_vec(),
        change: toy::change(name),
        time: Hlc::from_u64(5),
        zone_minutes: -90,
        author: Author { name: "Ann".to_owned(), contact: "ann@x".to_owned() },
        message: format!("title of {name}\n\nmore"),
        replaces: BTreeSet::new(),
        labels: [].into(),
        signature: None,
    }
}

fn put(store: &Store, seal: &Seal) -> SealId {
    let batch = Batch::new(store);
    let id = batch.put_value(seal, Hint::NONE).unwrap();
    batch.finish().unwrap();
    id
}

#[test]
fn the_graph_learns_what_heads_came_from() {
    let store = store();
    let root = put(&store, &seal("root", &[]));
    let [one, two] = ["one", "two"].map(|name| put(&store, &seal(name, &[root])));
    let merge = put(&store, &seal("merge", &[one, two]));
    let mut file = GraphFile::empty();
    assert_eq!(file.grow(&store, &[one], Paths::Leave).unwrap(), 2);
    assert_eq!(file.grow(&store, &[merge, two, merge], Paths::Leave).unwrap(), 2);
    assert_eq!(file.grow(&store, &[merge], Paths::Leave).unwrap(), 0);
    let graph = &file.graph;
    let row = graph.row(merge).unwrap().unwrap();
    let parents: Vec<_> = graph.parents(row).unwrap().map(|row| graph.id(row).unwrap()).collect();
    assert_eq!(parents, [one, two]);
    assert_eq!(graph.title(row).unwrap(), "title of merge");
    assert_eq!(graph.author(row).unwrap().contact, "ann@x");
    assert_eq!(graph.time(row).unwrap(), (Hlc::from_u64(5), -90));
    assert_eq!(graph.change(row).unwrap(), Some(toy::change("merge")));
}

#[test]
fn a_parent_that_is_not_here_is_absent_until_it_comes() {
    let store = store();
    let root = put(&store, &seal("root", &[]));
    let old = seal("old", &[root]);
    let old_id =
        SealId::from(ObjectId::of(Kind::Seal, &selkie_store::Canonical::encode(&old).unwrap()));
    let new = put(&store, &seal("new", &[old_id]));
    let mut file = GraphFile::empty();
    assert_eq!(file.grow(&store, &[new], Paths::Leave).unwrap(), 2);
    let row = file.graph.row(old_id).unwrap().unwrap();
    assert!(file.graph.is_absent(row).unwrap());
    assert_eq!(file.graph.change(row).unwrap(), None);
    assert_eq!(file.graph.tree(row).unwrap(), None);
    assert_eq!(put(&store, &old), old_id);
    assert_eq!(file.grow(&store, &[new], Paths::Leave).unwrap(), 3);
    let row = file.graph.row(old_id).unwrap().unwrap();
    assert!(!file.graph.is_absent(row).unwrap());
}

#[test]
fn a_head_that_is_not_here_is_entered_as_absent() {
    let mut file = GraphFile::empty();
    file.grow(&store(), &[toy::id("x")], Paths::Look).unwrap();
    let row = file.graph.row(toy::id("x")).unwrap().unwrap();
    assert!(file.graph.is_absent(row).unwrap());
}

#[test]
fn what_was_rewritten_is_entered_if_it_is_here() {
    let store = store();
    let root = put(&store, &seal("root", &[]));
    let before = put(&store, &seal("b", &[root]));
    let replaces = [before, toy::id("gone")].into();
    let after = put(&store, &Seal { replaces, ..seal("b'", &[root]) });
    let mut file = GraphFile::empty();
    assert_eq!(file.grow(&store, &[after], Paths::Leave).unwrap(), 3);
    let row = file.graph.row(after).unwrap().unwrap();
    assert_eq!(file.graph.replaced_by(before).unwrap(), [row]);
    assert_eq!(file.graph.replaced_by(toy::id("gone")).unwrap(), [row]);
}

#[test]
fn a_long_history_needs_no_deep_stack_and_not_all_seals_at_once() {
    let store = store();
    let batch = Batch::new(&store);
    let mut tip = batch.put_value(&seal("0", &[]), Hint::NONE).unwrap();
    for number in 1..READ_MAX + 100 {
        tip = batch.put_value(&seal(&number.to_string(), &[tip]), Hint::NONE).unwrap();
    }
    batch.finish().unwrap();
    let mut file = GraphFile::empty();
    assert_eq!(file.grow(&store, &[tip], Paths::Leave).unwrap(), READ_MAX + 100);
}

#[test]
fn changed_paths_and_the_folders_above_them_are_kept() {
    let store = store();
    let file_of =
        |text: &[u8]| Node::File(Content::Whole(BlobId::from(ObjectId::of(Kind::Blob, text))));
    let batch = Batch::new(&store);
    let tree = |entries: &[(&str, Node)]| {
        let named = entries.iter().map(|(name, node)| (Name::new(name).unwrap(), node.clone()));
        batch.put_value(&named.collect::<Tree>(), Hint::NONE).unwrap()
    };
    let inner = tree(&[("a", file_of(b"1")), ("b", file_of(b"2"))]);
    let before = tree(&[("lib", Node::Directory(inner)), ("top", file_of(b"3"))]);
    let inner = tree(&[("a", file_of(b"1")), ("c", file_of(b"9"))]);
    let after = tree(&[("lib", Node::Directory(inner)), ("top", file_of(b"3"))]);
    let root = batch.put_value(&Seal { tree: before, ..seal("r", &[]) }, Hint::NONE).unwrap();
    let next = Seal { tree: after, change: ChangeId::from_bytes([1; 16]), ..seal("n", &[root]) };
    let next = batch.put_value(&next, Hint::NONE).unwrap();
    batch.finish().unwrap();
    let mut file = GraphFile::empty();
    file.grow(&store, &[next], Paths::Look).unwrap();
    let touched = |id, path| {
        let row = file.graph.row(id).unwrap().unwrap();
        file.graph.touch(row, path_number(path)).unwrap()
    };
    for path in ["lib", "lib/a", "lib/b", "top"] {
        assert_eq!(touched(root, path), Touch::Changed, "{path}");
    }
    for (path, touch) in [
        ("lib", Touch::Changed),
        ("lib/b", Touch::Changed),
        ("lib/c", Touch::Changed),
        ("lib/a", Touch::Same),
        ("top", Touch::Same),
    ] {
        assert_eq!(touched(next, path), touch, "{path}");
    }
}
