//! Real processes on a real disk, killed and crowded.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;

use selkie_crdt::ActorId;
use selkie_store::{
    Batch, Hint, Kind, Log, ObjectId, OsDisk, SecretKey, Store, Tidied, tidy, verify,
};

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
fn a_process_killed_while_it_adds_to_a_log_loses_no_entry_that_it_acknowledged() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        return append_for_ever(Path::new(&folder));
    }
    let folder = tempfile::tempdir().expect("a folder for the test");
    let test =
        "process::a_process_killed_while_it_adds_to_a_log_loses_no_entry_that_it_acknowledged";
    for round in 0..rounds() {
        let (mut child, lines) = spawn(test, folder.path(), round);
        let acknowledged = lines.filter_map(|line| line.ok()?.strip_prefix("at ")?.parse().ok());
        let last: u64 =
            acknowledged.take(round % 7 + 1).last().expect("it runs until it is killed");
        child.kill().expect("it runs until it is killed");
        child.wait().expect("it is ours");
        let log = Log::new(Arc::new(OsDisk::new(folder.path())), EAST);
        let entries: Vec<_> =
            log.entries().and_then(Iterator::collect).expect("at most its end is torn");
        assert!(entries.len() as u64 >= last, "round {round}: {last} of {}", entries.len());
        let in_place = |(at, entry): (usize, &selkie_store::Entry)| entry.payload == payload(at);
        assert!(entries.iter().enumerate().all(in_place), "round {round}");
        // The next one mends what the last one left, and goes on behind it.
    }
}

#[test]
fn a_process_killed_while_it_merges_loses_no_object() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        return merge_for_ever(Path::new(&folder));
    }
    let folder = tempfile::tempdir().expect("a folder for the test");
    let test = "process::a_process_killed_while_it_merges_loses_no_object";
    let mut acknowledged = Vec::new();
    for round in 0..rounds() {
        let (mut child, lines) = spawn(test, folder.path(), round);
        let mut lines = lines.map_while(Result::ok);
        acknowledged.extend(
            lines
                .by_ref()
                .take_while(|line| line != "merging")
                .filter_map(|line| line.strip_prefix("acknowledged ")?.parse::<ObjectId>().ok()),
        );
        // Somewhere in the merge: as far as it gets while this looks at some bytes.
        let mut hasher = blake3::Hasher::new();
        for number in 0..round * 37 % 2000 {
            hasher.update(&(number as u64).to_le_bytes());
        }
        child.kill().expect("it runs until it is killed");
        child.wait().expect("it is ours");
    }
    assert!(acknowledged.len() >= rounds());
    are_whole(folder.path(), &acknowledged);
}

const EAST: ActorId = ActorId::from_bytes([0xea; 16]);

/// What stands at a place of the log: its length differs, and so does where a kill tears it.
fn payload(at: usize) -> Vec<u8> {
    (at as u64).to_le_bytes().repeat(1 + at * 7 % 400)
}

fn append_for_ever(folder: &Path) {
    let log = Log::new(Arc::new(OsDisk::new(folder)), EAST);
    let key = SecretKey::from_bytes(&[7; 32]);
    let mut position = log.mend().and_then(|_| log.head()).expect("it can be mended").position;
    loop {
        let at = usize::try_from(position).expect("few");
        position = log.append(&payload(at), &key).expect("there is room").position;
        println!("\nat {position}");
    }
}

/// Makes packs until there are enough, says so, merges them, and begins again.
fn merge_for_ever(folder: &Path) {
    let store = Store::open(Arc::new(OsDisk::new(folder))).expect("it opens");
    let name = std::env::var(NAME).expect("a child has a name");
    for turn in 0_u64.. {
        for number in 0..8_u64 {
            let batch = Batch::new(&store);
            let text = format!("{name} {turn} {number}").repeat(100);
            let id = batch.put(Kind::Blob, text.as_bytes(), Hint::NONE).expect("there is room");
            batch.finish().expect("there is room");
            println!("\nacknowledged {id}");
        }
        println!("\nmerging");
        let merged = tidy(&store).expect("a merge takes what there is");
        assert!(!matches!(merged, Tidied::Elsewhere), "nobody else is here");
    }
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
