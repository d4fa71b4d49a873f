//! Each sync is left out in turn, and then something acknowledged is lost.

use std::io;
use std::sync::Arc;

use selkie_crdt::ActorId;
use selkie_store::{
    Batch, Disk, DiskFile, Hint, Kind, Log, Loss, ObjectId, SecretKey, SimDisk, Store, verify,
};

/// A sync in the path of a write.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Sync {
    /// Of the bytes of the file with this end.
    File(&'static str),
    /// Of the names in this folder.
    Folder(&'static str),
}

/// A disk that leaves out one of the syncs.
#[derive(Clone, Debug)]
struct Forgetful {
    disk: SimDisk,
    forgets: Option<Sync>,
}

#[derive(Debug)]
struct ForgetfulFile {
    file: Box<dyn DiskFile>,
    forgets: bool,
}

impl Forgetful {
    fn wrap(&self, path: &str, file: Box<dyn DiskFile>) -> Box<dyn DiskFile> {
        let forgets = matches!(self.forgets, Some(Sync::File(end)) if path.ends_with(end));
        Box::new(ForgetfulFile { file, forgets })
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
        match self.forgets {
            Some(Sync::Folder(forgotten)) if forgotten == folder => Ok(()),
            Some(_) | None => self.disk.sync_folder(folder),
        }
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
        if self.forgets { Ok(()) } else { self.file.sync() }
    }
}

const EAST: ActorId = ActorId::from_bytes([0xea; 16]);
const TORN: &[u8] = b"half an entry";

/// Writes an object and entries, after a torn end, and tells whether a power cut right after it leaves them.
fn survives(forgets: Option<Sync>) -> bool {
    let torn = torn();
    let Ok(id) = write(&Forgetful { disk: torn.clone(), forgets }) else { return false };
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
