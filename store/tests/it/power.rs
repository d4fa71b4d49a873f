//! A real file system that stops like a machine without power: what is not synced is gone.
//!
//! By `POWER_ROUNDS` only, as root, where loop devices may be mounted and `xfs_io` can shut ext4 down.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;

use selkie_crdt::ActorId;
use selkie_store::{
    Batch, Hint, Kind, Log, ObjectId, OsDisk, SecretKey, Store, repack, tidy, verify,
};

const TEST: &str = "power::a_file_system_that_stops_loses_nothing_that_was_acknowledged";
const EAST: ActorId = ActorId::from_bytes([0xea; 16]);

/// Where the stage is, in the child that has mounts of its own.
const STAGE: &str = "SELKIE_STORE_TEST_STAGE";
/// Where the child of that child writes.
const FOLDER: &str = "SELKIE_STORE_TEST_MOUNTED";

#[test]
fn a_file_system_that_stops_loses_nothing_that_was_acknowledged() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        return write_for_ever(Path::new(&folder));
    }
    let Some(rounds) = std::env::var("POWER_ROUNDS").ok().and_then(|rounds| rounds.parse().ok())
    else {
        return;
    };
    if let Some(stage) = std::env::var_os(STAGE) {
        return lose_power(Path::new(&stage), rounds);
    }
    let stage = tempfile::tempdir().expect("a folder for the test");
    // Mounts of its own, which end with it whatever happens.
    let done = Command::new("unshare")
        .arg("-m")
        .arg(std::env::current_exe().expect("a test is a program"))
        .args([TEST, "--exact", "--nocapture"])
        .env(STAGE, stage.path())
        .status();
    assert!(done.expect("it can be run").success());
}

fn lose_power(stage: &Path, rounds: usize) {
    let (image, mounted) = (stage.join("image"), stage.join("mounted"));
    fs::create_dir(&mounted).expect("there is room");
    let file = fs::File::create(&image).expect("there is room");
    file.set_len(512 << 20).expect("there is room");
    run("mkfs.ext4", &["-q", text(&image)]);
    let mut acknowledged = Acknowledged::default();
    for round in 0..rounds {
        run("mount", &["-o", "loop", text(&image), text(&mounted)]);
        // Mounting writes down what was in the journal, as starting a machine does.
        acknowledged.is_whole(&mounted);
        let mut child = spawn(&mounted);
        let lines = BufReader::new(child.stdout.take().expect("it is piped"));
        acknowledged.read(lines, round * 7 % 60 + 1);
        // The child goes on writing until nothing can be written: the journal is cut off where it is.
        run("xfs_io", &["-x", "-c", "shutdown", text(&mounted)]);
        child.kill().expect("it is ours");
        child.wait().expect("it is ours");
        run("umount", &[text(&mounted)]);
    }
    run("mount", &["-o", "loop", text(&image), text(&mounted)]);
    acknowledged.is_whole(&mounted);
    run("umount", &[text(&mounted)]);
    println!(
        "{} objects, {} entries, nothing lost",
        acknowledged.objects.len(),
        acknowledged.entries
    );
}

/// What a writer was told that it is durable.
#[derive(Debug, Default)]
struct Acknowledged {
    objects: Vec<ObjectId>,
    entries: u64,
}

impl Acknowledged {
    fn read(&mut self, lines: BufReader<ChildStdout>, count: usize) {
        let lines = lines.lines().map_while(Result::ok).filter(|line| line.contains(" at "));
        for line in lines.take(count) {
            let (id, position) = line.split_once(" at ").expect("it has one");
            self.objects.push(id.parse().expect("an id"));
            self.entries = position.parse().expect("a position");
        }
    }

    fn is_whole(&self, folder: &Path) {
        let store = Store::open(Arc::new(OsDisk::new(folder))).expect("it opens");
        let lost: Vec<_> = self.objects.iter().filter(|id| store.read(id).is_err()).collect();
        assert!(lost.is_empty(), "{lost:?}");
        let problems = verify(&store, |_| ()).expect("the disk is well");
        assert!(problems.is_empty(), "{problems:?}");
        let log = Log::new(Arc::new(OsDisk::new(folder)), EAST);
        log.mend().expect("at most its end is torn");
        let entries = log.entries().expect("it is there").collect::<Result<Vec<_>, _>>();
        assert!(entries.expect("it is sound").len() as u64 >= self.entries);
    }
}

/// Puts objects, merges packs, and adds an entry for each object to a log.
fn write_for_ever(folder: &Path) {
    let disk = Arc::new(OsDisk::new(folder));
    let store = Store::open(disk.clone()).expect("it opens");
    let log = Log::new(disk, EAST);
    let key = SecretKey::from_bytes(&[7; 32]);
    log.mend().expect("it can be mended");
    let mut base = None;
    let mut position = log.head().expect("it is sound").position;
    loop {
        let line = |line: u64| (position * line / 70).to_string();
        let text = (0..200).map(line).collect::<Vec<_>>().join("\n");
        let batch = Batch::new(&store);
        let id = batch.put(Kind::Blob, text.as_bytes(), Hint { path: "a.txt", base });
        let id = id.expect("there is room");
        batch.finish().expect("there is room");
        position = log.append(id.as_bytes(), &key).expect("there is room").position;
        println!("\n{id} at {position}");
        base = Some(id);
        if position.is_multiple_of(50) {
            repack(&store, |_| ()).expect("there is room");
        } else {
            tidy(&store).expect("there is room");
        }
    }
}

fn spawn(mounted: &Path) -> Child {
    Command::new(std::env::current_exe().expect("a test is a program"))
        .args([TEST, "--exact", "--nocapture"])
        .env(FOLDER, mounted)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("a test can be run")
}

fn run(program: &str, args: &[&str]) {
    let done = Command::new(program).args(args).output().expect("it is installed");
    assert!(done.status.success(), "{program}: {}", String::from_utf8_lossy(&done.stderr));
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a plain name")
}
