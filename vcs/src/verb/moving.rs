//! Known files that get other paths.

use std::collections::BTreeSet;

use selkie_store::{Name, Node, PathError, RepoPath, Store, TreeId};
use thiserror::Error;

use crate::desk::Desk;
use crate::graph::trees::TreeReader;
use crate::operation::Files;
use crate::repository::Hand;
use crate::tree::edit::{Edits, edit};
use crate::verb::aside::{Looked, Unsealed};
use crate::verb::trouble::Trouble;
use crate::work::folding::Folding;
use crate::work::follow::{Copy, FollowError};
use crate::work::reach::Reach;
use crate::work::stat::Form;
use crate::work::write::plan::folded;
use crate::workspace::{Doer, Workspace};

/// What becomes of a file where another is moved to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Taken {
    /// It stays, and nothing is moved.
    Refuse,
    /// The other takes its place. It is recorded first, so that an undo brings it back.
    Replace,
}

/// A path that got another.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Moved {
    /// What it was.
    pub from: RepoPath,
    /// What it is.
    pub to: RepoPath,
}

/// Why nothing was moved.
#[derive(Debug, Error)]
pub enum MoveError {
    /// The path is the whole working copy.
    #[error("everything can not be moved")]
    Everything,
    /// Nothing known is there.
    #[error("nothing known is at '{0}'")]
    Unknown(RepoPath),
    /// It is on disk neither there nor where it was to go.
    #[error("'{0}' is gone from disk")]
    Gone(RepoPath),
    /// Several can only go into a folder.
    #[error("'{0}' is no folder, and several can only go into one")]
    NoFolder(RepoPath),
    /// A file or a folder is where it was to go.
    #[error("there is a '{0}' already")]
    There(RepoPath),
    /// Two of them would have one path, or one is inside another.
    #[error("'{0}' would be moved twice, or two things to it")]
    Twice(RepoPath),
    /// It would be inside itself.
    #[error("'{0}' can not go into itself")]
    Inside(RepoPath),
    /// It is there already.
    #[error("'{0}' is there already")]
    Same(RepoPath),
    /// The new path is none.
    #[error(transparent)]
    Path(#[from] PathError),
    /// The store, the files or the history failed.
    #[error(transparent)]
    Failed(Trouble),
}

impl<E: Into<Trouble>> From<E> for MoveError {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// Gives known files and folders other paths: `to`, or into it if it is a folder. They are gathered so. Changes that
/// were not gathered go with them and stay so; unknown files go with their folder, ignored ones do not.
///
/// What somebody moved by hand already is only gathered so.
///
/// # Errors
///
/// See [`MoveError`].
pub fn relocate(
    workspace: &mut Workspace,
    doer: &Doer,
    typed: String,
    (from, to): (&[RepoPath], &RepoPath),
    taken: Taken,
) -> Result<Vec<Moved>, MoveError> {
    let (mut hand, copy) = workspace.take(doer)?;
    let store = hand.store().clone();
    let moves = targets(copy, from, to)?;
    let looked = Looked::at(&hand, copy)?;
    let here = record(&hand, copy, &looked, &moves, taken)?;
    let moving = Moving { store: &store, copy, looked: &looked, here, taken };
    let mut on_disk = Vec::new();
    for moved in &moves {
        match moving.check(moved)? {
            Done::NotYet => on_disk.push(moved),
            Done::ByHand => {}
        }
    }
    let known = applied(&hand, looked.known, moves.iter())?;
    let disk = applied(&hand, here.disk, on_disk.into_iter())?;
    let (plan, _) = copy.plan(&store, here.disk, disk)?;
    if !plan.blocked.is_empty() {
        return Err(FollowError::Blocked(plan.blocked).into());
    }
    let is_base = known == looked.base && !hand.desk().is_fusing();
    let gathered = (!is_base).then_some(known);
    let mut operation = hand.operation(typed, Desk { gathered, ..hand.desk().clone() });
    operation.files = (disk != here.disk).then_some(Files { before: here.disk, after: disk });
    hand.perform(&operation)?;
    Ok(moves)
}

/// Which path each gets.
fn targets(copy: &Copy, from: &[RepoPath], to: &RepoPath) -> Result<Vec<Moved>, MoveError> {
    let is_folder = to.is_top() || form(copy, to)? == Some(Form::Directory);
    let mut moves = Vec::new();
    for from in from {
        if from.is_top() {
            return Err(MoveError::Everything);
        }
        let name = from.names().last().expect("it is not the top");
        let inside = to.join(&Name::new(name).expect("every part of a path is a name"))?;
        // On such a file system the folder that is there is the one to be spelled otherwise.
        let is_respelled =
            copy.folding() == Folding::AsOne && from != to && folded(from) == folded(to);
        // Where nothing is on disk to go into the folder, the folder is what somebody moved by hand.
        let goes_inside = is_folder
            && !is_respelled
            && (to.is_top() || form(copy, from)?.is_some() || form(copy, &inside)?.is_some());
        let to = if goes_inside { inside } else { to.clone() };
        moves.push(Moved { from: from.clone(), to });
    }
    if moves.len() > 1 && !is_folder {
        return Err(MoveError::NoFolder(to.clone()));
    }
    apart(&moves)?;
    Ok(moves)
}

/// What is on disk at a path, if anything is.
fn form(copy: &Copy, path: &RepoPath) -> Result<Option<Form>, FollowError> {
    Ok(Reach::new(copy.top()).look(path)?.map(|stat| stat.form))
}

/// Makes sure that no two of them meet.
fn apart(moves: &[Moved]) -> Result<(), MoveError> {
    let (mut froms, mut tos) = (BTreeSet::new(), BTreeSet::new());
    for Moved { from, to } in moves {
        if from == to {
            return Err(MoveError::Same(from.clone()));
        }
        if is_below(to, from) {
            return Err(MoveError::Inside(from.clone()));
        }
        let is_inside = moves.iter().any(|other| is_below(from, &other.from));
        if is_inside || !froms.insert(from) || !tos.insert(to) {
            return Err(MoveError::Twice(from.clone()));
        }
    }
    Ok(())
}

pub(crate) fn is_below(path: &RepoPath, folder: &RepoPath) -> bool {
    let rest = path.as_str().strip_prefix(folder.as_str());
    rest.is_some_and(|rest| rest.starts_with('/'))
}

/// The files, with all that is changed or unknown at the paths on both ends.
fn record(
    hand: &Hand<'_>,
    copy: &Copy,
    looked: &Looked,
    moves: &[Moved],
    taken: Taken,
) -> Result<Unsealed, MoveError> {
    let ends: Vec<_> = moves.iter().flat_map(|it| [it.from.clone(), it.to.clone()]).collect();
    let mut meant: BTreeSet<_> = looked.changed(&ends).into_iter().collect();
    meant.extend(looked.unknown(|path| {
        let goes = |it: &Moved| is_below(path, &it.from) || *path == it.to;
        moves.iter().any(goes)
    }));
    if taken == Taken::Replace {
        // Also what is ignored.
        meant.extend(moves.iter().map(|it| it.to.clone()));
    }
    Ok(looked.recorded(hand, copy, &meant.into_iter().collect::<Vec<_>>())?)
}

struct Moving<'a> {
    store: &'a Store,
    copy: &'a Copy,
    looked: &'a Looked,
    here: Unsealed,
    taken: Taken,
}

impl Moving<'_> {
    /// Whether something known is at the one end, and nothing in the way at the other.
    fn check(&self, moved: &Moved) -> Result<Done, MoveError> {
        let mut trees = TreeReader::new(self.store);
        if trees.node(self.looked.known, &moved.from)?.is_none() {
            return Err(MoveError::Unknown(moved.from.clone()));
        }
        let both = [self.looked.known, self.here.disk];
        let mut above = moved.to.parent();
        while let Some(folder) = above.filter(|folder| !folder.is_top()) {
            for tree in both {
                let there = trees.node(tree, &folder)?;
                if there.is_some_and(|node| !matches!(node, Node::Directory(_))) {
                    return Err(MoveError::There(folder));
                }
            }
            above = folder.parent();
        }
        if trees.node(self.here.disk, &moved.from)?.is_none() {
            return self.check_by_hand(moved);
        }
        for tree in both {
            match (trees.node(tree, &moved.to)?, self.taken) {
                (Some(Node::Directory(_)), _) | (Some(_), Taken::Refuse) => {
                    return Err(MoveError::There(moved.to.clone()));
                }
                (None, _) | (Some(_), Taken::Replace) => {}
            }
        }
        Ok(Done::NotYet)
    }

    /// Whether somebody did it by hand.
    fn check_by_hand(&self, moved: &Moved) -> Result<Done, MoveError> {
        let mut trees = TreeReader::new(self.store);
        if trees.node(self.looked.known, &moved.to)?.is_some() {
            return Err(MoveError::There(moved.to.clone()));
        }
        let is_done = match trees.node(self.looked.known, &moved.from)? {
            Some(Node::Directory(_)) => form(self.copy, &moved.to)? == Some(Form::Directory),
            _ => !self.looked.unknown(|path| *path == moved.to).is_empty(),
        };
        if is_done { Ok(Done::ByHand) } else { Err(MoveError::Gone(moved.from.clone())) }
    }
}

/// Whether the files have their new path.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Done {
    NotYet,
    ByHand,
}

/// The tree once all have their other path.
fn applied<'a>(
    hand: &Hand<'_>,
    tree: TreeId,
    moves: impl Iterator<Item = &'a Moved>,
) -> Result<TreeId, MoveError> {
    let mut trees = TreeReader::new(hand.store());
    let mut edits = Edits::new();
    for Moved { from, to } in moves {
        edits.insert(to.clone(), trees.node(tree, from)?);
        edits.entry(from.clone()).or_insert(None);
    }
    let batch = hand.batch();
    let tree = edit(hand.store(), &batch, tree, &edits)?;
    batch.finish()?;
    Ok(tree)
}
