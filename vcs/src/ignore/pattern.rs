//! One line of a file of patterns.

use crate::glob::{Glob, Slash};

/// A pattern, and what becomes of what it matches.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    /// The line it stands on, counted from one.
    pub(super) line: u32,
    /// The line as it was written, without what git drops at its end.
    pub(super) text: Box<[u8]>,
    /// Whether what matches is taken in again.
    pub(crate) keeps: bool,
    directories_alone: bool,
    scope: Scope,
    literal: Box<[u8]>, // what every match begins with; all of the pattern if `rest` is `Nothing`
    rest: Rest,
}

/// What a pattern is held against.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Scope {
    /// The name, in every folder.
    Name,
    /// The path from the folder of the file.
    Path,
}

/// What follows the literal start of a pattern.
#[derive(Clone, Debug)]
enum Rest {
    Nothing,
    /// A star, and this end: `*.o`.
    Ending(Box<[u8]>),
    Glob(Glob),
}

/// What stands at a path, as far as patterns care.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Shape {
    /// Something that is no directory.
    File,
    /// A directory.
    Directory,
}

impl Pattern {
    /// The pattern that a line spells, if it spells one that can match.
    pub(crate) fn parse(number: u32, line: &[u8]) -> Option<Self> {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.starts_with(b"#") {
            return None;
        }
        let text = without_trailing_spaces(line);
        let negated = text.strip_prefix(b"!");
        let pattern = negated.unwrap_or(text);
        let directory = pattern.strip_suffix(b"/");
        let mut body = directory.unwrap_or(pattern);
        if body.is_empty() {
            return None;
        }
        let scope = if body.contains(&b'/') { Scope::Path } else { Scope::Name };
        if scope == Scope::Path {
            body = body.strip_prefix(b"/").unwrap_or(body);
        }
        let is_special = |byte: &u8| b"*?[\\".contains(byte);
        let plain = body.iter().position(is_special).unwrap_or(body.len());
        let (literal, rest) = body.split_at(plain);
        let slash = if scope == Scope::Path { Slash::Stops } else { Slash::IsOrdinary };
        let rest = match rest {
            [] => Rest::Nothing,
            [b'*', end @ ..] if scope == Scope::Name && !end.iter().any(is_special) => {
                Rest::Ending(end.into())
            }
            rest => Rest::Glob(Glob::new(rest, slash)?),
        };
        Some(Self {
            line: number,
            text: text.into(),
            keeps: negated.is_some(),
            directories_alone: directory.is_some(),
            scope,
            literal: literal.into(),
            rest,
        })
    }

    /// Whether something of this shape is meant: `path` is from the folder of the file, `name` is its end.
    pub(crate) fn matches(&self, path: &[u8], name: &[u8], shape: Shape) -> bool {
        if self.directories_alone && shape == Shape::File {
            return false;
        }
        let text = if self.scope == Scope::Name { name } else { path };
        let Some(rest) = text.strip_prefix(&*self.literal) else { return false };
        match &self.rest {
            Rest::Nothing => rest.is_empty(),
            Rest::Ending(end) => rest.ends_with(end),
            Rest::Glob(glob) => glob.matches(rest),
        }
    }
}

/// The line without the spaces at its end that no backslash stands before.
fn without_trailing_spaces(line: &[u8]) -> &[u8] {
    let mut end = 0;
    let mut at = 0;
    while at < line.len() {
        match line[at] {
            b' ' => {}
            b'\\' => {
                at += 1;
                // Behind the last backslash nothing is dropped.
                end = at + 1;
            }
            _ => end = at + 1,
        }
        at += 1;
    }
    &line[..end.min(line.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_at_the_end_go_unless_they_are_escaped() {
        for (line, text) in [
            ("a  ", "a"),
            ("a\\  ", "a\\ "),
            ("a \\", "a \\"),
            ("a \t", "a \t"),
            ("a b ", "a b"),
            ("  ", ""),
            ("\\\\ ", "\\\\"),
        ] {
            assert_eq!(without_trailing_spaces(line.as_bytes()), text.as_bytes(), "{line:?}");
        }
    }

    #[test]
    fn lines_without_a_pattern_are_none() {
        for line in ["", "  ", "# note", "/", "!", "!/", "\r", "[a", "a\\"] {
            assert!(Pattern::parse(1, line.as_bytes()).is_none(), "{line:?}");
        }
    }
}
