//! Which words of a line changed.

use std::collections::HashMap;
use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use super::histogram::histogram;
use super::marks::{Effort, Marks};

/// The words that changed between two pieces of text, for lines that gave way to others.
///
/// A word is a run of letters, digits and `_`; a number keeps its points and commas; white space is in runs, a newline
/// alone; every other letter that a person sees is a word of its own, whatever it is made of.
///
/// ```
/// use selkie_vcs::compare_words;
/// let found = compare_words(b"let depth = 12;", b"let depth = 3.5;");
/// assert_eq!((found.removed, found.added), (vec![12..14], vec![12..15]));
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct WordChanges {
    /// Places in the bytes before, ascending, none touching another.
    pub removed: Vec<Range<usize>>,
    /// Places in the bytes after, ascending, none touching another.
    pub added: Vec<Range<usize>>,
    /// Words on both sides that stayed, white space not counted. Few of many: the lines are not the same lines, and
    /// are better shown whole.
    pub kept: usize,
    /// Whether it took a short cut.
    pub effort: Effort,
}

/// Bytes on both sides together up to which words are compared. Beyond it all is one change: nobody reads so
/// long a line word by word.
const LEN_MAX: usize = 1 << 20;

/// Compares two pieces of text word by word.
#[must_use]
pub fn compare_words(before: &[u8], after: &[u8]) -> WordChanges {
    if before == after {
        return WordChanges {
            kept: words(before).filter(|word| is_shown(word)).count(),
            ..WordChanges::default()
        };
    }
    if before.len() + after.len() > LEN_MAX {
        let whole =
            |bytes: &[u8]| Some(0..bytes.len()).filter(|all| !all.is_empty()).into_iter().collect();
        return WordChanges {
            removed: whole(before),
            added: whole(after),
            kept: 0,
            effort: Effort::Bounded,
        };
    }
    let (befores, afters): (Vec<_>, Vec<_>) = (words(before).collect(), words(after).collect());
    let mut kinds = HashMap::new();
    let before_kinds = numbers(&befores, &mut kinds);
    let after_kinds = numbers(&afters, &mut kinds);
    let mut marks = Marks::new(&before_kinds, &after_kinds);
    histogram(&mut marks, kinds.len());
    let kept = befores.iter().zip(&marks.removed).filter(|(word, gone)| !**gone && is_shown(word));
    WordChanges {
        removed: places(&befores, &marks.removed),
        added: places(&afters, &marks.added),
        kept: kept.count(),
        effort: marks.effort,
    }
}

/// The runs of tokens that gave way to others, as places among the tokens before and after.
pub(crate) fn compare_tokens(befores: &[&[u8]], afters: &[&[u8]]) -> Vec<TokenChange> {
    let mut kinds = HashMap::new();
    let before_kinds = numbers(befores, &mut kinds);
    let after_kinds = numbers(afters, &mut kinds);
    let mut marks = Marks::new(&before_kinds, &after_kinds);
    histogram(&mut marks, kinds.len());
    let mut changes = Vec::new();
    let (mut before, mut after) = (0, 0);
    while before < befores.len() || after < afters.len() {
        let gone = marks.removed[before..].iter().take_while(|gone| **gone).count();
        let come = marks.added[after..].iter().take_while(|come| **come).count();
        if gone + come > 0 {
            changes.push(TokenChange { before: before..before + gone, after: after..after + come });
        }
        // Then comes a token that stayed, or the end.
        before += gone + 1;
        after += come + 1;
    }
    changes
}

/// Tokens that give way to others.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct TokenChange {
    pub(crate) before: Range<usize>,
    pub(crate) after: Range<usize>,
}

/// A number for each kind of word.
fn numbers<'a>(words: &[&'a [u8]], kinds: &mut HashMap<&'a [u8], u32>) -> Vec<u32> {
    let number = |word: &&'a [u8]| {
        let next = u32::try_from(kinds.len()).expect("there are fewer words than bytes");
        *kinds.entry(*word).or_insert(next)
    };
    words.iter().map(number).collect()
}

fn is_shown(word: &[u8]) -> bool {
    !word.trim_ascii().is_empty()
}

/// The places of the marked words, those that touch joined.
fn places(words: &[&[u8]], marked: &[bool]) -> Vec<Range<usize>> {
    let mut places: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    for (word, marked) in words.iter().zip(marked) {
        let end = at + word.len();
        match places.last_mut() {
            Some(last) if *marked && last.end == at => last.end = end,
            _ if *marked => places.push(at..end),
            _ => {}
        }
        at = end;
    }
    places
}

/// The words of a text. Joined they are the text. What is no UTF-8 is a word byte by byte.
pub(crate) fn words(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.utf8_chunks().flat_map(|chunk| {
        let invalid = chunk.invalid().chunks(1);
        Words { rest: chunk.valid() }.map(str::as_bytes).chain(invalid)
    })
}

/// The words of what is left of a text.
struct Words<'a> {
    rest: &'a str,
}

/// What a letter makes a word with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Class {
    Letter,
    Digit,
    Space,
    Alone,
}

impl Class {
    fn of(grapheme: &str) -> Self {
        match grapheme.chars().next() {
            Some('\n' | '\r') | None => Self::Alone,
            Some(c) if c.is_whitespace() => Self::Space,
            Some(c) if c.is_numeric() => Self::Digit,
            Some(c) if c.is_alphabetic() || c == '_' => Self::Letter,
            Some(_) => Self::Alone,
        }
    }
}

impl<'a> Iterator for Words<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let mut graphemes = self.rest.graphemes(true).peekable();
        let first = graphemes.next()?;
        let mut len = first.len();
        let start = Class::of(first);
        let mut is_number = start == Class::Digit;
        while let Some(next) = graphemes.next() {
            let class = Class::of(next);
            let goes_on = match (start, class) {
                (Class::Letter | Class::Digit, Class::Letter | Class::Digit)
                | (Class::Space, Class::Space) => true,
                // A point in a number, if a digit follows.
                (Class::Digit, Class::Alone) if is_number && matches!(next, "." | ",") => {
                    graphemes.peek().is_some_and(|after| Class::of(after) == Class::Digit)
                }
                _ => false,
            };
            if !goes_on {
                break;
            }
            is_number &= class != Class::Letter;
            len += next.len();
        }
        let (word, rest) = self.rest.split_at(len);
        self.rest = rest;
        Some(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::dice::Dice;

    #[test]
    fn a_text_falls_into_words_as_a_person_would_say() {
        for (text, expected) in [
            ("", vec![]),
            ("self.count_all += 1;", vec!["self", ".", "count_all", " ", "+", "=", " ", "1", ";"]),
            (
                "v1.25, 3,000.5 a1.b",
                vec!["v1", ".", "25", ",", " ", "3,000.5", " ", "a1", ".", "b"],
            ),
            ("a \t b\r\n", vec!["a", " \t ", "b", "\r\n"]),
            (
                "ne\u{301}e 日本 👩\u{200d}🚀!",
                vec!["ne\u{301}e", " ", "日本", " ", "👩\u{200d}🚀", "!"],
            ),
        ] {
            let found: Vec<_> =
                words(text.as_bytes()).map(|word| str::from_utf8(word).unwrap()).collect();
            assert_eq!(found, expected);
        }
        let found: Vec<_> = words(b"a\xff\xfeb").collect();
        assert_eq!(found, [&b"a"[..], b"\xff", b"\xfe", b"b"]);
    }

    #[test]
    fn what_stays_is_the_same_on_both_sides() {
        let mut dice = Dice(1);
        for _ in 0..500 {
            let (before, after) = (dice.text(), dice.text());
            let found = compare_words(before.as_bytes(), after.as_bytes());
            let rest = |text: &str, gone: &[Range<usize>]| -> Vec<u8> {
                let outside = |at: &usize| !gone.iter().any(|range| range.contains(at));
                (0..text.len()).filter(outside).map(|at| text.as_bytes()[at]).collect()
            };
            assert_eq!(rest(&before, &found.removed), rest(&after, &found.added));
        }
    }

    #[test]
    fn a_line_of_a_megabyte_is_one_change() {
        let long = vec![b'x'; LEN_MAX];
        let found = compare_words(&long, b"y");
        assert_eq!((&found.removed[0], &found.added[0]), (&(0..LEN_MAX), &(0..1)));
        assert_eq!(found.effort, Effort::Bounded);
    }
}
