//! Lines that stand for themselves, so that their order says nothing and twice is as good as once.
//!
//! A line that a side added is there, one that a side removed is gone: no line has more than one answer, and the answer
//! does not depend on the side that is asked first. Only the order does, where the lines were not sorted.

use std::collections::HashSet;

/// The lines of both sides, each once.
pub(super) fn line_set(base: &[u8], one: &[u8], other: &[u8]) -> Vec<u8> {
    let [base, one, other] = [base, one, other].map(lines);
    let [had, in_one, in_other] =
        [&base, &one, &other].map(|lines| lines.iter().copied().collect::<HashSet<&[u8]>>());
    let mut told = HashSet::new();
    let mut all: Vec<&[u8]> = one.iter().chain(&other).copied().collect();
    all.retain(|line| {
        let is_kept = in_one.contains(line) && in_other.contains(line);
        (is_kept || !had.contains(line)) && told.insert(*line)
    });
    // Of a single line nobody can say that it is sorted.
    if one.len() + other.len() > 2 && one.is_sorted() && other.is_sorted() {
        all.sort_unstable();
    }
    all.into_iter().flat_map(|line| [line, b"\n"].concat()).collect()
}

/// The lines without the last byte of their ends: what is left of another end stays with its line.
fn lines(text: &[u8]) -> Vec<&[u8]> {
    let lines = text.split_inclusive(|byte| *byte == b'\n');
    lines.map(|line| line.strip_suffix(b"\n").unwrap_or(line)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_has_one_answer() {
        for (base, one, other, expected) in [
            ("", "a\nb\n", "b\nc\n", "a\nb\nc\n"),
            ("x\n", "z\nx\na\n", "x\nm\n", "z\nx\na\nm\n"),
            ("x\ny\n", "x\n", "y\nn\n", "n\n"),
            ("", "a", "b", "a\nb\n"),
            ("a\n", "", "", ""),
            ("", "b\r\n", "a\r\n", "b\r\na\r\n"),
        ] {
            let told = line_set(base.as_bytes(), one.as_bytes(), other.as_bytes());
            assert_eq!(String::from_utf8(told).unwrap(), expected);
        }
    }
}
