//! What is looked for in the lines of a text.

use std::ops::Range;

use regex::bytes::{Regex, RegexBuilder};
use thiserror::Error;

/// A text or a regular expression, which lines have or have not.
///
/// It looks at one line at a time: `^` and `$` are its ends, and nothing in a pattern goes beyond them. The time is linear
/// in the text whatever the pattern is.
///
/// ```
/// use selkie_vcs::{Letters, Pattern, Syntax, Words};
/// let pattern = Pattern::new("s[aeo]+l", Syntax::Expression, Letters::AnyCase, Words::Whole).unwrap();
/// let lines = pattern.lines(b"a Seal\nsealed\nno\n");
/// assert_eq!(lines.collect::<Vec<_>>(), [0..6]);
/// ```
#[derive(Clone, Debug)]
pub struct Pattern {
    regex: Regex,
}

/// How a pattern is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Syntax {
    /// It is the text itself.
    Plain,
    /// It is a regular expression.
    Expression,
}

/// Whether upper and lower case are the same.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Letters {
    /// They are not.
    AsWritten,
    /// They are.
    AnyCase,
}

/// What may stand beside what is found.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Words {
    /// Anything.
    Any,
    /// No letter, digit or underscore.
    Whole,
}

/// The pattern is no regular expression, or too large a one.
#[derive(Clone, Debug, Error)]
#[error("'{pattern}' is no pattern: {why}")]
pub struct PatternError {
    /// What was given.
    pub pattern: String,
    /// Why not, in a few words.
    pub why: String,
}

impl Pattern {
    /// The pattern that is written so.
    ///
    /// # Errors
    ///
    /// It is no regular expression.
    pub fn new(
        text: &str,
        syntax: Syntax,
        letters: Letters,
        words: Words,
    ) -> Result<Self, PatternError> {
        let written = match syntax {
            Syntax::Plain => regex::escape(text),
            Syntax::Expression => text.to_owned(),
        };
        let written = match words {
            Words::Any => written,
            Words::Whole => format!(r"\b{{start-half}}(?:{written})\b{{end-half}}"),
        };
        let regex = RegexBuilder::new(&written)
            .case_insensitive(letters == Letters::AnyCase)
            .multi_line(true)
            .build();
        let wrong = |error| PatternError { pattern: text.to_owned(), why: in_words(&error) };
        Ok(Self { regex: regex.map_err(wrong)? })
    }

    /// Where in the line the pattern is found first. The line has no newline.
    #[must_use]
    pub fn find(&self, line: &[u8]) -> Option<Range<usize>> {
        self.regex.find(line).map(|found| found.range())
    }

    /// The lines of the text that have it, without their newlines, from top to bottom.
    pub fn lines<'a>(&'a self, text: &'a [u8]) -> impl Iterator<Item = Range<usize>> + 'a {
        let mut from = 0;
        std::iter::from_fn(move || {
            // Few lines have it, so the whole text is searched, and a line looked at only where something was found.
            while from < text.len() {
                let found = self.regex.find_at(text, from)?.start();
                let before = text[..found].iter().rposition(|byte| *byte == b'\n');
                let start = before.map_or(0, |at| at + 1).max(from);
                let rest = text[start..].iter().position(|byte| *byte == b'\n');
                let end = rest.map_or(text.len(), |length| start + length);
                from = end + 1;
                // Alone: what was found may go on into the next line, or begin behind the last newline.
                if start < text.len() && self.regex.is_match(&text[start..end]) {
                    return Some(start..end);
                }
            }
            None
        })
    }

    /// How often the text has it, lines apart.
    #[must_use]
    pub fn count(&self, text: &[u8]) -> usize {
        let lines = self.lines(text).map(|line| self.regex.find_iter(&text[line]).count());
        lines.sum()
    }
}

/// What is wrong with an expression. Where that is, the whole error draws; somebody who typed it on one line sees it.
fn in_words(error: &regex::Error) -> String {
    let whole = error.to_string();
    let last = whole.lines().last().unwrap_or_default();
    last.strip_prefix("error: ").unwrap_or(last).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pattern: &str, text: &str) -> Vec<String> {
        let pattern =
            Pattern::new(pattern, Syntax::Expression, Letters::AsWritten, Words::Any).unwrap();
        pattern.lines(text.as_bytes()).map(|line| text[line].to_owned()).collect()
    }

    #[test]
    fn a_line_has_it_or_not_whatever_stands_in_the_others() {
        let table: [(&str, &str, &[&str]); 9] = [
            ("b", "abc\nb\nd", &["abc", "b"]),
            ("^b", "ab\nb\n", &["b"]),
            ("b$", "ab\nbc", &["ab"]),
            (r"a\s+b", "a\nb\na b\n", &["a b"]),
            ("[^a]", "a\nb\n", &["b"]),
            ("", "a\n\nb", &["a", "", "b"]),
            ("^$", "a\n\nb\n", &[""]),
            ("x", "", &[]),
            (r"(?s).*c", "a\nbc\nd\n", &["bc"]),
        ];
        for (pattern, text, expected) in table {
            assert_eq!(found(pattern, text), expected, "{pattern:?} in {text:?}");
        }
    }

    #[test]
    fn a_plain_text_means_itself_and_words_stand_alone() {
        let plain =
            |text, words| Pattern::new(text, Syntax::Plain, Letters::AnyCase, words).unwrap();
        assert_eq!(plain("a.c", Words::Any).lines(b"abc\nxA.Cx\n").count(), 1);
        assert_eq!(plain("(c)", Words::Whole).lines(b"x(c)x\n((c))\n").count(), 1);
        assert_eq!(plain("ab", Words::Any).count(b"abab\nab\n"), 3);
    }

    #[test]
    fn what_is_no_pattern_says_so() {
        let wrong = Pattern::new("(", Syntax::Expression, Letters::AsWritten, Words::Any);
        assert_eq!(wrong.unwrap_err().to_string(), "'(' is no pattern: unclosed group");
    }
}
