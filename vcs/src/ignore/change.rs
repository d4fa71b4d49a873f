//! How a list of patterns changes: by lines at its end, and by lines that go.

use thiserror::Error;

use crate::ignore::list::PatternList;

/// What is done to a list of patterns.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PatternChange {
    /// These come to its end.
    Add(Vec<String>),
    /// The lines with these go.
    Remove(Vec<String>),
}

/// Why a list stays as it is.
#[derive(Debug, Eq, Error, PartialEq)]
pub enum PatternChangeError {
    /// No line with this text matches anything.
    #[error("'{0}' is no pattern")]
    Pattern(String),
    /// The list has it.
    #[error("'{pattern}' is in {list} already")]
    There {
        /// The list.
        list: String,
        /// The pattern.
        pattern: String,
    },
    /// The list does not have it.
    #[error("'{pattern}' is not in {list}")]
    Absent {
        /// The list.
        list: String,
        /// The pattern.
        pattern: String,
    },
}

impl PatternChange {
    /// What a list with these bytes becomes. Comments and order stay; `list` is what errors call it.
    ///
    /// # Errors
    ///
    /// A pattern is none, or the list has it already, or it has not.
    pub fn of(&self, list: &str, bytes: &[u8]) -> Result<Vec<u8>, PatternChangeError> {
        let (Self::Add(patterns) | Self::Remove(patterns)) = self;
        let mut new = bytes.to_vec();
        for pattern in patterns {
            let text =
                text_of(pattern).ok_or_else(|| PatternChangeError::Pattern(pattern.clone()))?;
            let has =
                |line: &[u8]| str::from_utf8(line).ok().and_then(text_of).as_ref() == Some(&text);
            let is_there = new.split(|byte| *byte == b'\n').any(has);
            let (list, pattern) = (list.to_owned(), pattern.clone());
            match self {
                Self::Add(_) if is_there => {
                    return Err(PatternChangeError::There { list, pattern });
                }
                Self::Remove(_) if !is_there => {
                    return Err(PatternChangeError::Absent { list, pattern });
                }
                Self::Add(_) => {
                    if new.last().is_some_and(|last| *last != b'\n') {
                        new.push(b'\n');
                    }
                    new.extend([pattern.as_bytes(), b"\n"].concat());
                }
                Self::Remove(_) => {
                    let lines = new.split_inclusive(|byte| *byte == b'\n');
                    let stays = |line: &&[u8]| !has(line.strip_suffix(b"\n").unwrap_or(line));
                    new = lines.filter(stays).flatten().copied().collect();
                }
            }
        }
        Ok(new)
    }
}

/// The pattern of a line, as its list tells it, if it is one.
fn text_of(line: &str) -> Option<String> {
    if line.contains(['\n', '\0']) {
        return None;
    }
    PatternList::parse("", line.as_bytes()).verdicts().next().map(|verdict| verdict.pattern)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(change: fn(Vec<String>) -> PatternChange, patterns: &[&str], list: &str) -> String {
        let change = change(patterns.iter().map(|pattern| (*pattern).to_owned()).collect());
        match change.of("list", list.as_bytes()) {
            Ok(bytes) => String::from_utf8(bytes).unwrap(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_pattern_comes_to_the_end_of_the_list() {
        let table = [
            (&["*.o"][..], "", "*.o\n"),
            (&["*.o", "/out/"], "# mine\na", "# mine\na\n*.o\n/out/\n"),
            (&["a "], "a\n", "'a ' is in list already"),
            (&["a"], "!a\n#a\n", "!a\n#a\na\n"),
            (&["#a"], "", "'#a' is no pattern"),
            (&["\\#a"], "", "\\#a\n"),
            (&["a\nb"], "", "'a\nb' is no pattern"),
            (&["[a"], "", "'[a' is no pattern"),
        ];
        for (patterns, list, expected) in table {
            assert_eq!(
                changed(PatternChange::Add, patterns, list),
                expected,
                "{patterns:?} {list:?}"
            );
        }
    }

    #[test]
    fn every_line_with_a_pattern_goes() {
        let table = [
            (&["a"][..], "a\nb\na  \r\n!a\n", "b\n!a\n"),
            (&["b"], "a\nb", "a\n"),
            (&["a"], "a\n", ""),
            (&["c"], "a\n#c\n", "'c' is not in list"),
        ];
        for (patterns, list, expected) in table {
            assert_eq!(
                changed(PatternChange::Remove, patterns, list),
                expected,
                "{patterns:?} {list:?}"
            );
        }
    }
}
