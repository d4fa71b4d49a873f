//! What a killed command began, finished by another or put back.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use selkie_store::{Author, RepoPath, SecretKey, TreeId};
use selkie_vcs::gather::gather;
use selkie_vcs::seal::seal;
use selkie_vcs::{Doer, Follow, FollowError, Workspace};

const LITTER: &str = "selkie~00000000000000000001";

/// A clone whose files were `one` and are `two`, with the trees of both.
fn clone(folder: &Path) -> (Workspace, [TreeId; 2]) {
    let key = SecretKey::from_bytes(&[7; 32]);
    let mut workspace = Workspace::forge(folder, "main", key, &doer(), now_ns).unwrap();
    let trees = ["one", "two"].map(|text| {
        ["a", "b", "c"].iter().for_each(|path| fs::write(folder.join(path), text).unwrap());
        let top = [RepoPath::default()];
        gather(&mut workspace, &doer(), "gather".into(), &top).unwrap();
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

/// The file of a killed command that has an edit, made in the moment before the exchange, went with the litter.
#[test]
fn what_nothing_else_has_is_not_swept() {
    let place = tempfile::tempdir().unwrap();
    let (workspace, [one, two]) = clone(place.path());
    let litter = |number: u8| place.path().join(format!("selkie~0000000000000000000{number}"));
    fs::write(place.path().join("a"), "one").unwrap();
    for (number, text) in
        [(1, "one"), (2, "o"), (3, ""), (4, "tw"), (5, "mine"), (6, "one and mine")]
    {
        fs::write(litter(number), text).unwrap();
    }
    symlink("one", litter(7)).unwrap();
    symlink("nowhere", litter(8)).unwrap();
    workspace.copy().finish(workspace.repository().store(), two, one).unwrap();
    assert_eq!(texts(place.path()), ["one", "one", "one"]);
    let left = (1..=8).filter(|number| fs::symlink_metadata(litter(*number)).is_ok());
    assert_eq!(left.collect::<Vec<_>>(), [5, 6, 8]);
    assert_eq!(fs::read_to_string(litter(5)).unwrap(), "mine");
}

fn doer() -> Doer {
    let author = Author { name: "Ann".to_owned(), contact: String::new() };
    Doer { author, now_ms: 1_000_000, zone_minutes: 0 }
}

fn now_ns() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(now.as_nanos()).unwrap()
}
