//! A checkout that is killed leaves files that are old or new, and the next one finishes it.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use selkie_store::{RepoPath, TreeId};
use selkie_vcs::Index;

use crate::story::{contents, look, seal, store, switch};

/// Where a child works, and to which tree it switches.
const FOLDER: &str = "SELKIE_VCS_TEST_FOLDER";
const TREE: &str = "SELKIE_VCS_TEST_TREE";

#[test]
fn a_killed_switch_leaves_old_or_new_files_and_is_finished_by_the_next() {
    if be_a_child() {
        return;
    }
    let place = tempfile::tempdir().unwrap();
    let (folder, mut index) = (place.path().join("copy"), Index::empty());
    fs::create_dir(&folder).unwrap();
    let (store, top) = (store(&place.path().join("store")), [RepoPath::default()]);
    let mut states = Vec::new();
    for version in 0..2 {
        grow(&folder, version);
        let paths = look(&folder, &mut index).chosen(&top);
        states.push((seal(&store, &folder, &mut index, &paths), contents(&folder)));
    }
    let rounds = std::env::var("KILL_ROUNDS").ok().and_then(|rounds| rounds.parse().ok());
    let mut at = 1;
    for round in 0..rounds.unwrap_or(10) {
        let (target, wanted) = &states[1 - at];
        index.write(&place.path().join("index")).unwrap();
        kill_after(place.path(), *target, round % 9);
        for (path, found) in contents(&folder) {
            let is = |state: &BTreeMap<String, String>| state.get(&path) == Some(&found);
            let is_litter = path.contains("/selkie~");
            assert!(is(&states[at].1) || is(wanted) || is_litter, "{path} is a mix");
        }
        switch(&store, &folder, &mut index, *target);
        assert_eq!(&contents(&folder), wanted);
        at = 1 - at;
    }
}

/// Every third file differs between versions, some exist in one only.
fn grow(folder: &Path, version: usize) {
    for number in 0..300 {
        let path = folder.join(format!("d{}/f{number}", number % 10));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        match number % 3 {
            0 => fs::write(path, format!("version {version}\n").repeat(number)).unwrap(),
            1 if number % 2 == version => fs::write(path, "here").unwrap(),
            1 if path.exists() => fs::remove_file(path).unwrap(),
            _ => fs::write(path, "same").unwrap(),
        }
    }
}

/// Runs a switch in a process of its own and kills it when it has told of `steps` parts.
fn kill_after(place: &Path, target: TreeId, steps: usize) {
    let test = "kill::a_killed_switch_leaves_old_or_new_files_and_is_finished_by_the_next";
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture"])
        .env(FOLDER, place)
        .env(TREE, target.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    lines.filter(|line| line.as_ref().is_ok_and(|line| line == "part")).take(steps + 1).count();
    child.kill().unwrap();
    child.wait().unwrap();
}

fn be_a_child() -> bool {
    let (Some(place), Ok(tree)) = (std::env::var_os(FOLDER), std::env::var(TREE)) else {
        return false;
    };
    let place = Path::new(&place);
    let store = store(&place.join("store"));
    let mut index = Index::read(&place.join("index")).unwrap().unwrap();
    println!("\npart");
    let target = TreeId::from(tree.parse::<selkie_store::ObjectId>().unwrap());
    crate::story::switch_telling(&store, &place.join("copy"), &mut index, target, || {
        println!("part");
    });
    true
}
