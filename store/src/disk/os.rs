//! The file system of the machine. Only this file and those below it know the platform.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::disk::{Disk, DiskFile};

pub(crate) mod owner;
mod print;

/// A folder of the machine.
#[derive(Debug)]
pub struct OsDisk {
    root: PathBuf,
    readers: Readers,
}

/// Who may read what is made here. Nobody but its owner ever writes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Readers {
    AsUsual,
    Owner,
}

impl OsDisk {
    /// The folder at this path. It is made by the first [`Disk::create_folder`].
    #[must_use]
    pub fn new(root: &Path) -> Self {
        Self { root: root.to_owned(), readers: Readers::AsUsual }
    }

    /// As [`OsDisk::new`], for secrets: what is made there is its owner's alone, from its first byte on.
    #[must_use]
    pub fn private(root: &Path) -> Self {
        Self { root: root.to_owned(), readers: Readers::Owner }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    fn options(&self) -> OpenOptions {
        let mut options = OpenOptions::new();
        modes::files(options.read(true).append(true), self.readers);
        options
    }
}

impl Disk for OsDisk {
    fn create_folder(&self, folder: &str) -> io::Result<()> {
        let mut builder = fs::DirBuilder::new();
        modes::folders(builder.recursive(true), self.readers).create(self.path(folder))
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(self.path(folder))? {
            // The store makes no name that is not text, so such a file is none of ours.
            if let Ok(name) = entry?.file_name().into_string() {
                names.push(name);
            }
        }
        Ok(names)
    }

    fn create(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        let file = self.options().create_new(true).open(self.path(path))?;
        // Between the two calls the file looks abandoned. Whoever took it for that has locked or
        // removed it, and its name is as good as taken.
        let taken = || io::Error::from(io::ErrorKind::AlreadyExists);
        match file.try_lock() {
            Ok(()) if self.path(path).exists() => Ok(Box::new(file)),
            Ok(()) | Err(TryLockError::WouldBlock) => Err(taken()),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    fn open(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(File::open(self.path(path))?))
    }

    fn open_locked(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        let file = self.options().create(true).open(self.path(path))?;
        file.lock()?;
        Ok(Box::new(file))
    }

    fn try_open_locked(&self, path: &str) -> io::Result<Option<Box<dyn DiskFile>>> {
        let file = self.options().create(true).open(self.path(path))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Box::new(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.path(from), self.path(to))
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        fs::remove_file(self.path(path))
    }

    fn remove_abandoned(&self, path: &str) -> io::Result<()> {
        match File::open(self.path(path))?.try_lock() {
            // The lock is held until the name is gone, see `create`.
            Ok(()) => self.remove(path),
            Err(TryLockError::WouldBlock) => Ok(()),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    fn sync_folder(&self, folder: &str) -> io::Result<()> {
        folders::sync(&self.path(folder))
    }

    fn fingerprint(&self, path: &str) -> io::Result<Vec<u8>> {
        print::fingerprint(&self.path(path))
    }
}

impl DiskFile for File {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        reads::exact_at(self, offset, buffer)
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }

    fn truncate(&mut self, size: u64) -> io::Result<()> {
        self.set_len(size)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }
}

#[cfg(unix)]
mod reads {
    use std::fs::File;
    use std::io;
    use std::os::unix::fs::FileExt;

    pub(super) fn exact_at(file: &File, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        file.read_exact_at(buffer, offset)
    }
}

#[cfg(windows)]
mod reads {
    use std::fs::File;
    use std::io;
    use std::os::windows::fs::FileExt;

    pub(super) fn exact_at(file: &File, mut offset: u64, mut buffer: &mut [u8]) -> io::Result<()> {
        while !buffer.is_empty() {
            match file.seek_read(buffer, offset)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                count => {
                    offset += count as u64;
                    buffer = &mut buffer[count..];
                }
            }
        }
        Ok(())
    }
}

#[cfg(unix)]
mod folders {
    use std::fs::File;
    use std::io;
    use std::path::Path;

    pub(super) fn sync(folder: &Path) -> io::Result<()> {
        File::open(folder)?.sync_all()
    }
}

#[cfg(windows)]
mod folders {
    use std::io;
    use std::path::Path;

    /// Windows opens no folder for syncing; its file systems journal names on their own.
    pub(super) fn sync(_folder: &Path) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(unix)]
mod modes {
    use std::fs::{DirBuilder, OpenOptions};
    use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};

    use super::Readers;

    /// Never writable by others, whatever the umask says; readable as far as it allows, or not at all.
    pub(super) fn files(options: &mut OpenOptions, readers: Readers) -> &mut OpenOptions {
        options.mode(match readers {
            Readers::AsUsual => 0o644,
            Readers::Owner => 0o600,
        })
    }

    pub(super) fn folders(builder: &mut DirBuilder, readers: Readers) -> &mut DirBuilder {
        builder.mode(match readers {
            Readers::AsUsual => 0o755,
            Readers::Owner => 0o700,
        })
    }
}

#[cfg(windows)]
mod modes {
    use std::fs::{DirBuilder, OpenOptions};

    use super::Readers;

    pub(super) fn files(options: &mut OpenOptions, _readers: Readers) -> &mut OpenOptions {
        options
    }

    pub(super) fn folders(builder: &mut DirBuilder, _readers: Readers) -> &mut DirBuilder {
        builder
    }
}
