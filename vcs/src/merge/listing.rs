//! Two insertions at one place of a list: both are kept.
//!
//! An item of a list says nothing of its neighbours, so the items of both sides stay true beside each other. Only their
//! order is open: a list that is sorted, and that each side kept sorted, says it; else the side goes first that the
//! caller names. Where both sides bring the same key with other values it is no list but a clash.

use std::collections::HashSet;
use std::ops::Range;

use super::kind::Layout;
use super::part::{Decided, MergeStep};
use super::shape::{Shape, ShapeKind, indent_len, is_blank, key};
use super::sorted::{Order, sorted_merge};
use crate::text::lines::Text;

/// Where lines are inserted: the text before, the place, and how the file is laid out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) base: &'a Text<'a>,
    pub(super) at: usize,
    pub(super) layout: Layout,
}

/// Lines above and below that are looked at for their order.
const LOOK: usize = 40;

impl Place<'_> {
    /// Both insertions, if they are items of a list.
    pub(super) fn keep_both(&self, one: &[&[u8]], other: &[&[u8]]) -> Option<Decided> {
        if one.is_empty() || other.is_empty() {
            return None;
        }
        if let Some(bytes) = self.by_order(one, other) {
            return Some(Decided { bytes, step: MergeStep::Sorted });
        }
        let below = |first: &[&[u8]], second: &[&[u8]], step| {
            Some(Decided { bytes: [first.concat(), second.concat()].concat(), step })
        };
        match self.layout {
            Layout::Changelog if is_entries(one) && is_entries(other) => {
                return below(one, other, MergeStep::BothEntered);
            }
            Layout::LineSet => {
                let ours: HashSet<&[u8]> = one.iter().copied().collect();
                let is_new = |line: &&&[u8]| !ours.contains(*line);
                let rest: Vec<&[u8]> = other.iter().filter(is_new).copied().collect();
                return below(one, &rest, MergeStep::BothListed);
            }
            Layout::Changelog | Layout::Yaml | Layout::Lines => {}
        }
        let keys: HashSet<&[u8]> = one.iter().map(|line| key(line)).collect();
        if other.iter().any(|line| keys.contains(key(line))) {
            return None;
        }
        if self.is_list(one) && self.is_list(other) {
            return below(one, other, MergeStep::BothListed);
        }
        if self.layout != Layout::Yaml || !is_branch(one) || !is_branch(other) {
            return None;
        }
        // What is deeper belongs to what stands above, so it can not stand below what is less deep.
        let (first, second) =
            if indent_len(one[0]) >= indent_len(other[0]) { (one, other) } else { (other, one) };
        below(first, second, MergeStep::BothListed)
    }

    /// Both in the order of the list that they stand in, if it has one and both keep to it.
    fn by_order(&self, one: &[&[u8]], other: &[&[u8]]) -> Option<Vec<u8>> {
        let first = *one.first()?;
        let mut above = self.run((self.at.saturating_sub(LOOK)..self.at).rev(), first);
        above.reverse();
        let below = self.run(self.at..self.base.len().min(self.at + LOOK), first);
        let order = Order::of(&above, &below, [one, other])?;
        Some(sorted_merge(order, one, other).concat())
    }

    /// The lines that go on without a gap, of the same indent as `like`.
    fn run(&self, lines: impl Iterator<Item = usize>, like: &[u8]) -> Vec<&[u8]> {
        let lines = lines.map(|at| self.base.line(at));
        let is_like = |line: &&[u8]| !is_blank(line) && indent_len(line) == indent_len(like);
        lines.take_while(is_like).collect()
    }

    /// Whether the lines are of one shape, which a line beside them has too.
    fn is_list(&self, lines: &[&[u8]]) -> bool {
        let Some(shape) = lines.first().and_then(|line| Shape::of(line)) else { return false };
        let goes_on = |line: &&[u8]| {
            // An item that takes several lines indents the others.
            let is_deeper = indent_len(line) > shape.indent.len();
            Shape::of(line) == Some(shape)
                || matches!(shape.kind, ShapeKind::Bullet(_)) && is_deeper
        };
        let beside = [self.at.checked_sub(1), Some(self.at).filter(|at| *at < self.base.len())];
        let mut beside = beside.into_iter().flatten().map(|at| self.base.line(at));
        lines.iter().all(goes_on) && beside.any(|line| !is_blank(line) && goes_on(&line))
    }
}

/// Whether the lines are entries of a changelog: whole items, perhaps under headings of their own.
fn is_entries(lines: &[&[u8]]) -> bool {
    let begins = |line: &[u8]| matches!(line.trim_ascii(), [b'-' | b'*' | b'+' | b'#', ..]);
    lines.iter().find(|line| !is_blank(line)).is_some_and(|line| begins(line))
}

/// Whether the lines are a key of a block and what is below it, or several such keys.
fn is_branch(lines: &[&[u8]]) -> bool {
    let depth = indent_len(lines[0]);
    let is_key = |line: &[u8]| {
        let text = line.trim_ascii();
        let name_len =
            text.iter().take_while(|byte| !matches!(byte, b':' | b' ' | b'"' | b'#')).count();
        name_len > 0 && text.get(name_len) == Some(&b':')
    };
    lines.iter().all(|line| {
        is_blank(line) || indent_len(line) > depth || indent_len(line) == depth && is_key(line)
    })
}

/// The lines at a place of a text.
pub(super) fn lines<'a>(text: &Text<'a>, place: Range<usize>) -> Vec<&'a [u8]> {
    place.map(|at| text.line(at)).collect()
}
