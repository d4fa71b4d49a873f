//! What one replica did, step by step.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use selkie_crdt::ActorId;
use thiserror::Error;

use crate::disk::{Disk, DiskFile};
use crate::log::format::{
    Entry, EntryHash, FRAME_LEN, HEADER_LEN, Header, NO_HASH, PAYLOAD_LEN_MAX, TRAILER_LEN, decode,
    decode_header, decode_trailer, encode, encode_header, entry_len, expected_hash, hash,
};
use crate::object::key::SecretKey;

pub(crate) mod format;
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
/// assert_eq!(log.entries()?[0].payload, b"first");
/// # Ok::<(), selkie_store::LogError>(())
/// ```
#[derive(Debug)]
pub struct Log {
    disk: Arc<dyn Disk>,
    replica: ActorId,
    // The position of the newest entry that was seen here. A file that has less was lost or replaced.
    seen: AtomicU64,
}

/// How far a log goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Head {
    /// The position of the newest entry, 0 for none.
    pub position: u64,
    /// Its hash, zeros for none.
    pub hash: EntryHash,
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

/// Why a log can not be read or added to. What was acknowledged is where it was.
#[derive(Debug, Error)]
pub enum LogError {
    /// The file system did not let us.
    #[error("the log of replica {replica} can not be used")]
    Io {
        /// Whose log.
        replica: ActorId,
        /// What the file system says.
        source: io::Error,
    },
    /// Another process keeps the log's lock for longer than any append takes. Nothing was added.
    #[error("the log of replica {replica} is locked by another process, which may be stuck")]
    Busy {
        /// Whose log.
        replica: ActorId,
    },
    /// Entries that were read or added here are gone: the file was removed or replaced. Nothing was added,
    /// since that would give a position two contents.
    #[error("the log of replica {replica} had {seen} entries, and now has {found}")]
    Lost {
        /// Whose log.
        replica: ActorId,
        /// The newest position that was seen.
        seen: u64,
        /// The newest position now.
        found: u64,
    },
    /// An entry is not what was written, and others follow it. The file stays as it is.
    #[error("the log of replica {replica} is damaged after position {position}")]
    Damaged {
        /// Whose log.
        replica: ActorId,
        /// The last sound entry.
        position: u64,
    },
    /// A later version wrote the log. Nothing was touched.
    #[error("the log has format {0}, and this program knows format 1: use a newer one")]
    Version(u8),
    /// The payload is longer than [`PAYLOAD_LEN_MAX`].
    #[error("an entry has at most {PAYLOAD_LEN_MAX} bytes, not {0}")]
    Long(usize),
    /// The entry does not follow the newest one. Those in between are missing.
    #[error("entry {position} does not follow entry {newest}")]
    Gap {
        /// Where the entry belongs.
        position: u64,
        /// The newest one here.
        newest: u64,
    },
    /// The replica says two things at one position: its directory was copied, or it lies.
    #[error("replica {replica} has two histories at position {position}")]
    Fork {
        /// Whose log.
        replica: ActorId,
        /// Where they part, or later.
        position: u64,
    },
}

const FOLDER: &str = "logs";

impl Log {
    /// The log of `replica` in the store on this disk. There is none until the first entry.
    #[must_use]
    pub fn new(disk: Arc<dyn Disk>, replica: ActorId) -> Self {
        Self { disk, replica, seen: AtomicU64::new(0) }
    }

    /// How far the log goes. Reads the newest entry, not the log.
    ///
    /// # Errors
    ///
    /// The log can not be read, or is damaged, or lost what it had.
    pub fn head(&self) -> Result<Head, LogError> {
        let seen = self.seen();
        let head = match self.open()? {
            None => Head::NONE,
            Some(file) => self.tail(&*file)?.0,
        };
        self.see(seen, head.position).map(|()| head)
    }

    /// All entries, oldest first. A torn end is left out.
    ///
    /// # Errors
    ///
    /// The log can not be read, or is damaged, or lost what it had.
    pub fn entries(&self) -> Result<Vec<Entry>, LogError> {
        let seen = self.seen();
        let entries = match self.open()? {
            None => Vec::new(),
            Some(file) => self.scan(&*file)?.0,
        };
        self.see(seen, entries.len() as u64).map(|()| entries)
    }

    /// Adds an entry of our own.
    ///
    /// # Errors
    ///
    /// The payload is too long, or the log can not be read or written. The entry may be found later
    /// only if the disk refused to take it back as well.
    pub fn append(&self, payload: &[u8], key: &SecretKey) -> Result<Head, LogError> {
        self.add(|head| {
            let position = head.position + 1;
            let hash = hash(&head.hash, self.replica, position, payload);
            let signature = key.sign(&hash);
            Ok(Some(Entry { position, payload: payload.to_vec(), signature, hash }))
        })
    }

    /// Adds an entry that a peer sent, if it follows what is here. Who may sign it is the caller's to
    /// check. One that is here already changes nothing.
    ///
    /// # Errors
    ///
    /// It does not follow, or says other than what is here, or the log can not be read or written.
    pub fn accept(&self, entry: &Entry) -> Result<Head, LogError> {
        self.add(|head| {
            let position = entry.position;
            if position > head.position + 1 {
                return Err(LogError::Gap { position, newest: head.position });
            }
            if position <= head.position {
                let here = self.entries()?.into_iter().find(|here| here.position == position);
                let same = here.is_some_and(|here| here.hash == entry.hash);
                return if same { Ok(None) } else { Err(self.fork(position)) };
            }
            let expected = hash(&head.hash, self.replica, position, &entry.payload);
            if entry.hash == expected { Ok(Some(entry.clone())) } else { Err(self.fork(position)) }
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

    fn add(
        &self,
        next: impl FnOnce(Head) -> Result<Option<Entry>, LogError>,
    ) -> Result<Head, LogError> {
        let seen = self.seen();
        let mut file = self.open_locked()?;
        self.cut(&mut *file)?;
        let (head, end) = self.tail(&*file)?;
        self.see(seen, head.position)?;
        let Some(entry) = next(head)? else { return Ok(head) };
        if entry.payload.len() > PAYLOAD_LEN_MAX {
            return Err(LogError::Long(entry.payload.len()));
        }
        // A crash before the sync leaves a part of the entry, which is cut off when the log is used next.
        if let Err(error) = file.append(&encode(&entry)).and_then(|()| file.sync()) {
            // An entry that nobody was promised must not be found later. If even this fails, the disk
            // is gone, and what it says next is beyond us.
            let _ = file.truncate(end).and_then(|()| file.sync());
            return Err(self.io(error));
        }
        self.see(seen, entry.position)?;
        Ok(Head { position: entry.position, hash: entry.hash })
    }

    /// How far the log went when it was last looked at. Asked before the file is opened, since others may
    /// add and look meanwhile.
    fn seen(&self) -> u64 {
        self.seen.load(Ordering::Acquire)
    }

    /// Notes how far the log goes now.
    fn see(&self, seen: u64, found: u64) -> Result<(), LogError> {
        if found < seen {
            return Err(LogError::Lost { replica: self.replica, seen, found });
        }
        self.seen.fetch_max(found, Ordering::AcqRel);
        Ok(())
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
            self.disk.create_folder(FOLDER)?;
            let mut file = self.disk.open_locked(&self.path())?;
            if file.size()? < HEADER_LEN as u64 {
                file.truncate(0)?;
                file.append(&encode_header(self.replica))?;
                file.sync()?;
                // A crash before this could take the name away with entries that were acknowledged.
                self.disk.sync_folder(FOLDER)?;
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
        let (head, end) = self.tail(file)?;
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
            self.disk.sync_folder(FOLDER)?;
            file.truncate(end)?;
            // Otherwise a crash could bring the bytes back, behind an entry that is added now.
            file.sync()?;
            Ok(Some(Torn { head, bytes: size - end }))
        };
        lay_aside().map_err(|error| self.io(error))
    }

    /// The newest entry and where it ends: found from the end if the end is whole.
    fn tail(&self, file: &dyn DiskFile) -> Result<(Head, u64), LogError> {
        let size = file.size().map_err(|error| self.io(error))?;
        if let Some(head) = self.last_entry(file, size)? {
            return Ok((head, size));
        }
        let (entries, end) = self.scan(file)?;
        let head = entries.last();
        Ok((head.map_or(Head::NONE, |last| Head { position: last.position, hash: last.hash }), end))
    }

    /// The entry that ends with the file, if one does.
    fn last_entry(&self, file: &dyn DiskFile, size: u64) -> Result<Option<Head>, LogError> {
        let header = HEADER_LEN as u64;
        if size < header + FRAME_LEN as u64 {
            return Ok(None);
        }
        self.check_header(file)?;
        let trailer = |end: u64| {
            let mut bytes = [0; TRAILER_LEN];
            let read = file.read_at(end - TRAILER_LEN as u64, &mut bytes);
            read.map(|()| decode_trailer(&bytes)).map_err(|error| self.io(error))
        };
        let (_, length) = trailer(size)?;
        let Some(start) = size.checked_sub(length).filter(|start| *start >= header) else {
            return Ok(None);
        };
        let before = match start - header {
            0 => NO_HASH,
            entries if entries < FRAME_LEN as u64 => return Ok(None),
            _ => trailer(start)?.0,
        };
        let mut bytes = vec![0; usize::try_from(length).or(Err(LogError::Long(usize::MAX)))?];
        file.read_at(start, &mut bytes).map_err(|error| self.io(error))?;
        let entry = decode(&bytes, self.replica, &before);
        Ok(entry.map(|entry| Head { position: entry.position, hash: entry.hash }))
    }

    /// All entries from the first, and where the last sound one ends.
    fn scan(&self, file: &dyn DiskFile) -> Result<(Vec<Entry>, u64), LogError> {
        let size = file.size().map_err(|error| self.io(error))?;
        if size < HEADER_LEN as u64 {
            return Ok((Vec::new(), 0));
        }
        self.check_header(file)?;
        let mut bytes = vec![0; usize::try_from(size).or(Err(LogError::Long(usize::MAX)))?];
        file.read_at(0, &mut bytes).map_err(|error| self.io(error))?;
        let mut rest = &bytes[HEADER_LEN..];
        let (mut entries, mut before) = (Vec::<Entry>::new(), NO_HASH);
        while let Some(entry) = decode(rest, self.replica, &before) {
            if entry.position != entries.len() as u64 + 1 {
                break;
            }
            rest = &rest[FRAME_LEN + entry.payload.len()..];
            before = entry.hash;
            entries.push(entry);
        }
        let whole_end = || Ok(self.last_entry(file, size)?.is_some());
        if !rest.is_empty() && (self.has_later_entry(rest, &before) || whole_end()?) {
            return Err(LogError::Damaged {
                replica: self.replica,
                position: entries.len() as u64,
            });
        }
        Ok((entries, size - rest.len() as u64))
    }

    /// Whether a sound entry follows the one that should be here, so that this is rot and not a torn end.
    fn has_later_entry(&self, rest: &[u8], before: &EntryHash) -> bool {
        let Some(length) = entry_len(rest).filter(|length| *length < rest.len()) else {
            return false;
        };
        let (bad, later) = rest.split_at(length);
        // Either its hash rotted, or what it is the hash of.
        let as_stored = bad.last_chunk().map(|trailer| decode_trailer(trailer).0);
        let as_expected = expected_hash(bad, self.replica, before);
        let follows = |hash| decode(later, self.replica, &hash).is_some();
        as_stored.is_some_and(follows) || as_expected.is_some_and(follows)
    }

    fn check_header(&self, file: &dyn DiskFile) -> Result<(), LogError> {
        let mut header = [0; HEADER_LEN];
        file.read_at(0, &mut header).map_err(|error| self.io(error))?;
        match decode_header(&header, self.replica) {
            Header::Known => Ok(()),
            Header::Version(version) => Err(LogError::Version(version)),
            Header::Foreign => Err(LogError::Damaged { replica: self.replica, position: 0 }),
        }
    }

    fn path(&self) -> String {
        format!("{FOLDER}/{}.log", self.replica)
    }

    const fn fork(&self, position: u64) -> LogError {
        LogError::Fork { replica: self.replica, position }
    }

    const fn io(&self, source: io::Error) -> LogError {
        LogError::Io { replica: self.replica, source }
    }
}

impl Head {
    const NONE: Self = Self { position: 0, hash: NO_HASH };
}
