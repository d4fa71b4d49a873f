//! Every call to the file system fails once, or from then on.

use std::sync::Arc;

use selkie_store::{Fault, SimDisk, Store, tidy, verify};

use crate::story::{is_whole, live};

const SEALS: u8 = 9;

#[test]
fn a_call_that_fails_once_loses_nothing_acknowledged() {
    for call in 0..calls() {
        survives(Fault::At(call));
    }
}

#[test]
fn a_disk_that_dies_loses_nothing_acknowledged() {
    for call in 0..calls() {
        survives(Fault::From(call));
    }
}

#[test]
fn a_full_disk_loses_nothing_acknowledged() {
    for room in (0..9_000).step_by(71) {
        survives(Fault::Full(room));
    }
}

/// How many calls a life without faults takes.
fn calls() -> usize {
    let disk = SimDisk::default();
    disk.fail(Fault::At(usize::MAX));
    live(&disk, SEALS);
    disk.heal()
}

fn survives(fault: Fault) {
    let disk = SimDisk::default();
    disk.fail(fault);
    let acknowledged = live(&disk, SEALS);
    let _ = disk.heal();
    let store = Store::open(Arc::new(disk.clone())).expect("a store opens once the disk is well");
    for known in &acknowledged {
        assert!(is_whole(&store, known), "{fault:?} {known:?}");
    }
    let problems = verify(&store, |_| ()).expect("the disk is well");
    assert!(problems.is_empty(), "{fault:?} {problems:?}");
    assert_eq!(live(&disk, 3).len(), 3, "{fault:?}: life goes on");
    tidy(&store).expect("the disk is well");
    assert!(!disk.paths().iter().any(|path| path.starts_with("packs/") && path.ends_with("tmp")));
}
