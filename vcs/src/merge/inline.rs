//! Lists within a line: what both sides imported from one module, features, arguments of a macro.
//!
//! Where three versions of a line are the same but for what stands between one pair of brackets, and there stand
//! items between commas, the line is a list and its items are merged like the lines of one: each side's additions
//! are added, each side's removals removed. A changed item is an old one removed and a new one added; if both sides
//! change the items next to each other, order or place may matter, and it stays a conflict.

use super::part::{Decided, MergeStep};
use super::shape::is_closed;

/// The merge of three versions of a line as lists of items.
pub(super) fn merge_inline(base: &[u8], one: &[u8], other: &[u8]) -> Option<Decided> {
    let texts = [base, one, other];
    let is_line = |text: &[u8]| {
        let line = text.strip_suffix(b"\n").unwrap_or(text);
        !line.is_empty() && !line.contains(&b'\n')
    };
    if !texts.into_iter().all(is_line) {
        return None;
    }
    let [base, one, other] = texts.map(Line::split);
    let (base, one, other) = (base?, one?, other?);
    if base.head != one.head || base.head != other.head {
        return None;
    }
    if base.tail != one.tail || base.tail != other.tail {
        return None;
    }
    let items = merge_sets(&base.items, &one.items, &other.items)?;
    let body = items.join(one.joint);
    let bytes = [one.head, one.lead, &body, one.trail, one.tail].concat();
    Some(Decided { bytes, step: MergeStep::Inline })
}

/// Three sets of items that have an order: with what either side added, without what either removed.
///
/// Items of the first side stand in its order, each new one of the other behind the item that it stands behind there. If
/// both sides are sorted, so is the result. Nothing if an item occurs twice, or if a side replaced an item while the
/// other added one: it may have been instead of the same item.
fn merge_sets<'a>(
    base: &[&'a [u8]],
    one: &[&'a [u8]],
    other: &[&'a [u8]],
) -> Option<Vec<&'a [u8]>> {
    let is_set =
        |items: &[&[u8]]| items.iter().enumerate().all(|(at, item)| !items[..at].contains(item));
    if [base, one, other].into_iter().any(|items| items.len() > ITEMS_MAX || !is_set(items)) {
        return None;
    }
    let removes = |side: &[&[u8]]| base.iter().any(|item| !side.contains(item));
    let adds = |side: &[&[u8]]| side.iter().any(|item| !base.contains(item));
    if adds(one) && adds(other) && (removes(one) || removes(other)) {
        return None;
    }
    let stays = |item: &&&[u8]| !base.contains(item) || other.contains(item);
    let mut merged: Vec<&[u8]> = one.iter().filter(stays).copied().collect();
    let is_ordered = |items: &[&[u8]]| items.is_sorted_by_key(|item| item.to_ascii_lowercase());
    let is_sorted = is_ordered(one) && is_ordered(other) && merged.len() > 1;
    for (at, item) in other.iter().enumerate() {
        if base.contains(item) || one.contains(item) {
            continue;
        }
        let place = if is_sorted {
            merged.partition_point(|have| have.to_ascii_lowercase() <= item.to_ascii_lowercase())
        } else {
            let known = |near: &&[u8]| merged.iter().position(|have| have == near);
            let behind = other[..at].iter().rev().find_map(known).map_or(0, |at| at + 1);
            // What the first side brought to the same place stands first.
            let is_own = |have: &&&[u8]| !base.contains(have) && !other.contains(have);
            behind + merged[behind..].iter().take_while(is_own).count()
        };
        merged.insert(place, item);
    }
    Some(merged)
}

/// Items in a list up to which it is merged: each is looked for in the others.
const ITEMS_MAX: usize = 200;

/// A line with one list in it.
struct Line<'a> {
    head: &'a [u8], // up to and with the bracket that opens
    lead: &'a [u8], // white space behind it
    items: Vec<&'a [u8]>,
    joint: &'static [u8],
    trail: &'a [u8], // white space, and perhaps a comma, before the bracket that closes
    tail: &'a [u8],  // from the bracket that closes
}

impl<'a> Line<'a> {
    fn split(line: &'a [u8]) -> Option<Self> {
        let open = line.iter().position(|byte| matches!(byte, b'{' | b'['))?;
        let closing = if line[open] == b'{' { b'}' } else { b']' };
        let close = line.iter().rposition(|byte| *byte == closing)?;
        let body = line.get(open + 1..close)?;
        let lead = &body[..body.len() - body.trim_ascii_start().len()];
        let inner = body.trim_ascii();
        let inner = inner.strip_suffix(b",").unwrap_or(inner);
        let trail = &body[lead.len() + inner.len()..];
        let items: Vec<_> = inner.split(|byte| *byte == b',').map(<[u8]>::trim_ascii).collect();
        if !items.iter().all(|item| is_item(item)) {
            return None;
        }
        let is_wide = items.len() < 2 || inner.windows(2).any(|pair| pair == b", ");
        let joint = if is_wide { b", ".as_slice() } else { b"," };
        let (head, tail) = (&line[..=open], &line[close..]);
        Some(Self { head, lead, items, joint, trail, tail })
    }
}

/// Whether this is one item: a name or a text, or a path with a list of its own.
fn is_item(item: &[u8]) -> bool {
    let is_sign = |byte: &u8| b"{}[]():=".contains(byte);
    let is_path = item.windows(2).any(|pair| pair == b"::");
    !item.is_empty() && (!item.iter().any(is_sign) || is_path && is_closed(item))
}
