//! Going back to where a clone stood after an operation.

use std::collections::BTreeSet;

use selkie_store::{OperationsError, RepoPath, Store, TreeId};
use thiserror::Error;

use crate::journal::{Logged, Outcome};
use crate::operation::{Files, Kind};
use crate::repository::{Hand, PerformError};
use crate::tree::compare::{CompareError, TreeChange, TreeChanges};
use crate::tree::edit::empty_tree;
use crate::tree::filter::PathFilter;
use crate::verb::undo::{TakingBack, UndoError, undo};
use crate::workspace::{Doer, Workspace};

/// Why a clone does not stand where it stood after an operation.
#[derive(Debug, Error)]
pub enum BackError {
    /// There is none of this number, or it is forgotten.
    #[error("there is no operation #{0}")]
    Unknown(u64),
    /// It was taken back, or given up, or takes another one back itself.
    #[error("operation #{0} is not in force")]
    NotInForce(u64),
    /// Nothing that is in force came after it.
    #[error("nothing in force came after operation #{0}")]
    Newest(u64),
    /// What was done can not be read.
    #[error(transparent)]
    Operations(#[from] OperationsError),
    /// What is to be taken back can not be. What came after it is taken back.
    #[error("'{of}' is not taken back")]
    Perform {
        /// What was typed for it.
        of: String,
        /// Why.
        source: Box<PerformError>,
    },
    /// What an earlier command began can not be finished.
    #[error(transparent)]
    Take(#[from] PerformError),
}

/// Takes back everything in force that came after an operation, newest first, and tells what was typed for it. Each
/// is an undo of its own, so a redo brings one after the other again.
///
/// # Errors
///
/// See [`BackError`].
pub fn back_to(
    workspace: &mut Workspace,
    doer: &Doer,
    typed: &str,
    number: u64,
) -> Result<Vec<String>, BackError> {
    let (mut hand, _) = workspace.take(doer)?;
    if !is_in_force(&hand, number)? {
        return Err(BackError::NotInForce(number));
    }
    let mut taken_back = Vec::new();
    while let Some(TakingBack { operation, of }) = newest_after(&hand, typed, number)? {
        match hand.perform(&operation) {
            Ok(()) => taken_back.push(of),
            Err(source) => return Err(BackError::Perform { of, source: Box::new(source) }),
        }
    }
    if taken_back.is_empty() { Err(BackError::Newest(number)) } else { Ok(taken_back) }
}

/// The files that an operation changed, from what they were before it, sealed or not.
///
/// # Errors
///
/// A tree can not be read.
pub fn changed_files(store: &Store, files: Files) -> Result<Vec<TreeChange>, CompareError> {
    // The tree with nothing in it need not be in any store.
    let tree = |id: TreeId| (id != empty_tree()).then_some(id);
    let everything = PathFilter::below([RepoPath::default()]);
    TreeChanges::new(store, tree(files.before), tree(files.after), &everything).collect()
}

/// What takes back the newest operation in force, if it came after that of this number.
fn newest_after(
    hand: &Hand<'_>,
    typed: &str,
    number: u64,
) -> Result<Option<TakingBack>, OperationsError> {
    match undo(hand.operations()?, hand.time(), typed.to_owned()) {
        Ok(back) => Ok(match back.operation.kind {
            Kind::Undo(newest) if newest > number => Some(back),
            Kind::Undo(_) | Kind::Redo(_) | Kind::Command | Kind::Heard => None,
        }),
        Err(UndoError::Log(error)) => Err(error),
        Err(UndoError::NothingDone | UndoError::NothingUndone) => Ok(None),
    }
}

fn is_in_force(hand: &Hand<'_>, wanted: u64) -> Result<bool, BackError> {
    let mut back = BTreeSet::new();
    for logged in hand.operations()? {
        let Logged { number, operation, outcome } = logged?;
        let is_done = outcome == Outcome::Done;
        let in_force = is_done && !back.contains(&number);
        match operation.kind {
            Kind::Undo(_) | Kind::Redo(_) if number == wanted => return Ok(false),
            Kind::Command | Kind::Heard if number == wanted => return Ok(in_force),
            Kind::Undo(other) | Kind::Redo(other) if in_force => {
                back.insert(other);
            }
            Kind::Undo(_) | Kind::Redo(_) | Kind::Command | Kind::Heard => {}
        }
    }
    Err(BackError::Unknown(wanted))
}
