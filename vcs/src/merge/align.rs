//! What both sides brought, found within lines that both changed.
//!
//! Two sides that both rewrote a place often have lines in common that the base has not: one took a commit of the other, or
//! both followed the same instructions. Those lines are settled. What is left between them is judged piece by piece.

use std::ops::Range;

use crate::text::compare::{Comparing, compare_lines};
use crate::text::lines::Text;

/// A part of three texts: the same on both sides, or not.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Piece {
    pub(super) at: [Range<usize>; 3],
    pub(super) agreement: Agreement,
}

/// Whether both sides have the same lines.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Agreement {
    Same,
    Differing,
}

/// The pieces of lines that both sides changed, from top to bottom.
pub(super) fn pieces(texts: [&Text; 3], at: &[Range<usize>; 3]) -> Vec<Piece> {
    let spans: Vec<_> = texts.iter().zip(at).map(|(text, at)| text.span(at.clone())).collect();
    let part = |bytes| Text::new(bytes).expect("a part is no longer than the whole");
    let [base, one, other] = [part(spans[0]), part(spans[1]), part(spans[2])];
    let changes = compare_lines(&one, &other, Comparing::default()).changes;
    let whole = (one.len()..one.len(), other.len()..other.len());
    let ends = changes.iter().map(|change| (change.before.clone(), change.after.clone()));
    let mut bounds = Bounds::new(&base, &one, &other);
    let mut pieces: Vec<Piece> = Vec::new();
    let (mut one_at, mut other_at) = (0, 0);
    for (in_one, in_other) in ends.chain([whole]) {
        let same = (one_at..in_one.start, other_at..in_other.start);
        // Brackets and blank lines are alike by chance.
        let tells = same.0.clone().any(|line| one.line(line).iter().any(u8::is_ascii_alphanumeric));
        if tells || pieces.is_empty() || in_one.is_empty() && in_other.is_empty() {
            let before = bounds.base_before(same.0.start, same.1.start);
            let after = bounds.base_before(same.0.end, same.1.end);
            if let Some(last) = pieces.last_mut() {
                last.at[0].end = before;
            }
            if !same.0.is_empty() {
                let at = [before..after, same.0, same.1];
                pieces.push(Piece { at, agreement: Agreement::Same });
            }
            if !(in_one.is_empty() && in_other.is_empty()) {
                let at = [after..after, in_one.clone(), in_other.clone()];
                pieces.push(Piece { at, agreement: Agreement::Differing });
            }
        } else if let Some(last) = pieces.last_mut() {
            last.at[1].end = in_one.end;
            last.at[2].end = in_other.end;
        }
        (one_at, other_at) = (in_one.end, in_other.end);
    }
    if let Some(last) = pieces.last_mut() {
        last.at[0].end = base.len();
    }
    for piece in &mut pieces {
        for (place, all) in piece.at.iter_mut().zip(at) {
            *place = place.start + all.start..place.end + all.start;
        }
    }
    pieces
}

/// Up to where the base is spoken for by what stands above a line.
struct Bounds {
    one: Vec<usize>, // for each line of one side: the base line after the one that it is
    other: Vec<usize>,
    reached: usize,
}

impl Bounds {
    fn new(base: &Text, one: &Text, other: &Text) -> Self {
        Self { one: kept(base, one), other: kept(base, other), reached: 0 }
    }

    /// Lines of the base that belong above these lines of the sides.
    fn base_before(&mut self, one: usize, other: usize) -> usize {
        let last =
            |kept: &[usize], before: usize| kept[..before].iter().copied().max().unwrap_or(0);
        self.reached = self.reached.max(last(&self.one, one)).max(last(&self.other, other));
        self.reached
    }
}

/// For each line of a side the base line after the one that it is, or 0 if it is none.
fn kept(base: &Text, side: &Text) -> Vec<usize> {
    let changes = compare_lines(base, side, Comparing::default()).changes;
    let mut kept = Vec::with_capacity(side.len());
    let mut base_at = 0;
    for change in &changes {
        kept.extend(base_at + 1..=change.before.start);
        kept.resize(change.after.end, 0);
        let named = named_alike(base, side, [change.before.clone(), change.after.clone()]);
        named.into_iter().for_each(|(line, of)| kept[line] = of + 1);
        base_at = change.before.end;
    }
    kept.extend(base_at + 1..=base.len());
    kept
}

/// More pairs than this in one change are not looked at.
const PAIRS_MAX: usize = 1 << 16;

/// Lines of a side that say another value of what a line of the base says one of, from top to bottom.
fn named_alike(
    base: &Text,
    side: &Text,
    [before, after]: [Range<usize>; 2],
) -> Vec<(usize, usize)> {
    if before.len().saturating_mul(after.len()) > PAIRS_MAX {
        return Vec::new();
    }
    let (mut found, mut next) = (Vec::new(), before.start);
    for line in after {
        let Some(name) = name(side.line(line)) else { continue };
        if let Some(at) = (next..before.end).find(|at| self::name(base.line(*at)) == Some(name)) {
            found.push((line, at));
            next = at + 1;
        }
    }
    found
}

/// What stands before the value of a line that gives something one.
fn name(line: &[u8]) -> Option<&[u8]> {
    let end = line.iter().position(|byte| matches!(byte, b':' | b'='))?;
    Some(&line[..end]).filter(|name| name.iter().any(u8::is_ascii_alphanumeric))
}
