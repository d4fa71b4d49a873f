//! Changes of other seals, made once more where the clone stands.

use selkie_store::{Seal, SealId};

use crate::repository::Hand;
use crate::seal_name::SealName;
use crate::verb::crossing::Unfinished;
use crate::verb::replay::{Emptied, Replay};
use crate::verb::rewrite::{RewriteError, Rewritten, carry_out_on_top, foretell_on_top};
use crate::workspace::{Doer, Workspace};

/// What is to be plucked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Wanted {
    /// The seals, in the order in which they are to stand.
    pub seals: Vec<SealId>,
    /// Since which of its parents a seal is a change, counted from 1; without a number, since the first.
    pub parent: Option<usize>,
    /// What becomes of seals whose change is here already.
    pub emptied: Emptied,
}

/// Says what a pluck would do, and does nothing.
///
/// # Errors
///
/// See [`RewriteError`].
pub fn preview(
    workspace: &mut Workspace,
    doer: &Doer,
    wanted: &Wanted,
) -> Result<Rewritten, RewriteError> {
    foretell_on_top(workspace, doer, |hand, base| plan(hand, doer, wanted, base))
}

/// Makes the changes of these seals once more on top of where the clone stands, as new changes that tell where they came
/// from. Author and date stay.
///
/// # Errors
///
/// See [`RewriteError`].
pub fn pluck(
    workspace: &mut Workspace,
    doer: &Doer,
    typed: String,
    wanted: &Wanted,
    unfinished: Unfinished,
) -> Result<Rewritten, RewriteError> {
    carry_out_on_top(workspace, doer, typed, unfinished, |hand, base| {
        plan(hand, doer, wanted, base)
    })
}

fn plan<'h, 'r>(
    hand: &'h Hand<'r>,
    doer: &Doer,
    wanted: &Wanted,
    mut tip: SealId,
) -> Result<(Replay<'h, 'r>, SealId), RewriteError> {
    if wanted.seals.is_empty() {
        return Err(RewriteError::Nothing);
    }
    let mut replay = Replay::new(hand, doer, wanted.emptied);
    for seal in &wanted.seals {
        let parent = parent(hand, *seal, wanted.parent)?;
        tip = replay.pluck(*seal, tip, parent)?;
    }
    Ok((replay, tip))
}

/// Which of its parents is meant, counted from 0.
pub(crate) fn parent(
    hand: &Hand<'_>,
    seal: SealId,
    number: Option<usize>,
) -> Result<usize, RewriteError> {
    let Some(number) = number else { return Ok(0) };
    let seal: Seal = hand.store().load(seal)?;
    if (1..=seal.parents.len()).contains(&number) {
        Ok(number - 1)
    } else {
        Err(RewriteError::Parent(SealName::of(seal.change)))
    }
}
