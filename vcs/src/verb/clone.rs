//! A new clone of a repository on this machine, or of a bundle.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use selkie_crdt::{ActorId, VersionVector};
use selkie_store::{
    Entry, HandoverError, LogError, Problem, Progress, Refusal, Seal, SealId, ViewError, hand_over,
    verify,
};
use thiserror::Error;

use crate::bundle::contents::Contents;
use crate::bundle::{Bundle, Fate};
use crate::chronicle::folded;
use crate::desk::Desk;
use crate::donor::Donor;
use crate::keys::Keys;
use crate::operation::Files;
use crate::repository::{Bare, Hand, Repository};
use crate::shared::Move;
use crate::tree::edit::empty_tree;
use crate::verb::bundling::{BundleError, moves};
use crate::verb::clone::place::Place;
use crate::verb::trouble::Trouble;
use crate::work::follow::Clock;
use crate::work::progress::Watch;
use crate::workspace::{Doer, Workspace, WorkspaceError, woken};

pub use self::place::PlaceError;

pub(crate) mod place;

/// What is to be cloned, and where to.
pub struct Cloning<'a> {
    /// The folder of the clone: it is made, or it is empty.
    pub folder: &'a Path,
    /// The timeline to stand on, if not the one that the donor stands on; of a bundle, that of the name to begin with, or the
    /// first.
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
    /// The folder can not become a clone.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// What comes in a bundle can not be taken.
    #[error(transparent)]
    Bundle(#[from] BundleError),
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

/// Makes the clone. What only the donor's clone knows stays there: its shelves, what it gathered, what it has undone.
///
/// Nothing that comes is believed: every object and every entry is checked. Stopped before the repository has its name, it
/// leaves a folder into which the next clone begins anew; stopped later, a clone whose files the next command writes.
///
/// # Errors
///
/// See [`CloneError`].
pub fn make(
    donor: &Donor,
    cloning: &Cloning,
    doer: &Doer,
    now_ns: Clock,
    watch: Option<Watch>,
    progress: impl FnMut(Progress),
) -> Result<Workspace, CloneError> {
    let goal = choose(donor, cloning)?;
    let place = Place::take(cloning.folder)?;
    let filled = fill(donor, cloning, &place, doer, goal, progress);
    settle(&place, filled, || open(cloning, doer, now_ns, watch))
}

/// Makes a clone of what a bundle brings. Its timelines and tags are what this clone says of them, since no log came.
///
/// # Errors
///
/// See [`CloneError`].
pub fn unpack(
    bundle: &mut Bundle<'_>,
    cloning: &Cloning,
    doer: &Doer,
    now_ns: Clock,
    watch: Option<Watch>,
    progress: impl FnMut(Progress),
) -> Result<Workspace, CloneError> {
    let goal = choose_of(bundle.contents(), cloning)?;
    let place = Place::take(cloning.folder)?;
    let filled = fill_from(bundle, cloning, &place, doer, goal, progress);
    settle(&place, filled, || open(cloning, doer, now_ns, watch))
}

/// Gives what was filled its name and opens it, or leaves the folder as it was.
fn settle(
    place: &Place,
    filled: Result<(), CloneError>,
    open: impl FnOnce() -> Result<Workspace, CloneError>,
) -> Result<Workspace, CloneError> {
    let made = filled.and_then(|()| Ok(place.name()?)).and_then(|()| open());
    if made.is_err() {
        place.leave();
    }
    made
}

/// Where the clone will stand.
pub(crate) struct Goal {
    pub(crate) timeline: String,
    pub(crate) head: Option<SealId>,
}

fn choose(donor: &Donor, cloning: &Cloning) -> Result<Goal, CloneError> {
    let repository = donor.repository();
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

/// The same of what a bundle brings.
fn choose_of(contents: &Contents, cloning: &Cloning) -> Result<Goal, CloneError> {
    let find = |wanted: &str| contents.timelines.iter().find(|(name, _)| name.as_str() == wanted);
    let found = match cloning.timeline {
        Some(name) => Some(find(name).ok_or_else(|| CloneError::NoTimeline(name.to_owned()))?),
        None => find(cloning.first).or_else(|| contents.timelines.first_key_value()),
    };
    let timeline = found.map_or_else(|| cloning.first.to_owned(), |(name, _)| name.to_string());
    Ok(Goal { timeline, head: found.and_then(|(_, heads)| heads.first()).copied() })
}

/// Brings objects and logs, checks them, and writes down what the clone is to become.
fn fill(
    donor: &Donor,
    cloning: &Cloning,
    place: &Place,
    doer: &Doer,
    goal: Goal,
    mut progress: impl FnMut(Progress),
) -> Result<(), CloneError> {
    let disk = place.disk();
    let mut repository = Repository::open(disk.clone()).map_err(WorkspaceError::from)?;
    let view = donor.repository().view();
    let roots = view.roots()?;
    hand_over(donor.repository().store(), repository.store(), &roots, &mut progress)?;
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
    repository.end_as(view)?;
    let writer = woken(&*disk, &mut (cloning.keys)())?;
    let mut hand = repository.take(&writer, &Bare, doer.now_ms)?;
    begin(&mut hand, cloning, goal, Vec::new())
}

/// The same of a bundle.
fn fill_from(
    bundle: &mut Bundle<'_>,
    cloning: &Cloning,
    place: &Place,
    doer: &Doer,
    goal: Goal,
    progress: impl FnMut(Progress),
) -> Result<(), CloneError> {
    let disk = place.disk();
    let mut repository = Repository::open(disk.clone()).map_err(WorkspaceError::from)?;
    let writer = woken(&*disk, &mut (cloning.keys)())?;
    let mut hand = repository.take(&writer, &Bare, doer.now_ms)?;
    bundle.unpack(|| hand.batch(), Fate::Kept, progress).map_err(BundleError::from)?;
    let (moves, _) = moves(&hand, bundle.contents())?;
    begin(&mut hand, cloning, goal, moves)
}

/// Writes down what the clone is to become. The files are written by whoever opens it first, as after any command that was
/// stopped, and the others are told then.
pub(crate) fn begin(
    hand: &mut Hand<'_>,
    cloning: &Cloning,
    goal: Goal,
    moves: Vec<Move>,
) -> Result<(), CloneError> {
    let Goal { timeline, head } = goal;
    let desk =
        Desk { timeline: Some(timeline), bases: head.into_iter().collect(), ..Desk::default() };
    let mut operation = hand.operation(cloning.typed.clone(), desk);
    operation.moves = moves;
    if let Some(head) = head {
        let after = hand.store().load::<Seal>(head)?.tree;
        operation.files = Some(Files { before: empty_tree(), after });
    }
    Ok(hand.begin(&operation)?)
}

/// Opens the clone, and writes its files.
pub(crate) fn open(
    cloning: &Cloning,
    doer: &Doer,
    now_ns: Clock,
    watch: Option<Watch>,
) -> Result<Workspace, CloneError> {
    let mut workspace = Workspace::open(cloning.folder, &[], (cloning.keys)(), now_ns)?;
    if let Some(watch) = watch {
        workspace.watched_by(watch);
    }
    drop(workspace.take(doer)?);
    Ok(workspace)
}
