//! Real processes on a real disk, killed and crowded.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;

use selkie_store::{Batch, Hint, Kind, ObjectId, OsDisk, Store, tidy, verify};

/// Where a child works, and what it is called.
const FOLDER: &str = "SELKIE_STORE_TEST_FOLDER";
const NAME: &str = "SELKIE_STORE_TEST_NAME";

#[test]
fn a_killed_process_loses_nothing_that_it_acknowledged() {
    if be_a_child(usize::MAX) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder for the test");
    let mut acknowledged = Vec::new();
    for round in 0..rounds() {
        let test = "process::a_killed_process_loses_nothing_that_it_acknowledged";
        let (mut child, lines) = spawn(test, folder.path(), round);
        // It goes on while its lines are read, so it is killed anywhere between two of them.
        acknowledged.extend(lines.filter_map(acknowledged_id).take(round % 12 + 1));
        child.kill().expect("it runs until it is killed");
        child.wait().expect("it is ours");
    }
    assert_eq!(acknowledged.len(), (0..rounds()).map(|round| round % 12 + 1).sum::<usize>());
    are_whole(folder.path(), &acknowledged);
}

#[test]
fn processes_that_write_and_merge_at_once_lose_nothing() {
    const EACH: usize = 20;
    if be_a_child(EACH) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder for the test");
    let test = "process::processes_that_write_and_merge_at_once_lose_nothing";
    let children: Vec<_> =
        (0..processes()).map(|number| spawn(test, folder.path(), number)).collect();
    let mut acknowledged = Vec::new();
    for (mut child, lines) in children {
        acknowledged.extend(lines.filter_map(acknowledged_id));
        assert!(child.wait().expect("it is ours").success());
    }
    assert_eq!(acknowledged.len(), processes() * EACH);
    are_whole(folder.path(), &acknowledged);
}

/// How often a process is killed. More by `KILL_ROUNDS`.
fn rounds() -> usize {
    std::env::var("KILL_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(50)
}

/// How many write at once. More by `PROCESSES`.
fn processes() -> usize {
    std::env::var("PROCESSES").ok().and_then(|processes| processes.parse().ok()).unwrap_or(4)
}

/// This very test as a child, and what it prints.
fn spawn(test: &str, folder: &Path, number: usize) -> (Child, Lines<BufReader<ChildStdout>>) {
    let mut child = Command::new(std::env::current_exe().expect("a test is a program"))
        .args([test, "--exact", "--nocapture"])
        .env(FOLDER, folder)
        .env(NAME, number.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("a test can be run");
    let lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    (child, lines)
}

fn acknowledged_id(line: std::io::Result<String>) -> Option<ObjectId> {
    line.ok()?.strip_prefix("acknowledged ")?.parse().ok()
}

/// Writes as many batches as told, if this process was started for that.
fn be_a_child(batches: usize) -> bool {
    let (Some(folder), Ok(name)) = (std::env::var_os(FOLDER), std::env::var(NAME)) else {
        return false;
    };
    let store = Store::open(Arc::new(OsDisk::new(Path::new(&folder)))).expect("it opens");
    let mut base = None;
    for number in 0..batches {
        let text = (0..50).map(|line| format!("{name} {} {line}\n", number * line / 20));
        let text = text.collect::<String>() + &number.to_string();
        let batch = Batch::new(&store);
        let put = |bytes: &[u8], base| batch.put(Kind::Blob, bytes, Hint { path: "a.txt", base });
        let id = put(text.as_bytes(), base).expect("there is room");
        put(format!("{name} {number}").as_bytes(), None).expect("there is room");
        batch.finish().expect("there is room");
        println!("\nacknowledged {id}");
        tidy(&store).expect("a merge takes what there is");
        base = Some(id);
    }
    true
}

fn are_whole(folder: &Path, acknowledged: &[ObjectId]) {
    let store = Store::open(Arc::new(OsDisk::new(folder))).expect("it opens");
    let lost: BTreeMap<_, _> = acknowledged
        .iter()
        .filter_map(|id| Some((id, store.read(id).err()?.to_string())))
        .collect();
    assert!(lost.is_empty(), "{lost:?}");
    let problems = verify(&store, |_| ()).expect("the disk is well");
    assert!(problems.is_empty(), "{problems:?}");
    tidy(&store).expect("the disk is well");
    let names = std::fs::read_dir(folder.join("packs")).expect("it is there");
    let names = names.map(|entry| entry.expect("it is there").file_name());
    let litter: Vec<_> = names.filter(|name| name.to_string_lossy().ends_with("tmp")).collect();
    assert!(litter.is_empty(), "{litter:?}");
}
