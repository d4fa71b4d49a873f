//! Somebody else's folder: names that lead elsewhere.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use selkie_store::{Store, tidy};

use crate::adversity::{House, disk, key, log, open, problems, put, told};

/// What stands in for a pack must not be followed, read or waited for.
fn is_refused_as_a_pack(stand_in: impl FnOnce(&House, &std::path::Path)) {
    let house = House::new();
    let (seal, _) = put(&house.store(), b"seal");
    let aside = house.folder.join("aside");
    fs::rename(&house.pack, &aside).expect("it is there");
    stand_in(&house, &aside);
    let store = open(&house.folder);
    assert_eq!(store.read(&seal).expect("its pack is sound").bytes, b"seal");
    let says = told(&store.read(&house.fish).expect_err("its pack is no file"));
    assert!(says.ends_with("it is no plain file"), "{says}");
    assert_eq!(problems(&store).len(), 1);
    fs::remove_file(&house.pack).expect("it is there");
    fs::rename(&aside, &house.pack).expect("it is there");
    house.goes_on();
}

#[test]
fn a_pack_that_became_a_link_is_not_followed() {
    is_refused_as_a_pack(|house, aside| symlink(aside, &house.pack).expect("the name is free"));
}

// It was listed and not found, and listed again, without end.
#[test]
fn a_pack_that_became_a_link_to_nothing_is_not_looked_for_without_end() {
    is_refused_as_a_pack(|house, _| symlink("nowhere", &house.pack).expect("the name is free"));
}

// Opening a pipe for reading waits until somebody writes.
#[test]
fn a_pack_that_became_a_pipe_is_not_waited_for() {
    is_refused_as_a_pack(|house, _| {
        let made = Command::new("mkfifo").arg(&house.pack).status();
        assert!(made.expect("every Unix has it").success());
    });
}

#[test]
fn a_link_in_the_place_of_a_file_to_be_written_is_not_written_through() {
    let house = House::new();
    let precious = house.folder.join("precious");
    fs::write(&precious, b"note").expect("there is room");
    fs::remove_file(&house.log).expect("it is there");
    symlink(&precious, &house.log).expect("the name is free");
    let store = house.store();
    symlink(&precious, house.folder.join("tidy.lock")).expect("the name is free");
    let refused = [
        told(&log(&house.folder).append(b"first", &key()).expect_err("it leads elsewhere")),
        told(&tidy(&store).expect_err("it leads elsewhere")),
        told(&Store::open(disk(&house.folder)).expect_err("it leads elsewhere")),
    ];
    fs::remove_file(house.folder.join("format")).expect("it is there");
    symlink(&precious, house.folder.join("format.tmp")).expect("the name is free");
    let begun = told(&Store::open(disk(&house.folder)).expect_err("it leads elsewhere"));
    for says in refused.into_iter().chain([begun]) {
        assert!(says.ends_with("it is no plain file"), "{says}");
    }
    assert_eq!(fs::read(&precious).expect("it is there"), b"note");
}

// Whoever merges removes what dead writers left: in another folder those may be somebody's files.
#[test]
fn folders_that_lead_elsewhere_are_not_swept() {
    let house = House::new();
    let elsewhere = tempfile::tempdir().expect("a folder for the test");
    fs::write(elsewhere.path().join("draft.tmp"), b"note").expect("there is room");
    fs::rename(house.folder.join("packs"), house.folder.join("aside")).expect("it is there");
    symlink(elsewhere.path(), house.folder.join("packs")).expect("the name is free");
    let says = told(&Store::open(disk(&house.folder)).expect_err("it leads elsewhere"));
    assert!(says.ends_with("packs: it is no folder"), "{says}");
    assert_eq!(fs::read(elsewhere.path().join("draft.tmp")).expect("it is there"), b"note");
}
