//! Trees that git would spell in another way today: modes of old days, another order.
//!
//! The names, links and contents of such a tree are a tree like any other. How it is spelled stands beside it, in a label of
//! the seal:
//!
//! ```text
//! each tree, ascending by path:
//!    2+n  path
//!    4    count of entries, each in the order it stands in
//!    1+n  mode, in octal digits
//!    1+n  name
//! ```

use std::collections::BTreeMap;

/// The odd trees of a seal, by path: modes and names in the order they stand in.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct OddTrees(pub(super) BTreeMap<String, Vec<(Vec<u8>, String)>>);

impl OddTrees {
    /// The value of the label; none if no tree is odd.
    pub(super) fn encode(&self) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        for (path, entries) in &self.0 {
            out.extend(u16::try_from(path.len()).ok()?.to_le_bytes());
            out.extend(path.bytes());
            out.extend(u32::try_from(entries.len()).ok()?.to_le_bytes());
            for (mode, name) in entries {
                for text in [mode, name.as_bytes()] {
                    out.push(u8::try_from(text.len()).ok()?);
                    out.extend(text);
                }
            }
        }
        (!out.is_empty()).then_some(out)
    }

    /// What a label says; none if it makes no sense.
    pub(super) fn decode(mut bytes: &[u8]) -> Option<Self> {
        let mut odd = Self::default();
        while !bytes.is_empty() {
            let length = u16::from_le_bytes(take(&mut bytes, 2)?.try_into().ok()?);
            let path = text(take(&mut bytes, usize::from(length))?)?;
            let count = u32::from_le_bytes(take(&mut bytes, 4)?.try_into().ok()?);
            let mut entries = Vec::new();
            for _ in 0..count {
                let mode = short(&mut bytes)?.to_vec();
                entries.push((mode, text(short(&mut bytes)?)?));
            }
            odd.0.insert(path, entries);
        }
        Some(odd)
    }
}

fn take<'a>(bytes: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(taken)
}

fn short<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = take(bytes, 1)?[0];
    take(bytes, usize::from(length))
}

fn text(bytes: &[u8]) -> Option<String> {
    Some(str::from_utf8(bytes).ok()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_trees_come_back_and_half_a_label_does_not() {
        let entries = vec![(b"100664".to_vec(), "b".to_owned()), (b"040000".to_vec(), "a".into())];
        let odd = OddTrees(BTreeMap::from([(String::new(), entries), ("x/y".into(), Vec::new())]));
        let bytes = odd.encode().unwrap();
        assert_eq!(OddTrees::decode(&bytes), Some(odd));
        assert_eq!(
            (1..bytes.len()).filter(|cut| OddTrees::decode(&bytes[..*cut]).is_some()).count(),
            1
        );
        assert_eq!(OddTrees::default().encode(), None);
    }
}
