//! A clone without a key: it can be read, and is not changed.

use std::fs;

use selkie_store::{Author, RepoPath, SecretKey};
use selkie_vcs::gather::{GatherError, gather};
use selkie_vcs::{Doer, Keys, PerformError, Trouble, Workspace};

#[test]
fn who_only_reads_needs_no_key_and_who_writes_is_told() {
    let place = tempfile::tempdir().unwrap();
    let top = [RepoPath::default()];
    let mut first = Workspace::forge(place.path(), "main", key(), &doer(), || 0).unwrap();
    fs::write(place.path().join("a"), "one").unwrap();
    gather(&mut first, &doer(), "gather".into(), &top).unwrap();

    let mut keyless = Workspace::open(place.path(), &[], Keys::Nowhere, || 0).unwrap();
    assert_eq!(keyless.repository().desk(), first.repository().desk());
    assert_eq!(keyless.known().unwrap(), first.known().unwrap());
    fs::write(place.path().join("b"), "two").unwrap();
    let refused = gather(&mut keyless, &doer(), "gather".into(), &top);
    let without_key = GatherError::Failed(Trouble::Perform(PerformError::Keyless));
    assert_eq!(refused.unwrap_err().to_string(), without_key.to_string());
    assert_eq!(keyless.repository().desk(), first.repository().desk());
}

/// A key that was given goes on signing: it is not asked for with every command.
#[test]
fn a_key_that_is_held_signs_more_than_once() {
    let place = tempfile::tempdir().unwrap();
    let mut clone = Workspace::forge(place.path(), "main", key(), &doer(), || 0).unwrap();
    for name in ["a", "b"] {
        fs::write(place.path().join(name), name).unwrap();
        let path = [RepoPath::new(name).unwrap()];
        assert_eq!(gather(&mut clone, &doer(), "gather".into(), &path).unwrap().taken, path);
    }
}

fn key() -> SecretKey {
    SecretKey::from_bytes(&[7; 32])
}

fn doer() -> Doer {
    let author = Author { name: "Ann".into(), contact: String::new() };
    Doer { author, now_ms: 1_000, zone_minutes: 0 }
}
