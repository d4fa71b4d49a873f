//! What is lost or rots is told, and comes back from another clone.

use std::fs;
use std::path::{Path, PathBuf};

use crate::clone::{Clone, copy};

/// A clone with two seals, and a copy of it beside.
fn twins() -> (Clone, PathBuf) {
    let clone = Clone::forge();
    for text in ["one\n", "two\n"] {
        clone.write("a", text);
        clone.seal(text);
    }
    let backup = clone.root.join("backup");
    copy(&clone.folder, &backup);
    (clone, backup)
}

fn packs(folder: &Path) -> Vec<PathBuf> {
    let packs = fs::read_dir(folder.join(".selkie/packs")).expect("it is there");
    let mut packs: Vec<_> = packs.map(|entry| entry.expect("it can be listed").path()).collect();
    packs.sort();
    packs
}

/// Heals the clone from its copy.
fn mends(clone: &Clone) {
    assert!(clone.fails(&["verify"]).contains("selkie repair --from FOLDER"));
    assert_ne!(clone.told(&["verify"])["faults"].as_array().map(Vec::len), Some(0));
    clone.must(&["repair", "--from", "../backup"]);
    assert_eq!(clone.told(&["verify"])["faults"].as_array().map(Vec::len), Some(0));
    clone.must(&["undo"]);
    clone.must(&["redo"]);
    let history = clone.must(&["log"]).stdout;
    assert_eq!(String::from_utf8_lossy(&history).lines().count(), 2);
}

#[test]
fn each_pack_that_is_lost_comes_back() {
    let (clone, _backup) = twins();
    for pack in packs(&clone.folder) {
        fs::remove_file(pack).expect("it is there");
        mends(&clone);
    }
}

#[test]
fn each_pack_that_rots_is_replaced() {
    let (clone, _backup) = twins();
    for pack in packs(&clone.folder) {
        let mut bytes = fs::read(&pack).expect("it is there");
        let middle = bytes.len() / 3;
        bytes[middle] ^= 1;
        fs::write(&pack, bytes).expect("it can be written");
        mends(&clone);
    }
}

#[test]
fn what_nobody_has_is_named() {
    let (clone, backup) = twins();
    let pack = &packs(&clone.folder)[0];
    fs::remove_file(pack).expect("it is there");
    let other = backup.join(".selkie/packs").join(pack.file_name().expect("it has a name"));
    fs::remove_file(other).expect("it is there");
    let said = clone.fails(&["repair", "--from", "../backup"]);
    assert!(said.contains("lost: object ") && said.contains("hint: name a clone"), "{said}");
}
