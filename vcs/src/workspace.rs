//! A clone as people have it: a folder with files, and a repository inside it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use selkie_store::{
    Author, Disk, OsDisk, ReadError, Seal, SealId, Store, TreeId, Untrusted, Writer, check_trust,
    incarnate,
};
use thiserror::Error;

use crate::desk::Desk;
use crate::ignore::list::PatternList;
use crate::keys::Keys;
use crate::past::PastError;
use crate::repository::{Follow, Hand, PerformError, Repository, RepositoryError};
use crate::tree::edit::empty_tree;
use crate::work::follow::{Clock, Copy, FollowError};
use crate::work::progress::Watch;

/// A clone: its files, its repository, and who writes it.
#[derive(Debug)]
pub struct Workspace {
    copy: Copy,
    repository: Repository,
    disk: Arc<dyn Disk>,
    keys: Keys,
    /// Why nothing may be changed here, if something has to be settled first.
    barred: Option<String>,
    /// Known from the first change on: who only reads needs no key, and no right to write.
    writer: Option<Writer>,
}

/// Who does something, and when.
#[derive(Clone, Debug)]
pub struct Doer {
    /// Who it is, for seals.
    pub author: Author,
    /// Milliseconds since 1970.
    pub now_ms: u64,
    /// Minutes that the clock on the wall is ahead of UTC.
    pub zone_minutes: i16,
}

/// Why there is no clone to work in. Nothing was changed.
#[derive(Debug, Error)]
pub enum WorkspaceError {
    /// No folder from here upwards is a repository.
    #[error("neither '{0}' nor a folder above it is a repository")]
    Nowhere(PathBuf),
    /// The folder is none.
    #[error("'{0}' is no repository")]
    None(PathBuf),
    /// There is one already.
    #[error("'{0}' is a repository already")]
    There(PathBuf),
    /// Somebody else's folder: what is in it could be made to harm.
    #[error(transparent)]
    Untrusted(#[from] Untrusted),
    /// A folder can not be made or opened.
    #[error("'{path}' can not be used")]
    Folder {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The repository can not be opened.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    /// What an earlier command began can not be finished.
    #[error(transparent)]
    Perform(#[from] PerformError),
}

/// The folder of a repository, inside the folder of its files.
const CONTROL: &str = ".selkie";

impl Workspace {
    /// The nearest folder from here upwards that has a repository.
    #[must_use]
    pub fn find(from: &Path) -> Option<PathBuf> {
        let is_one = |folder: &&Path| folder.join(CONTROL).join("format").is_file();
        from.ancestors().find(is_one).map(Path::to_owned)
    }

    /// Where a repository keeps what is its own.
    #[must_use]
    pub fn control(folder: &Path) -> PathBuf {
        folder.join(CONTROL)
    }

    /// Begins a repository in the folder, which is made if it is not there. Its timeline is `timeline`.
    ///
    /// # Errors
    ///
    /// There is one already, or it can not be written.
    pub fn forge(
        folder: &Path,
        timeline: &str,
        keys: impl Into<Keys>,
        doer: &Doer,
        now_ns: Clock,
    ) -> Result<Self, WorkspaceError> {
        if Self::control(folder).join("format").exists() {
            return Err(WorkspaceError::There(folder.to_owned()));
        }
        let control = Self::control(folder);
        let made = fs::create_dir_all(&control);
        let made = made.and_then(|()| fs::write(control.join(".gitignore"), "*\n"));
        made.map_err(|source| WorkspaceError::Folder { path: folder.to_owned(), source })?;
        let mut workspace = Self::open(folder, &[], keys, now_ns)?;
        let desk = Desk { timeline: Some(timeline.to_owned()), ..Desk::default() };
        let (mut hand, _) = workspace.take(doer)?;
        let operation = hand.operation("forge".to_owned(), desk);
        hand.perform(&operation)?;
        Ok(workspace)
    }

    /// Opens the clone in this folder. One of somebody else is refused unless it is among `trusted`.
    ///
    /// # Errors
    ///
    /// It is not to be trusted, or can not be read.
    pub fn open(
        folder: &Path,
        trusted: &[PathBuf],
        keys: impl Into<Keys>,
        now_ns: Clock,
    ) -> Result<Self, WorkspaceError> {
        check_trust(folder, trusted)?;
        let control = Self::control(folder);
        let disk: Arc<dyn Disk> = Arc::new(OsDisk::new(&control));
        let repository = Repository::open(Arc::clone(&disk))?;
        let unusable = |source| WorkspaceError::Folder { path: control.clone(), source };
        let copy = Copy::open(folder, &control, now_ns).map_err(unusable)?;
        Ok(Self { copy, repository, disk, keys: keys.into(), barred: None, writer: None })
    }

    /// The files.
    #[must_use]
    pub const fn copy(&self) -> &Copy {
        &self.copy
    }

    /// Tells how far files are from now on, whatever command writes or records them.
    pub fn watched_by(&mut self, watch: Watch) {
        self.copy.watched_by(watch);
    }

    /// Ignores from now on what these lists say too, wherever no file in the working copy says something else.
    pub fn ignoring(&mut self, lists: Vec<PatternList>) {
        self.copy.ignoring(lists);
    }

    /// The repository.
    #[must_use]
    pub const fn repository(&self) -> &Repository {
        &self.repository
    }

    /// Refuses to be taken in hand from now on, and says why. Looking goes on.
    pub fn bar(&mut self, why: String) {
        self.barred = Some(why);
    }

    /// Shows from now on what the repository was after the operation of this number. The files are what they are.
    ///
    /// # Errors
    ///
    /// There is no such operation, or it can not be read.
    pub fn look_back(&mut self, number: u64) -> Result<(), PastError> {
        self.repository.look_back(number)
    }

    pub(crate) const fn disk(&self) -> &Arc<dyn Disk> {
        &self.disk
    }

    pub(crate) const fn repository_mut(&mut self) -> &mut Repository {
        &mut self.repository
    }

    /// What the known files are: what was gathered, else what the base has.
    ///
    /// # Errors
    ///
    /// The base can not be read.
    pub fn known(&self) -> Result<TreeId, ReadError> {
        known(self.repository.store(), self.repository.desk())
    }

    /// Takes the clone in hand for one command.
    ///
    /// # Errors
    ///
    /// There is no key to sign with, or what an earlier command began can not be finished.
    pub fn take(&mut self, doer: &Doer) -> Result<(Hand<'_>, &Copy), PerformError> {
        if let Some(why) = &self.barred {
            return Err(PerformError::Barred(why.clone()));
        }
        let writer = match self.writer.take() {
            Some(writer) => writer,
            None => woken(&*self.disk, &mut self.keys)?,
        };
        // What it would say under the name of a log that has ended would count for nobody.
        let is_over = self.repository.is_over(writer.replica())?;
        let writer = if is_over { writer.reborn(&*self.disk) } else { Ok(writer) };
        let writer = self.writer.insert(writer.map_err(PerformError::Writer)?);
        let hand = self.repository.take(writer, &self.copy, doer.now_ms)?;
        Ok((hand, &self.copy))
    }
}

/// Who writes in the clone on this disk.
pub(crate) fn woken(disk: &dyn Disk, keys: &mut Keys) -> Result<Writer, PerformError> {
    let key = keys.give()?.ok_or(PerformError::Keyless)?;
    let (writer, _incarnation) = incarnate(disk, key).map_err(PerformError::Writer)?;
    Ok(writer)
}

impl Follow for Copy {
    fn follow(&self, store: &Store, from: TreeId, to: TreeId) -> Result<(), FollowError> {
        self.go(store, from, to)
    }

    fn finish(&self, store: &Store, from: TreeId, to: TreeId) -> Result<(), FollowError> {
        self.finish_going(store, from, to)
    }
}

/// The tree of known files at this desk.
pub(crate) fn known(store: &Store, desk: &Desk) -> Result<TreeId, ReadError> {
    desk.gathered.map_or_else(|| base_tree(store, desk), Ok)
}

/// The tree that the next seal continues.
pub(crate) fn base_tree(store: &Store, desk: &Desk) -> Result<TreeId, ReadError> {
    let tree = |seal: &SealId| store.load::<Seal>(*seal).map(|seal| seal.tree);
    desk.bases.first().map_or_else(|| Ok(empty_tree()), tree)
}

#[cfg(test)]
mod tests;
