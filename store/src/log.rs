//! What one replica did, step by step.

use std::io;
use std::sync::Arc;

use selkie_crdt::ActorId;

use crate::disk::{Disk, DiskFile};
use crate::hex;
use crate::log::entries::{Entries, Newest, Walk, hash_before, last_entry, start_of_entry};
use crate::log::error::LogError;
use crate::log::format::{
    Entry, EntryHash, HEADER_LEN, PAYLOAD_LEN_MAX, encode, encode_header, hash,
};
use crate::log::place::{Head, Place};
use crate::log::seen::Seen;
use crate::object::key::{SecretKey, Signature};

pub(crate) mod entries;
pub(crate) mod error;
pub(crate) mod fork;
pub(crate) mod forks;
pub(crate) mod format;
pub(crate) mod place;
mod seen;
#[cfg(test)]
mod tests;

/// The log of one replica: entries that are signed, chained by their hashes, and never changed.
///
/// An entry is durable when the call that added it returns. Reading takes no lock; adding takes the lock
/// of this log for as long as it takes. A position never holds two contents.
///
/// ```
/// use std::sync::Arc;
/// use selkie_crdt::ActorId;
/// use selkie_store::{Log, SecretKey, SimDisk};
/// let log = Log::new(Arc::new(SimDisk::default()), ActorId::from_bytes([1; 16]));
/// let head = log.append(b"first", &SecretKey::from_bytes(&[7; 32]))?;
/// assert_eq!(log.head()?, head);
/// let entry = log.entries()?.next().expect("there is one")?;
/// assert_eq!(entry.payload, b"first");
/// # Ok::<(), selkie_store::LogError>(())
/// ```
#[derive(Debug)]
pub struct Log {
    disk: Arc<dyn Disk>,
    folder: &'static str,
    name: String,
    replica: ActorId,
    seen: Seen,
}

/// Bytes at the end of a log that are no entry: what was written when the machine stopped. They were never
/// acknowledged.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Torn {
    /// The newest entry before them.
    pub head: Head,
    /// How many they are.
    pub bytes: u64,
}

/// Where the logs of replicas are.
pub(crate) const FOLDER: &str = "logs";
const SUFFIX: &str = ".log";

impl Log {
    /// The log of `replica` in the store on this disk. There is none until the first entry.
    #[must_use]
    pub fn new(disk: Arc<dyn Disk>, replica: ActorId) -> Self {
        let name = format!("{replica}{SUFFIX}");
        Self { disk, folder: FOLDER, name, replica, seen: Seen::default() }
    }

    /// A log that is not a replica's: entries of this clone alone, signed by nobody.
    pub(crate) fn unsigned(disk: Arc<dyn Disk>, folder: &'static str, name: String) -> Self {
        let replica = ActorId::from_bytes([0; 16]);
        Self { disk, folder, name, replica, seen: Seen::default() }
    }

    /// The replicas that have a log in the store on this disk, ascending.
    ///
    /// # Errors
    ///
    /// The folder of logs can not be read.
    pub fn replicas(disk: &dyn Disk) -> io::Result<Vec<ActorId>> {
        Ok(Self::replicas_in(&Self::names(disk)?))
    }

    /// What is in the folder of logs; nothing if there is none yet.
    pub(crate) fn names(disk: &dyn Disk) -> io::Result<Vec<String>> {
        match disk.list(FOLDER) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            names => names,
        }
    }

    /// The replicas whose logs have these names, ascending.
    pub(crate) fn replicas_in(names: &[String]) -> Vec<ActorId> {
        let replica = |name: &String| hex::parse(name.strip_suffix(SUFFIX)?);
        let mut replicas: Vec<_> = names.iter().filter_map(replica).collect();
        replicas.sort_unstable();
        replicas.into_iter().map(ActorId::from_bytes).collect()
    }

    /// Whose log it is.
    #[must_use]
    pub const fn replica(&self) -> ActorId {
        self.replica
    }

    /// How far the log goes. Reads the newest entry, not the log.
    ///
    /// # Errors
    ///
    /// The log can not be read, or is damaged, or lost what it had.
    pub fn head(&self) -> Result<Head, LogError> {
        let before = self.seen.newest();
        let file = self.open()?;
        let place = file.as_deref().map_or(Ok(Place::START), |file| self.tail(file))?;
        self.seen.check(self.replica, before, place.head.position)?;
        Ok(place.head)
    }

    /// Its newest entry up to this position, or where it ends if it does not go so far.
    ///
    /// # Errors
    ///
    /// The log can not be read, or is damaged.
    pub fn head_at(&self, position: u64) -> Result<Head, LogError> {
        if position == 0 {
            return Ok(Head::NONE);
        }
        let found = self.entries_from(position)?.next().transpose()?;
        found.map_or_else(|| self.head(), |entry| Ok(Head::of(&entry)))
    }

    /// All entries, oldest first.
    ///
    /// # Errors
    ///
    /// The log can not be read.
    pub fn entries(&self) -> Result<Entries, LogError> {
        self.entries_after(Place::START)
    }

    /// The entries after `place`, oldest first. What is before it is not read.
    ///
    /// # Errors
    ///
    /// The log can not be read. [`LogError::Fork`]: it does not have the entry that the place names.
    pub fn entries_after(&self, place: Place) -> Result<Entries, LogError> {
        let forked = LogError::Fork { replica: self.replica, position: place.head.position };
        let before = self.seen.newest();
        let entries = |file, walk| Entries::new(file, walk, self.seen.clone(), before);
        let Some(file) = self.open()? else {
            return if place == Place::START {
                Ok(entries(None, Walk::nowhere(self.replica, place)))
            } else {
                Err(forked)
            };
        };
        let walk = Walk::from(&*file, self.replica, place)?;
        if place != Place::START {
            let size = file.size().map_err(|error| self.io(error))?;
            let here = if place.end > size { Ok(None) } else { hash_before(&*file, place.end) };
            if here.map_err(|error| self.io(error))? != Some(place.head.hash) {
                return Err(forked);
            }
        }
        Ok(entries(Some(file), walk))
    }

    /// The entries from this position on, oldest first. It is looked for from the end.
    ///
    /// # Errors
    ///
    /// The log can not be read, or is damaged.
    pub fn entries_from(&self, position: u64) -> Result<Entries, LogError> {
        let before = self.seen.newest();
        let Some(file) = self.open()? else {
            return self.entries();
        };
        let mut place = self.tail(&*file)?;
        self.seen.check(self.replica, before, place.head.position)?;
        while place.head.position >= position.max(1) {
            place = self.place_before(&*file, place)?;
        }
        self.entries_after(place)
    }

    /// The entries, newest first. What is not asked for is not read.
    ///
    /// # Errors
    ///
    /// The log can not be read, or is damaged.
    pub fn newest_first(&self) -> Result<Newest, LogError> {
        let before = self.seen.newest();
        let file = self.open()?;
        let place = file.as_deref().map_or(Ok(Place::START), |file| self.tail(file))?;
        self.seen.check(self.replica, before, place.head.position)?;
        Ok(Newest::new(file, self.replica, place))
    }

    /// Adds an entry of our own.
    ///
    /// # Errors
    ///
    /// The payload is too long, or the log can not be read or written. The entry may be found later
    /// only if the disk refused to take it back as well.
    pub fn append(&self, payload: &[u8], key: &SecretKey) -> Result<Head, LogError> {
        self.append_with(key, |_| Ok(vec![payload.to_vec()]))
    }

    /// Adds entries of our own that depend on what is there: nobody else adds any between the head that
    /// `payloads` is given and what it returns. They become durable together or not at all.
    ///
    /// # Errors
    ///
    /// Those of `payloads`; then nothing is added. Else see [`Log::append`].
    pub fn append_with<E: From<LogError>>(
        &self,
        key: &SecretKey,
        payloads: impl FnOnce(Head) -> Result<Vec<Vec<u8>>, E>,
    ) -> Result<Head, E> {
        self.append_signed(|hash| key.sign(hash), payloads)
    }

    /// As [`Log::append_with`], for a log that nobody signs.
    pub(crate) fn append_unsigned<E: From<LogError>>(
        &self,
        payloads: impl FnOnce(Head) -> Result<Vec<Vec<u8>>, E>,
    ) -> Result<Head, E> {
        self.append_signed(|_| Signature::from_bytes([0; Signature::LEN]), payloads)
    }

    fn append_signed<E: From<LogError>>(
        &self,
        sign: impl Fn(&EntryHash) -> Signature,
        payloads: impl FnOnce(Head) -> Result<Vec<Vec<u8>>, E>,
    ) -> Result<Head, E> {
        self.add(|place, _| {
            let mut before = place.head;
            let mut entries = Vec::new();
            for payload in payloads(before)? {
                if payload.len() > PAYLOAD_LEN_MAX {
                    return Err(LogError::Long(payload.len()).into());
                }
                let position = before.position + 1;
                let hash = hash(&before.hash, self.replica, position, &payload);
                before = Head { position, hash };
                entries.push(Entry { position, payload, signature: sign(&hash), hash });
            }
            Ok(entries)
        })
    }

    /// Adds an entry that a peer sent, if it follows what is here. Who may sign it is the caller's to
    /// check. One that is here already changes nothing.
    ///
    /// # Errors
    ///
    /// It does not follow, or says other than what is here, or the log can not be read or written.
    pub fn accept(&self, entry: &Entry) -> Result<Head, LogError> {
        self.accept_all(std::slice::from_ref(entry))
    }

    /// As [`Log::accept`], for entries that follow each other: all of them are added or none.
    ///
    /// # Errors
    ///
    /// See [`Log::accept`].
    pub fn accept_all(&self, entries: &[Entry]) -> Result<Head, LogError> {
        self.add(|place, file| {
            let newest = place.head.position;
            let split = entries.partition_point(|entry| entry.position <= newest);
            let (known, fresh) = entries.split_at(split);
            self.check_known(known, file)?;
            let mut before = place.head;
            for entry in fresh {
                before.check_next(self.replica, entry)?;
                before = Head::of(entry);
            }
            Ok(fresh.to_vec())
        })
    }

    /// Cuts off a torn end, lays it aside in a file of its own, and tells. Adding an entry does so too,
    /// and does not tell.
    ///
    /// # Errors
    ///
    /// The log can not be read or written.
    pub fn mend(&self) -> Result<Option<Torn>, LogError> {
        if self.open()?.is_none() {
            return Ok(None);
        }
        let mut file = self.open_locked()?;
        self.cut(&mut *file)
    }

    /// Adds what `next` makes of the end of the log and its file, all of it or nothing.
    fn add<E: From<LogError>>(
        &self,
        next: impl FnOnce(Place, &dyn DiskFile) -> Result<Vec<Entry>, E>,
    ) -> Result<Head, E> {
        let before = self.seen.newest();
        let mut file = self.open_locked()?;
        self.cut(&mut *file)?;
        let place = self.tail(&*file)?;
        self.seen.check(self.replica, before, place.head.position)?;
        let entries = next(place, &*file)?;
        let Some(last) = entries.last() else { return Ok(place.head) };
        let bytes: Vec<u8> = entries.iter().flat_map(encode).collect();
        // A crash before the sync leaves a part of them, which is cut off when the log is used next.
        if let Err(error) = file.append(&bytes).and_then(|()| file.sync()) {
            // An entry that nobody was promised must not be found later. If even this fails, the disk
            // is gone, and what it says next is beyond us.
            let _ = file.truncate(place.end).and_then(|()| file.sync());
            return Err(self.io(error).into());
        }
        self.seen.note(last.position);
        Ok(Head::of(last))
    }

    /// Refuses entries that say other than what is here.
    fn check_known(&self, known: &[Entry], file: &dyn DiskFile) -> Result<(), LogError> {
        let (Some(first), Some(last)) = (known.first(), known.last()) else { return Ok(()) };
        let mut place = self.tail(file)?;
        let mut here = None;
        while place.head.position >= first.position.max(1) {
            here = if place.head.position == last.position { Some(place.head.hash) } else { here };
            place = self.place_before(file, place)?;
        }
        let mut before = place.head;
        for entry in known {
            // Another position than the next one is as much another history as another hash.
            before.check_next(self.replica, entry).or(Err(self.fork(entry.position)))?;
            before = Head::of(entry);
        }
        if here == Some(before.hash) { Ok(()) } else { Err(self.fork(last.position)) }
    }

    fn open(&self) -> Result<Option<Box<dyn DiskFile>>, LogError> {
        match self.disk.open(&self.path()) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.io(error)),
        }
    }

    /// The file, locked, with a header.
    fn open_locked(&self) -> Result<Box<dyn DiskFile>, LogError> {
        let begin = || {
            self.disk.create_folder(self.folder)?;
            let mut file = self.disk.open_locked(&self.path())?;
            if file.size()? < HEADER_LEN as u64 {
                file.truncate(0)?;
                file.append(&encode_header(self.replica))?;
                file.sync()?;
                // A crash before this could take the name away with entries that were acknowledged.
                self.disk.sync_folder(self.folder)?;
                self.disk.sync_folder("")?;
            }
            Ok(file)
        };
        begin().map_err(|error: io::Error| match error.kind() {
            io::ErrorKind::WouldBlock => LogError::Busy { replica: self.replica },
            _ => self.io(error),
        })
    }

    /// Cuts off what follows the last entry. The log's lock is held.
    fn cut(&self, file: &mut dyn DiskFile) -> Result<Option<Torn>, LogError> {
        let Place { head, end } = self.tail(file)?;
        let mut lay_aside = || {
            let size = file.size()?;
            if size == end {
                return Ok(None);
            }
            // Rot of the newest entry looks like a torn end, so what goes is kept for whoever knows.
            let mut aside = self.disk.open_locked(&format!("{}.torn", self.path()))?;
            let mut from = end;
            while from < size {
                let count = (size - from).min(PAYLOAD_LEN_MAX as u64);
                let mut bytes = vec![0; usize::try_from(count).map_err(io::Error::other)?];
                file.read_at(from, &mut bytes)?;
                aside.append(&bytes)?;
                from += count;
            }
            aside.sync()?;
            self.disk.sync_folder(self.folder)?;
            file.truncate(end)?;
            // Otherwise a crash could bring the bytes back, behind an entry that is added now.
            file.sync()?;
            Ok(Some(Torn { head, bytes: size - end }))
        };
        lay_aside().map_err(|error| self.io(error))
    }

    /// Behind the newest entry: found from the end if the end is whole.
    fn tail(&self, file: &dyn DiskFile) -> Result<Place, LogError> {
        let size = file.size().map_err(|error| self.io(error))?;
        if let Some((entry, _)) = last_entry(file, self.replica, size)? {
            return Ok(Place { head: Head::of(&entry), end: size });
        }
        let mut walk = Walk::from(file, self.replica, Place::START)?;
        while walk.next(file)?.is_some() {}
        Ok(walk.place())
    }

    /// Before the entry that stands before `place`.
    fn place_before(&self, file: &dyn DiskFile, place: Place) -> Result<Place, LogError> {
        let position = place.head.position - 1;
        let step = || {
            let Some(end) = start_of_entry(file, place.end)? else { return Ok(None) };
            let hash = hash_before(file, end)?;
            Ok(hash.map(|hash| Place { head: Head { position, hash }, end }))
        };
        let before = step().map_err(|error| self.io(error))?;
        before.ok_or(LogError::Damaged { replica: self.replica, position })
    }

    pub(crate) fn path(&self) -> String {
        format!("{}/{}", self.folder, self.name)
    }

    const fn fork(&self, position: u64) -> LogError {
        LogError::Fork { replica: self.replica, position }
    }

    const fn io(&self, source: io::Error) -> LogError {
        LogError::Io { replica: self.replica, source }
    }
}
