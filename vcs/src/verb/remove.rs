//! Known files that the next seal does not have.

use selkie_store::RepoPath;
use thiserror::Error;

use crate::desk::Desk;
use crate::few::few;
use crate::graph::trees::TreeReader;
use crate::operation::Files;
use crate::tree::edit::{Edits, edit};
use crate::tree::filter::PathFilter;
use crate::verb::aside::{Looked, differing};
use crate::verb::trouble::Trouble;
use crate::work::follow::FollowError;
use crate::work::status::ChangeKind;
use crate::workspace::{Doer, Workspace};

/// What becomes of the files.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Removal {
    /// They go, unless one has something that was never sealed.
    Careful,
    /// They go. What was not sealed is recorded first, so that an undo brings it back.
    Forced,
    /// They stay on disk, unknown from now on.
    Forget,
}

/// Why nothing was removed.
#[derive(Debug, Error)]
pub enum RemoveError {
    /// The path is the whole working copy.
    #[error("name files or folders: everything is more than that")]
    Everything,
    /// Nothing known is there.
    #[error("nothing known is at '{0}'")]
    Unknown(RepoPath),
    /// These have something that was never sealed.
    #[error("not everything in {} is sealed", few(.0.iter()))]
    Changed(Vec<RepoPath>),
    /// The store, the files or the history failed.
    #[error(transparent)]
    Failed(Trouble),
}

impl<E: Into<Trouble>> From<E> for RemoveError {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// Takes known files and folders out of the next seal, and off the disk. Unknown files stay. Returns the files that
/// are known no longer.
///
/// # Errors
///
/// See [`RemoveError`].
pub fn remove(
    workspace: &mut Workspace,
    doer: &Doer,
    typed: String,
    paths: &[RepoPath],
    removal: Removal,
) -> Result<Vec<RepoPath>, RemoveError> {
    let (mut hand, copy) = workspace.take(doer)?;
    let store = hand.store().clone();
    let looked = Looked::at(&hand, copy)?;
    let mut trees = TreeReader::new(&store);
    let mut edits = Edits::new();
    for path in paths {
        if path.is_top() {
            return Err(RemoveError::Everything);
        }
        if trees.node(looked.known, path)?.is_none() {
            return Err(RemoveError::Unknown(path.clone()));
        }
        edits.insert(path.clone(), None);
    }
    let filter = PathFilter::below(paths.iter().cloned());
    let changed = looked.changed(paths);
    if removal == Removal::Careful {
        // What is gone already, or in conflict, has nothing there that could be lost.
        let kinds = looked
            .status
            .changes
            .iter()
            .filter(|change| matches!(change.kind, ChangeKind::Conflict | ChangeKind::Removed));
        let harmless: Vec<_> = kinds.map(|change| &change.path).collect();
        let mut unsealed = Vec::new();
        for path in differing(&store, looked.base, looked.known, &filter)? {
            if trees.node(looked.known, &path)?.is_some() {
                unsealed.push(path);
            }
        }
        unsealed.extend(changed.iter().cloned());
        unsealed.retain(|path| !harmless.contains(&path));
        unsealed.sort_unstable();
        unsealed.dedup();
        if !unsealed.is_empty() {
            return Err(RemoveError::Changed(unsealed));
        }
    }
    let here = looked.recorded(&hand, copy, &changed)?;
    let batch = hand.batch();
    let known = edit(&store, &batch, looked.known, &edits)?;
    let disk = edit(&store, &batch, here.disk, &edits)?;
    batch.finish()?;
    let files = Files { before: here.disk, after: disk };
    let files = (removal != Removal::Forget && files.before != files.after).then_some(files);
    if let Some(Files { before, after }) = files {
        let (plan, _) = copy.plan(&store, before, after)?;
        if !plan.blocked.is_empty() {
            return Err(FollowError::Blocked(plan.blocked).into());
        }
    }
    let gone = differing(&store, looked.known, known, &filter)?;
    let is_base = known == looked.base && !hand.desk().is_fusing();
    let gathered = (!is_base).then_some(known);
    let mut operation = hand.operation(typed, Desk { gathered, ..hand.desk().clone() });
    operation.files = files;
    hand.perform(&operation)?;
    Ok(gone)
}
