//! Going along with a timeline that others moved on.

use std::collections::BTreeSet;

use selkie_store::{RepoPath, Seal, SealId};
use thiserror::Error;

use crate::chronicle::folded;
use crate::desk::Desk;
use crate::graph::grow::GrowError;
use crate::heads::fold_heads;
use crate::operation::Files;
use crate::tree::edit::empty_tree;
use crate::unasked::Unasked;
use crate::verb::trouble::Trouble;
use crate::workspace::{Doer, Workspace, known};

/// Where the clone stands in its timeline.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Kept {
    /// On its newest seal, on no timeline, or before the first seal of one that has none.
    There,
    /// It went along, to this seal.
    Moved(SealId),
    /// Where it was: files with changes of somebody's own are other ones on the newest seal.
    Blocked(Vec<RepoPath>),
    /// Where it was: something is gathered, or being brought together.
    Busy,
    /// Where it was: the timeline has so many newest seals.
    Diverged(usize),
    /// Where it was: what it stands on is not in the timeline any more.
    Apart,
}

/// Why the clone stands where it stood.
#[derive(Debug, Error)]
pub enum KeepUpError {
    /// The store, the files or the history failed.
    #[error(transparent)]
    Failed(Trouble),
}

impl<E: Into<Trouble>> From<E> for KeepUpError {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// Goes to the newest seal of the timeline that the clone stands on, if others made it from where the clone stands. Changes of
/// files that are the same there are carried; if others are in the way, nothing is done.
///
/// # Errors
///
/// See [`KeepUpError`].
pub fn keep_up(workspace: &mut Workspace, doer: &Doer, typed: String) -> Result<Kept, KeepUpError> {
    let (mut hand, copy) = workspace.take(doer)?;
    let Some(timeline) = hand.desk().timeline.clone() else { return Ok(Kept::There) };
    let Some(heads) = hand.heads_of(&timeline) else { return Ok(Kept::There) };
    let heads: BTreeSet<SealId> = folded(heads, || hand.chronicle())?;
    let bases = hand.desk().bases.clone();
    if bases.iter().any(|base| heads.contains(base)) {
        return Ok(if heads.len() > 1 { Kept::Diverged(heads.len()) } else { Kept::There });
    }
    let [head] = heads.iter().copied().collect::<Vec<_>>()[..] else {
        return Ok(if heads.is_empty() { Kept::There } else { Kept::Diverged(heads.len()) });
    };
    if hand.desk().gathered.is_some() || bases.len() > 1 {
        return Ok(Kept::Busy);
    }
    if let [base] = bases[..] {
        let mut chronicle = hand.chronicle()?;
        // A seal that was rewritten elsewhere is gone from the timeline, and what took its place is not made from it. One that was made
        // by itself gives way to what settles the same and more.
        let is_on_the_way = chronicle.ask(|graph| {
            let (Some(row), Some(to)) = (graph.row(base)?, graph.row(head)?) else {
                return Ok::<_, GrowError>(false);
            };
            if graph.is_ancestor(row, to)? {
                return Ok(true);
            }
            let gives_way = fold_heads(graph, &BTreeSet::from([base, head]))? == heads;
            Ok(gives_way && Unasked::of(graph, row)?.is_some())
        })?;
        if !is_on_the_way {
            return Ok(Kept::Apart);
        }
    }
    let before = if bases.is_empty() { empty_tree() } else { known(hand.store(), hand.desk())? };
    let after = hand.store().load::<Seal>(head)?.tree;
    let (plan, _) = copy.plan(hand.store(), before, after)?;
    if !plan.blocked.is_empty() {
        return Ok(Kept::Blocked(plan.blocked.into_iter().map(|blocked| blocked.path).collect()));
    }
    let desk = Desk { bases: vec![head], ..hand.desk().clone() };
    let mut operation = hand.operation(typed, desk);
    operation.files = Some(Files { before, after });
    hand.perform(&operation)?;
    Ok(Kept::Moved(head))
}
