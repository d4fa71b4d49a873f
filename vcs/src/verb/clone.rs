//! A new clone of a repository on this machine.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use selkie_crdt::{ActorId, VersionVector};
use selkie_store::{
    Disk, DiskFile, Entry, HandoverError, LogError, OsDisk, Problem, Progress, Refusal, Seal,
    SealId, ViewError, Writer, hand_over, verify,
};
use thiserror::Error;

use crate::channel_name::ChannelName;
use crate::chronicle::folded;
use crate::desk::Desk;
use crate::donor::Donor;
use crate::keys::Keys;
use crate::operation::Files;
use crate::repository::{Bare, Repository};
use crate::tree::edit::empty_tree;
use crate::verb::trouble::Trouble;
use crate::work::follow::Clock;
use crate::work::progress::Watch;
use crate::workspace::{Doer, Workspace, WorkspaceError, woken};

/// What is to be cloned, and where to.
pub struct Cloning<'a> {
    /// Where it comes from.
    pub donor: &'a Donor,
    /// The folder of the clone: it is made, or it is empty.
    pub folder: &'a Path,
    /// The timeline to stand on, if not the one that the donor stands on.
    pub timeline: Option<&'a str>,
    /// The timeline to begin with where there is none yet.
    pub first: &'a str,
    /// What was typed.
    pub typed: String,
    /// Where the key is.
    pub keys: &'a dyn Fn() -> Keys,
}

/// Why there is no clone. The folder is as it was.
#[derive(Debug, Error)]
pub enum CloneError {
    /// There is something in the folder.
    #[error("'{0}' is not empty")]
    NotEmpty(PathBuf),
    /// Another command clones into the folder.
    #[error("another command is cloning into '{0}'")]
    Busy(PathBuf),
    /// The folder can not be made, read or written.
    #[error("'{path}' can not be used")]
    Folder {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The donor has no timeline of this name.
    #[error("there is no timeline '{0}' there")]
    NoTimeline(String),
    /// The objects there can not be copied.
    #[error(transparent)]
    Objects(#[from] HandoverError),
    /// What was copied is damaged, or makes no sense.
    #[error("what is there is not sound")]
    Unsound(#[source] Problem),
    /// What a replica says there can not be true.
    #[error("the log of replica {replica} is not taken")]
    Refused {
        /// Whose log.
        replica: ActorId,
        /// Why.
        source: Refusal,
    },
    /// A log can not be read there.
    #[error(transparent)]
    Log(#[from] LogError),
    /// What replicas say can not be read.
    #[error(transparent)]
    View(#[from] ViewError),
    /// The clone can not be opened.
    #[error(transparent)]
    Workspace(#[from] WorkspaceError),
    /// The store, the files or the history failed.
    #[error(transparent)]
    Failed(Trouble),
}

impl<E: Into<Trouble>> From<E> for CloneError {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// What the repository is called in its folder until all of it is there. Only a rename makes it one.
const NEW: &str = ".selkie.new";

/// Held by whoever clones.
const LOCK: &str = "cloning.lock";

/// Makes the clone. What only the donor's clone knows stays there: its shelves, what it gathered, what it has undone.
///
/// Nothing that comes is believed: every object and every entry is checked. Stopped before the repository has its name, it
/// leaves a folder into which the next clone begins anew; stopped later, a clone whose files the next command writes.
///
/// # Errors
///
/// See [`CloneError`].
pub fn make(
    cloning: &Cloning,
    doer: &Doer,
    now_ns: Clock,
    watch: Option<Watch>,
    progress: impl FnMut(Progress),
) -> Result<Workspace, CloneError> {
    let goal = choose(cloning)?;
    let place = Place::take(cloning.folder)?;
    let made = fill(cloning, &place, doer, goal, progress)
        .and_then(|()| place.name())
        .and_then(|()| open(cloning.folder, cloning.keys, doer, now_ns, watch));
    if made.is_err() {
        place.leave();
    }
    made
}

/// Where the clone will stand.
struct Goal {
    timeline: String,
    head: Option<SealId>,
}

fn choose(cloning: &Cloning) -> Result<Goal, CloneError> {
    let repository = cloning.donor.repository();
    let shared = repository.shared();
    let stood_on = || repository.desk().timeline.clone();
    let is_there = |name: &String| shared.timeline(name).is_some();
    let name = match cloning.timeline {
        Some(name) if shared.timeline(name).is_none() => {
            return Err(CloneError::NoTimeline(name.to_owned()));
        }
        Some(name) => Some(name.to_owned()),
        None => stood_on()
            .filter(is_there)
            .or_else(|| shared.timelines().map(|(name, _)| name.to_owned()).next()),
    };
    let timeline = name.clone().unwrap_or_else(|| cloning.first.to_owned());
    let heads = shared.timeline(&timeline).map(|found| found.heads()).unwrap_or_default();
    let heads: BTreeSet<SealId> = folded(heads, || repository.chronicle())?;
    // Of a timeline that diverged, the head that the donor stands on, or the first.
    let stood_at = repository.desk().bases.iter().find(|base| heads.contains(base));
    let head = stood_at.or(heads.first()).copied();
    Ok(Goal { timeline, head })
}

/// A clone whose entries and objects come from elsewhere, by whatever way. Its folder is held, and it is no repository for
/// others until it stands. What came stays when it is dropped: the next try goes on from there.
pub struct Arriving {
    place: Place,
    repository: Repository,
}

/// Where a clone that arrived is to stand.
pub struct Landing<'a> {
    /// The timeline, if somebody said which.
    pub timeline: Option<&'a str>,
    /// The timeline to stand on if it is there and nobody said which, and to begin with where there is none.
    pub first: &'a str,
    /// What was typed.
    pub typed: String,
    /// Where the key is.
    pub keys: &'a dyn Fn() -> Keys,
}

impl Arriving {
    /// Begins in this folder, which is made, or is empty; or goes on where an earlier try with the same name ended.
    ///
    /// # Errors
    ///
    /// See [`CloneError`].
    pub fn begin(folder: &Path, name: ChannelName) -> Result<Self, CloneError> {
        let place = Place::hold(folder)?;
        let control = folder.join(NEW);
        let unusable = |source| CloneError::Folder { path: control.clone(), source };
        if ChannelName::of(&control).map_err(unusable)? != Some(name) {
            place.clear()?;
            name.keep(&control).map_err(unusable)?;
        }
        let repository = Repository::open(place.disk()).map_err(WorkspaceError::from)?;
        Ok(Self { place, repository })
    }

    /// What came so far.
    #[must_use]
    pub const fn repository(&self) -> &Repository {
        &self.repository
    }

    /// Where it is kept until it stands.
    #[must_use]
    pub fn control(&self) -> PathBuf {
        self.place.folder.join(NEW)
    }

    /// Takes away what came.
    pub fn leave(self) {
        drop(self.repository);
        self.place.leave();
    }

    /// All of it is here: writes the files, and makes it a repository.
    ///
    /// # Errors
    ///
    /// See [`CloneError`]. What came is there still.
    pub fn land(
        self,
        landing: &Landing,
        doer: &Doer,
        now_ns: Clock,
        watch: Option<Watch>,
    ) -> Result<Workspace, CloneError> {
        drop(self.repository);
        let disk = self.place.disk();
        let mut repository = Repository::open(disk.clone()).map_err(WorkspaceError::from)?;
        let goal = goal(landing, &repository)?;
        let writer = woken(&*disk, &mut (landing.keys)())?;
        stand(&mut repository, &writer, doer, landing.typed.clone(), goal)?;
        self.place.name()?;
        open(&self.place.folder, landing.keys, doer, now_ns, watch)
    }
}

/// Where to stand in what came.
fn goal(landing: &Landing, repository: &Repository) -> Result<Goal, CloneError> {
    let shared = repository.shared();
    let name = match landing.timeline {
        Some(name) if shared.timeline(name).is_none() => {
            return Err(CloneError::NoTimeline(name.to_owned()));
        }
        Some(name) => Some(name),
        None if shared.timeline(landing.first).is_some() => Some(landing.first),
        None => shared.timelines().map(|(name, _)| name).next(),
    };
    let timeline = name.unwrap_or(landing.first).to_owned();
    let heads = shared.timeline(&timeline).map(|found| found.heads()).unwrap_or_default();
    let heads: BTreeSet<SealId> = folded(heads, || repository.chronicle())?;
    Ok(Goal { timeline, head: heads.first().copied() })
}

/// A folder that becomes a clone, and is held by nobody else.
struct Place {
    folder: PathBuf,
    was_there: bool,
    _lock: Box<dyn DiskFile>,
}

impl Place {
    fn take(folder: &Path) -> Result<Self, CloneError> {
        let place = Self::hold(folder)?;
        // What a killed clone left could be anything.
        place.clear()?;
        Ok(place)
    }

    fn hold(folder: &Path) -> Result<Self, CloneError> {
        let unusable = |source| CloneError::Folder { path: folder.to_owned(), source };
        let was_there = folder.exists();
        fs::create_dir_all(folder.join(NEW)).map_err(unusable)?;
        for entry in fs::read_dir(folder).map_err(unusable)? {
            if entry.map_err(unusable)?.file_name() != NEW {
                // Nothing of ours stays in what is somebody's. If it is not empty, it is another clone's.
                let _other = fs::remove_dir(folder.join(NEW));
                return Err(CloneError::NotEmpty(folder.to_owned()));
            }
        }
        let lock = OsDisk::new(&folder.join(NEW)).try_open_locked(LOCK).map_err(unusable)?;
        let lock = lock.ok_or_else(|| CloneError::Busy(folder.to_owned()))?;
        Ok(Self { folder: folder.to_owned(), was_there, _lock: lock })
    }

    /// Takes away what an earlier clone left.
    fn clear(&self) -> Result<(), CloneError> {
        let unusable = |source| CloneError::Folder { path: self.folder.clone(), source };
        for entry in fs::read_dir(self.folder.join(NEW)).map_err(unusable)? {
            let path = entry.map_err(unusable)?.path();
            if path.is_dir() {
                fs::remove_dir_all(path).map_err(unusable)?;
            } else if !path.ends_with(LOCK) {
                fs::remove_file(path).map_err(unusable)?;
            }
        }
        Ok(())
    }

    fn disk(&self) -> Arc<OsDisk> {
        Arc::new(OsDisk::new(&self.folder.join(NEW)))
    }

    /// Gives the repository its name: from here on it is one.
    fn name(&self) -> Result<(), CloneError> {
        let unusable = |source| CloneError::Folder { path: self.folder.clone(), source };
        let control = Workspace::control(&self.folder);
        fs::remove_file(self.folder.join(NEW).join(LOCK)).map_err(unusable)?;
        fs::rename(self.folder.join(NEW), control).map_err(unusable)?;
        OsDisk::new(&self.folder).sync_folder("").map_err(unusable)
    }

    /// Takes away what was made. What can not be removed is in the way of the next clone, which says so.
    fn leave(&self) {
        let _ = fs::remove_dir_all(self.folder.join(NEW));
        let _ = fs::remove_dir_all(Workspace::control(&self.folder));
        if !self.was_there {
            let _ = fs::remove_dir(&self.folder);
        }
    }
}

/// Brings objects and logs, checks them, and writes down what the clone is to become.
fn fill(
    cloning: &Cloning,
    place: &Place,
    doer: &Doer,
    goal: Goal,
    mut progress: impl FnMut(Progress),
) -> Result<(), CloneError> {
    let disk = place.disk();
    let mut repository = Repository::open(disk.clone()).map_err(WorkspaceError::from)?;
    let view = cloning.donor.repository().view();
    let roots = view.roots()?;
    hand_over(cloning.donor.repository().store(), repository.store(), &roots, &mut progress)?;
    if let Some(problem) = verify(repository.store(), &mut progress)?.into_iter().next() {
        return Err(CloneError::Unsound(problem));
    }
    let mut entries = BTreeMap::new();
    for (replica, log) in view.since(&VersionVector::new())? {
        entries.insert(replica, log.collect::<Result<Vec<Entry>, _>>()?);
    }
    if let Some((replica, source)) = repository.hear(entries)?.into_iter().next() {
        return Err(CloneError::Refused { replica, source });
    }
    let writer = woken(&*disk, &mut (cloning.keys)())?;
    stand(&mut repository, &writer, doer, cloning.typed.clone(), goal)
}

/// Writes down where the clone stands.
fn stand(
    repository: &mut Repository,
    writer: &Writer,
    doer: &Doer,
    typed: String,
    goal: Goal,
) -> Result<(), CloneError> {
    let mut hand = repository.take(writer, &Bare, doer.now_ms)?;
    let Goal { timeline, head } = goal;
    let desk =
        Desk { timeline: Some(timeline), bases: head.into_iter().collect(), ..Desk::default() };
    let mut operation = hand.operation(typed, desk);
    if let Some(head) = head {
        let after = hand.store().load::<Seal>(head)?.tree;
        operation.files = Some(Files { before: empty_tree(), after });
    }
    // The files are written by whoever opens the clone first, as after any command that was stopped.
    Ok(hand.begin(&operation)?)
}

/// Opens the clone, and writes its files.
fn open(
    folder: &Path,
    keys: &dyn Fn() -> Keys,
    doer: &Doer,
    now_ns: Clock,
    watch: Option<Watch>,
) -> Result<Workspace, CloneError> {
    let mut workspace = Workspace::open(folder, &[], keys(), now_ns)?;
    if let Some(watch) = watch {
        workspace.watched_by(watch);
    }
    drop(workspace.take(doer)?);
    Ok(workspace)
}
