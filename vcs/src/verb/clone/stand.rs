//! Where a clone stands once it is one.

use std::path::Path;

use selkie_store::{Seal, SealId};

use crate::desk::Desk;
use crate::keys::Keys;
use crate::operation::Files;
use crate::repository::Hand;
use crate::shared::Move;
use crate::tree::edit::empty_tree;
use crate::verb::clone::error::CloneError;
use crate::work::follow::Clock;
use crate::work::progress::Watch;
use crate::workspace::{Doer, Workspace};

/// Where the clone will stand.
pub(super) struct Goal {
    pub(super) timeline: String,
    pub(super) head: Option<SealId>,
}

/// Writes down what the clone is to become. The files are written by whoever opens it first, as after any command that was
/// stopped, and the others are told then.
pub(super) fn stand(
    hand: &mut Hand<'_>,
    typed: String,
    goal: Goal,
    moves: Vec<Move>,
) -> Result<(), CloneError> {
    let Goal { timeline, head } = goal;
    let desk =
        Desk { timeline: Some(timeline), bases: head.into_iter().collect(), ..Desk::default() };
    let mut operation = hand.operation(typed, desk);
    operation.moves = moves;
    if let Some(head) = head {
        let after = hand.store().load::<Seal>(head)?.tree;
        operation.files = Some(Files { before: empty_tree(), after });
    }
    Ok(hand.begin(&operation)?)
}

/// Opens the clone, and writes its files.
pub(super) fn open(
    folder: &Path,
    keys: &dyn Fn() -> Keys,
    doer: &Doer,
    now_ns: Clock,
    watch: Option<Watch>,
) -> Result<Workspace, CloneError> {
    let mut workspace = Workspace::open(folder, &[], keys(), now_ns)?;
    if let Some(watch) = watch {
        workspace.watched_by(watch);
    }
    drop(workspace.take(doer)?);
    Ok(workspace)
}
