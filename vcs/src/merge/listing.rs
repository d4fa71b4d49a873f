//! Two insertions at one place of a list: both are kept.
//!
//! An item of a list says nothing of its neighbours, so both sides' items stay true beside each other. Only their order is
//! open: a list that is sorted, and that each side kept sorted, says it; else the side goes first that the caller
//! names. Where both sides bring the same key with other values it is no list but a clash.

use std::ops::Range;

use super::part::{Decided, MergeStep};
use super::shape::{Kind, Shape, key};
use super::sorted::{Order, sorted_merge};
use crate::text::lines::Text;

/// The list that lines are inserted into: the text before, and where.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) base: &'a Text<'a>,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) is_changelog: bool,
}

/// Lines above and below that are looked at for their order.
const LOOK: usize = 40;

/// Both insertions, if they are items of a list.
pub(super) fn keep_both(place: &Place, one: &[&[u8]], other: &[&[u8]]) -> Option<Decided> {
    if one.is_empty() || other.is_empty() {
        return None;
    }
    if let Some(bytes) = by_order(place, one, other) {
        return Some(Decided { bytes, step: MergeStep::Sorted });
    }
    let clash = one.iter().any(|line| other.iter().any(|theirs| key(line) == key(theirs)));
    let mode = std::env::var("ORD").unwrap_or_default();
    let kindname = |l: &[&[u8]]| format!("{:?}", Shape::of(l[0]).map(|s| match s.kind { Kind::Declaration(w, _) => String::from_utf8_lossy(w).into_owned(), k => format!("{k:?}") }));
    let (one, other) = match mode.as_str() { "sort" if one[0].trim_ascii() > other[0].trim_ascii() => (other, one), "theirs" => (other, one), _ => (one, other) };
    if !clash && is_list(place, one) && is_list(place, other) { eprintln!("KIND {}", kindname(one)); }
    let step = if !clash && is_list(place, one) && is_list(place, other) {
        MergeStep::BothListed
    } else if place.is_changelog && is_entries(one) && is_entries(other) {
        MergeStep::BothEntered
    } else {
        return None;
    };
    Some(Decided { bytes: [one.concat(), other.concat()].concat(), step })
}

/// Both in the order of the list that they stand in, if it has one and both keep to it.
fn by_order(place: &Place, one: &[&[u8]], other: &[&[u8]]) -> Option<Vec<u8>> {
    let first = *one.first()?;
    let above = run(place.base, (place.start.saturating_sub(LOOK)..place.start).rev(), first);
    let above: Vec<_> = above.into_iter().rev().collect();
    let below = run(place.base, place.end..place.base.len().min(place.end + LOOK), first);
    let order = Order::of(&above, &below, [one, other])?;
    Some(sorted_merge(order, one, other).concat())
}

/// The lines that go on without a gap, of the same indent as `like`.
fn run<'a>(text: &Text<'a>, lines: impl Iterator<Item = usize>, like: &[u8]) -> Vec<&'a [u8]> {
    let indent = |line: &[u8]| line.len() - line.trim_ascii_start().len();
    let lines = lines.map(|at| text.line(at));
    let is_like = |line: &&[u8]| !line.trim_ascii().is_empty() && indent(line) == indent(like);
    lines.take_while(is_like).collect()
}

/// Whether the lines are of one shape, which a line beside them has too.
fn is_list(place: &Place, lines: &[&[u8]]) -> bool {
    let Some(shape) = lines.first().and_then(|line| Shape::of(line)) else { return false };
    let is_same = |line: &&[u8]| Shape::of(line) == Some(shape);
    let goes_on = |line: &&[u8]| {
        // An item that takes several lines indents the others.
        let deeper = line.len() - line.trim_ascii_start().len() > shape.indent.len();
        is_same(line) || matches!(shape.kind, Kind::Bullet(_)) && deeper
    };
    let beside = |at: Option<usize>| {
        let line = at.filter(|at| *at < place.base.len()).map(|at| place.base.line(at));
        line.is_some_and(|line| is_same(&line) || goes_on(&line) && !line.trim_ascii().is_empty())
    };
    !matches!(shape.kind, Kind::Declaration(..)) && lines.iter().all(goes_on) && (beside(place.start.checked_sub(1)) || beside(Some(place.end)))
}

/// Whether both are whole definitions: closed in themselves, apart from what stands beside them by a blank line.
pub(super) fn blocks(one: &[&[u8]], other: &[&[u8]]) -> bool {
    let is_blank = |line: &&[u8]| line.trim_ascii().is_empty();
    let indent = |line: &[u8]| line.len() - line.trim_ascii_start().len();
    let is_block = |lines: &[&[u8]]| {
        let ink: Vec<_> = lines.iter().copied().filter(|line| !is_blank(line)).collect();
        let Some(first) = ink.first() else { return false };
        let apart = is_blank(&lines[0]) || lines.last().is_some_and(is_blank);
        let least = ink.iter().map(|line| indent(line)).min();
        apart && !first.trim_ascii().starts_with(b"*") && ink.len() > 2 && least == Some(indent(first)) && super::shape::is_closed(&lines.concat())
    };
    let outermost = |lines: &[&[u8]]| -> Vec<Vec<u8>> {
        let least = lines.iter().filter(|line| !is_blank(line)).map(|line| indent(line)).min();
        let named = lines.iter().filter(|line| Some(indent(line)) == least && line.iter().filter(|b| b.is_ascii_alphanumeric()).count() > 3);
        let is_naming = |line: &&&[u8]| !matches!(line.trim_ascii(), [b'/' | b'#' | b'@', ..]);
        named.filter(is_naming).map(|line| line.trim_ascii().to_vec()).collect()
    };
    let (ones, others) = (outermost(one), outermost(other));
    if ones.is_empty() || others.is_empty() || ones.iter().any(|line| others.contains(line)) {
        return false;
    }
    let same_edge = is_blank(&one[0]) == is_blank(&other[0]);
    is_block(one) && is_block(other) && same_edge
}

/// Whether the lines are entries of a changelog: whole items or paragraphs, perhaps under headings of their own.
fn is_entries(lines: &[&[u8]]) -> bool {
    let text = lines[0].trim_ascii();
    let begins = matches!(text, [b'-' | b'*' | b'+' | b'#', ..]) || text.is_empty();
    begins && lines.iter().any(|line| !line.trim_ascii().is_empty())
}

/// The lines that `place` has.
pub(super) fn lines<'a>(text: &Text<'a>, place: Range<usize>) -> Vec<&'a [u8]> {
    place.map(|at| text.line(at)).collect()
}
