//! Somebody swaps directories for links while we write, and gets nothing out of it.

use std::fs;
use std::os::unix::fs::symlink;
use std::sync::atomic::{AtomicBool, Ordering};

use selkie_store::RepoPath;
use selkie_vcs::Index;

use crate::story::{contents, look, seal, store, try_switch};

#[test]
fn nothing_outside_is_touched_while_a_directory_flips_between_itself_and_a_link() {
    let place = tempfile::tempdir().unwrap();
    let (folder, outside) = (place.path().join("copy"), place.path().join("outside"));
    let (store, top) = (store(&place.path().join("store")), [RepoPath::default()]);
    let mut index = Index::empty();
    let mut trees = Vec::new();
    for version in 0..2 {
        for number in 0..40 {
            let path = folder.join(format!("in/deep/f{number}"));
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, format!("version {version} of {number}")).unwrap();
        }
        let paths = look(&folder, &mut index).chosen(&top);
        trees.push(seal(&store, &folder, &mut index, &paths));
    }
    // What the link leads to looks just like what is to be replaced.
    fs::create_dir_all(outside.join("deep")).unwrap();
    for number in 0..40 {
        fs::write(outside.join(format!("deep/f{number}")), format!("version 1 of {number}"))
            .unwrap();
    }
    let canary = contents(&outside);
    let stop = AtomicBool::new(false);
    let (inside, away) = (folder.join("in"), folder.join("away"));
    let rounds = std::env::var("RACE_ROUNDS").ok().and_then(|rounds| rounds.parse().ok());
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                if fs::rename(&inside, &away).is_ok() {
                    // The switch may have made the directory anew; then it goes.
                    if symlink(&outside, &inside).is_ok() {
                        fs::remove_file(&inside).unwrap();
                    }
                    // Where the switch made the directory anew it may be writing into it just now.
                    while fs::rename(&away, &inside).is_err() {
                        let _being_written = fs::remove_dir_all(&inside);
                    }
                }
            }
        });
        for round in 0..rounds.unwrap_or(30) {
            // It may fail or not, as it likes.
            let _ = try_switch(&store, &folder, &mut index, trees[round % 2]);
        }
        stop.store(true, Ordering::Relaxed);
    });
    assert_eq!(contents(&outside), canary);
}
