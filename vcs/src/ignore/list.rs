//! The patterns of one file.

use std::sync::Arc;

use crate::ignore::pattern::{Pattern, Shape};

/// Patterns in the order of a file; the last that matches decides.
#[derive(Clone, Debug)]
pub struct PatternList {
    source: Arc<str>,
    patterns: Vec<Pattern>,
    digest: [u8; 32], // of the bytes they were read from
}

/// What decided about a path.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Verdict {
    /// Whether the path is ignored, or taken in again by a `!`.
    pub ignored: bool,
    /// What the caller called the list of patterns, mostly its path.
    pub source: Arc<str>,
    /// The line that decided, counted from one.
    pub line: u32,
    /// The pattern on that line. It may come from anybody: show it escaped.
    pub pattern: String,
}

impl PatternList {
    /// The patterns of a file with these bytes. `source` is what verdicts will call it.
    #[must_use]
    pub fn parse(source: &str, bytes: &[u8]) -> Self {
        let digest = *blake3::hash(bytes).as_bytes();
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let lines = (1..).zip(bytes.split(|byte| *byte == b'\n'));
        let patterns = lines.filter_map(|(number, line)| Pattern::parse(number, line)).collect();
        Self { source: source.into(), patterns, digest }
    }

    /// What this list says of a path below its folder, if anything. `path` is from that folder, `name` is
    /// its end.
    pub(super) fn judge(&self, path: &[u8], name: &[u8], shape: Shape) -> Option<Verdict> {
        let decides = |pattern: &&Pattern| pattern.matches(path, name, shape);
        self.patterns.iter().rev().find(decides).map(|pattern| self.verdict(pattern))
    }

    /// What each line says of what it matches, in the order of the file. Lines without a pattern are left out.
    pub fn verdicts(&self) -> impl Iterator<Item = Verdict> {
        self.patterns.iter().map(|pattern| self.verdict(pattern))
    }

    fn verdict(&self, pattern: &Pattern) -> Verdict {
        Verdict {
            ignored: !pattern.keeps,
            source: Arc::clone(&self.source),
            line: pattern.line,
            pattern: String::from_utf8_lossy(&pattern.text).into_owned(),
        }
    }

    pub(super) const fn digest(&self) -> &[u8; 32] {
        &self.digest
    }

    /// Whether no line has a pattern.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }
}
