//! Notes of one clone, added one by one, of what somebody is about to decide.

use std::io;
use std::sync::Arc;

use thiserror::Error;

use crate::disk::Disk;
use crate::log::Log;
use crate::log::error::LogError;

/// What somebody is in the middle of: a list that only grows, until all of it is dropped.
///
/// What a note says is up to whoever writes it. It is durable when the call that added it returns. Notes name no
/// objects, keep none, and are never sent anywhere.
///
/// ```
/// use std::sync::Arc;
/// use selkie_store::{Notes, SimDisk};
/// let notes = Notes::new(Arc::new(SimDisk::default()), "main");
/// notes.add(b"take ours")?;
/// assert_eq!(notes.all()?, [b"take ours"]);
/// notes.drop_all()?;
/// assert!(notes.all()?.is_empty());
/// # Ok::<(), selkie_store::NotesError>(())
/// ```
#[derive(Debug)]
pub struct Notes {
    disk: Arc<dyn Disk>,
    name: String,
}

/// Why notes can not be read or added. Those that were acknowledged are where they were.
#[derive(Debug, Error)]
pub enum NotesError {
    /// The file system did not let us.
    #[error("notes can not be used")]
    Io(#[from] io::Error),
    /// A note is too long, or is not what was written.
    #[error("notes can not be read or added")]
    Log(#[from] LogError),
}

const FOLDER: &str = "local";
const PREFIX: &str = "notes-";

/// Separates the names of files from everything else that is hashed.
const CONTEXT: &str = "selkie 1 notes";

impl Notes {
    /// The notes of this name, in the clone on this disk. Whatever the name is, the file has one that every disk takes.
    #[must_use]
    pub fn new(disk: Arc<dyn Disk>, name: &str) -> Self {
        let name = blake3::derive_key(CONTEXT, name.as_bytes());
        let name = blake3::Hash::from_bytes(name).to_hex();
        Self { disk, name: format!("{PREFIX}{}", &name[..32]) }
    }

    /// All notes, in the order in which they were added.
    ///
    /// # Errors
    ///
    /// They can not be read.
    pub fn all(&self) -> Result<Vec<Vec<u8>>, NotesError> {
        let entries = self.log().entries()?;
        Ok(entries.map(|entry| entry.map(|entry| entry.payload)).collect::<Result<_, _>>()?)
    }

    /// Adds a note.
    ///
    /// # Errors
    ///
    /// It is too long, or can not be written.
    pub fn add(&self, note: &[u8]) -> Result<(), NotesError> {
        self.log().append_unsigned::<LogError>(|_| Ok(vec![note.to_vec()]))?;
        Ok(())
    }

    /// Drops all notes.
    ///
    /// # Errors
    ///
    /// They may or may not be there.
    pub fn drop_all(&self) -> Result<(), NotesError> {
        match self.disk.remove(&format!("{FOLDER}/{}", self.name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            removed => removed?,
        }
        // Else a crash could bring them back in front of newer ones.
        Ok(self.disk.sync_folder(FOLDER)?)
    }

    fn log(&self) -> Log {
        Log::unsigned(Arc::clone(&self.disk), FOLDER, self.name.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::sim::SimDisk;
    use crate::disk::sim::crash::Loss;
    use crate::log::format::PAYLOAD_LEN_MAX;

    #[test]
    fn what_was_added_is_there_after_a_crash_and_in_order() {
        let disk = SimDisk::default();
        let notes = Notes::new(Arc::new(disk.clone()), "a/b\u{202e}");
        (1..9).for_each(|n| notes.add(&[n]).unwrap());
        let left = disk.crashed(disk.steps(), Loss::Unsynced);
        let notes = Notes::new(Arc::new(left), "a/b\u{202e}");
        assert_eq!(notes.all().unwrap(), (1..9).map(|n| vec![n]).collect::<Vec<_>>());
        assert!(Notes::new(Arc::new(disk), "other").all().unwrap().is_empty());
    }

    #[test]
    fn what_was_dropped_does_not_come_back() {
        let disk = SimDisk::default();
        let notes = Notes::new(Arc::new(disk.clone()), "main");
        notes.drop_all().unwrap();
        notes.add(b"old").unwrap();
        notes.drop_all().unwrap();
        let left = disk.crashed(disk.steps(), Loss::Unsynced);
        let notes = Notes::new(Arc::new(left), "main");
        notes.add(b"new").unwrap();
        assert_eq!(notes.all().unwrap(), [b"new"]);
    }

    #[test]
    fn a_note_that_is_too_long_is_refused_and_harms_no_other() {
        let notes = Notes::new(Arc::new(SimDisk::default()), "main");
        notes.add(b"one").unwrap();
        assert!(notes.add(&vec![0; PAYLOAD_LEN_MAX + 1]).is_err());
        assert_eq!(notes.all().unwrap(), [b"one"]);
    }
}
