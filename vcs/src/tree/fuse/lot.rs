//! Files followed from a base to where two sides have them.

use selkie_store::{Node, RepoPath};

use crate::tree::fuse::moves::Moves;
use crate::tree::fuse::node::{Met, Spot};
use crate::tree::fuse::trio::Trio;

/// One file: what it was, and what each side has of it. What a side added is a lot of its own.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Lot {
    pub(super) base: Option<Spot>,
    pub(super) sides: [Option<Spot>; 2],
}

/// What becomes of a lot that is not gone.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Outcome {
    /// Where it is.
    pub(super) path: RepoPath,
    /// The number of the side that has it there.
    pub(super) side: usize,
    /// What it is.
    pub(super) met: Met,
}

/// The lots of all paths that differ. Directories are none.
pub(super) fn lots(trios: &[Trio], moves: &[Moves; 2]) -> Vec<Lot> {
    let spot = |path: &RepoPath, at: usize| {
        let found = trios.binary_search_by(|trio| trio.path.cmp(path)).ok()?;
        let node = trios[found].nodes[at].clone();
        let node = node.filter(|node| !matches!(node, Node::Directory(_)))?;
        Some(Spot { path: path.clone(), node })
    };
    let mut lots = Vec::new();
    for Trio { path, .. } in trios {
        if let Some(base) = spot(path, 0) {
            let sides = [0, 1].map(|side| {
                let moved = || moves[side].of_file(path).and_then(|to| spot(to, side + 1));
                spot(path, side + 1).or_else(moved)
            });
            lots.push(Lot { base: Some(base), sides });
            continue;
        }
        for side in [0, 1] {
            if let Some(added) = spot(path, side + 1).filter(|_| !moves[side].has_arrived(path)) {
                let mut sides = [None, None];
                sides[side] = Some(added);
                lots.push(Lot { base: None, sides });
            }
        }
    }
    lots
}
