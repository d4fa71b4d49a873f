//! The sides of an open part against what there was before, line beside line.

use std::ops::Range;

use selkie_vcs::{Comparing, LineChange, Text, Versions, compare_lines, compare_words};

/// Rows in which both sides have what became of the same line. The sides are as long as each other: where one has more, the
/// other has rows without a line.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Aligned {
    /// The rows, each with a cell for each side.
    pub(crate) rows: Vec<[Cell; 2]>,
    /// How many lines each side added and took away.
    pub(crate) counts: [(usize, usize); 2],
}

/// What one side has in a row.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) enum Cell {
    /// Nothing: the other side has something.
    #[default]
    Filler,
    /// A line that stays. Its bytes, and its number, in the text of the side.
    Kept(Range<usize>, usize),
    /// A line from before that goes, with the words that go. Its bytes, and its number, in the text before.
    Gone(Range<usize>, usize, Vec<Range<usize>>),
    /// A line that comes, with the words that come. Its bytes, and its number, in the text of the side.
    New(Range<usize>, usize, Vec<Range<usize>>),
}

impl Aligned {
    /// The rows of a part.
    pub(crate) fn of(versions: &Versions) -> Self {
        let base = spans(&versions.base);
        let sides = [&versions.ours, &versions.theirs].map(|text| Side::of(&versions.base, text));
        let mut rows = Vec::new();
        for at in 0..=base.len() {
            let come = [&sides[0], &sides[1]].map(|side| side.come(at));
            let height = come.iter().map(Vec::len).max().unwrap_or_default();
            let mut come = come.map(Vec::into_iter);
            for _ in 0..height {
                rows.push(come.each_mut().map(|cells| cells.next().unwrap_or_default()));
            }
            if let Some(span) = base.get(at) {
                rows.push([&sides[0], &sides[1]].map(|side| side.base(at, span)));
            }
        }
        let counts = sides.map(|side| {
            let come = side.changes.iter().map(|change| change.after.len()).sum();
            (come, side.changes.iter().map(|change| change.before.len()).sum())
        });
        Self { rows, counts }
    }
}

/// One side, compared.
struct Side {
    spans: Vec<Range<usize>>,
    changes: Vec<LineChange>,
    /// The words that go and come in each change, as bytes of the whole texts.
    words: Vec<[Vec<Range<usize>>; 2]>,
}

impl Side {
    fn of(before: &[u8], after: &[u8]) -> Self {
        let changes = match (Text::new(before), Text::new(after)) {
            (Ok(before), Ok(after)) => compare_lines(&before, &after, Comparing::default()).changes,
            // Longer than any text: nobody reads it line by line.
            (Err(_), _) | (_, Err(_)) => Vec::new(),
        };
        let (base, spans) = (spans(before), spans(after));
        let words = changes.iter().map(|change| {
            let [gone, come] = [bytes(&base, &change.before), bytes(&spans, &change.after)];
            let words = compare_words(&before[gone.clone()], &after[come.clone()]);
            // Lines without a word in common are other lines: all of them is new.
            if words.kept == 0 || gone.is_empty() || come.is_empty() {
                return [Vec::new(), Vec::new()];
            }
            [(words.removed, gone.start), (words.added, come.start)].map(|(places, start)| {
                places.into_iter().map(|place| place.start + start..place.end + start).collect()
            })
        });
        let words = words.collect();
        Self { spans, changes, words }
    }

    /// What came before line `at` of the text before.
    fn come(&self, at: usize) -> Vec<Cell> {
        let found = self.changes.partition_point(|change| change.before.end < at);
        let here = self.changes.get(found).filter(|change| change.before.end == at);
        let Some(lines) = here.map(|change| change.after.clone()) else { return Vec::new() };
        let cell = |line: usize| {
            let span = self.spans[line].clone();
            Cell::New(span.clone(), line, within(&self.words[found][1], &span))
        };
        lines.map(cell).collect()
    }

    /// What became of line `at` of the text before.
    fn base(&self, at: usize, span: &Range<usize>) -> Cell {
        let found = self.changes.partition_point(|change| change.before.end <= at);
        if self.changes.get(found).is_some_and(|change| change.before.contains(&at)) {
            return Cell::Gone(span.clone(), at, within(&self.words[found][0], span));
        }
        let above = found.checked_sub(1).map(|above| &self.changes[above]);
        let line = above.map_or(at, |change| change.after.end + (at - change.before.end));
        match self.spans.get(line) {
            Some(span) => Cell::Kept(span.clone(), line),
            None => Cell::Filler,
        }
    }
}

/// The bytes of each line.
fn spans(text: &[u8]) -> Vec<Range<usize>> {
    let mut at = 0;
    let lines = text.split_inclusive(|byte| *byte == b'\n');
    let span = |line: &[u8]| {
        at += line.len();
        at - line.len()..at
    };
    lines.map(span).collect()
}

/// The bytes of some lines.
fn bytes(spans: &[Range<usize>], lines: &Range<usize>) -> Range<usize> {
    match (spans.get(lines.start), lines.end.checked_sub(1).and_then(|last| spans.get(last))) {
        (Some(first), Some(last)) if !lines.is_empty() => first.start..last.end,
        _ => 0..0,
    }
}

/// Those of the places that are in a line, counted from its beginning.
fn within(places: &[Range<usize>], line: &Range<usize>) -> Vec<Range<usize>> {
    let cut = |place: &Range<usize>| place.start.max(line.start)..place.end.min(line.end);
    let inside = places.iter().map(cut).filter(|place| place.start < place.end);
    inside.map(|place| place.start - line.start..place.end - line.start).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows as lines of text: `=` stays, `-` goes, `+` comes, `.` nothing.
    fn told(base: &str, ours: &str, theirs: &str) -> Vec<String> {
        let versions = Versions { base: base.into(), ours: ours.into(), theirs: theirs.into() };
        let cell = |cell: &Cell, side: &str| match cell {
            Cell::Filler => ".".to_owned(),
            Cell::Kept(span, _) => format!("={}", side[span.clone()].trim_end()),
            Cell::Gone(span, ..) => format!("-{}", base[span.clone()].trim_end()),
            Cell::New(span, ..) => format!("+{}", side[span.clone()].trim_end()),
        };
        let aligned = Aligned::of(&versions);
        let row = |[one, other]: &[Cell; 2]| format!("{} {}", cell(one, ours), cell(other, theirs));
        aligned.rows.iter().map(row).collect()
    }

    #[test]
    fn what_became_of_a_line_stands_in_one_row() {
        assert_eq!(told("b\n", "o\n", "t\nu\n"), ["-b -b", "+o +t", ". +u"]);
        assert_eq!(told("", "o\n", "t\n"), ["+o +t"]);
        assert_eq!(told("b\n", "", "t\n"), ["-b -b", ". +t"]);
        assert_eq!(
            told("a\nb\nc\n", "a\nc\n", "a\nb\nc\nd\n"),
            ["=a =a", "-b =b", "=c =c", ". +d"]
        );
        assert_eq!(told("", "", ""), [""; 0]);
    }

    #[test]
    fn words_that_changed_are_told_in_their_line() {
        let (base, ours) = (b"x\nlet a = 1;\n".to_vec(), b"x\nlet a = 22;\n".to_vec());
        let aligned = Aligned::of(&Versions { base, ours, theirs: Vec::new() });
        assert_eq!(aligned.rows[1][0], Cell::Gone(2..13, 1, vec![8..9; 1]));
        assert_eq!(aligned.rows[2][0], Cell::New(2..14, 1, vec![8..10; 1]));
        assert_eq!(aligned.counts, [(1, 1), (0, 2)]);
    }
}
