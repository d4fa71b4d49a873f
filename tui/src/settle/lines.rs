//! The lines around the conflict that is looked at, as far as they are shown.

use selkie_vcs::settling::{PartId, Piece};

use crate::settle::{Settle, pieces};

/// A line of the text, or what stands for one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Line<'a> {
    /// Above the first line, or below the last.
    Outside,
    /// A line that no side disputes.
    Settled(&'a [u8]),
    /// A row of the conflict that is looked at.
    Row(usize),
    /// Another conflict.
    Other(PartId),
}

/// Lines that are shown above the conflict at first.
pub(crate) const LEAD: isize = 3;

impl Settle {
    /// `height` lines from the top of what is shown. The conflict has `rows` rows in it; `row` is always among those that
    /// are shown.
    pub(crate) fn lines(&self, height: usize, rows: usize, row: Option<usize>) -> Vec<Line<'_>> {
        let (pieces, here) = (pieces(self.case()), self.spot().piece.unwrap_or_default());
        let height = height.cast_signed();
        let lead = LEAD.min(height / 3);
        let top = self.scroll - lead;
        let top = row.map_or(top, |row| {
            let row = row.cast_signed();
            let is_below = row >= top + height - lead.min(height - 1);
            let bottom = row + 1 + lead.min(height - 1) - height;
            if is_below { bottom } else { top.min(row) }
        });
        let mut lines = Vec::new();
        if top < 0 {
            let wanted = top.unsigned_abs();
            let mut above: Vec<Line> = upwards(&pieces[..here]).take(wanted).collect();
            above.resize(wanted, Line::Outside);
            above.reverse();
            lines.extend(above);
        }
        let skipped = usize::try_from(top).unwrap_or_default();
        lines.extend((skipped..rows).map(Line::Row));
        let height = height.unsigned_abs();
        let below = skipped.saturating_sub(rows);
        let behind = pieces.get(here + 1..).unwrap_or_default();
        let wanted = height.saturating_sub(lines.len());
        lines.extend(downwards(behind).skip(below).take(wanted));
        lines.resize(height, Line::Outside);
        lines
    }

    /// The lines next to the conflict, above it and below, as many as are shown at first.
    pub(super) fn around(&self) -> [Vec<Line<'_>>; 2] {
        let Some(here) = self.spot().piece else { return [Vec::new(), Vec::new()] };
        let (pieces, lead) = (pieces(self.case()), LEAD.unsigned_abs());
        let mut above: Vec<Line> = upwards(&pieces[..here]).take(lead).collect();
        above.reverse();
        [above, downwards(&pieces[here + 1..]).take(lead).collect()]
    }

    /// How far up and down somebody can scroll: the first and the last line stay on the screen.
    pub(super) fn reach(&self) -> [isize; 2] {
        let (pieces, here) = (pieces(self.case()), self.spot().piece.unwrap_or_default());
        let count = |pieces: &[Piece]| {
            let lines = pieces.iter().map(|piece| match piece {
                Piece::Settled(text) => count(text),
                Piece::Open(_) | Piece::Merged { .. } => 1,
            });
            lines.sum::<usize>().cast_signed()
        };
        let rows = self.aligned.rows.len().cast_signed();
        let below = count(pieces.get(here + 1..).unwrap_or_default()) + rows;
        [count(&pieces[..here.min(pieces.len())]), (below - 1).max(0)]
    }
}

/// The lines of a text, counted.
pub(crate) fn count(text: &[u8]) -> usize {
    let ends = text.iter().filter(|byte| **byte == b'\n').count();
    ends + usize::from(text.last().is_some_and(|last| *last != b'\n'))
}

/// The lines of the pieces, from the last one up.
fn upwards(pieces: &[Piece]) -> impl Iterator<Item = Line<'_>> {
    pieces.iter().rev().flat_map(|piece| match piece {
        Piece::Settled(text) => Lines { settled: Some(text), other: None },
        Piece::Open(open) | Piece::Merged { open, .. } => {
            Lines { settled: None, other: Some(open.id) }
        }
    })
}

/// The lines of the pieces, from the first one down.
fn downwards(pieces: &[Piece]) -> impl Iterator<Item = Line<'_>> {
    pieces.iter().flat_map(|piece| {
        let (text, other): (&[u8], _) = match piece {
            Piece::Settled(text) => (text, None),
            Piece::Open(open) | Piece::Merged { open, .. } => (&[], Some(open.id)),
        };
        let lines = text.split_inclusive(|byte| *byte == b'\n').map(Line::Settled);
        lines.chain(other.map(Line::Other))
    })
}

/// The lines of one piece, from the last one up.
struct Lines<'a> {
    settled: Option<&'a [u8]>,
    other: Option<PartId>,
}

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Line<'a>> {
        if let Some(other) = self.other.take() {
            return Some(Line::Other(other));
        }
        let text = self.settled.filter(|text| !text.is_empty())?;
        let before = &text[..text.len() - 1];
        let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        self.settled = Some(&text[..start]);
        Some(Line::Settled(&text[start..]))
    }
}
