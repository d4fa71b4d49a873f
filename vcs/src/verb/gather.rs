//! Choosing what the next seal has.

use selkie_store::{Node, RepoPath};
use thiserror::Error;

use crate::desk::Desk;
use crate::git::tree::SUBMODULE;
use crate::repository::Hand;
use crate::verb::conflicts::{Look, look};
use crate::verb::trouble::Trouble;
use crate::work::follow::{Copy, FollowError};
use crate::work::index::Index;
use crate::work::status::{
    Asked, AskedIgnored, AskedUnknown, Refused, Status, Unknown, UnknownKind, Unread, is_in,
};
use crate::workspace::{Doer, Workspace, base_tree, known};

/// What was gathered, and what of what was named was not.
#[derive(Debug, Default)]
pub struct Gathered {
    /// Paths that were taken.
    pub taken: Vec<RepoPath>,
    /// Names that no tree can hold. They are passed over.
    pub refused: Vec<Refused>,
    /// Files and folders that can not be read. They are passed over.
    pub unread: Vec<Unread>,
    /// Repositories of their own. They are passed over.
    pub repositories: Vec<RepoPath>,
    /// Submodules of git that were named. They are passed over: where they stand git alone says.
    pub submodules: Vec<RepoPath>,
}

/// Why nothing was gathered. What was gathered before still is.
#[derive(Debug, Error)]
pub enum GatherError {
    /// Nothing at these paths is changed or unknown, but perhaps for what is passed over.
    #[error("nothing is changed there")]
    Nothing(Box<Gathered>),
    /// The file is in conflict, and there are markers in it still.
    #[error("'{0}' is in conflict, and there are markers in it still")]
    Open(RepoPath),
    /// Timelines are being fused: what is gathered came of that.
    #[error("a fuse is under way, and what is gathered came of it")]
    Underway,
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

/// Takes what is changed or unknown at `paths`, and below them, into the next seal.
///
/// # Errors
///
/// See [`GatherError`].
pub fn gather(
    workspace: &mut Workspace,
    doer: &Doer,
    typed: String,
    paths: &[RepoPath],
) -> Result<Gathered, GatherError> {
    take(workspace, doer, typed, paths, AskedUnknown::Files)
}

/// The same for known files alone.
///
/// # Errors
///
/// See [`GatherError`].
pub fn gather_known(
    workspace: &mut Workspace,
    doer: &Doer,
    typed: String,
    paths: &[RepoPath],
) -> Result<Gathered, GatherError> {
    take(workspace, doer, typed, paths, AskedUnknown::Nothing)
}

/// What would be taken. Nothing is gathered by it.
///
/// # Errors
///
/// See [`GatherError`].
pub fn preview(
    workspace: &mut Workspace,
    doer: &Doer,
    paths: &[RepoPath],
    unknown: AskedUnknown,
) -> Result<Gathered, GatherError> {
    let (hand, copy) = workspace.take(doer)?;
    Ok(plan(&hand, copy, paths, unknown)?.found)
}

fn take(
    workspace: &mut Workspace,
    doer: &Doer,
    typed: String,
    paths: &[RepoPath],
    unknown: AskedUnknown,
) -> Result<Gathered, GatherError> {
    let (mut hand, copy) = workspace.take(doer)?;
    let Planned { index, found, look } = plan(&hand, copy, paths, unknown)?;
    let base = look.kept(&hand, index.known())?;
    let batch = hand.batch();
    let recorded = copy.record(&batch, &index, base, &found.taken)?;
    batch.finish()?;
    let is_fuse = hand.desk().is_fusing();
    let is_base = !is_fuse && recorded.tree == base_tree(hand.store(), hand.desk())?;
    let gathered = (!is_base).then_some(recorded.tree);
    let operation = hand.operation(typed, Desk { gathered, ..hand.desk().clone() });
    hand.perform(&operation)?;
    copy.know(hand.store(), &index, &recorded)?;
    Ok(found)
}

/// What is to be taken.
struct Planned {
    index: Index,
    found: Gathered,
    /// What people did about conflicts.
    look: Look,
}

fn plan(
    hand: &Hand<'_>,
    copy: &Copy,
    paths: &[RepoPath],
    unknown: AskedUnknown,
) -> Result<Planned, GatherError> {
    let mut index = copy.index(hand.store(), known(hand.store(), hand.desk())?)?;
    let asked = Asked { unknown, ignored: AskedIgnored::Nothing };
    let status = copy.scan(&mut index, asked).map_err(FollowError::from)?;
    let look = look(hand, copy, &index, paths)?;
    let mut taken = status.chosen(paths);
    taken.retain(|path| !look.open.contains(path));
    taken.extend(
        look.settled.iter().filter(|path| !taken.contains(path)).cloned().collect::<Vec<_>>(),
    );
    taken.sort_unstable();
    let is_meant = |path: &RepoPath| paths.iter().any(|by| is_in(path, by));
    let Status { mut refused, mut unread, unknown, .. } = status;
    refused.retain(|refused| is_meant(&refused.folder));
    unread.retain(|unread| is_meant(&unread.path));
    let is_repository =
        |unknown: &Unknown| unknown.kind == UnknownKind::Repository && is_meant(&unknown.path);
    let inner = unknown.into_iter().filter(is_repository).map(|unknown| unknown.path).collect();
    let is_submodule = |path: &&RepoPath| matches!(index.node_at(path), Some(Node::Foreign(foreign)) if foreign.mode == SUBMODULE);
    let submodules = paths.iter().filter(is_submodule).cloned().collect();
    let found = Gathered { taken, refused, unread, repositories: inner, submodules };
    if found.taken.is_empty() && look.edited.is_empty() {
        let named = look.open.into_iter().find(|path| paths.contains(path));
        return Err(named.map_or_else(|| GatherError::Nothing(found.into()), GatherError::Open));
    }
    Ok(Planned { index, found, look })
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
    if hand.desk().is_fusing() {
        return Err(GatherError::Underway);
    }
    let operation = hand.operation(typed, Desk { gathered: None, ..hand.desk().clone() });
    Ok(hand.perform(&operation)?)
}
