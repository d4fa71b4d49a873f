//! Which paths are meant.

use selkie_store::{PathError, RepoPath};
use thiserror::Error;

use crate::glob::{Glob, Slash};

/// What a person names to speak of a part of a tree.
///
/// - `src/otter.rs` is that path and all below it;
/// - `*.rs`, a pattern without a slash, is every path with a part that matches, and all below it;
/// - `src/**/*.rs`, a pattern with one, is matched from the top; `*` and `?` stop at a slash and `**` does not;
/// - `!` before any of them takes out what it means.
///
/// Nothing, or nothing but exceptions, is everything else.
///
/// ```
/// use selkie_store::RepoPath;
/// use selkie_vcs::PathFilter;
/// let filter = PathFilter::new(["src", "!*.bak"]).unwrap();
/// let admits = |path| filter.admits(&RepoPath::new(path).unwrap());
/// assert_eq!(["src/a.rs", "src/a.bak", "README"].map(admits), [true, false, false]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct PathFilter {
    wanted: Vec<Rule>,
    unwanted: Vec<Rule>,
}

#[derive(Clone, Debug)]
enum Rule {
    Below(RepoPath),
    /// A pattern for the names of a path.
    Names(Glob),
    /// A pattern for a path, and the directory in which all that matches lies.
    Paths(Glob, RepoPath),
}

/// A text names no paths.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum FilterError {
    /// It is no path in a tree, nor could it be.
    #[error("{text:?} is no path in a tree")]
    Path {
        /// What was given.
        text: String,
        /// Why not.
        source: PathError,
    },
    /// It is a pattern that does not end.
    #[error("{0:?} is no pattern: a bracket or an escape is open at its end")]
    Pattern(String),
}

impl PathFilter {
    /// The paths that these texts mean.
    ///
    /// # Errors
    ///
    /// One of them means nothing.
    pub fn new<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, FilterError> {
        let mut filter = Self::default();
        for text in texts {
            match text.strip_prefix('!') {
                Some(text) => filter.unwanted.push(Rule::new(text)?),
                None => filter.wanted.push(Rule::new(text)?),
            }
        }
        Ok(filter)
    }

    /// Exactly these paths and all below them, whatever letters are in them.
    #[must_use]
    pub fn below(paths: impl IntoIterator<Item = RepoPath>) -> Self {
        let wanted = paths.into_iter().map(Rule::Below).collect();
        Self { wanted, unwanted: Vec::new() }
    }

    /// Whether the path is meant.
    #[must_use]
    pub fn admits(&self, path: &RepoPath) -> bool {
        let wanted = self.wanted.is_empty() || self.wanted.iter().any(|rule| rule.admits(path));
        wanted && !self.unwanted.iter().any(|rule| rule.admits(path))
    }

    /// Whether a path below this directory may be meant. What is told to be out is not even read.
    #[must_use]
    pub fn reaches_below(&self, directory: &RepoPath) -> bool {
        let wanted =
            self.wanted.is_empty() || self.wanted.iter().any(|rule| rule.reaches_below(directory));
        wanted && !self.unwanted.iter().any(|rule| rule.admits(directory))
    }
}

impl Rule {
    fn new(text: &str) -> Result<Self, FilterError> {
        let text = text.strip_suffix('/').unwrap_or(text);
        let Some(special) = text.find(['*', '?', '[', '\\']) else {
            let path = if text == "." { RepoPath::new("") } else { RepoPath::new(text) };
            let path =
                path.map_err(|source| FilterError::Path { text: text.to_owned(), source })?;
            return Ok(Self::Below(path));
        };
        let open = || FilterError::Pattern(text.to_owned());
        if !text.contains('/') {
            return Ok(Self::Names(
                Glob::new(text.as_bytes(), Slash::IsOrdinary).ok_or_else(open)?,
            ));
        }
        let glob = Glob::new(text.as_bytes(), Slash::Stops).ok_or_else(open)?;
        let literal = text[..special].rsplit_once('/').map_or("", |(directory, _)| directory);
        // A directory that no tree can hold holds nothing that matches.
        let directory = RepoPath::new(literal)
            .map_err(|source| FilterError::Path { text: text.to_owned(), source })?;
        Ok(Self::Paths(glob, directory))
    }

    fn admits(&self, path: &RepoPath) -> bool {
        match self {
            Self::Below(top) => is_at_or_below(path.as_str(), top.as_str()),
            Self::Names(glob) => path.names().any(|name| glob.matches(name.as_bytes())),
            Self::Paths(glob, directory) => {
                is_at_or_below(path.as_str(), directory.as_str())
                    && prefixes(path.as_str()).any(|prefix| glob.matches(prefix.as_bytes()))
            }
        }
    }

    fn reaches_below(&self, directory: &RepoPath) -> bool {
        let near = |top: &RepoPath| {
            is_at_or_below(directory.as_str(), top.as_str())
                || is_at_or_below(top.as_str(), directory.as_str())
        };
        match self {
            Self::Below(top) | Self::Paths(_, top) => near(top),
            Self::Names(_) => true,
        }
    }
}

fn is_at_or_below(path: &str, top: &str) -> bool {
    let rest = path.strip_prefix(top);
    rest.is_some_and(|rest| top.is_empty() || rest.is_empty() || rest.starts_with('/'))
}

/// The path and the directories above it.
fn prefixes(path: &str) -> impl Iterator<Item = &str> {
    let slashes = path.match_indices('/').map(|(at, _)| at);
    slashes.chain([path.len()]).map(|end| &path[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_admits_what_is_named_and_what_is_below() {
        let paths = ["a", "a.rs", "a/b.rs", "a/c/d.rs", "ab/c.md", "x.d/y"];
        for (texts, expected) in [
            (&[][..], &paths[..]),
            (&["."], &paths),
            (&["a"], &["a", "a/b.rs", "a/c/d.rs"]),
            (&["a/"], &["a", "a/b.rs", "a/c/d.rs"]),
            (&["*.rs"], &["a.rs", "a/b.rs", "a/c/d.rs"]),
            (&["*.d"], &["x.d/y"]),
            (&["a/*.rs"], &["a/b.rs"]),
            (&["a/**/*.rs"], &["a/b.rs", "a/c/d.rs"]),
            (&["a/*"], &["a/b.rs", "a/c/d.rs"]),
            (&["a", "!a/c"], &["a", "a/b.rs"]),
            (&["!*.rs"], &["a", "ab/c.md", "x.d/y"]),
            (&["[ab].rs", "ab"], &["a.rs", "a/b.rs", "ab/c.md"]),
        ] {
            let filter = PathFilter::new(texts.iter().copied()).unwrap();
            let admitted = paths.iter().filter(|path| filter.admits(&RepoPath::new(path).unwrap()));
            assert_eq!(admitted.copied().collect::<Vec<_>>(), expected, "{texts:?}");
        }
    }

    #[test]
    fn directories_without_a_meant_path_are_not_entered() {
        let directories = ["a", "a/b", "c"];
        for (texts, expected) in [
            (&["a/b/c"][..], &["a", "a/b"][..]),
            (&["a/b/*.rs"], &["a", "a/b"]),
            (&["*.rs"], &["a", "a/b", "c"]),
            (&["!a"], &["c"]),
            (&["a", "!a/b"], &["a"]),
        ] {
            let filter = PathFilter::new(texts.iter().copied()).unwrap();
            let reached = directories
                .iter()
                .filter(|path| filter.reaches_below(&RepoPath::new(path).unwrap()));
            assert_eq!(reached.copied().collect::<Vec<_>>(), expected, "{texts:?}");
        }
    }

    #[test]
    fn what_means_nothing_is_refused() {
        for text in ["/etc", "../x", "a//b", ".git/x", "[a", "a/[", "../*"] {
            assert!(PathFilter::new([text]).is_err(), "{text}");
        }
    }
}
