//! Where a change is shown when it could stand at several places.
//!
//! If the line before a run of changed lines equals its last, the run can move up by one, and nothing
//! is said wrongly. People read best a change that is a whole block: it lies on a change of the other side if it can,
//! and else begins where indentation is least and after a blank line.

use std::cmp::Ordering;
use std::ops::{Add, Range};

use super::lines::Text;
use super::space::{Space, is_blank};

/// The lines of one side.
#[derive(Debug)]
pub(super) struct Side<'a> {
    pub(super) text: &'a Text<'a>,
    pub(super) space: Space,
    pub(super) changed: &'a mut [bool],
}

/// Moves each run of changed lines on `side` to where it reads best.
///
/// `other` says which lines of the other side changed; it stays as it is.
pub(super) fn slide(side: &mut Side, other: &[bool]) {
    let mut run = Run::first(side.changed);
    let mut across = Run::first(other);
    loop {
        if !run.is_empty() {
            settle(side, &mut run, other, &mut across);
        }
        if !run.next(side.changed) {
            break;
        }
        let follows = across.next(other);
        assert!(follows, "both sides have as many unchanged lines");
    }
}

/// Moves one run, joining those it meets.
fn settle(side: &mut Side, run: &mut Run, other: &[bool], across: &mut Run) {
    let (highest_end, aligned) = loop {
        let len = run.0.len();
        while side.up(run) {
            across.previous(other);
        }
        let highest_end = run.0.end;
        let mut aligned = if across.is_empty() { None } else { Some(run.0.end) };
        while side.down(run) {
            across.next(other);
            if !across.is_empty() {
                aligned = Some(run.0.end);
            }
        }
        // A run that met another may now go further up.
        if run.0.len() == len {
            break (highest_end, aligned);
        }
    };
    let best = aligned.unwrap_or_else(|| side.best_end(run, highest_end));
    while run.0.end > best && side.up(run) {
        across.previous(other);
    }
}

/// A run of changed lines between two unchanged ones. It may be empty.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Run(Range<usize>);

impl Run {
    fn first(changed: &[bool]) -> Self {
        Self(0..end_of(changed, 0))
    }

    const fn is_empty(&self) -> bool {
        self.0.start == self.0.end
    }

    /// The run after the next unchanged line, if there is one.
    fn next(&mut self, changed: &[bool]) -> bool {
        let there = self.0.end < changed.len();
        if there {
            let start = self.0.end + 1;
            self.0 = start..end_of(changed, start);
        }
        there
    }

    /// The run before the unchanged line above.
    fn previous(&mut self, changed: &[bool]) {
        let end = self.0.start.checked_sub(1).expect("a line was passed on the way here");
        self.0 = start_of(changed, end)..end;
    }
}

fn end_of(changed: &[bool], start: usize) -> usize {
    start + changed[start..].iter().take_while(|changed| **changed).count()
}

fn start_of(changed: &[bool], end: usize) -> usize {
    end - changed[..end].iter().rev().take_while(|changed| **changed).count()
}

impl Side<'_> {
    fn same(&self, one: usize, other: usize) -> bool {
        self.space.same(self.text.line(one), self.text.line(other))
    }

    fn up(&mut self, run: &mut Run) -> bool {
        let Range { start, end } = run.0;
        if start == 0 || !self.same(start - 1, end - 1) {
            return false;
        }
        self.changed[start - 1] = true;
        self.changed[end - 1] = false;
        run.0 = start_of(self.changed, start - 1)..end - 1;
        true
    }

    fn down(&mut self, run: &mut Run) -> bool {
        let Range { start, end } = run.0;
        if end == self.changed.len() || !self.same(start, end) {
            return false;
        }
        self.changed[start] = false;
        self.changed[end] = true;
        run.0 = start + 1..end_of(self.changed, end + 1);
        true
    }

    /// Where a run, now as low as it can be, should end to read best.
    fn best_end(&self, run: &Run, highest: usize) -> usize {
        let Range { start, end } = run.0;
        // A run of a few lines among thousands of equal ones has no best place worth looking for.
        let highest =
            highest.max(end.saturating_sub(1 + (end - start))).max(end.saturating_sub(SLIDE_MAX));
        let ends = (highest..=end).map(|to| {
            let from = start - (end - to);
            (self.place(from).cost() + self.place(to).cost(), to)
        });
        // Of equal places the lowest.
        ends.reduce(|best, next| if next.0.beats(&best.0) { next } else { best })
            .map_or(end, |(_, end)| end)
    }

    /// What stands around the gap before a line.
    fn place(&self, at: usize) -> Place {
        let indent = |line: usize| indent(self.text.line(line));
        let above = (0..at).rev().take(BLANKS_MAX).map(indent);
        let below = (at + 1..self.text.len()).take(BLANKS_MAX).map(indent);
        Place {
            is_end: at >= self.text.len(),
            own: (at < self.text.len()).then(|| indent(at)).flatten(),
            blanks_above: above.clone().take_while(Option::is_none).count(),
            above: above.flatten().next(),
            blanks_below: below.clone().take_while(Option::is_none).count(),
            below: below.flatten().next(),
        }
    }
}

/// How far up a better place is looked for.
const SLIDE_MAX: usize = 100;

/// How many blank lines are looked over.
const BLANKS_MAX: usize = 20;

/// Indentation beyond this is all the same.
const INDENT_MAX: usize = 200;

/// The surroundings of a gap between two lines.
#[derive(Debug)]
struct Place {
    is_end: bool,
    own: Option<usize>, // indentation of the line below the gap, if it is not blank
    above: Option<usize>,
    blanks_above: usize,
    below: Option<usize>,
    blanks_below: usize,
}

/// How badly a change would read between two gaps.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Cost {
    indent: isize,
    penalty: isize,
}

impl Add for Cost {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { indent: self.indent + other.indent, penalty: self.penalty + other.penalty }
    }
}

impl Cost {
    /// Less indentation is worth much, but not everything.
    fn beats(&self, other: &Self) -> bool {
        let by_indent = match self.indent.cmp(&other.indent) {
            Ordering::Less => -60,
            Ordering::Equal => 0,
            Ordering::Greater => 60,
        };
        by_indent + self.penalty <= other.penalty
    }
}

impl Place {
    /// The weights are those that git found by letting people judge thousands of changes.
    fn cost(&self) -> Cost {
        let mut penalty = 0;
        if self.above.is_none() && self.blanks_above == 0 {
            penalty += 1; // The start of the file.
        }
        if self.is_end {
            penalty += 21;
        }
        let blanks_after = if self.own.is_none() { 1 + self.blanks_below } else { 0 };
        let blanks = self.blanks_above + blanks_after;
        penalty += 6 * blanks_after.cast_signed() - 30 * blanks.cast_signed();
        let own = self.own.or(self.below);
        if let (Some(own), Some(above)) = (own, self.above) {
            let with_blanks = blanks > 0;
            penalty += match own.cmp(&above) {
                Ordering::Equal => 0,
                Ordering::Greater if with_blanks => 10,
                Ordering::Greater => -4,
                // Indented less than above. If the next is indented more again, a block begins here.
                Ordering::Less if with_blanks => 17,
                Ordering::Less if self.below.is_some_and(|below| below > own) => 24,
                Ordering::Less => 23,
            };
        }
        Cost { indent: own.map_or(-1, usize::cast_signed), penalty }
    }
}

/// Columns before the first letter, or nothing for a blank line.
fn indent(line: &[u8]) -> Option<usize> {
    if is_blank(line) {
        return None;
    }
    let spaces = line.iter().take_while(|byte| byte.is_ascii_whitespace());
    let columns = spaces.fold(0, |column, byte| match byte {
        b'\t' => column + 8 - column % 8,
        _ => column + 1,
    });
    Some(columns.min(INDENT_MAX))
}
