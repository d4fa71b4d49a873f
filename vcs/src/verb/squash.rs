//! Seals that become one.

use std::collections::BTreeSet;

use selkie_store::{Author, Seal, SealId};

use crate::graph::grow::GrowError;
use crate::repository::Hand;
use crate::seal_name::SealName;
use crate::verb::crossing::Unfinished;
use crate::verb::replay::{Emptied, Replay};
use crate::verb::rewrite::{Others, RewriteError, Rewritten, Scope, carry_out, foretell, standing};
use crate::workspace::{Doer, Workspace};

/// What is to become one seal.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Wanted {
    /// Which seals.
    pub what: What,
    /// What it says.
    pub words: Words,
    /// What becomes of other timelines that lead to the seals.
    pub others: Others,
}

/// Which seals become one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum What {
    /// This one, and the one before it.
    WithBefore(SealId),
    /// All of these.
    Seals(BTreeSet<SealId>),
}

/// What the one seal says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Words {
    /// What all of them said, and who else made them.
    All,
    /// What the first of them said.
    First,
    /// This.
    These(String),
}

/// Says what a squash would do, and does nothing. The first seal is the one that all become.
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

/// Makes one seal of several that come one after the other. It has the name, the author and the date of the first, and
/// what came from them is made again on top of it.
///
/// # Errors
///
/// See [`RewriteError`].
pub fn squash(
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
    let meant = match &wanted.what {
        What::WithBefore(seal) => BTreeSet::from([*seal, before(hand, *seal)?]),
        What::Seals(seals) => seals.clone(),
    };
    if meant.len() == 1 {
        return Err(RewriteError::Alone);
    }
    let mut chronicle = hand.chronicle()?;
    let scope = Scope::of(hand, &mut chronicle, &meant, &timeline, wanted.others)?;
    let line: Vec<SealId> =
        scope.seals.iter().copied().filter(|seal| meant.contains(seal)).collect();
    let seals = line.iter().map(|seal| hand.store().load::<Seal>(*seal));
    let seals = seals.collect::<Result<Vec<Seal>, _>>().map_err(GrowError::from)?;
    let goes_on = |(at, seal): (usize, &Seal)| seal.parents == [line[at]];
    if !seals[1..].iter().enumerate().all(goes_on) {
        return Err(RewriteError::NoLine);
    }
    let mut replay = Replay::new(hand, doer, Emptied::Kept);
    replay.instead(together(&seals, &wanted.words), &line)?;
    for seal in scope.seals.iter().filter(|seal| !meant.contains(seal)) {
        replay.follow(*seal)?;
    }
    Ok((replay, scope))
}

/// The seal before this one.
fn before(hand: &Hand<'_>, seal: SealId) -> Result<SealId, RewriteError> {
    let seal: Seal = hand.store().load(seal)?;
    match seal.parents[..] {
        [before] => Ok(before),
        [] => Err(RewriteError::First(SealName::of(seal.change))),
        _ => Err(RewriteError::Several(SealName::of(seal.change))),
    }
}

/// The one seal: what the first came from, and what the last has.
fn together(seals: &[Seal], words: &Words) -> Seal {
    let mut one = seals[0].clone();
    for seal in &seals[1..] {
        one.tree = seal.tree;
        one.replaces.extend(&seal.replaces);
    }
    match words {
        Words::First => {}
        Words::These(words) => one.message.clone_from(words),
        Words::All => one.message = all_words(seals),
    }
    one
}

/// What all of them said, one below the other, and in the way that other tools read who made them beside the first author.
fn all_words(seals: &[Seal]) -> String {
    let mut said: Vec<&str> = Vec::new();
    let mut authors: Vec<&Author> = Vec::new();
    for seal in seals {
        let words = seal.message.trim_end();
        if !words.is_empty() && !said.contains(&words) {
            said.push(words);
        }
        if !authors.contains(&&seal.author) {
            authors.push(&seal.author);
        }
    }
    let mut all = said.join("\n\n");
    if authors.len() > 1 {
        all.push('\n');
    }
    let beside = authors[1..].iter();
    let beside = beside.map(|by| format!("\nCo-authored-by: {} <{}>", by.name, by.contact));
    all.extend(beside);
    all
}
