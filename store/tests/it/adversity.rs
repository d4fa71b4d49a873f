//! Folders and files that are not as the store left them, on the file system of the machine.

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use selkie_crdt::ActorId;
use selkie_store::{
    Batch, Disk, Entry, Hint, Kind, Log, LogError, ObjectId, OsDisk, SecretKey, Store,
};
use tempfile::TempDir;

#[cfg(unix)]
mod full;
#[cfg(unix)]
mod gone;
#[cfg(unix)]
mod link;
mod lock;
#[cfg(unix)]
mod permission;

/// A store with one object and a log with one entry.
struct House {
    /// Removed with all that is in it when the test ends.
    _parent: TempDir,
    folder: PathBuf,
    fish: ObjectId,
    pack: PathBuf,
    log: PathBuf,
}

impl House {
    fn new() -> Self {
        let parent = tempfile::tempdir().expect("a folder for the test");
        let folder = parent.path().join("store");
        let (fish, pack) = put(&open(&folder), b"fish");
        log(&folder).append(b"first", &key()).expect("there is room");
        let log = folder.join(format!("logs/{EAST}.log"));
        let pack = folder.join(format!("packs/{pack}.pack"));
        Self { _parent: parent, folder, fish, pack, log }
    }

    fn store(&self) -> Store {
        open(&self.folder)
    }

    /// Another object and another entry: life goes on.
    fn goes_on(&self) {
        let store = self.store();
        assert_eq!(store.read(&self.fish).expect("nothing was lost").bytes, b"fish");
        let (whale, _) = put(&store, b"whale");
        assert_eq!(self.store().read(&whale).expect("it was finished").bytes, b"whale");
        let before = entries(&self.folder).expect("nothing was lost");
        assert_eq!(before[0].payload, b"first");
        let head = log(&self.folder).append(b"next", &key()).expect("nothing stands in the way");
        assert_eq!(head.position, before.len() as u64 + 1);
        assert_eq!(problems(&store), [""; 0]);
    }
}

const EAST: ActorId = ActorId::from_bytes([0xea; 16]);

fn key() -> SecretKey {
    SecretKey::from_bytes(&[7; 32])
}

fn disk(folder: &Path) -> Arc<dyn Disk> {
    Arc::new(OsDisk::new(folder))
}

fn open(folder: &Path) -> Store {
    Store::open(disk(folder)).expect("it opens")
}

fn log(folder: &Path) -> Log {
    Log::new(disk(folder), EAST)
}

fn entries(folder: &Path) -> Result<Vec<Entry>, LogError> {
    log(folder).entries()?.collect()
}

/// The id of an object that was put, and that of its pack.
fn put(store: &Store, bytes: &[u8]) -> (ObjectId, String) {
    let batch = Batch::new(store);
    let id = batch.put(Kind::Blob, bytes, Hint::NONE).expect("there is room");
    let pack = batch.finish().expect("there is room").expect("the object is new");
    (id, pack.to_string())
}

fn problems(store: &Store) -> Vec<String> {
    let problems = selkie_store::verify(store, |_| ()).expect("the packs can be listed");
    problems.iter().map(|problem| told(problem)).collect()
}

/// All that an error says, down to its cause.
fn told(error: &dyn Error) -> String {
    let mut says = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        says = format!("{says}: {error}");
        cause = error.source();
    }
    says
}

/// What the file system said.
fn kind(error: &(dyn Error + 'static)) -> Option<io::ErrorKind> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(io) = error.downcast_ref::<io::Error>() {
            return Some(io.kind());
        }
        cause = error.source();
    }
    None
}
