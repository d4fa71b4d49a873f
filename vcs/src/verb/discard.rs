//! Letting go of changes that were not gathered.

use selkie_store::RepoPath;
use thiserror::Error;

use crate::operation::Files;
use crate::verb::trouble::Trouble;
use crate::work::follow::FollowError;
use crate::work::status::{Asked, AskedIgnored, AskedUnknown};
use crate::workspace::{Doer, Workspace, known};

/// What became of the files.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Discarded {
    /// Known files that are again as they are known.
    pub back: Vec<RepoPath>,
    /// Unknown files, which stay as they are.
    pub left: Vec<RepoPath>,
}

/// Why nothing was discarded.
#[derive(Debug, Error)]
pub enum DiscardError {
    /// No known file at these paths is changed.
    #[error("nothing that is known is changed there")]
    Nothing,
    /// The store, the files or the history failed.
    #[error(transparent)]
    Failed(Trouble),
}

impl<E: Into<Trouble>> From<E> for DiscardError {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// Makes the known files at `paths`, and below them, be as they are known: as gathered, else as in the base.
///
/// What they were is recorded first, so that an undo brings it back byte for byte. Something in conflict is
/// meant only by its own name.
///
/// # Errors
///
/// See [`DiscardError`].
pub fn discard(
    workspace: &mut Workspace,
    doer: &Doer,
    typed: String,
    paths: &[RepoPath],
) -> Result<Discarded, DiscardError> {
    let (mut hand, copy) = workspace.take(doer)?;
    let after = known(hand.store(), hand.desk())?;
    let mut index = copy.index(hand.store(), after)?;
    let asked = Asked { unknown: AskedUnknown::Files, ignored: AskedIgnored::Nothing };
    let status = copy.scan(&mut index, asked).map_err(FollowError::from)?;
    let is_unknown =
        |path: &RepoPath| status.unknown.binary_search_by(|unknown| unknown.path.cmp(path)).is_ok();
    let (left, back): (Vec<_>, Vec<_>) = status.chosen(paths).into_iter().partition(is_unknown);
    if back.is_empty() {
        return Err(DiscardError::Nothing);
    }
    let batch = hand.batch();
    let before = copy.record(&batch, &index, after, &back)?.tree;
    batch.finish()?;
    let (plan, _) = copy.plan(hand.store(), before, after)?;
    if !plan.blocked.is_empty() {
        return Err(FollowError::Blocked(plan.blocked).into());
    }
    let mut operation = hand.operation(typed, hand.desk().clone());
    operation.files = Some(Files { before, after });
    hand.perform(&operation)?;
    Ok(Discarded { back, left })
}
