//! A place for bytes that are written once under a key, as object stores are.

use std::fmt::Debug;
use std::io;

pub(crate) mod disk;
pub(crate) mod folder;
pub(crate) mod log;
pub(crate) mod probe;
#[cfg(feature = "s3")]
pub(crate) mod s3;

/// What a hub asks of the place where it keeps packs and log entries.
///
/// Nothing is appended to, renamed or locked. Any number of processes use one bucket at once, and the only
/// thing that keeps them apart is that a key is created by one of them.
pub trait Bucket: Debug + Send + Sync {
    /// Puts bytes under a key, durably and at once, if nothing is there.
    ///
    /// # Errors
    ///
    /// The bytes may or may not be there. Trying again tells.
    fn create(&self, key: &str, bytes: &[u8]) -> io::Result<Created>;

    /// All bytes under a key, of which there are at most so many.
    ///
    /// # Errors
    ///
    /// `NotFound`, or `FileTooLarge`, or they can not be read.
    fn get(&self, key: &str, len_max: usize) -> io::Result<Vec<u8>>;

    /// Fills the buffer with the bytes at the offset.
    ///
    /// # Errors
    ///
    /// `NotFound`, or the bytes end before, or they can not be read.
    fn read_at(&self, key: &str, offset: u64, buffer: &mut [u8]) -> io::Result<()>;

    /// How many bytes are under a key.
    ///
    /// # Errors
    ///
    /// `NotFound`, or the bucket can not be asked.
    fn size(&self, key: &str) -> io::Result<u64>;

    /// What follows `folder/` in all keys that begin with it, in no order.
    ///
    /// # Errors
    ///
    /// The bucket can not be asked.
    fn list(&self, folder: &str) -> io::Result<Vec<String>>;

    /// Removes what is under a key, if anything is.
    ///
    /// # Errors
    ///
    /// It may or may not be there.
    fn remove(&self, key: &str) -> io::Result<()>;
}

/// Whether a key was created.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Created {
    /// It was, by this call.
    New,
    /// Something was there, and still is.
    Present,
}
