//! Which lines of a text somebody means.

use std::ops::Range;
use std::str::FromStr;

use thiserror::Error;

use super::lines::Text;
use crate::pattern::{Letters, Pattern, PatternError, Syntax, Words};

/// Lines of a text as people write them: `10,20`, `10,+5`, `/pattern/,/pattern/`, `10,` or `,20`.
#[derive(Clone, Debug)]
pub struct Span {
    first: Option<Place>,
    last: Option<Last>,
}

#[derive(Clone, Debug)]
enum Place {
    Line(usize),
    Matching(Box<Pattern>),
}

#[derive(Clone, Debug)]
enum Last {
    At(Place),
    More(usize),
    Fewer(usize),
}

/// A text means no lines.
#[derive(Clone, Debug, Error)]
pub enum SpanError {
    /// It is not written as lines are.
    #[error("'{0}' means no lines")]
    Form(String),
    /// A pattern in it is none.
    #[error(transparent)]
    Pattern(#[from] PatternError),
    /// The text has no such line.
    #[error("there is no line {0}")]
    Line(usize),
    /// No line matches.
    #[error("no line matches")]
    NoMatch,
}

impl Span {
    /// The lines that are meant in this text, the first at 0. A pattern is looked for from line `from` on, and then from
    /// the top.
    ///
    /// # Errors
    ///
    /// The text has no such lines.
    pub fn of(&self, text: &Text, from: usize) -> Result<Range<usize>, SpanError> {
        let first = match &self.first {
            None => 0,
            Some(Place::Line(line)) => within(*line, text)?,
            Some(Place::Matching(pattern)) => {
                let below = next(pattern, text, from..text.len());
                below.or_else(|| next(pattern, text, 0..from)).ok_or(SpanError::NoMatch)?
            }
        };
        let last = match &self.last {
            None => text.len(),
            // Beyond the end is the end, as with git.
            Some(Last::At(Place::Line(line))) => (*line).min(text.len()),
            Some(Last::At(Place::Matching(pattern))) => {
                next(pattern, text, first + 1..text.len()).ok_or(SpanError::NoMatch)? + 1
            }
            Some(Last::More(count)) => first.saturating_add(*count).min(text.len()),
            Some(Last::Fewer(count)) => {
                return Ok((first + 1).saturating_sub(*count)..first + 1);
            }
        };
        // Written the wrong way round they are the same lines.
        Ok(if last <= first { last.saturating_sub(1)..first + 1 } else { first..last })
    }
}

/// A line by its number, the first at 1.
fn within(line: usize, text: &Text) -> Result<usize, SpanError> {
    if line == 0 || line > text.len() { Err(SpanError::Line(line)) } else { Ok(line - 1) }
}

fn next(pattern: &Pattern, text: &Text, lines: Range<usize>) -> Option<usize> {
    lines.into_iter().find(|line| {
        let line = text.line(*line);
        pattern.find(line.strip_suffix(b"\n").unwrap_or(line)).is_some()
    })
}

impl FromStr for Span {
    type Err = SpanError;

    fn from_str(written: &str) -> Result<Self, SpanError> {
        let wrong = || SpanError::Form(written.to_owned());
        let (first, rest) = place(written, written)?;
        let last = match rest.strip_prefix(',') {
            None if rest.is_empty() => {
                return Ok(Self { first: Some(first.ok_or_else(wrong)?), last: None });
            }
            None => return Err(wrong()),
            Some(last) => last,
        };
        let number = |text: &str| text.parse::<usize>().map_err(|_no_number| wrong());
        let last = match (last.strip_prefix('+'), last.strip_prefix('-')) {
            (Some(count), _) => Some(Last::More(number(count)?)),
            (_, Some(count)) => Some(Last::Fewer(number(count)?)),
            (None, None) => match place(last, written)? {
                (place, "") => place.map(Last::At),
                _ => return Err(wrong()),
            },
        };
        Ok(Self { first, last })
    }
}

/// The place that the text begins with, and what follows it.
fn place<'t>(text: &'t str, whole: &str) -> Result<(Option<Place>, &'t str), SpanError> {
    let wrong = || SpanError::Form(whole.to_owned());
    if let Some(rest) = text.strip_prefix('/') {
        let (written, rest) = rest.split_once('/').ok_or_else(wrong)?;
        let pattern = Pattern::new(written, Syntax::Expression, Letters::AsWritten, Words::Any)?;
        return Ok((Some(Place::Matching(Box::new(pattern))), rest));
    }
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, rest) = text.split_at(end);
    if number.is_empty() {
        return Ok((None, rest));
    }
    Ok((Some(Place::Line(number.parse().map_err(|_too_large| wrong())?)), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_meant_by_number_and_by_pattern() {
        let text = Text::new(b"one\ntwo\nthree\nfour\nfive\n").unwrap();
        let table = [
            ("2,3", Some(1..3)),
            ("2", Some(1..5)),
            ("2,", Some(1..5)),
            (",2", Some(0..2)),
            ("2,+2", Some(1..3)),
            ("3,-2", Some(1..3)),
            ("4,99", Some(3..5)),
            ("4,2", Some(1..4)),
            ("/o$/,/f/", Some(1..4)),
            ("/four/,+1", Some(3..4)),
            ("6,7", None),
            ("0,1", None),
            ("/six/", None),
            ("", None),
            ("x", None),
            ("1,x", None),
            ("/one", None),
            ("1;2", None),
        ];
        for (written, expected) in table {
            let lines = written.parse::<Span>().and_then(|span| span.of(&text, 0));
            assert_eq!(lines.ok(), expected, "{written}");
        }
    }

    #[test]
    fn a_pattern_is_looked_for_below_and_then_from_the_top() {
        let text = Text::new(b"a\nb\na\n").unwrap();
        let span: Span = "/a/,+1".parse().unwrap();
        assert_eq!(span.of(&text, 1).unwrap(), 2..3);
        assert_eq!("/b/,+1".parse::<Span>().unwrap().of(&text, 2).unwrap(), 1..2);
    }
}
