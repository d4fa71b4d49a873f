//! A seal that becomes two.

use std::collections::BTreeSet;

use selkie_store::{RepoPath, Seal, SealId, TreeId};

use crate::repository::Hand;
use crate::seal_name::SealName;
use crate::tree::compare::TreeChanges;
use crate::tree::edit::{Edits, edit, empty_tree};
use crate::tree::filter::PathFilter;
use crate::verb::crossing::Unfinished;
use crate::verb::offer::{Choice, Offer};
use crate::verb::replay::{Emptied, Replay};
use crate::verb::rewrite::{Others, RewriteError, Rewritten, Scope, carry_out, foretell, standing};
use crate::workspace::{Doer, Workspace};

/// What is to become two seals.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The seal.
    pub seal: SealId,
    /// What of it goes into the first of them.
    pub part: Part<'a>,
    /// What the first one says.
    pub message: &'a str,
    /// What becomes of other timelines that lead to the seal.
    pub others: Others,
}

/// A part of what a seal changes.
#[derive(Clone, Copy, Debug)]
pub enum Part<'a> {
    /// What it changes at these paths, and below them.
    Paths(&'a [RepoPath]),
    /// What somebody chose of it.
    Chosen(&'a Offer, &'a [Choice]),
}

/// Says what a split would do, and does nothing. The first two seals are what the seal becomes.
///
/// # Errors
///
/// See [`RewriteError`].
pub fn preview(
    workspace: &mut Workspace,
    doer: &Doer,
    wanted: &Wanted,
) -> Result<Rewritten, RewriteError> {
    foretell(workspace, doer, |hand| plan(hand, doer, wanted))
}

/// Takes a part of a seal out of it, into a new seal before it. The rest keeps its name and its words, and what came from it is
/// made again on top of it.
///
/// # Errors
///
/// See [`RewriteError`].
pub fn split(
    workspace: &mut Workspace,
    doer: &Doer,
    typed: String,
    wanted: &Wanted,
    unfinished: Unfinished,
) -> Result<Rewritten, RewriteError> {
    carry_out(workspace, doer, typed, unfinished, |hand| plan(hand, doer, wanted))
}

fn plan<'h, 'r>(
    hand: &'h Hand<'r>,
    doer: &Doer,
    wanted: &Wanted,
) -> Result<(Replay<'h, 'r>, Scope), RewriteError> {
    let (timeline, _) = standing(hand)?;
    let store = hand.store();
    let old: Seal = store.load(wanted.seal)?;
    let before = match old.parents[..] {
        [] => empty_tree(),
        [parent] => store.load::<Seal>(parent)?.tree,
        _ => return Err(RewriteError::Several(SealName::of(old.change))),
    };
    let mut chronicle = hand.chronicle()?;
    let begun = BTreeSet::from([wanted.seal]);
    let scope = Scope::of(hand, &mut chronicle, &begun, &timeline, wanted.others)?;
    let tree = part(hand, [before, old.tree], wanted.part)?;
    if tree == before {
        return Err(RewriteError::NoPart);
    }
    if tree == old.tree {
        return Err(RewriteError::Whole);
    }
    let mut replay = Replay::new(hand, doer, Emptied::Kept);
    let (change, message) = (replay.next_change(), wanted.message.to_owned());
    let first = Seal { tree, change, message, ..old.clone() };
    let first = replay.instead(first, &[wanted.seal])?;
    // What the seal became is the rest of it, which has its name.
    replay.instead(Seal { parents: vec![first], ..old }, &[wanted.seal])?;
    for seal in scope.seals.iter().filter(|seal| **seal != wanted.seal) {
        replay.follow(*seal)?;
    }
    Ok((replay, scope))
}

/// The tree before the seal with what was chosen of it.
fn part(
    hand: &Hand<'_>,
    [before, after]: [TreeId; 2],
    part: Part<'_>,
) -> Result<TreeId, RewriteError> {
    let paths = match part {
        Part::Chosen(offer, choices) => {
            if !offer.is_of(hand, [before, after]) {
                return Err(RewriteError::Moved);
            }
            return Ok(offer.tree(hand, choices)?.0);
        }
        Part::Paths(paths) => paths,
    };
    let filter = PathFilter::below(paths.iter().cloned());
    // The tree with nothing in it need not be in any store.
    let tree = |id| Some(id).filter(|id| *id != empty_tree());
    let mut edits = Edits::new();
    for change in TreeChanges::new(hand.store(), tree(before), tree(after), &filter) {
        let change = change?;
        edits.insert(change.path, change.after);
    }
    let batch = hand.batch();
    let tree = edit(hand.store(), &batch, before, &edits)?;
    batch.finish()?;
    Ok(tree)
}
