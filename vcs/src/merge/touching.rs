//! Changes that touch: one side changed a line, the other the next one.
//!
//! Each line was changed by one side only, so each has one answer. A line-by-line merge calls them a conflict because the
//! author of one may have looked at the line of the other; people who settle such conflicts nearly always take both.

use std::collections::HashSet;
use std::ops::Range;

use super::kind::Writer;
use super::pairs::paired;
use crate::text::compare::LineChange;
use crate::text::lines::Text;
use crate::text::merge3::{Merge3, Region3};

/// A part of a region in conflict: its lines in all three texts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Stretch {
    pub(super) base: Range<usize>,
    pub(super) one: Range<usize>,
    pub(super) other: Range<usize>,
    pub(super) changed_by: ChangedBy,
}

/// Who changed a stretch.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum ChangedBy {
    One,
    Other,
    Both,
}

/// How finely a region is taken apart.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Grain {
    /// By the changes that a comparison of lines tells.
    Changes,
    /// By what became of each line.
    Lines,
}

/// Takes a region apart where changes only touch.
///
/// Not if a line would then stand there twice, once from each side: both moved it or brought it, and only a person knows
/// where it belongs. Nor in a lock file, whose lines stand for each other.
pub(super) fn stretches(
    merged: &Merge3,
    region: &Region3,
    [base, one, other]: [&Text; 3],
    writer: Writer,
    grain: Grain,
) -> Vec<Stretch> {
    let by_pairs = |text: &Text, changes: &[LineChange]| -> Vec<LineChange> {
        let parts = |change| match grain {
            Grain::Changes => vec![LineChange::clone(change)],
            Grain::Lines => paired(base, text, change),
        };
        changes.iter().flat_map(parts).collect()
    };
    let ones = &by_pairs(one, &merged.ours.changes[region.our_changes.clone()]);
    let others = &by_pairs(other, &merged.theirs.changes[region.their_changes.clone()]);
    let stretches = apart(region, ones, others);
    let brought = |by: ChangedBy, text: &Text, changes: &[LineChange]| -> HashSet<Vec<u8>> {
        // Stretches follow each other, and at one place there are three at most: one ends, one has no lines, one begins.
        let is_alone = |change: &&LineChange| {
            let first = stretches.partition_point(|one| one.base.end < change.before.start);
            let near = stretches[first..].iter();
            near.take_while(|stretch| stretch.base.start <= change.before.start)
                .any(|stretch| stretch.changed_by == by && stretch.holds(change))
        };
        let places = changes.iter().filter(is_alone).flat_map(|change| change.after.clone());
        let lines = places.map(|at| text.line(at).trim_ascii().to_vec());
        lines.filter(|line| line.iter().any(u8::is_ascii_alphanumeric)).collect()
    };
    let ours = brought(ChangedBy::One, one, ones);
    let is_twice = !brought(ChangedBy::Other, other, others).is_disjoint(&ours);
    if is_twice || matches!(writer, Writer::Command(_)) {
        let (base, one, other) = (region.base.clone(), region.ours.clone(), region.theirs.clone());
        return vec![Stretch { base, one, other, changed_by: ChangedBy::Both }];
    }
    stretches
}

impl Stretch {
    fn holds(&self, change: &LineChange) -> bool {
        self.base.start <= change.before.start && change.before.end <= self.base.end
    }
}

/// The stretches in order. In a region every line of the base was changed, so they follow each other without gaps.
fn apart(region: &Region3, ones: &[LineChange], others: &[LineChange]) -> Vec<Stretch> {
    let mut changes: Vec<(ChangedBy, &LineChange)> = Vec::new();
    changes.extend(ones.iter().map(|change| (ChangedBy::One, change)));
    changes.extend(others.iter().map(|change| (ChangedBy::Other, change)));
    // What is inserted before a line stands before what became of the line.
    changes.sort_by_key(|(_, change)| (change.before.start, change.before.end));
    let mut stretches: Vec<Stretch> = Vec::new();
    let (mut one_at, mut other_at) = (region.ours.start, region.theirs.start);
    for (by, change) in changes {
        let (start, end) = (change.before.start, change.before.end);
        let last = stretches.last_mut().filter(|last| {
            let are_insertions = start == end && last.base.is_empty() && last.base.start == start;
            start < last.base.end || are_insertions
        });
        let stretch = if let Some(last) = last {
            if last.changed_by != by {
                last.changed_by = ChangedBy::Both;
            }
            let further = end.saturating_sub(last.base.end);
            last.base.end += further;
            last.one.end += further;
            last.other.end += further;
            last
        } else {
            let len = end - start;
            let (one, other) = (one_at..one_at + len, other_at..other_at + len);
            stretches.push(Stretch { base: start..end, one, other, changed_by: by });
            stretches.last_mut().expect("one was just pushed")
        };
        let side = match by {
            ChangedBy::One => &mut stretch.one,
            ChangedBy::Other | ChangedBy::Both => &mut stretch.other,
        };
        side.end = side.end + change.after.len() - change.before.len();
        (one_at, other_at) = (stretch.one.end, stretch.other.end);
    }
    stretches
}
