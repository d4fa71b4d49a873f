//! What the store asks of a file system.
//!
//! Everything the store does to files goes through here, so that tests can stop it at each step,
//! lose what was not synced, and fail any call.

use std::fmt;
use std::io;

pub(crate) mod os;
pub(crate) mod sim;
pub(crate) mod whole;
#[cfg(test)]
mod tests;

/// A folder that holds a store. Paths are relative to it, with `/` between names.
///
/// What survives a crash: the bytes of a file since its last [`DiskFile::sync`], the names in a folder
/// since its last [`Disk::sync_folder`]. Of everything later any part may be there, in any order,
/// except that a rename happens whole or not at all.
pub trait Disk: fmt::Debug + Send + Sync {
    /// Makes the folder and those above it. One that exists is left as it is.
    ///
    /// # Errors
    ///
    /// The folder is not there.
    fn create_folder(&self, folder: &str) -> io::Result<()>;

    /// The names in the folder, in no order.
    ///
    /// # Errors
    ///
    /// The folder can not be read.
    fn list(&self, folder: &str) -> io::Result<Vec<String>>;

    /// Makes a new file for its writer alone: until the handle is dropped, or its process dies,
    /// [`Disk::remove_abandoned`] leaves the file be.
    ///
    /// # Errors
    ///
    /// `AlreadyExists`, or the file can not be made.
    fn create(&self, path: &str) -> io::Result<Box<dyn DiskFile>>;

    /// Opens a file for reading.
    ///
    /// # Errors
    ///
    /// `NotFound`, or the file can not be opened.
    fn open(&self, path: &str) -> io::Result<Box<dyn DiskFile>>;

    /// Opens a file for reading and appending, makes it if it is not there, and waits until no
    /// other handle from here has it.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if another process keeps it for longer than any should, or the file can not be
    /// opened.
    fn open_locked(&self, path: &str) -> io::Result<Box<dyn DiskFile>>;

    /// Like [`Disk::open_locked`], but gives up at once, with `None`, if another handle has it.
    ///
    /// # Errors
    ///
    /// The file can not be opened.
    fn try_open_locked(&self, path: &str) -> io::Result<Option<Box<dyn DiskFile>>>;

    /// Gives the file another name in the same folder. A file of that name is replaced.
    ///
    /// # Errors
    ///
    /// Nothing was renamed.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    /// Removes the file. Handles that have it open go on reading it.
    ///
    /// # Errors
    ///
    /// Nothing was removed.
    fn remove(&self, path: &str) -> io::Result<()>;

    /// Removes a file that [`Disk::create`] made and whose writer is gone.
    ///
    /// # Errors
    ///
    /// Nothing was removed.
    fn remove_abandoned(&self, path: &str) -> io::Result<()>;

    /// Makes the names in the folder durable.
    ///
    /// # Errors
    ///
    /// They may or may not be durable, and syncing again tells nothing about them.
    fn sync_folder(&self, folder: &str) -> io::Result<()>;

    /// What tells this file or folder from a copy of it, and stays when it is renamed. Empty where a
    /// disk can not tell.
    ///
    /// # Errors
    ///
    /// `NotFound`, or it can not be asked.
    fn fingerprint(&self, path: &str) -> io::Result<Vec<u8>>;
}

/// An open file.
pub trait DiskFile: fmt::Debug + Send + Sync {
    /// Fills the buffer with the bytes at the offset.
    ///
    /// # Errors
    ///
    /// `UnexpectedEof` past the end, or the bytes can not be read.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()>;

    /// Bytes in the file.
    ///
    /// # Errors
    ///
    /// The file can not be asked.
    fn size(&self) -> io::Result<u64>;

    /// Writes the bytes at the end.
    ///
    /// # Errors
    ///
    /// Any part of them may have been written.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Gives the file this size: cuts it, or adds zeros, which take no space.
    ///
    /// # Errors
    ///
    /// The file may or may not have it.
    fn truncate(&mut self, size: u64) -> io::Result<()>;

    /// Makes the bytes of the file durable.
    ///
    /// # Errors
    ///
    /// They may or may not be durable, and syncing again tells nothing about them.
    fn sync(&mut self) -> io::Result<()>;
}
