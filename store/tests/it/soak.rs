//! Processes that put, seal, publish, give up, merge and collect at once.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use selkie_store::{Batch, Collected, Disk, OsDisk, SealId, Store, repack, tidy, verify};

use crate::garden::{collect, put_bed, put_seal, reachable, settle};

const FOLDER: &str = "SELKIE_STORE_SOAK_FOLDER";
const NAME: &str = "SELKIE_STORE_SOAK_NAME";

#[test]
fn processes_that_write_merge_and_collect_at_once_lose_nothing() {
    if be_a_child(ROUNDS) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder for the test");
    let test = "soak::processes_that_write_merge_and_collect_at_once_lose_nothing";
    prepare(folder.path());
    let children: Vec<_> = (0..processes()).map(|name| spawn(test, folder.path(), name)).collect();
    for mut child in children {
        assert!(child.wait().expect("it is ours").success());
    }
    is_whole(folder.path());
}

#[test]
fn processes_that_are_killed_while_they_collect_lose_nothing() {
    if be_a_child(u64::MAX) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder for the test");
    let test = "soak::processes_that_are_killed_while_they_collect_lose_nothing";
    prepare(folder.path());
    let rounds = std::env::var("KILL_ROUNDS").ok().and_then(|rounds| rounds.parse().ok());
    for round in 0..rounds.unwrap_or(8) {
        let mut children = [0, 1].map(|name| spawn(test, folder.path(), name));
        // As many seals as this are published before the kill, wherever the other process is.
        let enough = published(folder.path()).0 + 3 + round % 5;
        while published(folder.path()).0 < enough {
            std::thread::yield_now();
        }
        for child in &mut children {
            child.kill().expect("it runs until it is killed");
            child.wait().expect("it is ours");
        }
    }
    is_whole(folder.path());
}

fn processes() -> usize {
    std::env::var("PROCESSES").ok().and_then(|processes| processes.parse().ok()).unwrap_or(4)
}

/// How long each process goes on, if not for some rounds only.
fn limit() -> Option<Duration> {
    let seconds = std::env::var("SOAK_SECONDS").ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}

const ROUNDS: u64 = 25;

/// A seal that stays, so that nobody ever has nothing to name.
fn prepare(folder: &Path) {
    fs::create_dir(folder.join("published")).expect("there is room");
    let store = Store::open(disk(folder)).expect("it opens");
    let batch = Batch::new(&store);
    let bed = put_bed(&batch, &[0]).expect("there is room");
    let seal = put_seal(&batch, bed, vec![], "the first").expect("there is room");
    batch.finish().expect("there is room");
    publish(folder, "first", 1, &[seal]);
}

fn disk(folder: &Path) -> Arc<dyn Disk> {
    Arc::new(OsDisk::new(&folder.join("store")))
}

fn spawn(test: &str, folder: &Path, name: usize) -> Child {
    Command::new(std::env::current_exe().expect("a test is a program"))
        .args([test, "--exact", "--nocapture"])
        .env(FOLDER, folder)
        .env(NAME, name.to_string())
        .stdout(Stdio::null())
        .spawn()
        .expect("a test can be run")
}

/// Writes down, at once, what a process has published: how many times so far, and what counts now.
fn publish(folder: &Path, name: &str, count: u64, seals: &[SealId]) {
    let path = |suffix: &str| -> PathBuf { folder.join(format!("published/{name}{suffix}")) };
    let lines: Vec<_> = seals.iter().map(SealId::to_string).collect();
    fs::write(path(".new"), format!("{count}\n{}", lines.join("\n"))).expect("there is room");
    fs::rename(path(".new"), path("")).expect("there is room");
}

/// How many times something was published, and what all processes have published now.
fn published(folder: &Path) -> (u64, BTreeSet<SealId>) {
    let mut times = 0;
    let mut seals = BTreeSet::new();
    for entry in fs::read_dir(folder.join("published")).expect("it is there") {
        let path = entry.expect("it is there").path();
        if path.extension().is_some() {
            continue;
        }
        let text = fs::read_to_string(path).expect("it is replaced, never removed");
        let mut lines = text.lines();
        times += lines.next().and_then(|count| count.parse::<u64>().ok()).expect("a count");
        seals.extend(
            lines.map(|line| SealId::from(line.parse::<selkie_store::ObjectId>().expect("an id"))),
        );
    }
    (times, seals)
}

/// Lives until it is enough, if this process was started for that.
fn be_a_child(rounds: u64) -> bool {
    let (Some(folder), Ok(name)) = (std::env::var_os(FOLDER), std::env::var(NAME)) else {
        return false;
    };
    let folder = Path::new(&folder);
    let number: u64 = name.parse().expect("a number");
    // One process keeps its store open all the time; the others know only the packs they find.
    let mut store = Store::open(disk(folder)).expect("it opens");
    let started = Instant::now();
    let mut heads: Vec<SealId> = Vec::new();
    let before = counted(folder, &name);
    for round in before.. {
        let is_over = limit().is_none_or(|limit| started.elapsed() >= limit);
        if is_over && round - before >= rounds {
            break;
        }
        if number > 0 {
            store = Store::open(disk(folder)).expect("it opens");
        }
        // Few plants, so that all processes put the same ones again and again.
        let lot = round.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(number << 60) >> 48;
        let hold = store.hold().expect("there is room");
        let batch = Batch::new(&store);
        let plants = [lot % 40, (lot / 40) % 40, 40 + (lot / 7) % 5];
        let bed = put_bed(&batch, &plants).expect("there is room");
        let parents = heads.iter().copied().take(1).collect();
        let seal = put_seal(&batch, bed, parents, &format!("{name} {lot}")).expect("there is room");
        batch.finish().expect("there is room");
        heads.insert(0, seal);
        // Every seventh seal all is given up.
        heads.truncate(if round % 7 == 0 { 0 } else { 3 });
        publish(folder, &name, round + 1, &heads);
        drop(hold);
        let merge = if round % 8 == 5 { repack(&store, |_| ()) } else { tidy(&store) };
        merge.expect("a merge takes what there is");
        if round % 3 == number % 3 {
            let collected = collect(&disk(folder), || published(folder).1).expect("all is here");
            if let Collected::Done { removed, .. } = collected {
                assert!(removed.objects == 0 || removed.bytes > 0);
            }
        }
        let own: BTreeSet<_> = heads.iter().copied().collect();
        reachable(&store, &own).expect("what is published is whole");
    }
    true
}

/// How many times a process of this name has published.
fn counted(folder: &Path, name: &str) -> u64 {
    let text = fs::read_to_string(folder.join("published").join(name)).unwrap_or_default();
    text.lines().next().map_or(0, |count| count.parse().expect("a count"))
}

fn is_whole(folder: &Path) {
    let (_, seals) = published(folder);
    let store = Store::open(disk(folder)).expect("it opens");
    reachable(&store, &seals).expect("what is published is whole");
    let problems = verify(&store, |_| ()).expect("the disk is well");
    assert!(problems.is_empty(), "{problems:?}");
    settle(&disk(folder), &seals).expect("the rest is garbage");
    let litter = || {
        let names = fs::read_dir(folder.join("store/packs")).expect("it is there");
        let names = names.map(|entry| entry.expect("it is there").file_name());
        names.filter(|name| name.to_string_lossy().ends_with("tmp")).collect::<Vec<_>>()
    };
    // A process that another test starts just now holds our locks until it is its own program, and who
    // sweeps meanwhile passes over what they are for. The next one takes it.
    for _ in 0..100 {
        if !litter().is_empty() {
            tidy(&store).expect("the disk is well");
            std::thread::yield_now();
        }
    }
    let litter = litter();
    assert!(litter.is_empty(), "{litter:?}");
}
