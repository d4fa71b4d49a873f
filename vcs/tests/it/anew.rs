//! Commands that write a history anew, each with the same questions.

use selkie_store::SealId;
use selkie_vcs::squash::Words;
use selkie_vcs::{
    Became, Doer, Emptied, Others, RewriteError, Rewritten, Unfinished, Workspace, pluck, rebase,
    reverse, squash,
};

/// One of them.
pub(crate) enum Anew {
    Pluck(SealId),
    Reverse(SealId),
    Rebase(SealId),
    Squash(SealId),
}

impl Anew {
    /// What would come of it.
    pub(crate) fn preview(
        &self,
        workspace: &mut Workspace,
        doer: &Doer,
    ) -> Result<Rewritten, RewriteError> {
        match self {
            Self::Pluck(seal) => pluck::preview(workspace, doer, &plucked(*seal)),
            Self::Reverse(seal) => reverse::preview(workspace, doer, &reversed(*seal)),
            Self::Rebase(onto) => rebase::preview(workspace, doer, &rebased(*onto)),
            Self::Squash(seal) => squash::preview(workspace, doer, &squashed(*seal)),
        }
    }

    /// Does it, if unfinished work can come along as it is.
    pub(crate) fn carry_out(
        &self,
        workspace: &mut Workspace,
        doer: &Doer,
        typed: String,
    ) -> Result<Rewritten, RewriteError> {
        let carry = Unfinished::Carry;
        match self {
            Self::Pluck(seal) => pluck::pluck(workspace, doer, typed, &plucked(*seal), carry),
            Self::Reverse(seal) => {
                reverse::reverse(workspace, doer, typed, &reversed(*seal), carry)
            }
            Self::Rebase(onto) => rebase::rebase(workspace, doer, typed, &rebased(*onto), carry),
            Self::Squash(seal) => squash::squash(workspace, doer, typed, &squashed(*seal), carry),
        }
    }

    /// Where the timeline would end that is `here` now.
    pub(crate) fn end(&self, here: SealId, planned: &Rewritten) -> SealId {
        let made = planned.seals.iter().rev().find_map(|one| match one.became {
            Became::Seal(id, _) => Some(id),
            Became::Nothing => None,
        });
        let fallen = match self {
            Self::Rebase(onto) if !planned.seals.is_empty() => *onto,
            Self::Pluck(_) | Self::Reverse(_) | Self::Rebase(_) | Self::Squash(_) => here,
        };
        made.or(planned.forward).unwrap_or(fallen)
    }
}

fn plucked(seal: SealId) -> pluck::Wanted {
    pluck::Wanted { seals: vec![seal], parent: None, emptied: Emptied::Dropped }
}

fn reversed(seal: SealId) -> reverse::Wanted {
    reverse::Wanted { seals: vec![seal], parent: None, message: None }
}

const fn rebased(onto: SealId) -> rebase::Wanted {
    let (what, emptied) = (rebase::What::Timeline(None), Emptied::Dropped);
    rebase::Wanted { what, onto, emptied, others: Others::Stay }
}

const fn squashed(seal: SealId) -> squash::Wanted {
    let what = squash::What::WithBefore(seal);
    squash::Wanted { what, words: Words::All, others: Others::Stay }
}
