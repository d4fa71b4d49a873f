//! Two trees that were made from one, as one tree, or not at all.
//!
//! A fuse that nobody would be asked about: what it can not settle stops everything, and so does, if whoever asks wants
//! that, whatever it has to decide.

use std::collections::BTreeSet;

use selkie_store::{Batch, Conflict, RepoPath, Store, TreeId};

use crate::memory::Memory;
use crate::merge::part::MergeSide;
use crate::tree::fuse::fuse_trees;
use crate::tree::fuse::fused::FusingError;
use crate::tree::fuse::source::{Arbiter, Following, Fusing, Source};

/// What two trees become together.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Blend {
    /// Both changes in one tree.
    Clean(TreeId),
    /// Paths that both changed, each in its own way.
    Disputed(Vec<RepoPath>),
}

/// What becomes of a file that both sides changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Within {
    /// It is merged as in a fuse, where either side moved it.
    Merge,
    /// It is in dispute.
    Dispute,
}

/// A tree and what two sides made of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Sides {
    pub(crate) base: TreeId,
    pub(crate) ours: TreeId,
    pub(crate) theirs: TreeId,
}

/// Blends two trees. Where one side alone changed something its tree is not even read, and all three trees must be in the
/// store, not only in the batch.
///
/// # Errors
///
/// See [`FusingError`]. Nothing of it is visible unless the batch is finished.
pub(crate) fn blend(
    store: &Store,
    batch: &Batch,
    sides: Sides,
    within: Within,
) -> Result<Blend, FusingError> {
    let Sides { base, ours, theirs } = sides;
    if base == theirs || ours == theirs {
        return Ok(Blend::Clean(ours));
    }
    if base == ours {
        return Ok(Blend::Clean(theirs));
    }
    let source = |tree| Source { tree, seal: None, seals: Vec::new(), note: String::new() };
    let (base, ours, theirs) = (&source(base), &source(ours), &source(theirs));
    let (first, arbiter, memory) = (MergeSide::Ours, Arbiter::Nobody, Memory::default());
    let following = match within {
        Within::Merge => Following::Moves,
        Within::Dispute => Following::Nothing,
    };
    let fusing = Fusing { base, ours, theirs, first, arbiter, memory, following };
    let fused = fuse_trees(store, batch, fusing)?;
    let mut disputed: BTreeSet<RepoPath> = fused.conflicts.values().filter_map(place).collect();
    if within == Within::Dispute {
        disputed.extend(fused.decisions.into_iter().map(|decision| decision.path));
    }
    Ok(if disputed.is_empty() {
        Blend::Clean(fused.tree)
    } else {
        Blend::Disputed(disputed.into_iter().collect())
    })
}

impl Blend {
    /// The paths in dispute.
    pub(crate) fn disputed(self) -> Vec<RepoPath> {
        match self {
            Self::Clean(_) => Vec::new(),
            Self::Disputed(paths) => paths,
        }
    }
}

/// Where what is in conflict was: a file that is in the way of a folder lies beside it only in the conflict.
fn place(conflict: &Conflict) -> Option<RepoPath> {
    let terms = conflict.bases().iter().chain(conflict.sides());
    terms.map(|term| term.path.clone()).next()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use selkie_store::{Content, Hint, Kind, Node, SimDisk};

    use super::*;
    use crate::tree::edit::{Edits, edit, empty_tree};

    /// A tree as a list of paths and texts: `a/b=x` is a file, `a/b*=x` one that may be run.
    fn tree(store: &Store, list: &str) -> TreeId {
        let batch = Batch::new(store);
        let edits: Edits = list
            .split_whitespace()
            .map(|entry| {
                let (path, text) = entry.split_once('=').unwrap();
                let text = text.replace(',', "\n");
                let blob = batch.put(Kind::Blob, text.as_bytes(), Hint::NONE).unwrap();
                let content = Content::Whole(blob.into());
                let node = match path.strip_suffix('*') {
                    Some(_) => Node::Executable(content),
                    None => Node::File(content),
                };
                (RepoPath::new(path.trim_end_matches('*')).unwrap(), Some(node))
            })
            .collect();
        let tree = edit(store, &batch, empty_tree(), &edits).unwrap();
        batch.finish().unwrap();
        tree
    }

    fn paths(list: &str) -> Vec<RepoPath> {
        list.split_whitespace().map(|path| RepoPath::new(path).unwrap()).collect()
    }

    #[test]
    fn what_one_side_changed_is_taken_and_what_both_did_is_settled_or_told() {
        let store = Store::open(Arc::new(SimDisk::default())).unwrap();
        let table = [
            // base, ours, theirs, what they become or which paths are in dispute
            ("a=1 b=1", "a=2 b=1", "a=1 b=2", Ok("a=2 b=2")),
            ("a=1", "a=2", "a=2", Ok("a=2")),
            ("a=1", "a=2", "a=3", Err("a")),
            ("a=1", "", "a=1 c/d=1", Ok("c/d=1")),
            ("a=1", "", "a=2", Err("a")),
            ("", "a=1", "a=1 b=1", Ok("a=1 b=1")),
            ("", "a=1", "a=2", Err("a")),
            ("a=1,2,3,4,", "a=0,2,3,4,", "a=1,2,3,5,", Ok("a=0,2,3,5,")),
            ("a=1,2,", "a=0,2,", "a=1,3,", Ok("a=0,3,")),
            ("a=1,2,", "a=0,2,", "a=9,2,", Err("a")),
            ("a=1", "a*=1", "a=2", Ok("a*=2")),
            ("a=1,2,3,", "a*=0,2,3,", "a=1,2,4,", Ok("a*=0,2,4,")),
            ("d/x=1 d/y=1", "d/x=1", "d/y=1", Ok("")),
            ("d/x=1 d/y=1", "d=1", "d/x=1", Ok("d=1")),
            ("d/x=1", "d=1", "d/x=2", Ok("d=2")),
            ("d/x=1", "d=5", "d/x=2", Err("d d/x")),
            ("d/x=1", "d=1", "d/x=1 d/y=1", Ok("d=1 y=1")),
            ("d/x=1", "d=5", "d/x=1 d/y=1", Err("d")),
            ("d=1", "d=1 a=1", "d/x=1", Ok("a=1 d/x=1")),
            ("d=1", "d=2", "d/x=1", Ok("d/x=2")),
            ("d=1", "d=2", "d/x=5", Err("d")),
            ("a=1,2,3,", "b=1,2,3,", "a=1,2,4,", Ok("b=1,2,4,")),
            ("d/x=1 d/y=2", "e/x=1 e/y=2", "d/x=1 d/y=2 d/z=3", Ok("e/x=1 e/y=2 e/z=3")),
            ("e/f/g=1 e/f/h=1", "e/f/g=2 e/f/h=1", "e/f/g=1 e/f/h=3", Ok("e/f/g=2 e/f/h=3")),
        ];
        for (base, ours, theirs, expected) in table {
            let told = format!("{base} | {ours} | {theirs}");
            let [base, ours, theirs] = [base, ours, theirs].map(|list| tree(&store, list));
            let expected = match expected {
                Ok(list) => Blend::Clean(tree(&store, list)),
                Err(list) => Blend::Disputed(paths(list)),
            };
            for (ours, theirs) in [(ours, theirs), (theirs, ours)] {
                let batch = Batch::new(&store);
                let sides = Sides { base, ours, theirs };
                let blended = blend(&store, &batch, sides, Within::Merge).unwrap();
                assert_eq!(blended, expected, "{told}");
            }
        }
    }

    #[test]
    fn nothing_is_decided_where_that_is_not_wanted() {
        let store = Store::open(Arc::new(SimDisk::default())).unwrap();
        let table = [
            ("a=1,2,3,", "a=0,2,3,", "a=1,2,4,", "a"),
            ("d/x=1", "d=1", "d/x=2", "d d/x"),
            ("a=1,2,3,", "b=1,2,3,", "a=1,2,4,", "a"),
            ("", "a=1,", "a=1,2,", "a"),
            ("", "a=", "a=1", "a"),
            ("a=1", "a*=1", "a=2", "a"),
        ];
        for (base, ours, theirs, list) in table {
            let [base, ours, theirs] = [base, ours, theirs].map(|list| tree(&store, list));
            let batch = Batch::new(&store);
            let blended = blend(&store, &batch, Sides { base, ours, theirs }, Within::Dispute);
            assert_eq!(blended.unwrap(), Blend::Disputed(paths(list)));
        }
    }
}
