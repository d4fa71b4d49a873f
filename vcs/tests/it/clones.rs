//! Clones of folders on this machine: byte for byte what was sealed, and nothing of what hostile ones hold.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use selkie_store::{
    Author, BlobId, ChangeId, Hint, Kind, ObjectId, RepoPath, Seal, SecretKey, TreeId, sign,
};
use selkie_vcs::clone::{CloneError, Cloning, make};
use selkie_vcs::gather::gather;
use selkie_vcs::seal::seal;
use selkie_vcs::{
    Attribute, Desk, Doer, Donor, Keys, Move, Named, Workspace, WorkspaceError, spelled,
};

use crate::lots::Lots;
use crate::round_trip::grow;
use crate::story::contents;

fn keys() -> Keys {
    SecretKey::from_bytes(&[7; 32]).into()
}

fn doer() -> Doer {
    let author = Author { name: "Ann".to_owned(), contact: String::new() };
    Doer { author, now_ms: 1_000_000, zone_minutes: 0 }
}

fn now_ns() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(now.as_nanos()).unwrap()
}

fn forge(folder: &Path) -> Workspace {
    Workspace::forge(folder, "main", keys(), &doer(), now_ns).unwrap()
}

fn clone(from: &Path, folder: &Path) -> Result<Workspace, CloneError> {
    let donor = Donor::open(from, &[])?;
    let (timeline, typed) = (None, "clone".to_owned());
    let cloning = Cloning { folder, timeline, first: "main", typed, keys: &keys };
    make(&donor, &cloning, &doer(), now_ns, None, |_| ())
}

/// Everything beside the repository.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let mut found = contents(folder);
    found.retain(|path, _| path != "/.selkie" && !path.starts_with("/.selkie/"));
    found
}

/// Removes folders that have nothing in them: nobody gathers those.
fn prune(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.is_symlink() && !path.ends_with(".selkie") {
            prune(&path);
            // Refused if something is in it.
            let _ = fs::remove_dir(path);
        }
    }
}

#[test]
fn random_trees_are_cloned_byte_for_byte() {
    let rounds = std::env::var("ROUND_TRIPS").ok().and_then(|rounds| rounds.parse().ok());
    for round in 0..rounds.unwrap_or(4) {
        let place = tempfile::tempdir().unwrap();
        let (here, there) = (place.path().join("here"), place.path().join("there"));
        let mut workspace = forge(&here);
        let mut lots = Lots(1000 + round);
        for _ in 0..2 {
            grow(&here, &mut lots, 3);
            fs::write(here.join("long"), vec![round.to_le_bytes()[0]; 2 << 20]).unwrap();
            prune(&here);
            let top = [RepoPath::default()];
            gather(&mut workspace, &doer(), "gather".into(), &top).unwrap();
            seal(&mut workspace, &doer(), "seal".into(), "more".into()).unwrap();
        }
        let cloned = clone(&here, &there).unwrap();
        assert_eq!(files(&there), files(&here), "round {round}");
        assert_eq!(cloned.known().unwrap(), workspace.known().unwrap(), "round {round}");
        let objects = |workspace: &Workspace| workspace.repository().store().ids().unwrap();
        let (ours, theirs) = (objects(&cloned), objects(&workspace));
        let added: Vec<_> = ours.into_iter().filter(|id| !theirs.contains(id)).collect();
        assert_eq!(added, [], "round {round}");
        assert!(!there.join(".selkie/cloning.lock").exists());
    }
}

/// The bytes of a tree with files of these names, which no `Tree` would take.
fn forged(names: &[&[u8]], content: BlobId) -> Vec<u8> {
    let mut bytes = vec![1];
    for name in names {
        bytes.push(1);
        bytes.push(u8::try_from(name.len()).unwrap());
        bytes.extend(*name);
        bytes.extend(content.object().as_bytes());
    }
    bytes
}

/// Makes a clone of what a hostile repository has for its newest seal: this tree, put by its bytes.
fn clone_forged(place: &Path, tree: impl FnOnce(&selkie_store::Batch) -> ObjectId) -> CloneError {
    let (here, there) = (place.join("here"), place.join("there"));
    let mut workspace = forge(&here);
    let (mut hand, _) = workspace.take(&doer()).unwrap();
    let batch = hand.batch();
    let tree = TreeId::from(tree(&batch));
    let time = hand.time();
    let unsigned = Seal {
        tree,
        parents: Vec::new(),
        change: ChangeId::from_bytes([1; 16]),
        time,
        zone_minutes: 0,
        author: Author::default(),
        message: "trust me".to_owned(),
        replaces: BTreeSet::new(),
        labels: BTreeMap::new(),
        signature: None,
    };
    let sealed = sign(unsigned, &SecretKey::from_bytes(&[7; 32])).unwrap();
    let id = batch.put_value(&sealed, Hint::NONE).unwrap();
    batch.finish().unwrap();
    let (subject, attribute) = (Named::Timeline("main".to_owned()), Attribute::Heads);
    let after = Some(spelled(&[id].into()));
    let desk = Desk { bases: vec![id], ..hand.desk().clone() };
    let mut operation = hand.operation("seal".to_owned(), desk);
    operation.moves = vec![Move { subject, attribute, before: None, after }];
    hand.perform(&operation).unwrap();
    drop(hand);
    fs::write(place.join("canary"), "untouched").unwrap();
    let error = clone(&here, &there).expect_err("it is refused");
    assert!(!there.exists(), "nothing is left of it");
    let mut left: Vec<_> =
        fs::read_dir(place).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["canary", "here"], "and nothing came beside it");
    assert_eq!(fs::read_to_string(place.join("canary")).unwrap(), "untouched");
    error
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    let table: [(&str, &[&[u8]]); 21] = [
        ("the folder above", &[b".."]),
        ("the folder itself", &[b"."]),
        ("no name", &[b""]),
        ("an absolute path", &[b"/etc/passwd"]),
        ("a path", &[b"../canary"]),
        ("a path of another system", &[b"..\\canary"]),
        ("a drive", &[b"c:\\canary"]),
        ("a NUL", &[b"a\0b"]),
        ("a command for the terminal", &[b"\x1b[2J"]),
        ("no text", &[b"\xff\xfe"]),
        ("git's folder", &[b".git"]),
        ("git's folder in capitals", &[b".GiT"]),
        ("git's folder with a dot", &[b".git."]),
        ("git's folder with a space", &[b".git "]),
        ("git's folder with a stream", &[b".git::$INDEX_ALLOCATION"]),
        ("git's folder by its short name", &[b"GIT~1"]),
        ("git's folder with what nobody sees", &[".g\u{200c}it".as_bytes()]),
        ("our folder", &[b".selkie"]),
        ("our folder in capitals", &[b".SELKIE"]),
        ("our folder with a dot", &[b".selkie."]),
        ("names out of order, so that one could hide", &[b"b", b"a"]),
    ];
    for (what, names) in table {
        let place = tempfile::tempdir().unwrap();
        let error = clone_forged(place.path(), |batch| {
            let content = batch.put(Kind::Blob, b"harm", Hint::NONE).unwrap();
            batch.put(Kind::Tree, &forged(names, content.into()), Hint::NONE).unwrap()
        });
        assert!(matches!(error, CloneError::Objects(_)), "{what}: {error:?}");
    }
}

#[test]
fn paths_that_are_too_deep_are_refused() {
    let place = tempfile::tempdir().unwrap();
    let error = clone_forged(place.path(), |batch| {
        let content = batch.put(Kind::Blob, b"harm", Hint::NONE).unwrap();
        let mut tree = batch.put(Kind::Tree, &forged(&[b"f"], content.into()), Hint::NONE).unwrap();
        for _ in 0..600 {
            let bytes = [&[1, 6, 1, b'd'], tree.as_bytes().as_slice()].concat();
            tree = batch.put(Kind::Tree, &bytes, Hint::NONE).unwrap();
        }
        tree
    });
    assert!(matches!(error, CloneError::Failed(_)), "{error:?}");
}

#[test]
fn folders_of_other_tools_are_refused() {
    for name in [".hg", ".svn", ".jj"] {
        let place = tempfile::tempdir().unwrap();
        let error = clone_forged(place.path(), |batch| {
            let content = batch.put(Kind::Blob, b"harm", Hint::NONE).unwrap();
            batch.put(Kind::Tree, &forged(&[name.as_bytes()], content.into()), Hint::NONE).unwrap()
        });
        assert!(matches!(error, CloneError::Failed(_)), "{name}: {error:?}");
    }
}

#[test]
fn a_content_that_is_missing_is_noticed_before_anything_is_written() {
    let place = tempfile::tempdir().unwrap();
    let error = clone_forged(place.path(), |batch| {
        let absent = ObjectId::of(Kind::Blob, b"nowhere");
        batch.put(Kind::Tree, &forged(&[b"a"], absent.into()), Hint::NONE).unwrap()
    });
    assert!(matches!(error, CloneError::Objects(_)), "{error:?}");
}

#[test]
fn a_link_out_of_the_tree_is_a_link_and_nothing_is_written_through_it() {
    let place = tempfile::tempdir().unwrap();
    let (here, there) = (place.path().join("here"), place.path().join("there"));
    let outside = place.path().join("outside");
    fs::create_dir(&outside).unwrap();
    let mut workspace = forge(&here);
    symlink(&outside, here.join("d")).unwrap();
    let top = [RepoPath::default()];
    gather(&mut workspace, &doer(), "gather".into(), &top).unwrap();
    seal(&mut workspace, &doer(), "seal".into(), "a link".into()).unwrap();
    clone(&here, &there).unwrap();
    assert_eq!(fs::read_link(there.join("d")).unwrap(), outside);
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 0);
}

#[test]
fn a_repository_that_anybody_may_write_is_not_cloned() {
    let place = tempfile::tempdir().unwrap();
    let (here, there) = (place.path().join("here"), place.path().join("there"));
    forge(&here);
    for folder in [here.clone(), here.join(".selkie")] {
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).unwrap();
        let error = clone(&here, &there).expect_err("it is refused");
        let is_untrusted = matches!(error, CloneError::Workspace(WorkspaceError::Untrusted(_)));
        assert!(is_untrusted, "{error:?}");
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    }
    assert!(!there.exists());
}

#[test]
fn what_rotted_there_is_noticed() {
    let place = tempfile::tempdir().unwrap();
    let (here, there) = (place.path().join("here"), place.path().join("there"));
    let mut workspace = forge(&here);
    fs::write(here.join("a"), "a".repeat(100)).unwrap();
    let top = [RepoPath::default()];
    gather(&mut workspace, &doer(), "gather".into(), &top).unwrap();
    seal(&mut workspace, &doer(), "seal".into(), "a".into()).unwrap();
    for entry in fs::read_dir(here.join(".selkie/packs")).unwrap() {
        let path = entry.unwrap().path();
        let good = fs::read(&path).unwrap();
        let mut bad = good.clone();
        bad[20] ^= 1;
        fs::write(&path, bad).unwrap();
        clone(&here, &there).expect_err("it is refused");
        assert!(!there.exists());
        fs::write(&path, good).unwrap();
    }
    clone(&here, &there).unwrap();
}
