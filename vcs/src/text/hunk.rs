//! Changes with the lines around them, to be read, chosen from and applied.

use std::ops::Range;

use super::compare::{LineChange, TextChanges, Weight};
use super::heading::Heading;
use super::lines::Text;

/// Changes that lie close together, and the lines around them.
///
/// It needs neither text to be understood: it is what a patch is made of.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Hunk<'a> {
    /// The first line in the text before. Where the hunk has no such line, it stands before this one.
    pub before: usize,
    /// The same in the text after.
    pub after: usize,
    /// The line above that says what the hunk is in, without its newline. Empty if there is none.
    pub heading: &'a [u8],
    /// What stays, goes and comes, from top to bottom.
    pub lines: Vec<HunkLine<'a>>,
}

/// One line of a hunk.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct HunkLine<'a> {
    /// What becomes of it.
    pub fate: Fate,
    /// The line with its newline, if it has one.
    pub bytes: &'a [u8],
}

/// What becomes of a line.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Fate {
    /// It stays.
    Kept,
    /// It goes.
    Removed,
    /// It comes.
    Added,
}

/// Lines shown around a change where nobody says otherwise.
pub const CONTEXT_LINES: usize = 3;

impl TextChanges {
    /// The changes in hunks, with so many lines around each.
    ///
    /// Changes that do not count begin no hunk; those near one that does are in its hunk, since its lines
    /// would not follow one another without them. Kept lines are the later text's.
    #[must_use]
    pub fn hunks<'a>(
        &self,
        before: &Text<'a>,
        after: &Text<'a>,
        context: usize,
        heading: Heading,
    ) -> Vec<Hunk<'a>> {
        let mut hunks = Vec::new();
        let mut found: &[u8] = b"";
        let mut searched = 0;
        for range in self.groups(context) {
            let changes = &self.changes[range];
            let (first, last) = (&changes[0], &changes[changes.len() - 1]);
            let start = first.before.start - context.min(first.before.start).min(first.after.start);
            let end = (last.before.end + context).min(before.len());
            found = heading.above(before, searched..start).unwrap_or(found);
            searched = start;
            let lead = first.before.start - start;
            hunks.push(Hunk {
                before: start,
                after: first.after.start - lead,
                heading: found,
                lines: lines(before, after, changes, start..end),
            });
        }
        hunks
    }

    /// The places of changes that share a hunk.
    fn groups(&self, context: usize) -> Vec<Range<usize>> {
        let mut groups: Vec<Range<usize>> = Vec::new();
        let near = |one: &LineChange, next: &LineChange| {
            next.before.start - one.before.end <= context.saturating_mul(2)
        };
        for (at, change) in self.changes.iter().enumerate() {
            let joins =
                groups.last().is_some_and(|group| near(&self.changes[group.end - 1], change));
            match groups.last_mut() {
                Some(group) if joins => group.end = at + 1,
                Some(_) | None => groups.push(at..at + 1),
            }
        }
        groups.retain_mut(|group| {
            // What does not count is context, as far as context goes.
            let real = |at: &usize| self.changes[*at].weight == Weight::Real;
            let Some(first) = group.clone().find(real) else { return false };
            let last = group.clone().rfind(real).unwrap_or(first);
            let reaches = |one: usize, other: usize| {
                self.changes[other].before.start - self.changes[one].before.end < context
            };
            let start = (group.start..first).rev().take_while(|at| reaches(*at, first)).last();
            let end = (last + 1..group.end).take_while(|at| reaches(last, *at)).last();
            *group = start.unwrap_or(first)..end.unwrap_or(last) + 1;
            true
        });
        groups
    }
}

/// The lines of these changes and those around them, for a range of the text before.
fn lines<'a>(
    before: &Text<'a>,
    after: &Text<'a>,
    changes: &[LineChange],
    range: Range<usize>,
) -> Vec<HunkLine<'a>> {
    let mut lines = Vec::new();
    let mut put = |fate, text: &Text<'a>, range: Range<usize>| {
        lines.extend(range.map(|at| HunkLine { fate, bytes: text.line(at) }));
    };
    let mut at = range.start;
    // Where the text after stands when the text before stands at `at`.
    let mut to = changes[0].after.start - (changes[0].before.start - at);
    for change in changes {
        put(Fate::Kept, after, to..change.after.start);
        put(Fate::Removed, before, change.before.clone());
        put(Fate::Added, after, change.after.clone());
        (at, to) = (change.before.end, change.after.end);
    }
    put(Fate::Kept, after, to..to + (range.end - at));
    lines
}

impl<'a> Hunk<'a> {
    /// The lines that it has in the text before.
    pub fn old_lines(&self) -> impl Iterator<Item = &'a [u8]> + Clone {
        self.lines.iter().filter(|line| line.fate != Fate::Added).map(|line| line.bytes)
    }

    /// The lines that it has in the text after.
    pub fn new_lines(&self) -> impl Iterator<Item = &'a [u8]> + Clone {
        self.lines.iter().filter(|line| line.fate != Fate::Removed).map(|line| line.bytes)
    }

    /// The hunk that takes back what this one does.
    #[must_use]
    pub fn reversed(&self) -> Self {
        let mut lines = self.lines.clone();
        for line in &mut lines {
            line.fate = match line.fate {
                Fate::Kept => Fate::Kept,
                Fate::Removed => Fate::Added,
                Fate::Added => Fate::Removed,
            };
        }
        // What goes stands before what comes.
        for run in
            lines.chunk_by_mut(|one, next| (one.fate == Fate::Kept) == (next.fate == Fate::Kept))
        {
            run.sort_by_key(|line| line.fate == Fate::Added);
        }
        Self { before: self.after, after: self.before, heading: self.heading, lines }
    }

    /// The hunk that does a part of what this one does: `chosen` says for the number of each line that
    /// goes or comes whether it is to. Nothing if nothing is chosen.
    ///
    /// A line that is not to go stays, and one that is not to come is left out. The result applies to the
    /// same text. [`apply_hunks`](crate::apply_hunks) ends with a newline what stands before another line.
    #[must_use]
    pub fn chosen(&self, mut chosen: impl FnMut(usize) -> bool) -> Option<Self> {
        let mut changes = false;
        let lines = self.lines.iter().enumerate().filter_map(|(at, line)| {
            let fate = match line.fate {
                Fate::Removed if !chosen(at) => Fate::Kept,
                Fate::Added if !chosen(at) => return None,
                fate @ (Fate::Kept | Fate::Removed | Fate::Added) => fate,
            };
            changes |= fate != Fate::Kept;
            Some(HunkLine { fate, bytes: line.bytes })
        });
        let lines = lines.collect();
        changes.then_some(Self { lines, ..*self })
    }

    /// The hunk in parts that can not be split further: one for each run of lines that go and come. Each
    /// applies to the text before alone, and the kept lines between two stand in both.
    #[must_use]
    pub fn split(&self) -> Vec<Self> {
        let runs: Vec<_> = self
            .lines
            .chunk_by(|one, next| (one.fate == Fate::Kept) == (next.fate == Fate::Kept))
            .collect();
        let mut parts = Vec::new();
        let (mut before, mut after) = (self.before, self.after);
        for (at, run) in runs.iter().enumerate() {
            let removed = run.iter().filter(|line| line.fate != Fate::Added).count();
            let added = run.iter().filter(|line| line.fate != Fate::Removed).count();
            if run[0].fate != Fate::Kept {
                let above = at.checked_sub(1).map_or(&[][..], |above| runs[above]);
                let below = runs.get(at + 1).copied().unwrap_or_default();
                parts.push(Self {
                    before: before - above.len(),
                    after: after - above.len(),
                    heading: self.heading,
                    lines: [above, run, below].concat(),
                });
            }
            (before, after) = (before + removed, after + added);
        }
        parts
    }
}
