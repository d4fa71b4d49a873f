//! Bringing back what a path was in a seal.

use std::collections::BTreeMap;

use selkie_store::{RepoPath, Seal, SealId};
use thiserror::Error;

use crate::graph::trees::TreeReader;
use crate::operation::Files;
use crate::tree::edit::edit;
use crate::verb::trouble::Trouble;
use crate::work::follow::FollowError;
use crate::work::status::{Asked, AskedIgnored, AskedUnknown};
use crate::workspace::{Doer, Workspace, known};

/// Why nothing was restored.
#[derive(Debug, Error)]
pub enum RestoreError {
    /// The seal has nothing at this path.
    #[error("that seal has no '{0}'")]
    Absent(RepoPath),
    /// It is so already.
    #[error("'{0}' is so already")]
    Same(RepoPath),
    /// The path is the whole working copy.
    #[error("name a file or a folder: everything is more than one path")]
    Everything,
    /// The store, the files or the history failed.
    #[error(transparent)]
    Failed(Trouble),
}

impl<E: Into<Trouble>> From<E> for RestoreError {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// Makes what is at `path`, a file or a folder, be as in the seal. It is not gathered by that.
///
/// What was there is recorded first, so that an undo brings it back byte for byte. Unknown files stay, unless
/// the seal has a file of that name: then they are recorded too.
///
/// # Errors
///
/// See [`RestoreError`].
pub fn restore(
    workspace: &mut Workspace,
    doer: &Doer,
    typed: String,
    path: &RepoPath,
    from: SealId,
) -> Result<(), RestoreError> {
    if path.is_top() {
        return Err(RestoreError::Everything);
    }
    let (mut hand, copy) = workspace.take(doer)?;
    let store = hand.store().clone();
    let sealed = store.load::<Seal>(from)?.tree;
    let mut trees = TreeReader::new(&store);
    let node = trees.node(sealed, path)?.ok_or_else(|| RestoreError::Absent(path.clone()))?;
    let base = known(&store, hand.desk())?;
    let mut index = copy.index(&store, base)?;
    let asked = Asked { unknown: AskedUnknown::Files, ignored: AskedIgnored::Nothing };
    let status = copy.scan(&mut index, asked).map_err(FollowError::from)?;
    let mut chosen = Vec::new();
    for found in status.chosen(std::slice::from_ref(path)) {
        if index.node_at(&found).is_some() || trees.node(sealed, &found)?.is_some() {
            chosen.push(found);
        }
    }
    let batch = hand.batch();
    let before = copy.record(&batch, &index, base, &chosen)?.tree;
    batch.finish()?;
    let batch = hand.batch();
    let after = edit(&store, &batch, before, &BTreeMap::from([(path.clone(), Some(node))]))?;
    batch.finish()?;
    if after == before {
        return Err(RestoreError::Same(path.clone()));
    }
    let (plan, _) = copy.plan(hand.store(), before, after)?;
    if !plan.blocked.is_empty() {
        return Err(FollowError::Blocked(plan.blocked).into());
    }
    let mut operation = hand.operation(typed, hand.desk().clone());
    operation.files = Some(Files { before, after });
    hand.perform(&operation)?;
    Ok(())
}
