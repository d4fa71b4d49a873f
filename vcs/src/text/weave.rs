//! Two pieces of text in one row, word by word.

use crate::text::hunk::{Fate, HunkLine};
use crate::text::words::compare_words;

/// The pieces of both, none longer than a line: what goes, what comes, and between them what stays. Without what goes the
/// pieces are the text after, without what comes the text before.
///
/// Texts without a word in common are told whole: the one goes, the other comes.
///
/// ```
/// use selkie_vcs::{Fate, weave_words};
/// let pieces = weave_words(b"dive deep\n", b"dive deeper\n");
/// let told: Vec<_> = pieces.iter().map(|piece| (piece.fate, piece.bytes)).collect();
/// let expected: [(Fate, &[u8]); 4] = [
///     (Fate::Kept, b"dive "), (Fate::Removed, b"deep"), (Fate::Added, b"deeper"), (Fate::Kept, b"\n"),
/// ];
/// assert_eq!(told, expected);
/// ```
#[must_use]
pub fn weave_words<'a>(before: &'a [u8], after: &'a [u8]) -> Vec<HunkLine<'a>> {
    let words = compare_words(before, after);
    if words.kept == 0 {
        let gone = lines(Fate::Removed, before);
        return gone.chain(lines(Fate::Added, after)).collect();
    }
    let mut pieces = Vec::new();
    let (mut removed, mut added) = (words.removed.into_iter(), words.added.into_iter());
    let (mut gone, mut come) = (removed.next(), added.next());
    let (mut old, mut new) = (0, 0);
    loop {
        if let Some(range) = gone.take_if(|range| range.start == old) {
            old = range.end;
            gone = removed.next();
            pieces.extend(lines(Fate::Removed, &before[range]));
        }
        if let Some(range) = come.take_if(|range| range.start == new) {
            new = range.end;
            come = added.next();
            pieces.extend(lines(Fate::Added, &after[range]));
        }
        let until_gone = gone.as_ref().map_or(before.len(), |range| range.start) - old;
        let until_come = come.as_ref().map_or(after.len(), |range| range.start) - new;
        let kept = until_gone.min(until_come);
        pieces.extend(lines(Fate::Kept, &after[new..new + kept]));
        (old, new) = (old + kept, new + kept);
        if old == before.len() && new == after.len() {
            return pieces;
        }
    }
}

fn lines(fate: Fate, bytes: &[u8]) -> impl Iterator<Item = HunkLine<'_>> {
    let lines = bytes.split_inclusive(|byte| *byte == b'\n');
    lines.map(move |bytes| HunkLine { fate, bytes })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::dice::Dice;

    fn told(before: &str, after: &str) -> String {
        let pieces = weave_words(before.as_bytes(), after.as_bytes());
        let told = pieces.iter().map(|piece| {
            let text = str::from_utf8(piece.bytes).unwrap();
            match piece.fate {
                Fate::Kept => text.to_owned(),
                Fate::Removed => format!("[-{text}-]"),
                Fate::Added => format!("{{+{text}+}}"),
            }
        });
        told.collect()
    }

    #[test]
    fn words_stand_where_they_were_and_are() {
        for (before, after, expected) in [
            ("", "", ""),
            ("a b c", "a c", "a [-b -]c"),
            ("a = 1;", "a = 2;", "a = [-1-]{+2+};"),
            ("a b\n", "a\nb\n", "a[- -]{+\n+}b\n"),
            ("one\n", "two\n", "[-one\n-]{+two\n+}"),
            ("", "two\n", "{+two\n+}"),
        ] {
            assert_eq!(told(before, after), expected, "{before:?} {after:?}");
        }
    }

    #[test]
    fn each_side_can_be_read_out_of_the_row() {
        let mut dice = Dice(7);
        for _ in 0..300 {
            let (before, after) = (dice.text(), dice.text());
            let pieces = weave_words(before.as_bytes(), after.as_bytes());
            let without = |fate| -> Vec<u8> {
                let rest = pieces.iter().filter(|piece| piece.fate != fate);
                rest.flat_map(|piece| piece.bytes).copied().collect()
            };
            assert_eq!(without(Fate::Added), before.as_bytes());
            assert_eq!(without(Fate::Removed), after.as_bytes());
        }
    }
}
