//! The files by which programs that write to one git repository keep out of each other's way.
//!
//! A lock of ours is another name of a file with our word in it. So at no moment it is there without that word, and nothing else is ever
//! written into it: what is new is written beside it, and takes the place of the old while the lock is there. Only one of our commands
//! at a time writes to a repository. So whoever does and finds such a lock knows that its owner was killed. Of any other nobody knows whether its
//! owner lives: it stays and is told of, as git does it.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use selkie_store::{Disk, DiskFile, OsDisk};

use crate::git::durable::replace;
use crate::git::place::{GitPlace, PATH_FILE_MAX, read};
use crate::git::problem::{GitError, GitPlaceError};

/// The only command of ours that writes to a repository now. It waits until that is so.
pub(crate) struct Alone<'p> {
    place: &'p GitPlace,
    mark: PathBuf,
    _hold: Box<dyn DiskFile>,
}

/// Git's own lock of one file, in our hands until this is dropped.
#[derive(Debug)]
pub(crate) struct Lock(PathBuf);

/// Who lives is done with the lock of a name sooner.
pub(super) const PATIENCE: Duration = Duration::from_millis(100);

/// The index, and the file of all packed names, are locked for as long as they are written anew.
pub(super) const LONG_PATIENCE: Duration = Duration::from_secs(1);

/// Between two looks at a lock.
const PAUSE: Duration = Duration::from_millis(5);

/// Held by whoever is alone.
const HOLD: &str = "selkie-hold";

/// The file that has our locks for its other names, and what stands in it.
const MARK: &str = "selkie-mark";
const WORD: &str = "selkie";

impl<'p> Alone<'p> {
    pub(crate) fn take(place: &'p GitPlace) -> Result<Self, GitError> {
        let hold = OsDisk::new(&place.common).open_locked(HOLD).map_err(GitError::Target)?;
        let mark = place.common.join(MARK);
        if !holds(&mark, WORD)? {
            replace(&mark, WORD.as_bytes()).map_err(GitError::Target)?;
        }
        Ok(Self { place, mark, _hold: hold })
    }

    /// Takes the lock of a file. Who waited in vain is told so.
    pub(super) fn lock(&self, file: &Path, patience: Duration) -> Result<Lock, GitError> {
        let (path, begun) = (lock_of(file), Instant::now());
        loop {
            let error = match self.link(&path) {
                Ok(()) => return Ok(Lock(path)),
                Err(error) => error,
            };
            let is_ours = error.kind() == ErrorKind::AlreadyExists && holds(&path, WORD)?;
            if is_ours {
                remove(&path)?;
            } else if begun.elapsed() < patience && is_passing(&error) && !is_old(&path) {
                thread::sleep(PAUSE);
            } else if error.kind() == ErrorKind::AlreadyExists {
                return Err(GitError::Locked(path));
            } else {
                return Err(GitError::Target(error));
            }
        }
    }

    /// Takes away what a command that was killed left of these names, of `HEAD` and of the index.
    pub(crate) fn sweep<'n>(&self, names: impl Iterator<Item = &'n str>) -> Result<(), GitError> {
        let own = ["HEAD", "index"].map(|name| self.place.own.join(name));
        let names = names.chain(["packed-refs"]).map(|name| self.place.file_of(name));
        for path in names.chain(own).map(|file| lock_of(&file)) {
            if holds(&path, WORD)? {
                remove(&path)?;
            }
        }
        Ok(())
    }

    fn link(&self, path: &Path) -> io::Result<()> {
        if let Some(folder) = path.parent() {
            // Where a name is, no folder can be.
            fs::create_dir_all(folder).map_err(|error| match error.kind() {
                ErrorKind::AlreadyExists => io::Error::new(ErrorKind::NotADirectory, error),
                _ => error,
            })?;
        }
        match fs::hard_link(&self.mark, path) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                // A file system has no such names, or no more of them for one file. Who is killed between these two leaves a lock
                // that nobody knows the owner of.
                OpenOptions::new()
                    .write(true)
                    .create_new(true)
                    .open(path)?
                    .write_all(WORD.as_bytes())
            }
            linked => linked,
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // What can not be removed is told of by whoever needs it next.
        let _ = fs::remove_file(&self.0);
    }
}

/// Whether it may be otherwise in a moment: git removes folders that are empty while we are about to put something there.
fn is_passing(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::AlreadyExists | ErrorKind::NotFound)
}

/// Whether a lock is there for so long that nobody need wait for it once more. One from the future is as young as any.
fn is_old(path: &Path) -> bool {
    let written = fs::metadata(path).and_then(|lock| lock.modified());
    written.is_ok_and(|written| written.elapsed().is_ok_and(|age| age > LONG_PATIENCE))
}

/// Whether this is all that stands in a file.
fn holds(path: &Path, text: &str) -> Result<bool, GitPlaceError> {
    Ok(read(path, PATH_FILE_MAX)?.is_some_and(|found| found.trim_end() == text))
}

fn remove(path: &Path) -> Result<(), GitPlaceError> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != ErrorKind::NotFound => {
            Err(GitPlaceError::Io { path: path.to_owned(), source })
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

fn lock_of(file: &Path) -> PathBuf {
    let mut path = file.as_os_str().to_owned();
    path.push(".lock");
    path.into()
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    #[test]
    fn what_a_killed_command_left_goes_and_what_others_hold_stays() {
        let folder = TempDir::new().unwrap();
        let place = GitPlace::open_or_begin(folder.path(), "main").unwrap();
        let alone = Alone::take(&place).unwrap();
        for name in ["HEAD", "index", "packed-refs", "refs/heads/a", "refs/heads/b/c"] {
            let file = folder.path().join(name);
            let path = lock_of(&file);
            for text in ["", "1", "selkie and more"] {
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(&path, text).unwrap();
                alone.sweep(["refs/heads/a", "refs/heads/b/c"].into_iter()).unwrap();
                let refused = alone.lock(&file, Duration::ZERO);
                assert!(matches!(refused, Err(GitError::Locked(told)) if told == path), "{name}");
                fs::remove_file(&path).unwrap();
            }
            // It was killed.
            std::mem::forget(alone.lock(&file, Duration::ZERO).unwrap());
            assert!(path.exists(), "{name}");
            drop(alone.lock(&file, Duration::ZERO).unwrap());
            assert!(!path.exists(), "{name}");
            std::mem::forget(alone.lock(&file, Duration::ZERO).unwrap());
            alone.sweep(["refs/heads/a", "refs/heads/b/c"].into_iter()).unwrap();
            assert!(!path.exists(), "{name}");
        }
    }
}
