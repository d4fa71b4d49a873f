//! What the owner of a folder forbids. Nobody forbids anything to root, so root becomes somebody else.

use std::fs::{self, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use selkie_store::{Batch, Hint, Kind, ReadError, Store, repair, tidy};

use crate::adversity::{House, disk, entries, key, kind, log, problems, put, told};

const ROLE: &str = "SELKIE_STORE_TEST_NOBODY";
const NOBODY: u32 = 65_534;

/// Whether the test was done by a child that is not root, or can not be done.
fn done_as_somebody_else(test: &str) -> bool {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let is_root = fs::metadata(folder.path()).expect("it is there").uid() == 0;
    if !is_root || std::env::var_os(ROLE).is_some() {
        return false;
    }
    chown(folder.path(), Some(NOBODY), Some(NOBODY)).expect("root may");
    let child = Command::new(std::env::current_exe().expect("a test is a program"))
        .args([&format!("adversity::permission::{test}"), "--exact", "--nocapture"])
        .env(ROLE, "1")
        .env("TMPDIR", folder.path())
        .current_dir("/")
        .uid(NOBODY)
        .gid(NOBODY)
        .output();
    match child {
        Ok(done) => assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr)),
        Err(refused) => println!("skipped, root can not become somebody else: {refused}"),
    }
    true
}

fn allow(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("it is ours");
}

#[test]
fn a_folder_that_may_only_be_read_is_read() {
    if done_as_somebody_else("a_folder_that_may_only_be_read_is_read") {
        return;
    }
    let house = House::new();
    let folders = [house.folder.join("packs"), house.folder.join("logs"), house.folder.clone()];
    folders.iter().for_each(|folder| allow(folder, 0o555));
    allow(&house.log, 0o444);
    let store = house.store();
    assert_eq!(store.read(&house.fish).expect("it may be read").bytes, b"fish");
    assert_eq!(problems(&store), [""; 0]);
    assert_eq!(entries(&house.folder).expect("it may be read").len(), 1);
    let batch = Batch::new(&store);
    let refused: [Box<dyn std::error::Error>; 4] = [
        Box::new(batch.put(Kind::Blob, b"seal", Hint::NONE).expect_err("nothing may be made")),
        Box::new(tidy(&store).expect_err("nothing may be made")),
        Box::new(log(&house.folder).append(b"second", &key()).expect_err("it may not be written")),
        Box::new(Store::open(disk(&house.folder.join("new"))).expect_err("nothing may be made")),
    ];
    for refused in refused {
        assert_eq!(kind(&*refused), Some(ErrorKind::PermissionDenied), "{}", told(&*refused));
        assert!(told(&*refused).contains(house.folder.to_str().expect("a plain name")));
    }
    folders.iter().for_each(|folder| allow(folder, 0o755));
    allow(&house.log, 0o644);
    house.goes_on();
}

#[test]
fn a_pack_that_may_not_be_read_is_named_and_not_taken_for_damage() {
    if done_as_somebody_else("a_pack_that_may_not_be_read_is_named_and_not_taken_for_damage") {
        return;
    }
    let house = House::new();
    let (seal, _) = put(&house.store(), b"seal");
    allow(&house.pack, 0);
    let store = house.store();
    assert_eq!(store.read(&seal).expect("its pack may be read").bytes, b"seal");
    let refused = store.read(&house.fish).expect_err("its pack may not be read");
    assert!(matches!(refused, ReadError::Unreadable { .. }), "{refused:?}");
    assert_eq!(kind_of_pack_error(&refused), Some(ErrorKind::PermissionDenied));
    assert!(store.has(&house.fish).is_err(), "it may be there");
    assert_eq!(problems(&store).len(), 1);
    let repaired = repair(&store, &[], |_| None).expect("the folder may be written");
    assert!(repaired.laid_aside.is_empty(), "it may be sound");
    allow(&house.pack, 0o644);
    house.goes_on();
}

fn kind_of_pack_error(error: &ReadError) -> Option<ErrorKind> {
    match error {
        ReadError::Unreadable { source: selkie_store::PackError::Io { source, .. }, .. } => {
            Some(source.kind())
        }
        _ => None,
    }
}
