//! What is brought together.

use selkie_store::{SealId, TreeId};

use crate::memory::Memory;
use crate::merge::part::MergeSide;
use crate::strategy::Strategy;

/// A tree, and what a reader of a conflict should know of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Source {
    /// The tree.
    pub tree: TreeId,
    /// The seal it is of, if it is of one.
    pub seal: Option<SealId>,
    /// The seals whose content it has: those tell when something in it was written.
    pub seals: Vec<SealId>,
    /// What it is called in markers and lists.
    pub note: String,
}

/// Who says how it is settled what both sides changed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Arbiter {
    /// Nobody: the steps settle what they know.
    Nobody,
    /// The rules that the three trees hold.
    #[default]
    Trees,
    /// Whoever asked for the fuse, for all of it.
    Asked(Strategy),
}

/// What is brought together.
#[derive(Clone, Copy, Debug)]
pub struct Fusing<'a> {
    /// What both sides came from.
    pub base: &'a Source,
    /// The side that comes first.
    pub ours: &'a Source,
    /// The other one.
    pub theirs: &'a Source,
    /// Whose lines stand first where both added some. Replicas that bring the same seals together may name
    /// the sides differently, and have to get the same tree.
    pub first: MergeSide,
    /// Who says how it is settled what both sides changed.
    pub arbiter: Arbiter,
    /// What was settled before.
    pub memory: Memory<'a>,
    /// Whether files are followed to where a side moved them.
    pub following: Following,
}

/// Whether files are followed to where a side moved them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Following {
    /// They are.
    Moves,
    /// A file that was moved is one that went and one that came.
    Nothing,
}
