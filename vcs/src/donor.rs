//! Another repository on this machine, to copy from.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use selkie_store::{Object, ObjectId, OsDisk, check_trust};

use crate::repository::Repository;
use crate::workspace::{Workspace, WorkspaceError};

/// A repository that somebody else may have arranged. Nothing in it is believed: what is taken from it is checked where
/// it arrives.
#[derive(Debug)]
pub struct Donor {
    folder: PathBuf,
    repository: Repository,
}

impl Donor {
    /// Opens the repository in this folder.
    ///
    /// # Errors
    ///
    /// There is none, it belongs to somebody who is not `trusted`, or it can not be read.
    pub fn open(folder: &Path, trusted: &[PathBuf]) -> Result<Self, WorkspaceError> {
        let control = Workspace::control(folder);
        if !control.join("format").is_file() {
            return Err(WorkspaceError::None(folder.to_owned()));
        }
        check_trust(folder, trusted)?;
        check_trust(&control, trusted)?;
        let repository = Repository::open(Arc::new(OsDisk::new(&control)))?;
        Ok(Self { folder: folder.to_owned(), repository })
    }

    /// Where it is.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What is there.
    #[must_use]
    pub const fn repository(&self) -> &Repository {
        &self.repository
    }

    /// An object, if it is there and sound.
    pub(crate) fn object(&self, id: &ObjectId) -> Option<Object> {
        self.repository.store().read(id).ok()
    }
}
