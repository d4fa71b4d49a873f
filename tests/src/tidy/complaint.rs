//! What a rule has to say.

use std::fmt;

/// One breach of one rule: a place and a sentence.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Complaint {
    path: String,
    line: usize,
    what: String,
}

impl Complaint {
    pub(crate) fn new(path: &str, line: usize, what: impl fmt::Display) -> Self {
        Self { path: path.to_owned(), line, what: what.to_string() }
    }

    /// A complaint about a file rather than one of its lines.
    pub(crate) fn of_file(path: &str, what: impl fmt::Display) -> Self {
        Self::new(path, 1, what)
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.what)
    }
}
