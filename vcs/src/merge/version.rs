//! Version numbers, as they stand in texts.

use std::cmp::Ordering;

/// The version number at the start of a text: its length, or nothing.
///
/// At least two numbers with a point between; then perhaps what makes it a pre-release or a build
/// (`-rc.1`, `rc1`, `+build`). A lone number may count anything, so it is none.
pub(super) fn version_len(text: &[u8]) -> Option<usize> {
    let digits = |from: usize| text[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let mut len = digits(0);
    let mut points = 0;
    while len > 0 && text.get(len) == Some(&b'.') && digits(len + 1) > 0 {
        len += 1 + digits(len + 1);
        points += 1;
    }
    if points == 0 {
        return None;
    }
    let is_tail = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.');
    let starts_tail = match text.get(len..) {
        Some([b'-' | b'+' | b'.', next, ..]) => next.is_ascii_alphanumeric(),
        Some([next, ..]) => next.is_ascii_alphabetic(),
        Some([]) | None => false,
    };
    if starts_tail {
        let tail = &text[len..len + text[len..].iter().take_while(|byte| is_tail(byte)).count()];
        // A point at its end closes a sentence.
        let closing = tail.iter().rev().take_while(|byte| !byte.is_ascii_alphanumeric()).count();
        len += tail.len() - closing;
    }
    Some(len)
}

/// Which of two versions is the higher one. Nothing if they are not written alike: `1.2` and `1.2.0` say the same.
pub(super) fn compare_versions(one: &[u8], other: &[u8]) -> Option<Ordering> {
    let ((one, one_tail), (other, other_tail)) = (split(one), split(other));
    let by_numbers = compare_parts(one, other);
    let by_tail = || match (one_tail.is_empty(), other_tail.is_empty()) {
        // What has a tail comes before what it becomes.
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        (true, true) | (false, false) => compare_parts(one_tail, other_tail),
    };
    Some(by_numbers.then_with(by_tail)).filter(|order| *order != Ordering::Equal)
}

/// The numbers of a version, and its tail.
fn split(version: &[u8]) -> (&[u8], &[u8]) {
    let is_number = |byte: &u8| byte.is_ascii_digit() || *byte == b'.';
    version.split_at(version.iter().take_while(|byte| is_number(byte)).count())
}

/// Part by part: numbers by their value, words by their letters, a number before a word, less before more.
fn compare_parts(one: &[u8], other: &[u8]) -> Ordering {
    let (mut one, mut other) = (parts(one), parts(other));
    loop {
        let order = match (one.next(), other.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(one), Some(other)) => {
                match (one[0].is_ascii_digit(), other[0].is_ascii_digit()) {
                    (true, true) => {
                        let (one, other) = (without_zeros(one), without_zeros(other));
                        one.len().cmp(&other.len()).then_with(|| one.cmp(other))
                    }
                    (true, false) => Ordering::Less,
                    (false, true) => Ordering::Greater,
                    (false, false) => one.cmp(other),
                }
            }
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

fn parts(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let alike = |one: &u8, other: &u8| {
        one.is_ascii_alphanumeric()
            && other.is_ascii_alphanumeric()
            && one.is_ascii_digit() == other.is_ascii_digit()
    };
    text.chunk_by(alike).filter(|part| part[0].is_ascii_alphanumeric())
}

fn without_zeros(number: &[u8]) -> &[u8] {
    &number[number.iter().take_while(|byte| **byte == b'0').count()..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_told_from_a_number() {
        for (text, version) in [
            ("1.2.3\"", Some("1.2.3")),
            ("1.2.", Some("1.2")),
            ("12 apples", None),
            ("5.0.0-beta.2, and", Some("5.0.0-beta.2")),
            ("2.1rc1.", Some("2.1rc1")),
            ("1.0.0+build.7)", Some("1.0.0+build.7")),
            ("1.0-", Some("1.0")),
            ("v1.0", None),
            ("", None),
        ] {
            let found = version_len(text.as_bytes()).map(|len| &text[..len]);
            assert_eq!(found, version, "{text:?}");
        }
    }

    #[test]
    fn versions_are_ordered_as_their_makers_mean_it() {
        let ascending = [
            "0.9",
            "1.0.0-alpha.2",
            "1.0.0-alpha.10",
            "1.0.0-rc.1",
            "1.0.0",
            "1.0.1",
            "1.2.0",
            "1.10.0",
        ];
        for (at, lower) in ascending.iter().enumerate() {
            for higher in &ascending[at + 1..] {
                let order =
                    |one: &str, other: &str| compare_versions(one.as_bytes(), other.as_bytes());
                assert_eq!(order(lower, higher), Some(Ordering::Less), "{lower} {higher}");
                assert_eq!(order(higher, lower), Some(Ordering::Greater), "{higher} {lower}");
            }
        }
        assert_eq!(compare_versions(b"1.0", b"1.00"), None);
    }
}
