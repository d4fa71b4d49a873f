//! One line of a file of attributes.

use crate::ignore::pattern::{Pattern, Shape};
use crate::quote::unquoted;

/// What a line says of an attribute.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum State {
    /// `name`.
    Set,
    /// `-name`.
    Unset,
    /// `!name`, as if no line had said anything.
    Unsaid,
    /// `name=value`.
    Value(Box<[u8]>),
}

/// Names and what is said of each, in the order of the line.
pub(super) type States = Vec<(Box<[u8]>, State)>;

/// A line that says something.
#[derive(Debug)]
pub(super) enum Line {
    /// Of the paths that a pattern matches.
    Paths(Pattern, States),
    /// Of every path that has this attribute.
    Macro(Box<[u8]>, States),
}

/// Longer lines say nothing, as in git.
const LEN_MAX: usize = 2048;

const MACRO: &[u8] = b"[attr]";

impl Line {
    pub(super) fn parse(line: &[u8]) -> Option<Self> {
        if line.len() >= LEN_MAX {
            return None;
        }
        let line = line.trim_ascii();
        if line.starts_with(b"#") {
            return None;
        }
        let in_quotes = line.starts_with(b"\"").then(|| unquoted(line)).flatten();
        let (first, rest) = if let Some((pattern, rest)) = in_quotes {
            (escaped(&pattern), rest)
        } else {
            let (first, rest) = word(line)?;
            (first.to_vec(), rest)
        };
        if let Some(name) = first.strip_prefix(MACRO) {
            let (name, rest) = if name.is_empty() { word(rest)? } else { (name, rest) };
            return is_name(name)
                .then(|| states(rest))
                .flatten()
                .map(|states| Self::Macro(name.into(), states));
        }
        let pattern = Pattern::parse(0, &first).filter(|pattern| !pattern.keeps)?;
        Some(Self::Paths(pattern, states(rest)?))
    }

    /// Whether it speaks of this file: `path` is from the folder of the list, `name` is its end.
    pub(super) fn says_of(pattern: &Pattern, path: &[u8], name: &[u8]) -> bool {
        pattern.matches(path, name, Shape::File)
    }
}

/// The first word, and what follows it.
fn word(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let line = line.trim_ascii_start();
    let end = line.iter().position(u8::is_ascii_whitespace).unwrap_or(line.len());
    (end > 0).then(|| line.split_at(end))
}

/// What the words say. With one that makes no sense the line says nothing, as in git.
fn states(mut rest: &[u8]) -> Option<States> {
    let mut states = Vec::new();
    while let Some((said, after)) = word(rest) {
        rest = after;
        states.push(state(said)?);
    }
    Some(states)
}

fn state(said: &[u8]) -> Option<(Box<[u8]>, State)> {
    let (name, state) = match said {
        [b'-', name @ ..] => (name, State::Unset),
        [b'!', name @ ..] => (name, State::Unsaid),
        _ => match said.iter().position(|byte| *byte == b'=') {
            Some(at) => (&said[..at], State::Value(said[at + 1..].into())),
            None => (said, State::Set),
        },
    };
    is_name(name).then(|| (name.into(), state))
}

fn is_name(name: &[u8]) -> bool {
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._".contains(byte);
    let is_free = !name.starts_with(b"-") && !name.starts_with(b"builtin_");
    !name.is_empty() && is_free && name.iter().all(fits)
}

/// The pattern so that a line of patterns means the same by it.
fn escaped(pattern: &[u8]) -> Vec<u8> {
    let is_comment = pattern.starts_with(b"#");
    let spaces = pattern.iter().rev().take_while(|byte| **byte == b' ').count();
    let mut line = if is_comment { b"\\".to_vec() } else { Vec::new() };
    line.extend_from_slice(&pattern[..pattern.len() - spaces]);
    (0..spaces).for_each(|_| line.extend_from_slice(b"\\ "));
    line
}
