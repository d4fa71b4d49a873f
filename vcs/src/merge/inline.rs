//! Lists within a line: what both sides imported from one module, features, arguments of a macro.
//!
//! Where three versions of a line are the same but for what stands between one pair of brackets, and there stand
//! items between commas, the line is a list and its items are merged like the lines of one: each side's additions
//! are added, each side's removals removed. A changed item is an old one removed and a new one added; if both sides
//! change the items next to each other, order or place may matter, and it stays a conflict.

use super::part::{Decided, MergeStep};

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

/// Three sets of items that have an order: what either side added or removed.
///
/// Items of the first side stand in its order, each new one of the other behind the item that it stands behind there.
/// If all three are sorted, so is the result. Nothing if an item occurs twice, or if both sides changed the items between
/// the same two neighbours and one of them removed some: then an item was replaced in view of its place.
pub(super) fn merge_sets<'a>(
    base: &[&'a [u8]],
    one: &[&'a [u8]],
    other: &[&'a [u8]],
) -> Option<Vec<&'a [u8]>> {
    let is_set =
        |items: &[&[u8]]| items.iter().enumerate().all(|(at, item)| !items[..at].contains(item));
    if [base, one, other].into_iter().any(|items| items.len() > ITEMS_MAX || !is_set(items)) {
        return None;
    }
    let replaced = |side: &[&[u8]], foreign: &[&[u8]]| {
        // Removed by this side, while the other added something: perhaps instead of the same item.
        base.iter().any(|item| !side.contains(item))
            && foreign.iter().any(|item| !base.contains(item))
            && side.iter().any(|item| !base.contains(item))
    };
    if replaced(one, other) || replaced(other, one) {
        return None;
    }
    let stays = |item: &&&[u8]| !base.contains(item) || other.contains(item);
    let mut merged: Vec<&[u8]> = one.iter().filter(stays).copied().collect();
    let ordered = |items: &[&[u8]]| items.is_sorted_by_key(|item| item.to_ascii_lowercase());
    let is_sorted = ordered(one) && ordered(other) && merged.len() > 1;
    for (at, item) in other.iter().enumerate() {
        if base.contains(item) || one.contains(item) {
            continue;
        }
        let place = if is_sorted {
            merged.partition_point(|have| have.to_ascii_lowercase() <= item.to_ascii_lowercase())
        } else {
            let before = other[..at]
                .iter()
                .rev()
                .find_map(|near| merged.iter().position(|have| have == near));
            let mut place = before.map_or(0, |before| before + 1);
            // What the first side brought to the same place stands first.
            while merged
                .get(place)
                .is_some_and(|have| !base.contains(have) && !other.contains(have))
            {
                place += 1;
            }
            place
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
        let is_item = |item: &&[u8]| {
            !item.is_empty()
                && !item.iter().any(|byte| {
                    matches!(byte, b'{' | b'}' | b'[' | b']' | b'(' | b')' | b':' | b'=')
                })
        };
        let is_path = |item: &&[u8]| item.windows(2).any(|pair| pair == b"::");
        let joint: &[u8] = if inner.windows(2).any(|pair| pair == b", ") || items.len() < 2 {
            b", "
        } else {
            b","
        };
        let all = items
            .iter()
            .all(|item| is_item(item) || is_path(item) && super::shape::is_closed(item));
        all.then_some(Self {
            head: &line[..=open],
            lead,
            items,
            joint,
            trail,
            tail: &line[close..],
        })
    }
}
