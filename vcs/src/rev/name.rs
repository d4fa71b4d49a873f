//! Names of timelines and tags.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// Why a text names no timeline and no tag.
///
/// The rules are git's, so that every name can be exported, and beyond them no character that a screen
/// does not show.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum RefNameError {
    /// There is no name.
    #[error("a name is never empty")]
    Empty,
    /// More than 200 bytes.
    #[error("a name has at most 200 bytes, not {0}")]
    Long(usize),
    /// A character that hides, breaks lines, or turns the direction of writing.
    #[error("a name has no blanks and no hidden characters")]
    Hidden,
    /// A character that means something in revisions and patterns, of git or ours.
    #[error("a name has no `{0}`")]
    Reserved(char),
    /// `..` or `@{`, or the whole name is `@`.
    #[error("a name has no `..` and no `@{{`, and is not `@`")]
    Operator,
    /// It already means where somebody stands, as with git.
    #[error("`HEAD` is where you stand")]
    Here,
    /// It would be taken for an option.
    #[error("a name does not begin with `-`")]
    Option,
    /// A slash at an end, or two in a row.
    #[error("between slashes of a name there is something")]
    Slash,
    /// A part begins or ends with a dot, or ends with `.lock`.
    #[error("no part of a name begins with `.`, or ends with `.` or `.lock`")]
    Dot,
}

/// Bytes in the longest name.
const LEN_MAX: usize = 200;

macro_rules! ref_name {
    ($(#[doc = $doc:literal] $name:ident;)*) => {$(
        #[doc = $doc]
        #[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub struct $name(Box<str>);

        impl $name {
            /// The name, if it keeps the rules.
            ///
            /// # Errors
            ///
            /// The first rule that it breaks.
            pub fn new(name: &str) -> Result<Self, RefNameError> {
                check(name).map(|()| Self(name.into()))
            }

            /// The name as text.
            #[must_use]
            pub const fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = RefNameError;

            fn from_str(name: &str) -> Result<Self, RefNameError> {
                Self::new(name)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }
    )*};
}

ref_name! {
    /// The name of a timeline.
    TimelineName;
    /// The name of a tag.
    TagName;
}

fn check(name: &str) -> Result<(), RefNameError> {
    if name.is_empty() {
        return Err(RefNameError::Empty);
    }
    if name.len() > LEN_MAX {
        return Err(RefNameError::Long(name.len()));
    }
    if name.chars().any(is_hidden) {
        return Err(RefNameError::Hidden);
    }
    if let Some(reserved) = name.chars().find(|c| "~^:?*[\\\"".contains(*c)) {
        return Err(RefNameError::Reserved(reserved));
    }
    if name == "@" || name.contains("..") || name.contains("@{") {
        return Err(RefNameError::Operator);
    }
    if name == "HEAD" {
        return Err(RefNameError::Here);
    }
    if name.starts_with('-') {
        return Err(RefNameError::Option);
    }
    for part in name.split('/') {
        if part.is_empty() {
            return Err(RefNameError::Slash);
        }
        // A file system may fold the case of git's lock files.
        let is_lock =
            part.len() >= 5 && part.as_bytes()[part.len() - 5..].eq_ignore_ascii_case(b".lock");
        if part.starts_with('.') || part.ends_with('.') || is_lock {
            return Err(RefNameError::Dot);
        }
    }
    Ok(())
}

/// Blanks, control characters, and those that show nothing or turn what follows around.
fn is_hidden(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_names_are_taken() {
        for name in ["main", "feature/new-deal", "v1.0", "größe", "a+b", "x@y", "日本", "a.lockx"]
        {
            assert_eq!(TimelineName::new(name).map(|name| name.to_string()), Ok(name.to_owned()));
            assert_eq!(TagName::new(name).map(|name| name.to_string()), Ok(name.to_owned()));
        }
    }

    #[test]
    fn a_name_that_would_mislead_is_refused() {
        for (name, error) in [
            ("", RefNameError::Empty),
            (&*"a".repeat(201), RefNameError::Long(201)),
            ("a b", RefNameError::Hidden),
            ("a\n", RefNameError::Hidden),
            ("a\u{1b}[31m", RefNameError::Hidden),
            ("ma\u{200b}in", RefNameError::Hidden),
            ("\u{202e}niam", RefNameError::Hidden),
            ("a~1", RefNameError::Reserved('~')),
            ("a^", RefNameError::Reserved('^')),
            ("a:b", RefNameError::Reserved(':')),
            ("a*", RefNameError::Reserved('*')),
            ("a\\b", RefNameError::Reserved('\\')),
            ("@", RefNameError::Operator),
            ("a..b", RefNameError::Operator),
            ("a@{1", RefNameError::Operator),
            ("HEAD", RefNameError::Here),
            ("-f", RefNameError::Option),
            ("a//b", RefNameError::Slash),
            ("/a", RefNameError::Slash),
            ("a/", RefNameError::Slash),
            (".a", RefNameError::Dot),
            ("a/.b", RefNameError::Dot),
            ("a.", RefNameError::Dot),
            ("a.lock", RefNameError::Dot),
            ("a.LOCK/b", RefNameError::Dot),
        ] {
            assert_eq!(TimelineName::new(name), Err(error), "{name:?}");
        }
    }
}
