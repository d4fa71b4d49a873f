//! A store of objects in a bucket.

use std::collections::{BTreeMap, HashSet};
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::bucket::{Bucket, Created};
use crate::disk::{Disk, DiskFile};

/// As much of a [`Disk`] as packs need, on a [`Bucket`]: files are written in memory under a temporary name,
/// and put into the bucket whole when they get their last one.
///
/// ```
/// use std::sync::Arc;
/// use selkie_store::{Batch, BucketDisk, FolderBucket, Hint, Kind, SimDisk, Store};
/// let bucket = Arc::new(FolderBucket::new(Arc::new(SimDisk::default())));
/// let [east, west] = [0; 2].map(|_| Store::open(Arc::new(BucketDisk::new(bucket.clone()))));
/// let (east, west) = (east?, west?);
/// let batch = Batch::new(&east);
/// let id = batch.put(Kind::Blob, b"fish", Hint::NONE)?;
/// batch.finish()?;
/// assert_eq!(west.read(&id)?.bytes, b"fish");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// There are no locks in a bucket. What asks for one, such as a [`Log`](crate::Log), gets the error
/// `Unsupported`: logs in buckets are [`BucketLog`](crate::BucketLog)s.
#[derive(Clone, Debug)]
pub struct BucketDisk {
    bucket: Arc<dyn Bucket>,
    // Files without their last name. Guards the map only; each file has a lock of its own.
    fresh: Arc<Mutex<BTreeMap<String, Fresh>>>,
    turns: Arc<Turns>,
}

type Fresh = Arc<Mutex<Vec<u8>>>;

/// A pack is put in one piece, which is in memory until then.
const PACK_LEN_MAX: usize = 256 << 20;

/// Keeps those apart who begin a store through one disk. Those who share nothing but the bucket need no lock for
/// that: whoever is second finds the format there, and it says the same.
const GATE: &str = "format.lock";
const FORMAT: &str = "format";

const PACK: &str = ".pack";

/// Keeps a second merge out where it can, to save work. Two at once lose nothing, so here it keeps nobody out, and
/// counts nothing.
const ADVISORY: &str = "tidy.lock";

/// An object store gives at most so many keys in one answer, which is of one instant.
const LIST_LEN: usize = 1000;

/// Nobody merges so often while a bucket is listed.
const LIST_AGAIN_MAX: usize = 16;

impl BucketDisk {
    /// The files in this bucket.
    #[must_use]
    pub fn new(bucket: Arc<dyn Bucket>) -> Self {
        Self { bucket, fresh: Arc::default(), turns: Arc::default() }
    }

    fn fresh(&self) -> MutexGuard<'_, BTreeMap<String, Fresh>> {
        self.fresh.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn make(&self, path: &str) -> Box<dyn DiskFile> {
        let bytes = Fresh::default();
        self.fresh().insert(path.to_owned(), Arc::clone(&bytes));
        Box::new(FreshFile { bytes, _turn: None })
    }

    fn is_there(&self, key: &str) -> io::Result<bool> {
        match self.bucket.size(key) {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Puts a whole file under its last name.
    fn publish(&self, key: &str, bytes: &[u8]) -> io::Result<()> {
        if self.bucket.create(key, bytes)? == Created::New {
            return Ok(());
        }
        let present = self.bucket.get(key, bytes.len());
        if present.is_ok_and(|present| present == bytes) {
            return Ok(());
        }
        // The name of a pack is a hash of what should be there, so this is damage. Anything else was put
        // there by somebody who knows better.
        if !key.ends_with(PACK) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        self.bucket.remove(key)?;
        self.bucket.create(key, bytes).map(drop)
    }
}

impl Disk for BucketDisk {
    /// Keys need no folders.
    fn create_folder(&self, _folder: &str) -> io::Result<()> {
        Ok(())
    }

    /// Of several answers none may have a pack that left meanwhile, nor the one in its place. So a long list is made
    /// again until nothing left since the one before.
    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let mut before = self.bucket.list(folder)?;
        if before.len() < LIST_LEN {
            return Ok(before);
        }
        for _ in 0..LIST_AGAIN_MAX {
            let names = self.bucket.list(folder)?;
            let there: HashSet<_> = names.iter().collect();
            if before.iter().all(|name| there.contains(name)) {
                return Ok(names);
            }
            before = names;
        }
        Err(io::Error::new(io::ErrorKind::WouldBlock, "packs leave all the time"))
    }

    fn create(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        if self.fresh().contains_key(path) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        Ok(self.make(path))
    }

    fn open(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        if path == ADVISORY {
            return Err(io::ErrorKind::NotFound.into());
        }
        let (key, bucket) = (path.to_owned(), Arc::clone(&self.bucket));
        Ok(Box::new(StoredFile { size: bucket.size(path)?, key, bucket }))
    }

    fn open_locked(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        // A store that has begun is brought to another format by one process alone, and nothing here
        // keeps the others out.
        if path == ADVISORY {
            return Ok(self.make(path));
        }
        if path != GATE || self.is_there(FORMAT)? {
            return Err(no_locks());
        }
        let turn = Some(Turns::take(&self.turns));
        Ok(Box::new(FreshFile { bytes: Fresh::default(), _turn: turn }))
    }

    fn try_open_locked(&self, path: &str) -> io::Result<Option<Box<dyn DiskFile>>> {
        if path == ADVISORY { Ok(Some(self.make(path))) } else { Err(no_locks()) }
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let fresh = self.fresh().get(from).cloned();
        if let Some(bytes) = fresh {
            self.publish(to, &bytes.lock().unwrap_or_else(PoisonError::into_inner))?;
            self.fresh().remove(from);
            return Ok(());
        }
        // A damaged pack is laid aside.
        let bytes = self.bucket.get(from, PACK_LEN_MAX)?;
        self.bucket.create(to, &bytes)?;
        self.bucket.remove(from)
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        if self.fresh().remove(path).is_some() { Ok(()) } else { self.bucket.remove(path) }
    }

    /// What a dead process had not finished was in its memory.
    fn remove_abandoned(&self, _path: &str) -> io::Result<()> {
        Ok(())
    }

    /// Whatever is in a bucket is durable.
    fn sync_folder(&self, _folder: &str) -> io::Result<()> {
        Ok(())
    }

    /// A bucket is nobody's clone.
    fn fingerprint(&self, _path: &str) -> io::Result<Vec<u8>> {
        Ok(Vec::new())
    }
}

#[derive(Debug)]
struct FreshFile {
    bytes: Fresh,
    _turn: Option<Turn>,
}

impl FreshFile {
    fn bytes(&self) -> MutexGuard<'_, Vec<u8>> {
        self.bytes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl DiskFile for FreshFile {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let offset = usize::try_from(offset).or(Err(io::ErrorKind::UnexpectedEof))?;
        let bytes = self.bytes();
        let found = bytes.get(offset..).and_then(|rest| rest.get(..buffer.len()));
        buffer.copy_from_slice(found.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.bytes().len() as u64)
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut own = self.bytes();
        if own.len() + bytes.len() > PACK_LEN_MAX {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        own.extend(bytes);
        Ok(())
    }

    fn truncate(&mut self, size: u64) -> io::Result<()> {
        let size = usize::try_from(size).or(Err(io::ErrorKind::InvalidInput))?;
        self.bytes().resize(size, 0);
        Ok(())
    }

    /// Becomes durable with its last name.
    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Who waits for his turn to begin the store.
#[derive(Debug, Default)]
struct Turns {
    is_taken: Mutex<bool>,
    ended: Condvar,
}

/// Ends when it is dropped.
#[derive(Debug)]
struct Turn {
    turns: Arc<Turns>,
}

impl Turns {
    fn take(turns: &Arc<Self>) -> Turn {
        let is_taken = turns.is_taken.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = turns.ended.wait_while(is_taken, |is_taken| *is_taken);
        *waited.unwrap_or_else(PoisonError::into_inner) = true;
        Turn { turns: Arc::clone(turns) }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        *self.turns.is_taken.lock().unwrap_or_else(PoisonError::into_inner) = false;
        self.turns.ended.notify_one();
    }
}

#[derive(Debug)]
struct StoredFile {
    bucket: Arc<dyn Bucket>,
    key: String,
    size: u64,
}

impl DiskFile for StoredFile {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let end = offset.checked_add(buffer.len() as u64);
        if end.is_none_or(|end| end > self.size) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        // An object store has no range of no bytes.
        if buffer.is_empty() { Ok(()) } else { self.bucket.read_at(&self.key, offset, buffer) }
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.size)
    }

    fn append(&mut self, _bytes: &[u8]) -> io::Result<()> {
        Err(written_once())
    }

    fn truncate(&mut self, _size: u64) -> io::Result<()> {
        Err(written_once())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn no_locks() -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, "a bucket has no locks")
}

fn written_once() -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, "what is in a bucket was written once")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bucket::folder::FolderBucket;
    use crate::disk::sim::SimDisk;
    use crate::store::Store;

    /// A bucket that is listed in several answers, and changes between them.
    #[derive(Debug)]
    struct Changing(Mutex<Vec<Vec<String>>>);

    impl Bucket for Changing {
        fn create(&self, _key: &str, _bytes: &[u8]) -> io::Result<Created> {
            Err(io::ErrorKind::Unsupported.into())
        }

        fn get(&self, _key: &str, _len_max: usize) -> io::Result<Vec<u8>> {
            Err(io::ErrorKind::NotFound.into())
        }

        fn read_at(&self, _key: &str, _offset: u64, _buffer: &mut [u8]) -> io::Result<()> {
            Err(io::ErrorKind::NotFound.into())
        }

        fn size(&self, _key: &str) -> io::Result<u64> {
            Err(io::ErrorKind::NotFound.into())
        }

        /// The next list. The last one stays.
        fn list(&self, _folder: &str) -> io::Result<Vec<String>> {
            let mut lists = self.0.lock().unwrap();
            Ok(if lists.len() > 1 { lists.remove(0) } else { lists[0].clone() })
        }

        fn remove(&self, _key: &str) -> io::Result<()> {
            Err(io::ErrorKind::Unsupported.into())
        }
    }

    fn listed(lists: &[&[&str]]) -> Vec<String> {
        let large = || (0..LIST_LEN).map(|number| format!("{number:04}"));
        let list = |names: &&[&str]| large().chain(names.iter().map(ToString::to_string)).collect();
        let bucket = Changing(Mutex::new(lists.iter().map(list).collect()));
        BucketDisk::new(Arc::new(bucket)).list("packs").unwrap().split_off(LIST_LEN)
    }

    #[test]
    fn a_long_list_of_a_bucket_misses_no_pack_in_the_place_of_others() {
        assert_eq!(listed(&[&["old"]]), ["old"]);
        assert_eq!(listed(&[&[], &["new"]]), ["new"]);
        assert_eq!(listed(&[&["old"], &[], &["new"]]), ["new"]);
        assert_eq!(listed(&[&["old"], &["old", "other"]]), ["old", "other"]);
    }

    /// A bucket in which another hub begins a store as soon as this one has seen that there is none.
    #[derive(Debug)]
    struct Overtaken(Arc<FolderBucket>);

    impl Bucket for Overtaken {
        fn create(&self, key: &str, bytes: &[u8]) -> io::Result<Created> {
            self.0.create(key, bytes)
        }

        fn get(&self, key: &str, len_max: usize) -> io::Result<Vec<u8>> {
            self.0.get(key, len_max)
        }

        fn read_at(&self, key: &str, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
            self.0.read_at(key, offset, buffer)
        }

        fn size(&self, key: &str) -> io::Result<u64> {
            let size = self.0.size(key);
            if size.is_err() {
                Store::open(Arc::new(BucketDisk::new(self.0.clone()))).unwrap();
            }
            size
        }

        fn list(&self, folder: &str) -> io::Result<Vec<String>> {
            self.0.list(folder)
        }

        fn remove(&self, key: &str) -> io::Result<()> {
            self.0.remove(key)
        }
    }

    #[test]
    fn a_store_that_another_hub_begins_meanwhile_is_opened() {
        let bucket = Arc::new(FolderBucket::new(Arc::new(SimDisk::default())));
        let overtaken = Arc::new(Overtaken(bucket.clone()));
        Store::open(Arc::new(BucketDisk::new(overtaken))).unwrap();
        assert!(bucket.size(FORMAT).is_ok());
    }

    #[test]
    fn a_short_list_is_made_once() {
        let bucket = Changing(Mutex::new(vec![vec!["old".to_owned()], Vec::new()]));
        assert_eq!(BucketDisk::new(Arc::new(bucket)).list("packs").unwrap(), ["old"]);
    }
}
