//! The folder that becomes a clone.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use selkie_store::{Disk, DiskFile, OsDisk};
use thiserror::Error;

use crate::workspace::Workspace;

/// Why a folder can not become a clone. It is as it was.
#[derive(Debug, Error)]
pub enum PlaceError {
    /// There is something in it.
    #[error("'{0}' is not empty")]
    NotEmpty(PathBuf),
    /// Another command clones into it.
    #[error("another command is cloning into '{0}'")]
    Busy(PathBuf),
    /// It can not be made, read or written.
    #[error("'{path}' can not be used")]
    Folder {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// What the repository is called in its folder until all of it is there. Only a rename makes it one.
const NEW: &str = ".selkie.new";

/// Held by whoever clones.
const LOCK: &str = "cloning.lock";

/// A folder that becomes a clone, and is held by nobody else.
pub(crate) struct Place<'a> {
    folder: &'a Path,
    was_there: bool,
    _lock: Box<dyn DiskFile>,
}

impl<'a> Place<'a> {
    pub(super) fn take(folder: &'a Path) -> Result<Self, PlaceError> {
        let place = Self::hold(folder)?;
        // What a killed clone left could be anything.
        place.clear()?;
        Ok(place)
    }

    /// Holds the folder, with what an earlier clone left in it.
    pub(crate) fn hold(folder: &'a Path) -> Result<Self, PlaceError> {
        let unusable = |source| PlaceError::Folder { path: folder.to_owned(), source };
        let was_there = folder.exists();
        fs::create_dir_all(folder.join(NEW)).map_err(unusable)?;
        for entry in fs::read_dir(folder).map_err(unusable)? {
            if entry.map_err(unusable)?.file_name() != NEW {
                // Nothing of ours stays in what is somebody's. If it is not empty, it is another clone's.
                let _other = fs::remove_dir(folder.join(NEW));
                return Err(PlaceError::NotEmpty(folder.to_owned()));
            }
        }
        let lock = OsDisk::new(&folder.join(NEW)).try_open_locked(LOCK).map_err(unusable)?;
        let lock = lock.ok_or_else(|| PlaceError::Busy(folder.to_owned()))?;
        Ok(Self { folder, was_there, _lock: lock })
    }

    /// Takes away what an earlier clone left.
    pub(crate) fn clear(&self) -> Result<(), PlaceError> {
        let unusable = |source| PlaceError::Folder { path: self.folder.to_owned(), source };
        for entry in fs::read_dir(self.control()).map_err(unusable)? {
            let path = entry.map_err(unusable)?.path();
            if path.is_dir() {
                fs::remove_dir_all(path).map_err(unusable)?;
            } else if !path.ends_with(LOCK) {
                fs::remove_file(path).map_err(unusable)?;
            }
        }
        Ok(())
    }

    /// Where the repository is kept until it has its name.
    pub(crate) fn control(&self) -> PathBuf {
        self.folder.join(NEW)
    }

    pub(crate) fn disk(&self) -> Arc<OsDisk> {
        Arc::new(OsDisk::new(&self.folder.join(NEW)))
    }

    /// Gives the repository its name: from here on it is one.
    pub(crate) fn name(&self) -> Result<(), PlaceError> {
        let unusable = |source| PlaceError::Folder { path: self.folder.to_owned(), source };
        let control = Workspace::control(self.folder);
        fs::remove_file(self.folder.join(NEW).join(LOCK)).map_err(unusable)?;
        fs::rename(self.folder.join(NEW), control).map_err(unusable)?;
        OsDisk::new(self.folder).sync_folder("").map_err(unusable)
    }

    /// Takes away what was made. What can not be removed is in the way of the next clone, which says so.
    pub(crate) fn leave(&self) {
        let _ = fs::remove_dir_all(self.folder.join(NEW));
        let _ = fs::remove_dir_all(Workspace::control(self.folder));
        if !self.was_there {
            let _ = fs::remove_dir(self.folder);
        }
    }
}
