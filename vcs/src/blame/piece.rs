//! Lines on their way back through history.

use std::ops::Range;

use crate::blame::certainty::Certainty;
use crate::text::compare::{Comparing, LineChange, compare_lines};
use crate::text::lines::Text;
use crate::text::space::Space;

/// Lines that lie beside one another, both where they were asked about and here.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Piece {
    pub(super) asked: usize,
    pub(super) here: usize,
    pub(super) len: usize,
    pub(super) certainty: Certainty,
}

/// Pieces in one version of a file, in the order in which they were asked about.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Pieces(Vec<Piece>);

impl Pieces {
    /// These lines, each once.
    pub(super) fn asked(ranges: impl Iterator<Item = Range<usize>>) -> Self {
        let mut ranges: Vec<_> = ranges.filter(|range| !range.is_empty()).collect();
        ranges.sort_by_key(|range| range.start);
        let mut pieces = Self::default();
        let mut end = 0;
        for range in ranges {
            let start = range.start.max(end);
            end = end.max(range.end);
            pieces.push(Piece {
                asked: start,
                here: start,
                len: end.saturating_sub(start),
                certainty: Certainty::Sure,
            });
        }
        pieces
    }

    pub(super) fn lines(&self) -> usize {
        self.0.iter().map(|piece| piece.len).sum()
    }

    pub(super) fn add(&mut self, other: Self) {
        let mut all = std::mem::take(&mut self.0);
        all.extend(other.0);
        all.sort_by_key(|piece| piece.asked);
        all.into_iter().for_each(|piece| self.push(piece));
    }

    fn push(&mut self, piece: Piece) {
        if piece.len == 0 {
            return;
        }
        if let Some(last) = self.0.last_mut()
            && last.asked + last.len == piece.asked
            && last.here + last.len == piece.here
            && last.certainty == piece.certainty
        {
            last.len += piece.len;
        } else {
            self.0.push(piece);
        }
    }
}

impl IntoIterator for Pieces {
    type Item = Piece;
    type IntoIter = std::vec::IntoIter<Piece>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl Piece {
    /// The part of this piece in some lines of this version.
    fn within(&self, lines: Range<usize>) -> Self {
        let start = self.here.max(lines.start);
        let end = (self.here + self.len).min(lines.end);
        Self {
            asked: self.asked + (start - self.here),
            here: start,
            len: end.saturating_sub(start),
            certainty: self.certainty,
        }
    }
}

/// What an earlier version has of the pieces, where it has it; and what it has not.
pub(super) fn split(pieces: &Pieces, changes: &[LineChange]) -> (Pieces, Pieces) {
    let (mut kept, mut changed) = (Pieces::default(), Pieces::default());
    for piece in &pieces.0 {
        let end = piece.here + piece.len;
        let mut next = changes.partition_point(|change| change.after.end <= piece.here);
        let mut at = piece.here;
        while at < end {
            let change = changes.get(next);
            let same_end = change.map_or(end, |change| change.after.start.clamp(at, end));
            let same = piece.within(at..same_end);
            // Above the next change both versions run side by side.
            let here = match next.checked_sub(1).map(|last| &changes[last]) {
                Some(last) => last.before.end + (same.here - last.after.end),
                None => same.here,
            };
            kept.push(Piece { here, ..same });
            let Some(change) = change else { break };
            changed.push(piece.within(same_end..change.after.end.min(end).max(same_end)));
            at = change.after.end;
            next += 1;
        }
    }
    (kept, changed)
}

/// Where the lines of pieces that changed most likely were before; and those that were not.
///
/// Within a change, lines that differ in white space alone are the same; lines between two such are paired
/// one by one, the last with all that follow.
pub(super) fn guessed(
    pieces: &Pieces,
    changes: &[LineChange],
    before: &Text,
    after: &Text,
) -> (Pieces, Pieces) {
    let (mut likely, mut rest) = (Pieces::default(), Pieces::default());
    for piece in &pieces.0 {
        let first = changes.partition_point(|change| change.after.end <= piece.here);
        for change in &changes[first..] {
            let inside = piece.within(change.after.clone());
            if inside.len == 0 {
                break;
            }
            let origins = origins(change, before, after);
            for line in 0..inside.len {
                let (asked, here) = (inside.asked + line, inside.here + line);
                let one = Piece { asked, here, len: 1, certainty: Certainty::Guessed };
                match origins[here - change.after.start] {
                    Some(here) => likely.push(Piece { here, ..one }),
                    None => rest.push(Piece { certainty: piece.certainty, ..one }),
                }
            }
        }
    }
    (likely, rest)
}

/// For each line that came in a change the line that it most likely was.
fn origins(change: &LineChange, before: &Text, after: &Text) -> Vec<Option<usize>> {
    let part = |text: &Text<'_>, lines: Range<usize>| text.span(lines).to_vec();
    let (old, new) = (part(before, change.before.clone()), part(after, change.after.clone()));
    let how = Comparing { space: Space::IgnoreAll, ..Comparing::default() };
    // A part of a text is no longer than a text.
    let (Ok(old), Ok(new)) = (Text::new(&old), Text::new(&new)) else { return Vec::new() };
    let found = compare_lines(&old, &new, how);
    let mut origins = Vec::with_capacity(new.len());
    let mut at = 0;
    for inner in &found.changes {
        origins.extend((at..inner.before.start).map(Some));
        origins.extend(inner.after.clone().zip(inner.before.start..).map(|(_, line)| {
            let last = inner.before.end.checked_sub(1).filter(|_| !inner.before.is_empty());
            last.map(|last| line.min(last))
        }));
        at = inner.before.end;
    }
    origins.extend((at..old.len()).map(Some));
    let start = change.before.start;
    origins.into_iter().map(|line| line.map(|line| start + line)).collect()
}
