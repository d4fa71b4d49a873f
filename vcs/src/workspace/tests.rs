//! Collections at every step of a command, on a disk that lets somebody else in between any two.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};

use std::time::Duration;

use selkie_store::{Collected, Disk, DiskFile, ObjectId, RepoPath, SecretKey, SimDisk, verify};

use super::*;
use crate::rev::name::TagName;
use crate::verb::crossing::Unfinished;
use crate::verb::discard::discard;
use crate::verb::gather::gather;
use crate::verb::pluck;
use crate::verb::replay::Emptied;
use crate::verb::restore::restore;
use crate::verb::seal::seal;
use crate::verb::status::standing;
use crate::verb::switch::travel;
use crate::verb::tag;
use crate::verb::undo::undo;
use crate::work::status::{Asked, AskedIgnored, AskedUnknown};

/// A disk that calls somebody when its use has come so far.
#[derive(Debug)]
struct Shared {
    disk: SimDisk,
    turn: Arc<Turn>,
}

/// When it is somebody else's turn, and what they do then: collect, as often as there is something to do.
#[derive(Debug)]
struct Turn {
    left: AtomicUsize,
    disk: SimDisk,
}

#[derive(Debug)]
struct SharedFile {
    file: Box<dyn DiskFile>,
    turn: Arc<Turn>,
}

/// It is nobody's turn.
const NEVER: usize = usize::MAX;

impl Turn {
    fn tick(&self) {
        let left = self.left.load(Ordering::Relaxed);
        if left == NEVER {
            return;
        }
        self.left.store(left.checked_sub(1).unwrap_or(NEVER), Ordering::Relaxed);
        if left == 0 {
            collect(&self.disk);
        }
    }
}

/// Collects until nothing more goes.
fn collect(disk: &SimDisk) {
    let mut repository = Repository::open(Arc::new(disk.clone())).unwrap();
    for _ in 0..4 {
        let collected = repository.collect(Duration::ZERO, 1, |_| ());
        match collected.expect("all that is used is here") {
            Collected::Done { .. } => {}
            Collected::Waiting(_) | Collected::Elsewhere => break,
        }
    }
}

impl Shared {
    fn file(&self, file: io::Result<Box<dyn DiskFile>>) -> io::Result<Box<dyn DiskFile>> {
        let turn = Arc::clone(&self.turn);
        file.map(|file| Box::new(SharedFile { file, turn }) as Box<dyn DiskFile>)
    }
}

impl Disk for Shared {
    fn create_folder(&self, folder: &str) -> io::Result<()> {
        self.turn.tick();
        self.disk.create_folder(folder)
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        self.turn.tick();
        self.disk.list(folder)
    }

    fn create(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        self.turn.tick();
        self.file(self.disk.create(path))
    }

    fn open(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        self.turn.tick();
        self.file(self.disk.open(path))
    }

    fn open_locked(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        self.turn.tick();
        self.file(self.disk.open_locked(path))
    }

    fn try_open_locked(&self, path: &str) -> io::Result<Option<Box<dyn DiskFile>>> {
        self.turn.tick();
        let file = self.disk.try_open_locked(path)?;
        file.map(|file| self.file(Ok(file))).transpose()
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.turn.tick();
        self.disk.rename(from, to)
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        self.turn.tick();
        self.disk.remove(path)
    }

    fn remove_abandoned(&self, path: &str) -> io::Result<()> {
        self.turn.tick();
        self.disk.remove_abandoned(path)
    }

    fn sync_folder(&self, folder: &str) -> io::Result<()> {
        self.turn.tick();
        self.disk.sync_folder(folder)
    }

    fn fingerprint(&self, path: &str) -> io::Result<Vec<u8>> {
        self.disk.fingerprint(path)
    }
}

impl DiskFile for SharedFile {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.turn.tick();
        self.file.read_at(offset, buffer)
    }

    fn size(&self) -> io::Result<u64> {
        self.file.size()
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.turn.tick();
        self.file.append(bytes)
    }

    fn truncate(&mut self, size: u64) -> io::Result<()> {
        self.turn.tick();
        self.file.truncate(size)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.turn.tick();
        self.file.sync()
    }
}

/// A clone with a folder of the machine and a repository in memory, which has lost a seal: nothing leads to it but
/// its hash.
struct Trial {
    place: tempfile::TempDir,
    turn: Arc<Turn>,
    workspace: Workspace,
    lost: SealId,
}

/// What became of the lost seal before the command begins.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Before {
    /// Nothing yet.
    Unused,
    /// It is condemned, and the next collection removes it.
    Condemned,
}

impl Trial {
    /// On what a trial before left on its disk, with another folder.
    fn on(disk: &SimDisk, lost: SealId) -> Self {
        let place = tempfile::tempdir().unwrap();
        fs::create_dir(place.path().join(CONTROL)).unwrap();
        fs::write(place.path().join("a"), "one").unwrap();
        let disk = disk.copied();
        let turn = Arc::new(Turn { left: AtomicUsize::new(NEVER), disk: disk.clone() });
        let shared: Arc<dyn Disk> = Arc::new(Shared { disk, turn: Arc::clone(&turn) });
        let repository = Repository::open(Arc::clone(&shared)).unwrap();
        let writer = Writer::new(SecretKey::from_bytes(&[7; 32]), [1; 16]);
        let copy = Copy::open(place.path(), &place.path().join(CONTROL), || i64::MAX).unwrap();
        let (writer, keys) = (Some(writer), Keys::Nowhere);
        let workspace = Workspace { copy, repository, disk: shared, keys, barred: None, writer };
        Self { place, turn, workspace, lost }
    }

    /// What all trials begin with, and the seal that is lost there.
    fn beginning(before: Before) -> (SimDisk, SealId) {
        let mut trial = Self::on(&SimDisk::default(), ObjectId::from_bytes([0; 32]).into());
        trial.begin();
        if before == Before::Condemned {
            let repository = trial.workspace.repository_mut();
            let collected = repository.collect(Duration::ZERO, 1, |_| ()).unwrap();
            let Collected::Done { condemned, .. } = collected else { panic!("{collected:?}") };
            assert!(condemned.objects >= 4, "a seal, a tree and two files: {condemned:?}");
        }
        (trial.turn.disk.clone(), trial.lost)
    }

    /// Seals once, and once more; forgets the second seal and all that was done.
    fn begin(&mut self) {
        let desk = Desk { timeline: Some("main".to_owned()), ..Desk::default() };
        let (mut hand, _) = self.workspace.take(&doer()).unwrap();
        let operation = hand.operation("forge".to_owned(), desk);
        hand.perform(&operation).unwrap();
        drop(hand);
        self.write("a", "one");
        self.seal();
        self.write("a", "two");
        self.write("b", "bee");
        self.lost = self.seal();
        self.undo().unwrap();
        self.undo().unwrap();
        // The newest operation alone is remembered, and it must lead to no more than the desk does.
        let (mut hand, _) = self.workspace.take(&doer()).unwrap();
        let operation = hand.operation("nothing".to_owned(), hand.desk().clone());
        hand.perform(&operation).unwrap();
        assert!(hand.forget(1, u64::MAX).unwrap() > 4);
        assert_eq!(hand.operations().unwrap().count(), 1);
    }

    fn write(&self, path: &str, text: &str) {
        fs::write(self.place.path().join(path), text).unwrap();
    }

    fn read(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.place.path().join(path)).ok()
    }

    fn seal(&mut self) -> SealId {
        let top = [RepoPath::default()];
        gather(&mut self.workspace, &doer(), "gather".to_owned(), &top).unwrap();
        let sealed = seal(&mut self.workspace, &doer(), "seal".to_owned(), "more".to_owned());
        sealed.unwrap().id
    }

    fn undo(&mut self) -> Result<(), PerformError> {
        let (mut hand, _) = self.workspace.take(&doer())?;
        let back = undo(hand.operations().unwrap(), hand.time(), "undo".to_owned()).unwrap();
        hand.perform(&back.operation)
    }

    /// All that is used is whole, whatever is collected from here on.
    fn is_whole(&mut self, told: &str) {
        self.turn.left.store(NEVER, Ordering::Relaxed);
        collect(&self.turn.disk);
        let store = self.workspace.repository().store();
        let problems = verify(store, |_| ()).unwrap();
        assert!(problems.is_empty(), "{told}: {problems:?}");
        let asked = Asked { unknown: AskedUnknown::Files, ignored: AskedIgnored::Nothing };
        let standing = standing(&self.workspace, asked);
        standing.unwrap_or_else(|error| panic!("{told}: {error}"));
    }
}

fn doer() -> Doer {
    let author = Author { name: "Ann".to_owned(), contact: String::new() };
    Doer { author, now_ms: 1_000_000, zone_minutes: 0 }
}

/// Lets somebody collect before each step of a command, and looks after it. The command tells whether it was done;
/// one that was not found the lost seal gone. Every step by `COLLECT_STRIDE=1`.
fn at_each_step(prepare: fn(&mut Trial), command: fn(&mut Trial) -> bool) {
    let stride = std::env::var("COLLECT_STRIDE").ok().and_then(|stride| stride.parse().ok());
    let mut done = 0;
    for before in [Before::Unused, Before::Condemned] {
        let (disk, lost) = Trial::beginning(before);
        for step in (0..).step_by(stride.unwrap_or(7)) {
            let told = format!("step {step}, {before:?}");
            let mut trial = Trial::on(&disk, lost);
            prepare(&mut trial);
            trial.turn.left.store(step, Ordering::Relaxed);
            let was_done = command(&mut trial);
            let never_came = trial.turn.left.load(Ordering::Relaxed) != NEVER;
            trial.is_whole(&told);
            let is_there = trial.workspace.repository().store().read(&lost.object()).is_ok();
            assert!(was_done || !is_there, "{told}");
            done += usize::from(was_done);
            if never_came {
                assert!(was_done, "{told}: nobody was in its way");
                break;
            }
        }
    }
    assert!(done > 8, "{done}");
}

#[test]
fn what_is_sealed_again_stays_whoever_collects() {
    at_each_step(
        |_| (),
        |trial| {
            trial.write("a", "two");
            trial.write("b", "bee");
            trial.seal();
            true
        },
    );
}

#[test]
fn what_is_discarded_comes_back_whoever_collects() {
    at_each_step(
        |trial| trial.write("a", "two"),
        |trial| {
            let top = [RepoPath::default()];
            discard(&mut trial.workspace, &doer(), "discard".to_owned(), &top).unwrap();
            assert_eq!(trial.read("a").as_deref(), Some("one"));
            trial.undo().unwrap();
            assert_eq!(trial.read("a").as_deref(), Some("two"));
            true
        },
    );
}

#[test]
fn what_is_restored_from_a_lost_seal_stays_whoever_collects() {
    at_each_step(
        |_| (),
        |trial| {
            let (lost, path) = (trial.lost, RepoPath::new("a").unwrap());
            let done = restore(&mut trial.workspace, &doer(), "restore".to_owned(), &path, lost);
            let text = if done.is_ok() { "two" } else { "one" };
            assert_eq!(trial.read("a").as_deref(), Some(text), "{done:?}");
            if done.is_ok() {
                trial.undo().unwrap();
                assert_eq!(trial.read("a").as_deref(), Some("one"));
            }
            done.is_ok()
        },
    );
}

#[test]
fn where_somebody_travels_to_stays_whoever_collects() {
    at_each_step(
        |_| (),
        |trial| {
            let lost = trial.lost;
            let done =
                travel(&mut trial.workspace, &doer(), "travel".to_owned(), lost, Unfinished::Carry);
            assert_eq!(trial.read("b").is_some(), done.is_ok(), "{done:?}");
            done.is_ok()
        },
    );
}

#[test]
fn what_is_plucked_stays_whoever_collects() {
    at_each_step(
        |_| (),
        |trial| {
            let (seals, emptied) = (vec![trial.lost], Emptied::Dropped);
            let wanted = pluck::Wanted { seals, parent: None, emptied };
            let (typed, carry) = ("pluck".to_owned(), Unfinished::Carry);
            let done = pluck::pluck(&mut trial.workspace, &doer(), typed, &wanted, carry);
            assert_eq!(trial.read("b").is_some(), done.is_ok(), "{done:?}");
            done.is_ok()
        },
    );
}

#[test]
fn what_is_tagged_stays_whoever_collects() {
    at_each_step(
        |_| (),
        |trial| {
            let (lost, name) = (trial.lost, TagName::new("found").unwrap());
            tag::set(&mut trial.workspace, &doer(), "tag".to_owned(), &name, lost).is_ok()
        },
    );
}
