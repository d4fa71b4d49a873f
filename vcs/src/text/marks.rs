//! Which tokens of two sequences changed.

use std::ops::Range;

/// Two sequences under comparison and what was found out so far.
///
/// What is not marked at the end stands in both sequences, in the same order.
#[derive(Debug)]
pub(super) struct Marks<'a> {
    pub(super) before: &'a [u32],
    pub(super) after: &'a [u32],
    pub(super) removed: Vec<bool>, // as long as `before`
    pub(super) added: Vec<bool>,   // as long as `after`
    pub(super) effort: Effort,
}

/// How much a comparison was worth. What it says is true either way.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Effort {
    /// It went as its rules say.
    #[default]
    Full,
    /// The texts were so large and so unlike that it took what it found soonest: more lines may be called
    /// changed than a person would.
    Bounded,
}

/// A part of each sequence, to be compared with one another.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Region {
    pub(super) before: Range<usize>,
    pub(super) after: Range<usize>,
}

impl<'a> Marks<'a> {
    pub(super) fn new(before: &'a [u32], after: &'a [u32]) -> Self {
        let (removed, added) = (vec![false; before.len()], vec![false; after.len()]);
        Self { before, after, removed, added, effort: Effort::Full }
    }

    /// All of both sequences.
    pub(super) const fn whole(&self) -> Region {
        Region { before: 0..self.before.len(), after: 0..self.after.len() }
    }

    /// The region without the tokens that begin and end both its parts. If nothing is left to compare,
    /// what is left is marked.
    pub(super) fn stripped(&mut self, mut region: Region) -> Option<Region> {
        let (before, after) = self.tokens(&region);
        let start = before.iter().zip(after).take_while(|(one, other)| one == other).count();
        let (before, after) = (&before[start..], &after[start..]);
        let ends = before.iter().rev().zip(after.iter().rev());
        let end = ends.take_while(|(one, other)| one == other).count();
        region.before = region.before.start + start..region.before.end - end;
        region.after = region.after.start + start..region.after.end - end;
        if region.before.is_empty() || region.after.is_empty() {
            self.mark(region);
            return None;
        }
        Some(region)
    }

    /// Says that a region has nothing in common.
    pub(super) fn mark(&mut self, region: Region) {
        self.removed[region.before].fill(true);
        self.added[region.after].fill(true);
    }

    pub(super) fn tokens(&self, region: &Region) -> (&'a [u32], &'a [u32]) {
        (&self.before[region.before.clone()], &self.after[region.after.clone()])
    }
}
