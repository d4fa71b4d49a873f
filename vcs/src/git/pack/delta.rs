//! One object made from another, as git spells it: what to copy, and what to insert.

use std::collections::HashMap;

/// Bytes that are looked for at once.
const WINDOW: usize = 16;

/// The most bytes that one step copies, and inserts.
const COPY_MAX: usize = 0xffff;
const INSERT_MAX: usize = 0x7f;

/// The steps that make `new` from `old`, if they are fewer bytes than half of it.
pub(super) fn delta(old: &[u8], new: &[u8]) -> Option<Vec<u8>> {
    if old.len() < WINDOW || new.len() < WINDOW {
        return None;
    }
    let mut places = HashMap::with_capacity(old.len() / WINDOW);
    for (at, window) in old.chunks_exact(WINDOW).enumerate() {
        places.entry(window).or_insert(at * WINDOW);
    }
    let length_max = new.len() / 2;
    let mut out = size(old.len());
    out.extend(size(new.len()));
    let (mut inserted, mut at) = (0, 0);
    while at + WINDOW <= new.len() {
        let Some(from) = places.get(&new[at..at + WINDOW]).copied() else {
            at += 1;
            continue;
        };
        let ahead = new[at..].iter().zip(&old[from..]).take_while(|(a, b)| a == b).count();
        let before = new[inserted..at].iter().rev().zip(old[..from].iter().rev());
        let behind = before.take_while(|(a, b)| a == b).count();
        insert(&mut out, &new[inserted..at - behind]);
        copy(&mut out, from - behind, ahead + behind);
        at += ahead;
        inserted = at;
        if out.len() > length_max {
            return None;
        }
    }
    insert(&mut out, &new[inserted..]);
    (out.len() <= length_max).then_some(out)
}

fn insert(out: &mut Vec<u8>, bytes: &[u8]) {
    for part in bytes.chunks(INSERT_MAX) {
        out.push(u8::try_from(part.len()).expect("a part fits a byte"));
        out.extend(part);
    }
}

/// A byte that tells which bytes of the place and the length follow, and those of them that are not zero.
fn copy(out: &mut Vec<u8>, mut from: usize, mut length: usize) {
    while length > 0 {
        let part = length.min(COPY_MAX);
        let head = out.len();
        out.push(0x80);
        let place = u32::try_from(from).expect("what is compared is short").to_le_bytes();
        let count = u16::try_from(part).expect("a part is short").to_le_bytes();
        for (bit, byte) in place.into_iter().chain(count).enumerate() {
            if byte != 0 {
                out[head] |= 1 << bit;
                out.push(byte);
            }
        }
        from += part;
        length -= part;
    }
}

/// Seven bits a byte, the lowest first.
fn size(mut size: usize) -> Vec<u8> {
    let mut out = Vec::new();
    loop {
        let low = u8::try_from(size & 0x7f).expect("seven bits");
        size >>= 7;
        out.push(if size > 0 { low | 0x80 } else { low });
        if size == 0 {
            return out;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lots::Lots;

    fn number(delta: &mut &[u8]) -> usize {
        let (mut value, mut shift) = (0, 0);
        loop {
            let (byte, rest) = delta.split_first().unwrap();
            *delta = rest;
            value |= usize::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                return value;
            }
        }
    }

    /// What git makes of such steps, as its format says.
    fn made(old: &[u8], mut delta: &[u8]) -> Vec<u8> {
        assert_eq!(number(&mut delta), old.len());
        let (length, mut out) = (number(&mut delta), Vec::new());
        while let Some((step, rest)) = delta.split_first() {
            delta = rest;
            if step & 0x80 == 0 {
                let (bytes, rest) = delta.split_at(usize::from(*step));
                out.extend(bytes);
                delta = rest;
                continue;
            }
            let (mut from, mut count) = (0, 0);
            for bit in 0..7 {
                if step & (1 << bit) != 0 {
                    let byte = usize::from(delta[0]);
                    delta = &delta[1..];
                    if bit < 4 {
                        from |= byte << (8 * bit);
                    } else {
                        count |= byte << (8 * (bit - 4));
                    }
                }
            }
            out.extend(&old[from..from + count]);
        }
        assert_eq!(out.len(), length);
        out
    }

    #[test]
    fn what_is_made_of_the_old_is_the_new() {
        let mut lots = Lots(7);
        let mut found = 0;
        for _ in 0..100 {
            let length = 40 + lots.below(80_000);
            let old: Vec<u8> = (0..length).map(|_| lots.next().to_le_bytes()[0]).collect();
            let mut new = old.clone();
            for _ in 0..lots.below(6) {
                let at = lots.below(new.len());
                let count = lots.below(300).min(new.len() - at);
                let bytes = vec![7; lots.below(300)];
                new.splice(at..at + count, bytes);
            }
            if let Some(delta) = delta(&old, &new) {
                found += 1;
                assert_eq!(made(&old, &delta), new);
            }
        }
        assert!(found > 70, "{found}");
    }

    #[test]
    fn what_has_nothing_in_common_is_not_made_of_it() {
        assert_eq!(delta(&[1; 100], &[2; 100]), None);
        assert_eq!(delta(b"", b"x"), None);
    }
}
