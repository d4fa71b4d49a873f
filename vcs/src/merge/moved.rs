//! Lines that one side moved and the other changed: the change follows.
//!
//! A comparison of texts knows no moves: whoever moves a function removes it here and adds it there, and a change of it by the
//! other side meets a removal. But lines that one side removed, and that stand in what it added at exactly one place, went to that place; and who
//! moves lines says where they stand, not what they say. So the change of the other side is made where they stand now, as if
//! it had been made there, and the place that they left is as the side that moved them left it.
//!
//! A change is told by the lines around it, as in a patch: a few above and below, all of which moved together. They must be enough
//! to be no accident, and stand nowhere else.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::merged::line_count;
use super::shape::{indent_len, is_blank};
use crate::text::compare::LineChange;
use crate::text::lines::Text;
use crate::text::merge3::{Merge3, Region3, RegionKind};

/// Lines above and below a change that must have moved with it, where there are so many.
const AROUND: usize = 3;

/// Different lines with ink that must be the same in both places.
const ENOUGH: usize = 3;

/// Lines with ink that the other side must have left as they were, so that there is something the change belongs to.
const TIES: usize = 2;

/// Places of a line beyond which it tells nothing.
const PLACES_MAX: usize = 64;

/// A side with changes in it that the other made elsewhere.
#[derive(Debug)]
pub(super) struct Carrier {
    pub(super) bytes: Vec<u8>,
    /// The lines that hold them, ascending.
    pub(super) places: Vec<Range<usize>>,
}

/// Both sides, the changes of each carried to where the other moved their lines. Nothing if there is none to carry.
pub(super) fn carried(texts: [&Text; 3], merged: &Merge3) -> Option<[Carrier; 2]> {
    let [base, one, other] = texts;
    let (ours, theirs) = (&merged.ours.changes, &merged.theirs.changes);
    let open = || merged.regions.iter().filter(|region| region.kind == RegionKind::Conflict);
    let in_ours = |region: &Region3| &ours[region.our_changes.clone()];
    let in_theirs = |region: &Region3| &theirs[region.their_changes.clone()];
    let runs_of_theirs = open().flat_map(|region| runs(in_ours(region), in_theirs(region)));
    let runs_of_ours = open().flat_map(|region| runs(in_theirs(region), in_ours(region)));
    let (runs_of_ours, runs_of_theirs): (Vec<_>, Vec<_>) =
        (runs_of_ours.collect(), runs_of_theirs.collect());
    if runs_of_ours.is_empty() && runs_of_theirs.is_empty() {
        return None;
    }
    let before = Places::new(base, std::iter::once(0..base.len()).collect());
    let (mut into_one, mut into_other) = (Vec::new(), Vec::new());
    let moved = Moved { base, mover: one, editor: other, before: &before, added: added(one, ours) };
    moved.carry(&runs_of_theirs, &mut into_one, &mut into_other);
    let moved =
        Moved { base, mover: other, editor: one, before: &before, added: added(other, theirs) };
    moved.carry(&runs_of_ours, &mut into_other, &mut into_one);
    if into_one.is_empty() {
        return None;
    }
    Some([replaced(one, into_one)?, replaced(other, into_other)?])
}

/// The lines that a side added.
fn added<'a>(side: &'a Text<'a>, changes: &[LineChange]) -> Places<'a> {
    Places::new(side, changes.iter().map(|change| change.after.clone()).collect())
}

/// Lines that others take the place of.
#[derive(Debug)]
struct Replacement {
    at: Range<usize>,
    bytes: Vec<u8>,
    origin: Origin,
}

/// Where lines come from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Origin {
    /// From the other side.
    Carried,
    /// From the base, as if this side had not changed them.
    PutBack,
}

/// Who may have moved lines, and who may have changed them.
#[derive(Debug)]
struct Moved<'a> {
    base: &'a Text<'a>,
    mover: &'a Text<'a>,
    editor: &'a Text<'a>,
    before: &'a Places<'a>,
    added: Places<'a>,
}

impl Moved<'_> {
    /// Carries changes to where the mover has their lines.
    fn carry(
        &self,
        runs: &[Run],
        into_mover: &mut Vec<Replacement>,
        into_editor: &mut Vec<Replacement>,
    ) {
        for run in runs {
            let Some((at, bytes)) = self.edited(run) else { continue };
            into_mover.push(Replacement { at, bytes, origin: Origin::Carried });
            let bytes = self.base.span(run.base.clone()).to_vec();
            into_editor.push(Replacement { at: run.after(), bytes, origin: Origin::PutBack });
        }
    }

    /// Where the mover has these lines, and what they are with the changes of the editor.
    fn edited(&self, run: &Run) -> Option<(Range<usize>, Vec<u8>)> {
        let is_edited = |at: usize| run.edits.iter().any(|edit| edit.before.contains(&at));
        let inked = |at: &usize| self.base.line(*at).iter().any(u8::is_ascii_alphanumeric);
        let lines: HashSet<&[u8]> =
            run.base.clone().filter(inked).map(|at| self.base.line(at).trim_ascii()).collect();
        let ties = run.base.clone().filter(inked).filter(|at| !is_edited(*at)).count();
        if lines.len() < ENOUGH || ties < TIES {
            return None;
        }
        self.before.only(self.base, &run.base)?;
        let start = self.added.only(self.base, &run.base)?;
        let there = |at: usize| start + at - run.base.start;
        let pairs = run.base.clone().map(|at| (self.base.line(at), self.mover.line(there(at))));
        let shift = Shift::of(pairs.filter(|(old, _)| !is_blank(old)))?;
        let mut bytes = Vec::new();
        let mut done = run.base.start;
        for edit in &run.edits {
            bytes.extend(self.mover.span(there(done)..there(edit.before.start)));
            for line in edit.after.clone() {
                bytes.extend(shift.apply(self.editor.line(line))?);
            }
            done = edit.before.end;
        }
        bytes.extend(self.mover.span(there(done)..there(run.base.end)));
        Some((start..there(run.base.end), bytes))
    }
}

/// Changes near each other, with lines around them.
#[derive(Debug)]
struct Run<'a> {
    base: Range<usize>,
    edits: Vec<&'a LineChange>,
}

impl Run<'_> {
    /// Whether no other change reaches into its lines.
    fn is_apart(&self, edits: &[LineChange]) -> bool {
        let near = edits.partition_point(|edit| edit.before.end <= self.base.start);
        let reaches = |edit: &&LineChange| edit.before.start < self.base.end;
        let is_own = |edit: &LineChange| self.edits.iter().any(|own| **own == *edit);
        edits[near..].iter().take_while(reaches).all(is_own)
    }

    /// Its lines in the text of whoever changed them.
    fn after(&self) -> Range<usize> {
        let (first, last) = (self.edits[0], self.edits[self.edits.len() - 1]);
        let start = first.after.start - (first.before.start - self.base.start);
        start..last.after.end + (self.base.end - last.before.end)
    }
}

/// The changes of one side within lines that the other took away, with the lines around them.
fn runs<'a>(moves: &[LineChange], edits: &'a [LineChange]) -> Vec<Run<'a>> {
    let mut runs: Vec<Run> = Vec::new();
    let gone = moves.iter().map(|change| &change.before).filter(|gone| gone.len() >= ENOUGH);
    for gone in gone {
        let near = edits.partition_point(|edit| edit.before.end < gone.start);
        let near = edits[near..].iter().take_while(|edit| edit.before.start <= gone.end);
        let within = |edit: &&LineChange| {
            let at = &edit.before;
            // What is inserted at an end may belong to what did not move.
            at.start < gone.end
                && gone.start < at.end
                && gone.start <= at.start
                && at.end <= gone.end
                || at.is_empty() && gone.start < at.start && at.end < gone.end
        };
        let first = runs.len();
        for edit in near.filter(within) {
            let start = edit.before.start.saturating_sub(AROUND).max(gone.start);
            let end = (edit.before.end + AROUND).min(gone.end);
            match runs[first..].last_mut() {
                Some(run) if start <= run.base.end => {
                    run.base.end = end;
                    run.edits.push(edit);
                }
                Some(_) | None => runs.push(Run { base: start..end, edits: vec![edit] }),
            }
        }
    }
    runs.retain(|run| run.base.len() >= ENOUGH && run.is_apart(edits));
    runs
}

/// Where lines stand, white space at their ends not counted.
#[derive(Debug)]
struct Places<'a> {
    text: &'a Text<'a>,
    spans: Vec<Range<usize>>,
    of: HashMap<&'a [u8], Vec<usize>>,
}

impl<'a> Places<'a> {
    fn new(text: &'a Text<'a>, spans: Vec<Range<usize>>) -> Self {
        let mut of: HashMap<&[u8], Vec<usize>> = HashMap::new();
        for at in spans.iter().flat_map(Clone::clone) {
            of.entry(text.line(at).trim_ascii()).or_default().push(at);
        }
        Self { text, spans, of }
    }

    /// The one place where these lines of another text stand below each other, if there is one.
    fn only(&self, from: &Text, lines: &Range<usize>) -> Option<usize> {
        let places = |at: usize| self.of.get(from.line(at).trim_ascii());
        let rarest = lines.clone().min_by_key(|at| places(*at).map_or(0, Vec::len))?;
        let places = places(rarest).filter(|places| places.len() <= PLACES_MAX)?;
        let holds = |start: &usize| {
            let all = *start..start + lines.len();
            let near = self.spans.partition_point(|span| span.end <= *start);
            let is_within = |span: &Range<usize>| span.start <= all.start && all.end <= span.end;
            let mut pairs = all.clone().zip(lines.clone());
            self.spans.get(near).is_some_and(is_within)
                && pairs
                    .all(|(at, old)| self.text.line(at).trim_ascii() == from.line(old).trim_ascii())
        };
        let starts = places.iter().filter_map(|at| at.checked_sub(rarest - lines.start));
        let mut found = starts.filter(holds);
        found.next().filter(|_| found.next().is_none())
    }
}

/// How much deeper or less deep lines stand than before.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Shift<'a> {
    Deeper(&'a [u8]),
    Outwards(&'a [u8]),
}

impl<'a> Shift<'a> {
    /// What is true of all of these pairs of an old and a new line.
    fn of(pairs: impl Iterator<Item = (&'a [u8], &'a [u8])>) -> Option<Self> {
        let shift = |(old, new): (&'a [u8], &'a [u8])| {
            let (old, new) = (&old[..indent_len(old)], &new[..indent_len(new)]);
            let deeper = new.strip_suffix(old).map(Shift::Deeper);
            deeper.or_else(|| old.strip_suffix(new).map(Shift::Outwards))
        };
        let mut shifts = pairs.map(shift);
        let first = shifts.next()??;
        shifts.all(|shift| shift == Some(first)).then_some(first)
    }

    /// A line as deep as the others are now. Only whole lines go elsewhere.
    fn apply(self, line: &[u8]) -> Option<Vec<u8>> {
        match self {
            _ if !line.ends_with(b"\n") => None,
            _ if is_blank(line) => Some(line.to_vec()),
            Shift::Deeper(by) => Some([by, line].concat()),
            Shift::Outwards(by) => line.strip_prefix(by).map(<[u8]>::to_vec),
        }
    }
}

/// The text with all replacements. Nothing if two of them are for the same lines.
fn replaced(text: &Text, mut replacements: Vec<Replacement>) -> Option<Carrier> {
    replacements.sort_by_key(|replacement| (replacement.at.start, replacement.at.end));
    let mut carrier = Carrier { bytes: Vec::new(), places: Vec::new() };
    let (mut at, mut line) = (0, 0);
    for Replacement { at: place, bytes, origin } in replacements {
        if place.start < at {
            return None;
        }
        carrier.bytes.extend_from_slice(text.span(at..place.start));
        carrier.bytes.extend_from_slice(&bytes);
        line += place.start - at;
        let count = line_count(&bytes);
        if origin == Origin::Carried {
            carrier.places.push(line..line + count);
        }
        line += count;
        at = place.end;
    }
    carrier.bytes.extend_from_slice(text.span(at..text.len()));
    Some(carrier)
}
