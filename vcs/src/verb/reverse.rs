//! Seals that take others back.

use selkie_store::SealId;

use crate::repository::Hand;
use crate::verb::crossing::Unfinished;
use crate::verb::pluck::parent;
use crate::verb::replay::{Emptied, Replay};
use crate::verb::rewrite::{RewriteError, Rewritten, carry_out_on_top, foretell_on_top};
use crate::workspace::{Doer, Workspace};

/// What is to be taken back.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Wanted {
    /// The seals, in the order in which they are taken back.
    pub seals: Vec<SealId>,
    /// Since which of its parents a seal is taken back, counted from 1; without a number, since the first.
    pub parent: Option<usize>,
    /// What the new seals say, if not what they always say.
    pub message: Option<String>,
}

/// Says what it would do, and does nothing.
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

/// Takes back what seals changed, each by a new seal on top of where the clone stands. What nothing is left of is passed over.
///
/// # Errors
///
/// See [`RewriteError`].
pub fn reverse(
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
    let mut replay = Replay::new(hand, doer, Emptied::Dropped);
    for seal in &wanted.seals {
        let parent = parent(hand, *seal, wanted.parent)?;
        tip = replay.reverse(*seal, tip, parent, (&doer.author, wanted.message.as_deref()))?;
    }
    Ok((replay, tip))
}
