//! A clone whose entries and objects come over a network.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use selkie_store::SealId;

use crate::channel_name::ChannelName;
use crate::chronicle::folded;
use crate::repository::{Bare, Repository};
use crate::verb::clone::place::{Place, PlaceError};
use crate::verb::clone::{CloneError, Cloning, Goal, begin, open};
use crate::work::follow::Clock;
use crate::work::progress::Watch;
use crate::workspace::{Doer, Workspace, WorkspaceError, woken};

/// A clone that comes from elsewhere, by whatever way. Its folder is held, and it is no repository for others until it stands.
/// What came stays when this is dropped: the next try goes on from there.
pub struct Arriving<'a> {
    place: Place<'a>,
    repository: Repository,
}

impl<'a> Arriving<'a> {
    /// Begins in this folder, which is made, or is empty; or goes on where an earlier try with the same name ended.
    ///
    /// # Errors
    ///
    /// See [`CloneError`].
    pub fn begin(folder: &'a Path, name: ChannelName) -> Result<Self, CloneError> {
        let place = Place::hold(folder)?;
        let control = place.control();
        let unusable = |source| PlaceError::Folder { path: control.clone(), source };
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
        self.place.control()
    }

    /// Takes away what came.
    pub fn leave(self) {
        drop(self.repository);
        self.place.leave();
    }

    /// All of it is here: writes the files, and makes it a repository. Every object and every entry was checked when it came.
    ///
    /// # Errors
    ///
    /// See [`CloneError`]. What came is there still.
    pub fn land(
        self,
        cloning: &Cloning,
        doer: &Doer,
        now_ns: Clock,
        watch: Option<Watch>,
    ) -> Result<Workspace, CloneError> {
        drop(self.repository);
        let disk = self.place.disk();
        let mut repository = Repository::open(disk.clone()).map_err(WorkspaceError::from)?;
        let goal = choose(&repository, cloning)?;
        let writer = woken(&*disk, &mut (cloning.keys)())?;
        let mut hand = repository.take(&writer, &Bare, doer.now_ms)?;
        begin(&mut hand, cloning, goal, Vec::new())?;
        drop(hand);
        drop(repository);
        self.place.name()?;
        open(cloning, doer, now_ns, watch)
    }
}

/// Where to stand in what came.
fn choose(repository: &Repository, cloning: &Cloning) -> Result<Goal, CloneError> {
    let shared = repository.shared();
    let name = match cloning.timeline {
        Some(name) if shared.timeline(name).is_none() => {
            return Err(CloneError::NoTimeline(name.to_owned()));
        }
        Some(name) => Some(name),
        None if shared.timeline(cloning.first).is_some() => Some(cloning.first),
        None => shared.timelines().map(|(name, _)| name).next(),
    };
    let timeline = name.unwrap_or(cloning.first).to_owned();
    let heads = shared.timeline(&timeline).map(|found| found.heads()).unwrap_or_default();
    let heads: BTreeSet<SealId> = folded(heads, || repository.chronicle())?;
    Ok(Goal { timeline, head: heads.first().copied() })
}
