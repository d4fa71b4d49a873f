//! Two trees that came from one, brought together.
//!
//! Each file of the base is followed to where either side has it, and what both made of it is brought
//! together there. What can not be is not guessed: the tree then holds a conflict, which is data like a file.

use std::collections::BTreeMap;

use selkie_store::{Batch, RepoPath, Store};

use crate::tree::edit::Edits;
use crate::tree::fuse::charter::Charter;
use crate::tree::fuse::fused::{Fused, FusingError};
use crate::tree::fuse::lot::{Outcome, lots};
use crate::tree::fuse::moves::Moves;
use crate::tree::fuse::node::{Meeting, Met};
use crate::tree::fuse::source::{Following, Fusing};
use crate::tree::fuse::trio::{Trio, trios};
use crate::tree::fuse::work::Work;

mod charter;
pub(crate) mod content;
pub(crate) mod fused;
mod lot;
pub(crate) mod moves;
mod node;
pub(crate) mod source;
pub(crate) mod taken;
#[cfg(test)]
mod tests;
mod trio;
mod work;
pub(crate) mod writing;

/// Brings two trees together. Only what differs is read.
///
/// Swapping the sides, and [`Fusing::first`] with them, swaps them in the conflicts and changes nothing else. A side that is the base leaves the
/// other one.
///
/// # Errors
///
/// See [`FusingError`].
pub fn fuse_trees(store: &Store, batch: &Batch, fusing: Fusing) -> Result<Fused, FusingError> {
    let [base, ours, theirs] = [fusing.base, fusing.ours, fusing.theirs].map(|side| side.tree);
    if ours == theirs || theirs == base {
        return Ok(Fused::whole(ours, Edits::new()));
    }
    if ours == base {
        let trios = trios(store, [ours, ours, theirs])?;
        let edits = trios.into_iter().map(|Trio { path, nodes: [_, _, theirs] }| (path, theirs));
        return Ok(Fused::whole(theirs, edits.collect()));
    }
    let trios = trios(store, [base, ours, theirs])?;
    let moves = match fusing.following {
        Following::Nothing => [Moves::default(), Moves::default()],
        Following::Moves => {
            [Moves::find(store, &trios, 1, ours)?, Moves::find(store, &trios, 2, theirs)?]
        }
    };
    let charter = &Charter::read(store, &fusing)?;
    let meeting = Meeting { store, batch, fusing: &fusing, charter };
    let mut work = Work::new(meeting, &moves);
    let mut outcomes: BTreeMap<RepoPath, Vec<Outcome>> = BTreeMap::new();
    for lot in lots(&trios, &moves) {
        if let Some(outcome) = work.outcome(lot)? {
            outcomes.entry(outcome.path.clone()).or_default().push(outcome);
        }
    }
    let mut met = BTreeMap::new();
    for (path, outcomes) in outcomes {
        let one = work.together(&path, outcomes)?;
        if one != Met::Settled(None) {
            met.insert(path, one);
        }
    }
    let met = work.apart(met)?;
    work.finish(&trios, met)
}
