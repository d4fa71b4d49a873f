//! Laying unfinished work aside, and bringing it back.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use selkie_store::{Node, RepoPath, Store, TreeId};
use thiserror::Error;

use crate::desk::Desk;
use crate::few::few;
use crate::graph::trees::TreeReader;
use crate::operation::Files;
use crate::repository::{Hand, Repository};
use crate::shelf::{Comes, Shelf};
use crate::tree::blend::{Blend, Sides, Within, blend};
use crate::tree::edit::edit;
use crate::tree::filter::PathFilter;
use crate::verb::aside::{
    Brought, Looked, Unsealed, base_of, bring, differing, free_name, paths_of,
};
use crate::verb::diff::{Diff, DiffError, Pairing};
use crate::verb::trouble::Trouble;
use crate::work::follow::{Copy, FollowError};
use crate::workspace::{Doer, Workspace};

/// What is laid aside, and how.
#[derive(Clone, Debug)]
pub struct Saving {
    /// What it is called; without one it is called after the timeline.
    pub name: Option<String>,
    /// What somebody says of it.
    pub message: String,
    /// Files and folders; the top stands for all.
    pub paths: Vec<RepoPath>,
    /// What becomes of the files.
    pub then: Then,
    /// What becomes of unknown files.
    pub unknown: Strangers,
}

/// What becomes of files that are laid aside.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Then {
    /// They are as the seal has them.
    Clear,
    /// They stay as they are.
    Keep,
}

/// What becomes of unknown files where others are laid aside.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Strangers {
    /// They stay.
    Stay,
    /// They are laid aside too.
    Come,
}

/// What becomes of a shelf that was brought back.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Afterwards {
    /// It stays.
    Stays,
    /// It goes.
    Goes,
}

/// What was laid aside.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Saved {
    /// What it is called.
    pub name: String,
    /// The paths that it changes.
    pub paths: Vec<RepoPath>,
}

/// Why a shelf was not made, moved or brought back. All is as it was.
#[derive(Debug, Error)]
pub enum ShelfError {
    /// Nothing is changed that could be laid aside.
    #[error("there is nothing to lay aside there")]
    Nothing,
    /// A fuse is under way: what is here came of several seals, and a shelf knows of one.
    #[error("a fuse is under way")]
    Underway,
    /// There is a shelf of this name.
    #[error("there is a shelf '{0}' already")]
    There(String),
    /// There is none of this name.
    #[error("there is no shelf '{0}'")]
    Unknown(String),
    /// There is none at all.
    #[error("nothing is on a shelf")]
    Empty,
    /// There is no room for one more.
    #[error("there are {} shelves, and no more than that", Shelf::COUNT_MAX)]
    Full,
    /// The message is longer than shelves keep.
    #[error("the message has {0} bytes, and a shelf keeps {max}", max = Shelf::MESSAGE_LEN_MAX)]
    Long(usize),
    /// All of it is there already.
    #[error("all that is on shelf '{0}' is here already")]
    Same(String),
    /// Files were changed here and on the shelf, in the same places.
    #[error("{} changed here as well, in the same places", few(.0.iter()))]
    Disputed(Vec<RepoPath>),
    /// The store, the files or the history failed.
    #[error(transparent)]
    Failed(Trouble),
}

impl<E: Into<Trouble>> From<E> for ShelfError {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// Lays aside what is gathered and what is changed, at the paths. Gathered it is again when it comes back.
///
/// # Errors
///
/// See [`ShelfError`].
pub fn save(
    workspace: &mut Workspace,
    doer: &Doer,
    typed: String,
    saving: Saving,
) -> Result<Saved, ShelfError> {
    let (mut hand, copy) = workspace.take(doer)?;
    let store = hand.store().clone();
    let desk = hand.desk().clone();
    if desk.is_fusing() {
        return Err(ShelfError::Underway);
    }
    let name = saving.name.unwrap_or_else(|| free_name(&desk));
    has_room(&desk, &name)?;
    if saving.message.len() > Shelf::MESSAGE_LEN_MAX {
        return Err(ShelfError::Long(saving.message.len()));
    }
    let looked = Looked::at(&hand, copy)?;
    let here = record(&hand, copy, &looked, &saving.paths, saving.unknown)?;
    let aside = part(&hand, looked.base, here, &saving.paths)?;
    let shelf = Shelf {
        timeline: desk.timeline.clone(),
        base: desk.bases.first().copied(),
        gathered: (aside.known != looked.base).then_some(aside.known),
        work: aside.disk,
        message: saving.message,
        time: hand.time(),
        comes: Comes::WhenAsked,
    };
    if shelf.gathered.is_none() && shelf.work == looked.base {
        return Err(ShelfError::Nothing);
    }
    let paths = paths_of(&store, &shelf)?.into_iter().collect();
    let mut after = desk;
    after.shelves.insert(name.clone(), shelf);
    let files = match saving.then {
        Then::Keep => None,
        Then::Clear => {
            let left = without(&hand, looked.base, here, aside)?;
            after.gathered = (left.known != looked.base).then_some(left.known);
            Some(way(copy, &store, here.disk, left.disk)?)
        }
    };
    let mut operation = hand.operation(typed, after);
    operation.files = files;
    hand.perform(&operation)?;
    Ok(Saved { name, paths })
}

/// Brings back what was laid aside, to where the clone stands now. What is changed here too is merged line by
/// line; a line that both changed stops it, and then nothing is changed.
///
/// # Errors
///
/// See [`ShelfError`].
pub fn apply(
    workspace: &mut Workspace,
    doer: &Doer,
    typed: String,
    name: Option<&str>,
    afterwards: Afterwards,
) -> Result<Saved, ShelfError> {
    let (mut hand, copy) = workspace.take(doer)?;
    let store = hand.store().clone();
    let (name, shelf) = find(hand.desk(), name)?;
    let paths = paths_of(&store, &shelf)?;
    let looked = Looked::at(&hand, copy)?;
    let mut meant = looked.changed(&[RepoPath::default()]);
    meant.extend(looked.unknown(|path| paths.contains(path)));
    let here = looked.recorded(&hand, copy, &meant)?;
    let brought = match bring(&hand, &shelf, here)? {
        Brought::Whole(brought) => brought,
        Brought::Disputed(paths) => return Err(ShelfError::Disputed(paths)),
    };
    if brought == here && afterwards == Afterwards::Stays {
        return Err(ShelfError::Same(name));
    }
    let mut after = hand.desk().clone();
    after.gathered = (brought.known != looked.base).then_some(brought.known);
    if afterwards == Afterwards::Goes {
        after.shelves.remove(&name);
    }
    let mut operation = hand.operation(typed, after);
    operation.files = Some(way(copy, &store, here.disk, brought.disk)?);
    hand.perform(&operation)?;
    Ok(Saved { name, paths: paths.into_iter().collect() })
}

/// Lets go of what was laid aside. An undo brings the shelf back.
///
/// # Errors
///
/// See [`ShelfError`].
pub fn drop(
    workspace: &mut Workspace,
    doer: &Doer,
    typed: String,
    name: &str,
) -> Result<(), ShelfError> {
    let (mut hand, _) = workspace.take(doer)?;
    let mut after = hand.desk().clone();
    after.shelves.remove(name).ok_or_else(|| ShelfError::Unknown(name.to_owned()))?;
    let operation = hand.operation(typed, after);
    Ok(hand.perform(&operation)?)
}

/// Gives a shelf another name.
///
/// # Errors
///
/// See [`ShelfError`].
pub fn rename(
    workspace: &mut Workspace,
    doer: &Doer,
    typed: String,
    old: &str,
    new: String,
) -> Result<(), ShelfError> {
    let (mut hand, _) = workspace.take(doer)?;
    let mut after = hand.desk().clone();
    let shelf = after.shelves.remove(old).ok_or_else(|| ShelfError::Unknown(old.to_owned()))?;
    has_room(hand.desk(), &new)?;
    after.shelves.insert(new, shelf);
    let operation = hand.operation(typed, after);
    Ok(hand.perform(&operation)?)
}

/// All shelves, newest first.
#[must_use]
pub fn list(desk: &Desk) -> Vec<(&str, &Shelf)> {
    let mut all: Vec<_> = desk.shelves.iter().map(|(name, shelf)| (name.as_str(), shelf)).collect();
    all.sort_by_key(|(_, shelf)| Reverse(shelf.time));
    all
}

/// The shelf of this name, or without one the newest of the timeline that the clone stands on, or of all.
///
/// # Errors
///
/// There is none.
pub fn find(desk: &Desk, name: Option<&str>) -> Result<(String, Shelf), ShelfError> {
    let all = list(desk);
    let is_here = |(_, shelf): &&(&str, &Shelf)| shelf.timeline == desk.timeline;
    let found = match name {
        Some(name) => all.iter().find(|(own, _)| *own == name),
        None => all.iter().find(is_here).or(all.first()),
    };
    let absent = || name.map_or(ShelfError::Empty, |name| ShelfError::Unknown(name.to_owned()));
    found.map(|(name, shelf)| ((*name).to_owned(), (*shelf).clone())).ok_or_else(absent)
}

/// What a shelf changes, from the seal it was made on.
///
/// # Errors
///
/// It can not be read.
pub fn difference<'a>(
    repository: &'a Repository,
    shelf: &Shelf,
    filter: &PathFilter,
    pairing: Pairing,
) -> Result<Diff<'a>, DiffError> {
    let store = repository.store();
    Diff::between(store, base_of(store, shelf)?, shelf.work, filter, pairing)
}

fn has_room(desk: &Desk, name: &str) -> Result<(), ShelfError> {
    if desk.shelves.contains_key(name) {
        return Err(ShelfError::There(name.to_owned()));
    }
    if desk.shelves.len() >= Shelf::COUNT_MAX { Err(ShelfError::Full) } else { Ok(()) }
}

/// The files at the paths, as trees. An unknown file that the seal has comes along in any case: it would be
/// in the way of that one.
fn record(
    hand: &Hand<'_>,
    copy: &Copy,
    looked: &Looked,
    paths: &[RepoPath],
    unknown: Strangers,
) -> Result<Unsealed, ShelfError> {
    let filter = PathFilter::below(paths.iter().cloned());
    let mut sealed = TreeReader::new(hand.store());
    let mut meant = looked.changed(paths);
    for path in looked.unknown(|path| filter.admits(path)) {
        if unknown == Strangers::Come || sealed.node(looked.base, &path)?.is_some() {
            meant.push(path);
        }
    }
    meant.sort_unstable();
    Ok(looked.recorded(hand, copy, &meant)?)
}

/// What is not sealed at the paths, on top of the base alone.
fn part(
    hand: &Hand<'_>,
    base: TreeId,
    here: Unsealed,
    paths: &[RepoPath],
) -> Result<Unsealed, ShelfError> {
    if paths.iter().any(RepoPath::is_top) {
        return Ok(here);
    }
    let filter = PathFilter::below(paths.iter().cloned());
    let batch = hand.batch();
    let mut trees = TreeReader::new(hand.store());
    let mut at_paths = |tree: TreeId| {
        let mut edits = BTreeMap::new();
        for path in differing(hand.store(), base, tree, &filter)? {
            let node = trees.node(tree, &path)?;
            edits.insert(path, node.filter(|node| !matches!(node, Node::Directory(_))));
        }
        Ok::<_, ShelfError>(edit(hand.store(), &batch, base, &edits)?)
    };
    let (known, disk) = (at_paths(here.known)?, at_paths(here.disk)?);
    batch.finish()?;
    Ok(Unsealed { known, disk })
}

/// What is left here when `aside` went: at its paths what the base has.
fn without(
    hand: &Hand<'_>,
    base: TreeId,
    here: Unsealed,
    aside: Unsealed,
) -> Result<Unsealed, ShelfError> {
    let batch = hand.batch();
    let reverted = |here, aside| {
        let sides = Sides { base: aside, ours: here, theirs: base };
        match blend(hand.store(), &batch, sides, Within::Dispute)? {
            Blend::Clean(tree) => Ok(tree),
            Blend::Disputed(paths) => Err(ShelfError::Disputed(paths)),
        }
    };
    let (known, disk) = (reverted(here.known, aside.known)?, reverted(here.disk, aside.disk)?);
    batch.finish()?;
    Ok(Unsealed { known, disk })
}

/// The way of the files from one tree to the other, if nothing is in it.
fn way(copy: &Copy, store: &Store, before: TreeId, after: TreeId) -> Result<Files, FollowError> {
    let (plan, _) = copy.plan(store, before, after)?;
    if plan.blocked.is_empty() {
        Ok(Files { before, after })
    } else {
        Err(FollowError::Blocked(plan.blocked))
    }
}
