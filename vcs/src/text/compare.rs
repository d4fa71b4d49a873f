//! Which lines of a text changed.

use std::ops::Range;

use super::histogram::histogram;
use super::kinds::Kinds;
use super::lines::Text;
use super::marks::{Effort, Marks};
use super::myers::myers;
use super::slide::{Side, slide};
use super::space::{Space, is_blank};

/// How texts are compared.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Comparing {
    /// What to hold on to.
    pub algorithm: Algorithm,
    /// Which differences in white space count.
    pub space: Space,
    /// Whether changes of nothing but blank lines count.
    pub blank_lines: BlankLines,
    /// What becomes of contents that do not look like text.
    pub odd: OddBytes,
}

/// What becomes of contents that do not look like text.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum OddBytes {
    /// They are compared as a whole.
    #[default]
    Whole,
    /// They are compared line by line all the same.
    Lines,
}

/// What a comparison holds on to where several answers are right.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Algorithm {
    /// The rarest lines.
    #[default]
    Histogram,
    /// As many lines as possible.
    Myers,
}

/// Whether changes of nothing but blank lines count.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum BlankLines {
    /// They do.
    #[default]
    Count,
    /// They are told as such, and begin no hunk.
    Ignore,
}

/// The changes from one text to another.
///
/// Whatever the texts, replacing `before` of each change by `after` makes the one into the other, up to
/// the white space that was to be ignored.
///
/// ```
/// use selkie_vcs::{Comparing, Text, compare_lines};
/// let before = Text::new(b"fish\nkelp\n").unwrap();
/// let after = Text::new(b"fish\nsalt\nkelp\n").unwrap();
/// let found = compare_lines(&before, &after, Comparing::default());
/// assert_eq!((found.changes[0].before.clone(), found.changes[0].after.clone()), (1..1, 1..2));
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct TextChanges {
    /// From top to bottom, at least one unchanged line between two.
    pub changes: Vec<LineChange>,
    /// Whether it took a short cut.
    pub effort: Effort,
}

/// Lines that give way to others.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct LineChange {
    /// The lines that go. None if lines are only added, and then where.
    pub before: Range<usize>,
    /// The lines that come.
    pub after: Range<usize>,
    /// Whether it counts.
    pub weight: Weight,
}

/// Whether a change counts.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Weight {
    /// It does.
    Real,
    /// It is of blank lines alone, and those were to be ignored.
    Blank,
}

/// Compares two texts line by line.
#[must_use]
pub fn compare_lines(before: &Text, after: &Text, how: Comparing) -> TextChanges {
    let space = how.space;
    let (head, tail) = common_ends(before, after, space);
    let befores = head..before.len() - tail;
    let afters = head..after.len() - tail;
    let mut removed = vec![false; before.len()];
    let mut added = vec![false; after.len()];
    let mut effort = Effort::Full;
    if befores.is_empty() || afters.is_empty() {
        removed[befores].fill(true);
        added[afters].fill(true);
    } else {
        let mut kinds = Kinds::new(space);
        let before_kinds = kinds.number(before, befores.clone());
        let after_kinds = kinds.number(after, afters.clone());
        let mut marks = Marks::new(&before_kinds, &after_kinds);
        match how.algorithm {
            Algorithm::Histogram => histogram(&mut marks, kinds.len()),
            Algorithm::Myers => {
                let whole = marks.whole();
                myers(&mut marks, whole);
            }
        }
        removed[befores].copy_from_slice(&marks.removed);
        added[afters].copy_from_slice(&marks.added);
        effort = marks.effort;
    }
    slide(&mut Side { text: before, space, changed: &mut removed }, &added);
    slide(&mut Side { text: after, space, changed: &mut added }, &removed);
    let mut changes = runs(&removed, &added);
    if how.blank_lines == BlankLines::Ignore {
        changes.iter_mut().for_each(|change| change.weigh(before, after));
    }
    TextChanges { changes, effort }
}

impl LineChange {
    fn weigh(&mut self, before: &Text, after: &Text) {
        let lines = self.before.clone().map(|at| before.line(at));
        let mut lines = lines.chain(self.after.clone().map(|at| after.line(at)));
        self.weight = if lines.all(is_blank) { Weight::Blank } else { Weight::Real };
    }
}

impl TextChanges {
    /// How many lines come and go. What does not count is not counted.
    #[must_use]
    pub fn count(&self) -> LineCount {
        let real = self.changes.iter().filter(|change| change.weight == Weight::Real);
        real.fold(LineCount::default(), |count, change| LineCount {
            added: count.added + change.after.len(),
            removed: count.removed + change.before.len(),
        })
    }
}

/// How many lines come and go.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct LineCount {
    /// Lines that come.
    pub added: usize,
    /// Lines that go.
    pub removed: usize,
}

/// How many lines both texts begin and end with.
fn common_ends(before: &Text, after: &Text, space: Space) -> (usize, usize) {
    let lines = before.lines().zip(after.lines());
    let head = lines.take_while(|(one, other)| space.same(one, other)).count();
    let befores = (head..before.len()).rev().map(|at| before.line(at));
    let afters = (head..after.len()).rev().map(|at| after.line(at));
    let lines = befores.zip(afters);
    (head, lines.take_while(|(one, other)| space.same(one, other)).count())
}

/// The runs of marked lines, paired.
fn runs(removed: &[bool], added: &[bool]) -> Vec<LineChange> {
    let mut changes = Vec::new();
    let (mut before, mut after) = (0, 0);
    while before < removed.len() || after < added.len() {
        let gone = removed[before..].iter().take_while(|removed| **removed).count();
        let come = added[after..].iter().take_while(|added| **added).count();
        if gone + come > 0 {
            let weight = Weight::Real;
            let change =
                LineChange { before: before..before + gone, after: after..after + come, weight };
            changes.push(change);
        }
        // Then comes a line that stayed, or the end.
        before += gone + 1;
        after += come + 1;
    }
    changes
}
