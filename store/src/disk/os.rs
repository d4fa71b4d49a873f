//! The file system of the machine. Only this file and those below it know the platform.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use thiserror::Error;

use crate::disk::{Disk, DiskFile};

pub(crate) mod owner;
mod print;

/// A folder of the machine.
///
/// The folder may be somebody else's, so nothing in it but plain files and folders is touched: a link
/// could lead anywhere, and opening a pipe could take for ever. Errors name the path.
#[derive(Debug)]
pub struct OsDisk {
    root: PathBuf,
    readers: Readers,
    patience: Duration,
}

/// Who may read what is made here. Nobody but its owner ever writes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Readers {
    AsUsual,
    Owner,
}

/// What is behind a path is not what the store put there.
#[derive(Clone, Copy, Debug, Error)]
enum Refused {
    #[error("it is no plain file")]
    NoFile,
    #[error("it is no folder")]
    NoFolder,
    #[error("another process has kept it locked for {} seconds", .0.as_secs_f32())]
    Locked(Duration),
}

/// Locks are held for one change of a view, or for one command. Who waits longer is told, and may ask again.
const PATIENCE: Duration = Duration::from_secs(10);

/// Between two looks at a lock. Nothing tells when it is free and gives up after a time.
const LOOK_AGAIN_MAX: Duration = Duration::from_millis(16);

impl OsDisk {
    /// The folder at this path. It is made by the first [`Disk::create_folder`].
    #[must_use]
    pub fn new(root: &Path) -> Self {
        Self { root: root.to_owned(), readers: Readers::AsUsual, patience: PATIENCE }
    }

    /// As [`OsDisk::new`], for secrets: what is made there is its owner's alone, from its first byte on.
    #[must_use]
    pub fn private(root: &Path) -> Self {
        Self { readers: Readers::Owner, ..Self::new(root) }
    }

    /// The same folder, with another time to wait for locks.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    fn options(&self) -> OpenOptions {
        let mut options = OpenOptions::new();
        modes::files(options.read(true).append(true), self.readers);
        options
    }

    /// Opens a plain file, and nothing else.
    fn open_plain(&self, options: &mut OpenOptions, path: &str) -> io::Result<File> {
        let path = self.path(path);
        let opened = links::not_followed(options).open(&path);
        let is_link = || fs::symlink_metadata(&path).is_ok_and(|found| found.is_symlink());
        let result = match opened {
            Ok(file) => match file.metadata() {
                Ok(metadata) if !metadata.is_file() => Err(io::Error::other(Refused::NoFile)),
                Ok(_) => Ok(file),
                Err(error) => Err(error),
            },
            Err(_) if is_link() => Err(io::Error::other(Refused::NoFile)),
            Err(error) => Err(error),
        };
        at(&path, result)
    }

    /// Locks the file, unless others keep it locked for too long.
    fn wait_for(&self, file: &File) -> io::Result<()> {
        let started = Instant::now();
        let mut pause = Duration::from_millis(1);
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(()),
                Err(TryLockError::Error(error)) => return Err(error),
                Err(TryLockError::WouldBlock) if started.elapsed() >= self.patience => {
                    let refused = Refused::Locked(self.patience);
                    return Err(io::Error::new(io::ErrorKind::WouldBlock, refused));
                }
                Err(TryLockError::WouldBlock) => thread::sleep(pause),
            }
            pause = (pause * 2).min(LOOK_AGAIN_MAX);
        }
    }
}

impl Disk for OsDisk {
    fn create_folder(&self, folder: &str) -> io::Result<()> {
        let path = self.path(folder);
        let mut builder = fs::DirBuilder::new();
        at(&path, modes::folders(builder.recursive(true), self.readers).create(&path))?;
        // The store's own folder may be reached by a link: its owner named it.
        if folder.is_empty() || at(&path, fs::symlink_metadata(&path))?.is_dir() {
            Ok(())
        } else {
            at(&path, Err(io::Error::other(Refused::NoFolder)))
        }
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let path = self.path(folder);
        let mut names = Vec::new();
        for entry in at(&path, fs::read_dir(&path))? {
            // The store makes no name that is not text, so such a file is none of ours.
            if let Ok(name) = at(&path, entry)?.file_name().into_string() {
                names.push(name);
            }
        }
        Ok(names)
    }

    fn create(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        let file = self.open_plain(self.options().create_new(true), path)?;
        // Between the two calls the file looks abandoned. Whoever took it for that has locked or
        // removed it, and its name is as good as taken.
        let taken = || io::Error::from(io::ErrorKind::AlreadyExists);
        let path = self.path(path);
        at(
            &path,
            match file.try_lock() {
                Ok(()) if path.exists() => Ok(Box::new(file) as Box<dyn DiskFile>),
                Ok(()) | Err(TryLockError::WouldBlock) => Err(taken()),
                Err(TryLockError::Error(error)) => Err(error),
            },
        )
    }

    fn open(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(self.open_plain(OpenOptions::new().read(true), path)?))
    }

    fn open_locked(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        loop {
            let file = self.open_plain(self.options().create(true), path)?;
            let path = self.path(path);
            at(&path, self.wait_for(&file))?;
            // Whoever had the lock may have renamed or removed the file, and what is written to a file
            // without a name is lost.
            if at(&path, names::lead_to(&path, &file))? {
                return Ok(Box::new(file));
            }
        }
    }

    fn try_open_locked(&self, path: &str) -> io::Result<Option<Box<dyn DiskFile>>> {
        let file = self.open_plain(self.options().create(true), path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Box::new(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => at(&self.path(path), Err(error)),
        }
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        at(&self.path(to), fs::rename(self.path(from), self.path(to)))
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        at(&self.path(path), fs::remove_file(self.path(path)))
    }

    fn remove_abandoned(&self, path: &str) -> io::Result<()> {
        match self.open_plain(OpenOptions::new().read(true), path)?.try_lock() {
            // The lock is held until the name is gone, see `create`.
            Ok(()) => self.remove(path),
            Err(TryLockError::WouldBlock) => Ok(()),
            Err(TryLockError::Error(error)) => at(&self.path(path), Err(error)),
        }
    }

    fn sync_folder(&self, folder: &str) -> io::Result<()> {
        at(&self.path(folder), folders::sync(&self.path(folder)))
    }

    fn fingerprint(&self, path: &str) -> io::Result<Vec<u8>> {
        let path = self.path(path);
        at(&path, print::fingerprint(&path))
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

/// The result, its error with the path and of the same kind.
fn at<T>(path: &Path, result: io::Result<T>) -> io::Result<T> {
    result.map_err(|error| io::Error::new(error.kind(), AtPath { path: path.to_owned(), error }))
}

/// What the system says, and of what.
#[derive(Debug, Error)]
#[error("{}: {error}", path.display())]
struct AtPath {
    path: PathBuf,
    error: io::Error,
}

#[cfg(unix)]
mod links {
    use std::fs::OpenOptions;
    use std::os::unix::fs::OpenOptionsExt;

    use rustix::fs::OFlags;

    /// No link is followed, and no pipe waited for. Plain files do not notice.
    pub(super) fn not_followed(options: &mut OpenOptions) -> &mut OpenOptions {
        options.custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed())
    }
}

#[cfg(windows)]
mod links {
    use std::fs::OpenOptions;
    use std::os::windows::fs::OpenOptionsExt;

    /// `FILE_FLAG_OPEN_REPARSE_POINT`: a link is opened itself, and is no plain file.
    const LINKS_THEMSELVES: u32 = 0x0020_0000;

    pub(super) fn not_followed(options: &mut OpenOptions) -> &mut OpenOptions {
        options.custom_flags(LINKS_THEMSELVES)
    }
}

#[cfg(unix)]
mod names {
    use std::fs::{self, File};
    use std::io;
    use std::os::unix::fs::MetadataExt;
    use std::path::Path;

    /// Whether the name still leads to the open file.
    pub(super) fn lead_to(path: &Path, file: &File) -> io::Result<bool> {
        let open = file.metadata()?;
        match fs::symlink_metadata(path) {
            Ok(named) => Ok((named.dev(), named.ino()) == (open.dev(), open.ino())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
}

#[cfg(windows)]
mod names {
    use std::fs::File;
    use std::io;
    use std::path::Path;

    /// Whether there is such a name. Without another look at the system no more can be said.
    pub(super) fn lead_to(path: &Path, _file: &File) -> io::Result<bool> {
        path.try_exists()
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
