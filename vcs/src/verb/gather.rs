//! Choosing what the next seal has.

use selkie_store::RepoPath;
use thiserror::Error;

use crate::desk::Desk;
use crate::ignore::Ignore;
use crate::verb::trouble::Trouble;
use crate::work::follow::FollowError;
use crate::work::status::{Asked, AskedIgnored, AskedUnknown};
use crate::workspace::{Doer, Workspace, base_tree, known};

/// Why nothing was gathered. What was gathered before still is.
#[derive(Debug, Error)]
pub enum GatherError {
    /// Nothing at these paths is changed or unknown.
    #[error("nothing is changed there")]
    Nothing,
    /// Nothing is gathered.
    #[error("nothing is gathered")]
    NotGathered,
    /// The store, the files or the history failed.
    #[error(transparent)]
    Failed(Trouble),
}

impl<E: Into<Trouble>> From<E> for GatherError {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// Takes what is changed or unknown at `paths`, and below them, into the next seal. Returns the paths taken.
///
/// # Errors
///
/// See [`GatherError`].
pub fn gather(
    workspace: &mut Workspace,
    doer: &Doer,
    typed: String,
    paths: &[RepoPath],
    ignore: Ignore,
) -> Result<Vec<RepoPath>, GatherError> {
    let (mut hand, copy) = workspace.take(doer)?;
    let base = known(hand.store(), hand.desk())?;
    let mut index = copy.index(hand.store(), base)?;
    let asked = Asked { unknown: AskedUnknown::Files, ignored: AskedIgnored::Nothing };
    let status = copy.scan(&mut index, ignore, asked).map_err(FollowError::from)?;
    let chosen = status.chosen(paths);
    if chosen.is_empty() {
        return Err(GatherError::Nothing);
    }
    let batch = hand.batch();
    let recorded = copy.record(&batch, &index, base, &chosen)?;
    batch.finish()?;
    let is_base = recorded.tree == base_tree(hand.store(), hand.desk())?;
    let gathered = (!is_base).then_some(recorded.tree);
    let operation = hand.operation(typed, Desk { gathered, ..hand.desk().clone() });
    hand.perform(&operation)?;
    copy.know(hand.store(), &index, &recorded)?;
    Ok(chosen)
}

/// Lets go of everything that was gathered. The files stay as they are.
///
/// # Errors
///
/// See [`GatherError`].
pub fn release(workspace: &mut Workspace, doer: &Doer, typed: String) -> Result<(), GatherError> {
    let (mut hand, _) = workspace.take(doer)?;
    if hand.desk().gathered.is_none() {
        return Err(GatherError::NotGathered);
    }
    let operation = hand.operation(typed, Desk { gathered: None, ..hand.desk().clone() });
    Ok(hand.perform(&operation)?)
}
