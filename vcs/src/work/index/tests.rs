use std::fs;

use super::*;
use crate::work::folding::Folding;
use crate::work::index::builder::Builder;
use crate::work::index::memory::Remembered;
use crate::work::stat::Form;
use crate::work::trial::{Copy, path};

fn stat(size: u64) -> Stat {
    Stat { form: Form::File, size, modified_ns: 1, changed_ns: 2, inode: 3 }
}

fn file(number: u8) -> Node {
    Node::File(Content::Whole(ObjectId::from_bytes([number; 32]).into()))
}

fn tree(number: u8) -> TreeId {
    ObjectId::from_bytes([number; 32]).into()
}

/// An index with one of everything.
fn sample() -> Index {
    let foreign = Node::Foreign(Foreign { mode: 0o160_000, bytes: b"sub".as_slice().into() });
    let mut builder = Builder::default();
    let top = builder.begin(b"", tree(1), None);
    builder.add(&Row { name: b"a", node: file(7), seen: Some((Sight::Same, stat(4))) });
    builder.add(&Row { name: b"lib", node: foreign, seen: None });
    let names = vec![Remembered { name: b"x".to_vec(), is_ignored: true, is_directory: false }];
    let memory = Memory {
        modified_ns: 5,
        changed_ns: 6,
        inode: 7,
        stamp: [8; 16],
        all_ignored: false,
        names,
    };
    let inner = builder.begin(b"in", tree(2), Some(memory));
    let link = Node::Symlink(ObjectId::from_bytes([9; 32]).into());
    builder.add(&Row { name: b"l", node: link, seen: None });
    builder.end(inner);
    builder.end(top);
    builder.finish()
}

#[test]
fn what_is_written_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let file_path = folder.path().join("index");
    assert!(Index::read(&file_path).unwrap().is_none());
    sample().write(&file_path).unwrap();
    let index = Index::read(&file_path).unwrap().unwrap();
    assert_eq!(index.known(), tree(1));
    assert_eq!(index.node_at(&path("a")), Some(file(7)));
    assert_eq!(index.node_at(&path("lib")), sample().node_at(&path("lib")));
    assert_eq!(index.tree_at(&path("in")), Some(tree(2)));
    assert_eq!(index.node_at(&path("in/l")), sample().node_at(&path("in/l")));
    assert_eq!(index.node_at(&path("in/none")), None);
    assert_eq!(index.seen(0), Some((Sight::Same, stat(4))));
    assert_eq!(index.memory(1), sample().memory(1));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "the index and its lock");
}

#[test]
fn two_that_write_at_once_leave_one_of_the_two() {
    let folder = tempfile::tempdir().unwrap();
    let file_path = folder.path().join("index");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..50).for_each(|_| sample().write(&file_path).unwrap()));
        }
        let mut seen = 0;
        while seen < 50 {
            seen += usize::from(Index::read(&file_path).unwrap().is_some());
        }
    });
    assert!(Index::read(&file_path).unwrap().is_some());
}

#[test]
fn a_damaged_index_is_none_whatever_the_damage() {
    let mut bytes = Vec::new();
    let put = |part: &[u8]| {
        bytes.extend(part);
        Ok(())
    };
    sample().encode(put).unwrap();
    assert!(Index::decode(bytes.clone()).is_some());
    for at in 0..bytes.len() {
        for flip in [0x01, 0xff] {
            let mut bytes = bytes.clone();
            bytes[at] ^= flip;
            assert!(Index::decode(bytes).is_none(), "byte {at}");
        }
        assert!(Index::decode(bytes[..at].to_vec()).is_none(), "cut at {at}");
    }
}

#[test]
fn a_damaged_index_costs_a_scan_and_nothing_else() {
    let mut copy = Copy::new();
    copy.write("a/b", "text");
    copy.write("c", "text");
    let tree = copy.seal();
    copy.write("c", "TEXT");
    copy.index = Index::empty();
    copy.know(tree, &rebase::Seen::new());
    assert_eq!(copy.status(), ["M c"]);
}

#[test]
fn rows_that_did_not_change_keep_what_was_seen() {
    let mut copy = Copy::new();
    for file in ["a/one", "a/two", "b/c/three", "b-c", "b.c"] {
        copy.write(file, file);
    }
    let first = copy.seal();
    copy.write("a/two", "changed");
    copy.write("new/file", "new");
    let second = copy.seal();
    let (one, two) = (copy.index.find(&path("a/one")), copy.index.find(&path("a/two")));
    assert!(copy.index.seen(one.unwrap()).is_some());
    assert!(copy.index.seen(two.unwrap()).is_some());
    copy.know(first, &rebase::Seen::new());
    let (one, two) = (copy.index.find(&path("a/one")), copy.index.find(&path("a/two")));
    assert!(copy.index.seen(one.unwrap()).is_some());
    assert!(copy.index.seen(two.unwrap()).is_none());
    assert_eq!(copy.index.find(&path("new/file")), None);
    assert_eq!(copy.status(), ["M a/two", "? new/"]);
    copy.know(second, &rebase::Seen::new());
    assert_eq!(copy.status(), [""; 0]);
}

#[test]
fn a_tree_too_deep_for_paths_is_refused() {
    use selkie_store::{Batch, Hint, Name, Tree};

    let copy = Copy::new();
    let batch = Batch::new(&copy.store);
    let mut deep = batch.put_value(&Tree::default(), Hint::NONE).unwrap();
    for _ in 0..=RepoPath::DEPTH_MAX {
        let entries = [(Name::new("d").unwrap(), Node::Directory(deep))];
        deep = batch.put_value(&Tree::from_iter(entries), Hint::NONE).unwrap();
    }
    batch.finish().unwrap();
    assert!(copy.index.rebase(&copy.store, deep, &rebase::Seen::new(), 0).is_err());
    assert!(copy.index.against(&copy.store, deep, Folding::Apart).is_err());
}
