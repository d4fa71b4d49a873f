//! Reading a log piece by piece, so that no log ever sits in memory whole.

use std::io;

use selkie_crdt::ActorId;

use crate::disk::DiskFile;
use crate::log::error::LogError;
use crate::log::format::{
    Entry, EntryHash, FRAME_LEN, HEADER_LEN, Header, NO_HASH, PAYLOAD_LEN_MAX, TRAILER_LEN, decode,
    decode_header, decode_trailer, entry_len, expected_hash,
};
use crate::log::place::{Head, Place};
use crate::log::seen::Seen;

/// The entries of a log from some place on, oldest first. A torn end is left out.
///
/// What others add after this was made is not among them.
#[derive(Debug)]
pub struct Entries {
    file: Option<Box<dyn DiskFile>>, // none if nobody began the log
    walk: Walk,
    seen: Seen,
    before: u64, // what was seen before the file was opened, and so must be in it
    last: u64,   // the position behind which nothing is asked for
}

/// The entries of a log, newest first. A torn end is left out.
#[derive(Debug)]
pub struct Newest {
    file: Option<Box<dyn DiskFile>>,
    replica: ActorId,
    place: Place,
}

/// A way through the file of a log, forward.
#[derive(Debug)]
pub(super) struct Walk {
    replica: ActorId,
    place: Place,
    size: u64,
    piece: Vec<u8>, // bytes of the file, the first of them at `place`
    used: usize,    // how many bytes of the piece are behind us
}

/// What is read at once: some hundred entries.
const PIECE_LEN: usize = 64 << 10;

impl Entries {
    pub(super) const fn new(
        file: Option<Box<dyn DiskFile>>,
        walk: Walk,
        seen: Seen,
        before: u64,
    ) -> Self {
        Self { file, walk, seen, before, last: u64::MAX }
    }

    /// These, up to this position and no farther.
    #[must_use]
    pub(crate) fn until(self, last: u64) -> Self {
        Self { last, ..self }
    }

    /// Behind the entry that was given out last.
    #[must_use]
    pub const fn place(&self) -> Place {
        self.walk.place
    }
}

impl Iterator for Entries {
    type Item = Result<Entry, LogError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.walk.place.head.position >= self.last {
            return None;
        }
        let next = self.file.as_deref().and_then(|file| self.walk.next(file).transpose());
        if next.is_some() {
            self.seen.note(self.walk.place.head.position);
            return next;
        }
        let before = std::mem::take(&mut self.before);
        let Head { position, .. } = self.walk.place.head;
        self.seen.check(self.walk.replica, before, position).err().map(Err)
    }
}

impl Newest {
    pub(super) const fn new(
        file: Option<Box<dyn DiskFile>>,
        replica: ActorId,
        place: Place,
    ) -> Self {
        Self { file, replica, place }
    }

    fn before(&mut self, file: &dyn DiskFile) -> Result<Entry, LogError> {
        let Place { head, end } = self.place;
        let found = last_entry(file, self.replica, end)?;
        let found = found.filter(|(entry, _)| entry.position == head.position);
        let damage = LogError::Damaged { replica: self.replica, position: head.position - 1 };
        let (entry, start) = found.ok_or(damage)?;
        // What stood before is checked when it is given out; till then its position is what counts.
        self.place = Place { head: Head { position: head.position - 1, ..head }, end: start };
        Ok(entry)
    }
}

impl Iterator for Newest {
    type Item = Result<Entry, LogError>;

    fn next(&mut self) -> Option<Self::Item> {
        let file = self.file.take().filter(|_| self.place.head.position > 0)?;
        let entry = self.before(&*file);
        // After an error nothing more is known.
        self.file = entry.is_ok().then_some(file);
        Some(entry)
    }
}

impl Walk {
    /// The way from `place` on to what is the end of the file now.
    pub(super) fn from(
        file: &dyn DiskFile,
        replica: ActorId,
        place: Place,
    ) -> Result<Self, LogError> {
        let size = file.size().map_err(|source| LogError::Io { replica, source })?;
        if size >= HEADER_LEN as u64 {
            check_header(file, replica)?;
        }
        Ok(Self { size, ..Self::nowhere(replica, place) })
    }

    /// The way through a log that nobody began.
    pub(super) const fn nowhere(replica: ActorId, place: Place) -> Self {
        Self { replica, place, size: 0, piece: Vec::new(), used: 0 }
    }

    pub(super) const fn place(&self) -> Place {
        self.place
    }

    /// The next entry; `None` at the end, and at a torn end.
    pub(super) fn next(&mut self, file: &dyn DiskFile) -> Result<Option<Entry>, LogError> {
        self.hold(file, FRAME_LEN)?;
        let length = entry_len(self.held()).unwrap_or(FRAME_LEN);
        self.hold(file, length)?;
        let Head { position, hash } = self.place.head;
        let found = decode(self.held(), self.replica, &hash);
        let Some(entry) = found.filter(|entry| entry.position == position + 1) else {
            return if self.is_damage(file)? {
                Err(LogError::Damaged { replica: self.replica, position })
            } else {
                Ok(None)
            };
        };
        self.used += length;
        self.place = self.place.after(&entry);
        Ok(Some(entry))
    }

    fn held(&self) -> &[u8] {
        &self.piece[self.used..]
    }

    /// Reads on until `count` bytes are held, or all that there are.
    fn hold(&mut self, file: &dyn DiskFile, count: usize) -> Result<(), LogError> {
        let held = self.held().len();
        let left = self.size.saturating_sub(self.place.end + held as u64);
        if held >= count || left == 0 {
            return Ok(());
        }
        self.piece.drain(..self.used);
        self.used = 0;
        let wanted = (count - held).max(PIECE_LEN) as u64;
        let more = usize::try_from(wanted.min(left)).expect("a piece fits into memory");
        self.piece.resize(held + more, 0);
        let read = file.read_at(self.place.end + held as u64, &mut self.piece[held..]);
        read.map_err(|source| {
            self.piece.truncate(held);
            LogError::Io { replica: self.replica, source }
        })
    }

    /// Whether what is no entry here is rot, and not a torn end.
    fn is_damage(&mut self, file: &dyn DiskFile) -> Result<bool, LogError> {
        self.hold(file, 2 * (FRAME_LEN + PAYLOAD_LEN_MAX))?;
        let rest = self.held();
        if rest.is_empty() {
            return Ok(false);
        }
        let follows = has_later_entry(rest, self.replica, &self.place.head.hash);
        Ok(follows || last_entry(file, self.replica, self.size)?.is_some())
    }
}

/// Refuses a file that is no log of this replica, or that a later version wrote.
fn check_header(file: &dyn DiskFile, replica: ActorId) -> Result<(), LogError> {
    let mut header = [0; HEADER_LEN];
    file.read_at(0, &mut header).map_err(|source| LogError::Io { replica, source })?;
    match decode_header(&header, replica) {
        Header::Known => Ok(()),
        Header::Version(version) => Err(LogError::Version(version)),
        Header::Foreign => Err(LogError::Damaged { replica, position: 0 }),
    }
}

/// The entry that ends where the file has so many bytes, and where it starts, if one does.
pub(super) fn last_entry(
    file: &dyn DiskFile,
    replica: ActorId,
    end: u64,
) -> Result<Option<(Entry, u64)>, LogError> {
    let header = HEADER_LEN as u64;
    if end < header + FRAME_LEN as u64 {
        return Ok(None);
    }
    check_header(file, replica)?;
    let Some(start) =
        start_of_entry(file, end).map_err(|source| LogError::Io { replica, source })?
    else {
        return Ok(None);
    };
    let before = hash_before(file, start).map_err(|source| LogError::Io { replica, source })?;
    let Some(before) = before else { return Ok(None) };
    let length = usize::try_from(end - start).or(Err(LogError::Long(usize::MAX)))?;
    let mut bytes = vec![0; length];
    file.read_at(start, &mut bytes).map_err(|source| LogError::Io { replica, source })?;
    Ok(decode(&bytes, replica, &before).map(|entry| (entry, start)))
}

/// Where the entry starts that ends here, as its end tells.
pub(super) fn start_of_entry(file: &dyn DiskFile, end: u64) -> io::Result<Option<u64>> {
    let header = HEADER_LEN as u64;
    if end < header + FRAME_LEN as u64 {
        return Ok(None);
    }
    let mut trailer = [0; TRAILER_LEN];
    file.read_at(end - TRAILER_LEN as u64, &mut trailer)?;
    let (_, length) = decode_trailer(&trailer);
    let start = end.checked_sub(length).filter(|start| *start >= header);
    Ok(start.filter(|_| length <= (FRAME_LEN + PAYLOAD_LEN_MAX) as u64))
}

/// The hash of the entry that ends here, as it stands there.
pub(super) fn hash_before(file: &dyn DiskFile, end: u64) -> io::Result<Option<EntryHash>> {
    match end - HEADER_LEN as u64 {
        0 => Ok(Some(NO_HASH)),
        entries if entries < FRAME_LEN as u64 => Ok(None),
        _ => {
            let mut trailer = [0; TRAILER_LEN];
            file.read_at(end - TRAILER_LEN as u64, &mut trailer)?;
            Ok(Some(decode_trailer(&trailer).0))
        }
    }
}

/// Whether a sound entry follows the one that should be here.
fn has_later_entry(rest: &[u8], replica: ActorId, before: &EntryHash) -> bool {
    let Some(length) = entry_len(rest).filter(|length| *length < rest.len()) else {
        return false;
    };
    let (bad, later) = rest.split_at(length);
    // Either its hash rotted, or what it is the hash of.
    let as_stored = bad.last_chunk().map(|trailer| decode_trailer(trailer).0);
    let as_expected = expected_hash(bad, replica, before);
    let follows = |hash| decode(later, replica, &hash).is_some();
    as_stored.is_some_and(follows) || as_expected.is_some_and(follows)
}
