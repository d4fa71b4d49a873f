//! What a killed command began, finished by another or put back.

use std::fs;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use selkie_store::{Author, RepoPath, SecretKey, TreeId};
use selkie_vcs::gather::gather;
use selkie_vcs::seal::seal;
use selkie_vcs::{Doer, Follow, FollowError, Ignore, Workspace};

const LITTER: &str = "selkie~00000000000000000001";

/// A clone whose files were `one` and are `two`, with the trees of both.
fn clone(folder: &Path) -> (Workspace, [TreeId; 2]) {
    let key = SecretKey::from_bytes(&[7; 32]);
    let mut workspace = Workspace::forge(folder, "main", key, &doer(), now_ns).unwrap();
    let trees = ["one", "two"].map(|text| {
        ["a", "b", "c"].iter().for_each(|path| fs::write(folder.join(path), text).unwrap());
        let (top, rules) = ([RepoPath::default()], Ignore::new(Vec::new()));
        gather(&mut workspace, &doer(), "gather".into(), &top, rules).unwrap();
        seal(&mut workspace, &doer(), "seal".into(), text.into()).unwrap().seal.tree
    });
    (workspace, trees)
}

fn texts(folder: &Path) -> [String; 3] {
    ["a", "b", "c"].map(|path| fs::read_to_string(folder.join(path)).unwrap())
}

#[test]
fn what_is_half_done_is_done() {
    let place = tempfile::tempdir().unwrap();
    let (workspace, [one, two]) = clone(place.path());
    fs::write(place.path().join("a"), "one").unwrap();
    fs::write(place.path().join(LITTER), "o").unwrap();
    workspace.copy().finish(workspace.repository().store(), two, one).unwrap();
    assert_eq!(texts(place.path()), ["one", "one", "one"]);
    assert!(!place.path().join(LITTER).exists());
}

/// The files that the killed command had written stayed, though it was given up.
#[test]
fn where_a_file_was_edited_since_the_others_are_put_back() {
    let place = tempfile::tempdir().unwrap();
    let (workspace, [one, two]) = clone(place.path());
    fs::write(place.path().join("a"), "one").unwrap();
    fs::write(place.path().join("b"), "mine").unwrap();
    let refused = workspace.copy().finish(workspace.repository().store(), two, one);
    assert!(matches!(refused, Err(FollowError::Blocked(blocked)) if blocked.len() == 1));
    assert_eq!(texts(place.path()), ["two", "mine", "two"]);
}

fn doer() -> Doer {
    let author = Author { name: "Ann".to_owned(), contact: String::new() };
    Doer { author, now_ms: 1_000_000, zone_minutes: 0 }
}

fn now_ns() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(now.as_nanos()).unwrap()
}
