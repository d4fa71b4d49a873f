//! What is told of two trees.

use std::collections::BTreeMap;
use std::sync::Arc;

use selkie_store::{Batch, BlobId, Conflict, Foreign, Hint, Kind, ObjectId, SimDisk, Term};

use super::*;
use crate::text::dice::Dice;

fn content_of(text: &str) -> Content {
    Content::Whole(BlobId::from(ObjectId::of(Kind::Blob, text.as_bytes())))
}

fn file(text: &str) -> Node {
    Node::File(content_of(text))
}

/// A tree with these paths, put into the store.
fn tree(store: &Store, nodes: &BTreeMap<String, Node>) -> TreeId {
    let batch = Batch::new(store);
    let id = put(&batch, "", nodes);
    batch.finish().unwrap();
    store.refresh().unwrap();
    id
}

fn put(batch: &Batch, top: &str, nodes: &BTreeMap<String, Node>) -> TreeId {
    let mut entries = BTreeMap::new();
    for (path, node) in nodes.iter().filter(|(path, _)| path.starts_with(top)) {
        let rest = &path[top.len()..];
        let (name, below) = rest.split_once('/').unwrap_or((rest, ""));
        let node = match below {
            "" => node.clone(),
            _ => Node::Directory(put(batch, &format!("{top}{name}/"), nodes)),
        };
        entries.insert(Name::new(name).unwrap(), node);
    }
    batch.put_value(&Tree::from(entries), Hint::NONE).unwrap()
}

fn nodes<const N: usize>(nodes: [(&str, Node); N]) -> BTreeMap<String, Node> {
    nodes.into_iter().map(|(path, node)| (path.to_owned(), node)).collect()
}

fn store() -> Store {
    Store::open(Arc::new(SimDisk::default())).unwrap()
}

/// What differs, as kinds and paths.
fn told(
    before: &BTreeMap<String, Node>,
    after: &BTreeMap<String, Node>,
    filter: &[&str],
) -> Vec<String> {
    let store = store();
    let (before, after) = (tree(&store, before), tree(&store, after));
    let filter = PathFilter::new(filter.iter().copied()).unwrap();
    let changes = TreeChanges::new(&store, Some(before), Some(after), &filter);
    let told =
        changes.map(Result::unwrap).map(|change| format!("{:?} {}", change.kind(), change.path));
    told.collect()
}

#[test]
fn each_change_has_its_kind() {
    let foreign = |byte: u8| Node::Foreign(Foreign { mode: 0o160_000, bytes: [byte; 20].into() });
    let term = |text| Term {
        path: RepoPath::new("c").unwrap(),
        node: Some(file(text)),
        seal: None,
        note: String::new(),
    };
    let store = store();
    let batch = Batch::new(&store);
    let conflict = Conflict::new(vec![], vec![term("1"), term("2")]).unwrap();
    let conflict = Node::Conflict(batch.put_value(&conflict, Hint::NONE).unwrap());
    let link = |text: &str| Node::Symlink(BlobId::from(ObjectId::of(Kind::Blob, text.as_bytes())));
    let tool = |text| Node::Executable(content_of(text));
    for (before, after, kind) in [
        (None, Some(file("1")), TreeChangeKind::Added),
        (Some(link("1")), None, TreeChangeKind::Removed),
        (Some(file("1")), Some(file("2")), TreeChangeKind::Modified),
        (Some(file("1")), Some(tool("2")), TreeChangeKind::Modified),
        (Some(file("1")), Some(tool("1")), TreeChangeKind::Mode),
        (Some(link("1")), Some(link("2")), TreeChangeKind::Modified),
        (Some(file("1")), Some(link("1")), TreeChangeKind::Type),
        (Some(foreign(1)), Some(foreign(2)), TreeChangeKind::Modified),
        (Some(foreign(1)), Some(file("1")), TreeChangeKind::Type),
        (Some(file("1")), Some(conflict.clone()), TreeChangeKind::Conflict),
        (Some(conflict), None, TreeChangeKind::Conflict),
    ] {
        let change = TreeChange { path: RepoPath::default(), before, after };
        assert_eq!(change.kind(), kind, "{change:?}");
    }
}

#[test]
fn changes_come_in_the_order_of_their_paths() {
    let before =
        nodes([("a/x", file("1")), ("a/y", file("1")), ("a-b", file("1")), ("b", file("1"))]);
    let after =
        nodes([("a/x", file("2")), ("a/y", file("1")), ("a-b", file("2")), ("c/d/e", file("1"))]);
    let expected = ["Modified a-b", "Modified a/x", "Removed b", "Added c/d/e"];
    assert_eq!(told(&before, &after, &[]), expected);
    assert_eq!(told(&before, &after, &["a"]), ["Modified a/x"]);
    assert_eq!(told(&before, &after, &["!a/x", "!c"]), ["Modified a-b", "Removed b"]);
    assert_eq!(told(&before, &before, &[]), [""; 0]);
}

#[test]
fn a_file_that_becomes_a_directory_goes_and_its_files_come() {
    let before = nodes([("a", file("1")), ("a-b", file("1"))]);
    let after = nodes([("a/x", file("1")), ("a-b", file("2"))]);
    assert_eq!(told(&before, &after, &[]), ["Removed a", "Modified a-b", "Added a/x"]);
    assert_eq!(told(&after, &before, &[]), ["Added a", "Modified a-b", "Removed a/x"]);
}

#[test]
fn nothing_is_an_empty_tree() {
    let store = store();
    let some = tree(&store, &nodes([("a/b", file("1"))]));
    let filter = PathFilter::default();
    let count = |before, after| TreeChanges::new(&store, before, after, &filter).count();
    assert_eq!([count(None, Some(some)), count(Some(some), None), count(None, None)], [1, 1, 0]);
}

#[test]
fn shared_directories_are_not_read() {
    let store = store();
    let absent = Node::Directory(TreeId::from(ObjectId::from_bytes([7; 32])));
    let before = tree(&store, &nodes([("a", absent.clone()), ("b", file("1"))]));
    let after = tree(&store, &nodes([("a", absent.clone()), ("b", file("2"))]));
    let filter = PathFilter::default();
    let changes: Vec<_> = TreeChanges::new(&store, Some(before), Some(after), &filter).collect();
    assert!(matches!(changes[..], [Ok(_)]));
    // One that is not shared is read when its turn comes, and then it is missed, once.
    let other = tree(&store, &nodes([("a", absent), ("b", file("2")), ("c", file("1"))]));
    let changes: Vec<_> = TreeChanges::new(&store, None, Some(other), &filter).collect();
    assert!(matches!(changes[..], [Err(CompareError::Read(ReadError::Absent(_)))]));
    let filter = PathFilter::new(["!a"]).unwrap();
    let changes: Vec<_> = TreeChanges::new(&store, None, Some(other), &filter).collect();
    assert!(matches!(changes[..], [Ok(_), Ok(_)]));
}

#[test]
fn random_trees_differ_where_their_paths_do() {
    let mut dice = Dice(1);
    let names = ["a", "a-b", "a.b", "b", "c"];
    for _ in 0..300 {
        let mut random = |from: &BTreeMap<String, Node>| {
            let mut made = from.clone();
            for _ in 0..dice.below(12) {
                let depth = 1 + dice.below(3);
                let path: Vec<_> = (0..depth).map(|_| *dice.pick(&names)).collect();
                let path = path.join("/");
                // No file is also a directory.
                made.retain(|other, _| {
                    !other.starts_with(&format!("{path}/"))
                        && !path.starts_with(&format!("{other}/"))
                });
                let text = ["1", "2"][dice.below(2)];
                let node = file(text);
                if dice.below(4) == 0 {
                    made.remove(&path);
                } else {
                    made.insert(path, node);
                }
            }
            made
        };
        let before = random(&BTreeMap::new());
        let after = random(&before);
        let mut expected = Vec::new();
        let mut paths: Vec<_> = before.keys().chain(after.keys()).collect();
        paths.sort_unstable();
        paths.dedup();
        for path in paths {
            match (before.get(path), after.get(path)) {
                (Some(one), Some(other)) if one == other => {}
                (Some(_), Some(_)) => expected.push(format!("Modified {path}")),
                (Some(_), None) => expected.push(format!("Removed {path}")),
                (None, _) => expected.push(format!("Added {path}")),
            }
        }
        assert_eq!(told(&before, &after, &[]), expected);
    }
}
