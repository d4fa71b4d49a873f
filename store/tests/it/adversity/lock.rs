//! Somebody holds a lock and does not let go.

use std::sync::Arc;
use std::time::Duration;

use selkie_store::{Disk, Log, LogError, Operations, OperationsError, OsDisk, Tidied, tidy};

use crate::adversity::{EAST, House, entries, key};

#[test]
fn a_log_that_stays_locked_says_so_and_reading_goes_on() {
    let house = House::new();
    let stuck = OsDisk::new(&house.folder);
    let held = stuck.open_locked(&format!("logs/{EAST}.log")).expect("nobody has it");
    let hurried = OsDisk::new(&house.folder).with_patience(Duration::from_millis(20));
    let refused = Log::new(Arc::new(hurried), EAST).append(b"second", &key());
    assert!(matches!(refused, Err(LogError::Busy { replica: EAST })), "{refused:?}");
    assert_eq!(entries(&house.folder).expect("reading takes no lock").len(), 1);
    drop(held);
    house.goes_on();
}

#[test]
fn operations_that_stay_held_say_so() {
    let house = House::new();
    let operations = Operations::new(Arc::new(OsDisk::new(&house.folder)));
    let held = operations.hold().expect("nobody has it");
    let hurried = OsDisk::new(&house.folder).with_patience(Duration::from_millis(20));
    let refused = Operations::new(Arc::new(hurried)).append(1, b"seal", &[]);
    assert!(matches!(refused, Err(OperationsError::Busy)), "{refused:?}");
    assert_eq!(held.append(1, b"seal", &[]).expect("it is ours"), 1);
}

#[test]
fn a_merge_that_stays_locked_keeps_nobody_waiting() {
    let house = House::new();
    let stuck = OsDisk::new(&house.folder);
    let held = stuck.open_locked("tidy.lock").expect("nobody has it");
    assert_eq!(tidy(&house.store()).expect("it is no error"), Tidied::Elsewhere);
    drop(held);
    assert_eq!(tidy(&house.store()).expect("it is free"), Tidied::Nothing);
    house.goes_on();
}

#[test]
fn a_store_that_somebody_is_beginning_is_not_waited_for_without_end() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let stuck = OsDisk::new(folder.path());
    let held = stuck.open_locked("format.lock").expect("nobody has it");
    let hurried = OsDisk::new(folder.path()).with_patience(Duration::from_millis(20));
    let refused = selkie_store::Store::open(Arc::new(hurried)).expect_err("it is locked");
    let says = crate::adversity::told(&refused);
    assert!(
        says.ends_with("format.lock: another process has kept it locked for 0.02 seconds"),
        "{says}"
    );
    drop(held);
    crate::adversity::open(folder.path());
}
