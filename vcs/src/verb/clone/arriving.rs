//! A clone whose entries and objects come over a network.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use selkie_store::SealId;

use crate::channel_name::ChannelName;
use crate::chronicle::folded;
use crate::keys::Keys;
use crate::repository::{Bare, Repository};
use crate::verb::clone::error::CloneError;
use crate::verb::clone::place::{Place, PlaceError};
use crate::verb::clone::stand::{Goal, open, stand};
use crate::work::follow::Clock;
use crate::work::progress::Watch;
use crate::workspace::{Doer, Workspace, WorkspaceError, woken};

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
        let mut hand = repository.take(&writer, &Bare, doer.now_ms)?;
        stand(&mut hand, landing.typed.clone(), goal, Vec::new())?;
        drop(hand);
        self.place.name()?;
        open(self.place.folder(), landing.keys, doer, now_ns, watch)
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
