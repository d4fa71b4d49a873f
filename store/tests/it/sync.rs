//! Each sync is left out in turn, and then something acknowledged is lost.

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use selkie_crdt::ActorId;
use selkie_store::{
    Batch, Disk, DiskFile, Hint, Kind, Log, Loss, ObjectId, SecretKey, SimDisk, Store, gc, repack,
    tidy, verify,
};

/// A sync in the path of a write.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Sync {
    /// Of the bytes of the file with this end.
    File(&'static str),
    /// Of the names in this folder.
    Folder(&'static str),
    /// The one that comes when there were so many, of files or folders.
    Number(usize),
}

/// A disk that leaves out one of the syncs.
#[derive(Clone, Debug)]
struct Forgetful {
    disk: SimDisk,
    forgets: Option<Sync>,
    syncs: Arc<AtomicUsize>,
}

#[derive(Debug)]
struct ForgetfulFile {
    disk: Forgetful,
    file: Box<dyn DiskFile>,
    path: String,
}

impl Forgetful {
    fn new(disk: SimDisk, forgets: Option<Sync>) -> Self {
        Self { disk, forgets, syncs: Arc::default() }
    }

    fn wrap(&self, path: &str, file: Box<dyn DiskFile>) -> Box<dyn DiskFile> {
        Box::new(ForgetfulFile { disk: self.clone(), file, path: path.to_owned() })
    }

    fn forgets_file(&self, path: &str) -> bool {
        let number = self.syncs.fetch_add(1, Ordering::Relaxed);
        match self.forgets {
            Some(Sync::File(end)) => path.ends_with(end),
            Some(Sync::Number(forgotten)) => number == forgotten,
            Some(Sync::Folder(_)) | None => false,
        }
    }

    fn forgets_folder(&self, folder: &str) -> bool {
        let number = self.syncs.fetch_add(1, Ordering::Relaxed);
        match self.forgets {
            Some(Sync::Folder(forgotten)) => folder == forgotten,
            Some(Sync::Number(forgotten)) => number == forgotten,
            Some(Sync::File(_)) | None => false,
        }
    }
}

impl Disk for Forgetful {
    fn create_folder(&self, folder: &str) -> io::Result<()> {
        self.disk.create_folder(folder)
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        self.disk.list(folder)
    }

    fn create(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        Ok(self.wrap(path, self.disk.create(path)?))
    }

    fn open(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        self.disk.open(path)
    }

    fn open_locked(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        Ok(self.wrap(path, self.disk.open_locked(path)?))
    }

    fn try_open_locked(&self, path: &str) -> io::Result<Option<Box<dyn DiskFile>>> {
        self.disk.try_open_locked(path)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.disk.rename(from, to)
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        self.disk.remove(path)
    }

    fn remove_abandoned(&self, path: &str) -> io::Result<()> {
        self.disk.remove_abandoned(path)
    }

    fn fingerprint(&self, path: &str) -> io::Result<Vec<u8>> {
        self.disk.fingerprint(path)
    }

    fn sync_folder(&self, folder: &str) -> io::Result<()> {
        if self.forgets_folder(folder) { Ok(()) } else { self.disk.sync_folder(folder) }
    }
}

impl DiskFile for ForgetfulFile {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.file.read_at(offset, buffer)
    }

    fn size(&self) -> io::Result<u64> {
        self.file.size()
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.append(bytes)
    }

    fn truncate(&mut self, size: u64) -> io::Result<()> {
        self.file.truncate(size)
    }

    fn sync(&mut self) -> io::Result<()> {
        if self.disk.forgets_file(&self.path) { Ok(()) } else { self.file.sync() }
    }
}

const EAST: ActorId = ActorId::from_bytes([0xea; 16]);
const TORN: &[u8] = b"half an entry";

/// Writes an object and entries, after a torn end, and tells whether a power cut right after it leaves them.
fn survives(forgets: Option<Sync>) -> bool {
    let torn = torn();
    let Ok(id) = write(&Forgetful::new(torn.clone(), forgets)) else { return false };
    let losses = (0..40).map(Loss::Some).chain([Loss::Nothing, Loss::Unsynced]);
    losses.into_iter().all(|loss| is_whole(torn.crashed(torn.steps(), loss), id))
}

/// Where only a log is, with one entry and a torn end.
fn torn() -> SimDisk {
    let disk = SimDisk::default();
    let key = SecretKey::from_bytes(&[7; 32]);
    Log::new(Arc::new(disk.clone()), EAST).append(b"first", &key).expect("there is room");
    let path = format!("logs/{EAST}.log");
    let torn = disk.open_locked(&path).and_then(|mut file| file.append(TORN));
    torn.expect("there is room");
    // All of it is durable from here on.
    disk.crashed(disk.steps(), Loss::Nothing)
}

fn write(disk: &Forgetful) -> Result<ObjectId, Box<dyn std::error::Error>> {
    let store = Store::open(Arc::new(disk.clone()))?;
    let batch = Batch::new(&store);
    let id = batch.put(Kind::Blob, b"fish", Hint::NONE)?;
    batch.finish()?;
    let key = SecretKey::from_bytes(&[7; 32]);
    Log::new(Arc::new(disk.clone()), EAST).append(b"second", &key)?;
    let west = ActorId::from_bytes([0xee; 16]);
    Log::new(Arc::new(disk.clone()), west).append(b"first", &key)?;
    Ok(id)
}

fn is_whole(left: SimDisk, id: ObjectId) -> bool {
    let entries = |replica| {
        let entries = Log::new(Arc::new(left.clone()), replica).entries();
        entries.into_iter().flatten().flatten().count()
    };
    let is_logged = entries(EAST) == 2 && entries(ActorId::from_bytes([0xee; 16])) == 1;
    let is_aside = left.bytes(&format!("logs/{EAST}.log.torn")).is_some_and(|bytes| bytes == TORN);
    let Ok(store) = Store::open(Arc::new(left)) else { return false };
    let is_clean = verify(&store, |_| ()).is_ok_and(|problems| problems.is_empty());
    is_logged && is_aside && is_clean && store.read(&id).is_ok()
}

#[test]
fn a_write_whose_syncs_are_all_done_survives() {
    assert!(survives(None));
}

#[test]
fn a_write_without_one_of_its_syncs_does_not() {
    for forgotten in [
        Sync::File("format.tmp"), // a format file with fewer bytes is no store
        Sync::File(".tmp"),       // the name of a pack on fewer bytes
        Sync::Folder("packs"),    // a pack without its name
        Sync::File(".log"),       // an entry, and that its torn predecessor is cut off
        Sync::Folder(""),         // the folders with all that is in them
        Sync::Folder("logs"),     // a log without its name, and what was laid aside
        Sync::File(".torn"),      // what was laid aside
    ] {
        assert!(!survives(Some(forgotten)), "{forgotten:?} is missed by nobody");
    }
}

/// What moves objects that are durable.
#[derive(Clone, Copy, Debug)]
enum Move {
    Tidy,
    Repack,
    /// Every second object is garbage.
    Condemn,
    /// All that was condemned is used again.
    Rescue,
    /// Nothing that was condemned is.
    Remove,
}

impl Move {
    /// Where objects are, all of them durable.
    fn begin(self) -> (SimDisk, Vec<ObjectId>) {
        let disk = SimDisk::default();
        let store = Store::open(Arc::new(disk.clone())).expect("a new disk");
        let packs = if matches!(self, Self::Tidy) { 8 } else { 2 };
        let mut ids = Vec::new();
        for pack in 0..packs {
            let batch = Batch::new(&store);
            // Something used and some garbage.
            for number in [2 * pack, 2 * pack + 1_u8] {
                let put = batch.put(Kind::Blob, &[number; 9], Hint::NONE);
                ids.push(put.expect("there is room"));
            }
            batch.finish().expect("there is room");
        }
        if matches!(self, Self::Rescue | Self::Remove) {
            Self::Condemn.make(&store, &ids).expect("the disk is well");
        }
        (disk.crashed(disk.steps(), Loss::Nothing), ids)
    }

    fn make(self, store: &Store, ids: &[ObjectId]) -> Result<(), Box<dyn Error>> {
        let collect = |roots| gc(store, Duration::ZERO, 1, || Ok(roots), |_| ()).map(drop);
        match self {
            Self::Tidy => tidy(store).map(drop)?,
            Self::Repack => repack(store, |_| ()).map(drop)?,
            Self::Condemn | Self::Remove => collect(ids.iter().copied().step_by(2).collect())?,
            Self::Rescue => collect(ids.to_vec())?,
        }
        Ok(())
    }

    /// The objects that must stay.
    fn kept(self, ids: &[ObjectId]) -> Vec<ObjectId> {
        match self {
            Self::Tidy | Self::Repack | Self::Rescue => ids.to_vec(),
            Self::Condemn | Self::Remove => ids.iter().copied().step_by(2).collect(),
        }
    }

    /// How many syncs it makes, and which of them can be left out, by number, without a crash that loses something.
    fn needless(self) -> (usize, Vec<usize>) {
        let (count, losses) = self.losses(None);
        assert_eq!(losses, 0, "{self:?} with all its syncs");
        let is_needless = |number: &usize| self.losses(Some(Sync::Number(*number))).1 == 0;
        (count, (0..count).filter(is_needless).collect())
    }

    /// How many syncs it makes, and how many crashes lose what must stay, or leave damage.
    fn losses(self, forgets: Option<Sync>) -> (usize, usize) {
        let (disk, ids) = self.begin();
        let forgetful = Forgetful::new(disk.clone(), forgets);
        let store = Store::open(Arc::new(forgetful.clone())).expect("the disk is well");
        let before = forgetful.syncs.load(Ordering::Relaxed);
        assert_eq!(before, 0, "opening syncs nothing");
        self.make(&store, &ids).expect("the disk is well");
        let crashes = (0..=disk.steps()).flat_map(|step| {
            let some = (0..16).map(move |seed| Loss::Some(seed << 32 | step as u64));
            some.chain([Loss::Nothing, Loss::Unsynced]).map(move |loss| (step, loss))
        });
        let loses = |(step, loss)| {
            let Ok(left) = Store::open(Arc::new(disk.crashed(step, loss))) else { return true };
            let is_clean = verify(&left, |_| ()).is_ok_and(|problems| problems.is_empty());
            !is_clean || self.kept(&ids).iter().any(|id| left.read(id).is_err())
        };
        (forgetful.syncs.load(Ordering::Relaxed), crashes.filter(|crash| loses(*crash)).count())
    }
}

#[test]
fn a_move_without_one_of_its_syncs_loses_something_unless_a_later_one_speaks_for_it() {
    for (moves, needless) in [
        (Move::Tidy, (2, vec![])),
        (Move::Repack, (2, vec![])),
        // The folder is synced after each of four packs, and the last time counts before any pack leaves.
        // Without the record, its file or its name, the wait begins anew.
        (Move::Condemn, (10, vec![1, 3, 5, 8, 9])),
        // That packs are gone is not needed for what stays.
        (Move::Rescue, (3, vec![2])),
        (Move::Remove, (1, vec![0])),
    ] {
        assert_eq!(moves.needless(), needless, "{moves:?}");
    }
}
