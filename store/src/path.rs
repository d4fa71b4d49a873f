//! The place of something in a tree of trees.

use std::fmt;

use thiserror::Error;

use crate::name::{Name, NameError};

/// A path from the top of a tree: names joined by `/`. The empty path is the top itself.
///
/// Every part is a [`Name`], so no path leaves the tree or enters a control directory.
/// Paths are ordered by their bytes.
///
/// ```
/// use selkie_store::RepoPath;
/// let path = RepoPath::new("src/harbour.rs").unwrap();
/// assert_eq!(path.names().collect::<Vec<_>>(), ["src", "harbour.rs"]);
/// assert!(RepoPath::new("src/../../etc").is_err());
/// ```
#[derive(Clone, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct RepoPath(Box<str>);

impl RepoPath {
    /// Bytes in the longest path.
    pub const LEN_MAX: usize = 4096;
    /// Names in the deepest path.
    pub const DEPTH_MAX: usize = 512;

    /// The path, if every part of it is a [`Name`].
    ///
    /// # Errors
    ///
    /// The first part that is no name, or that the path is too long or too deep.
    pub fn new(path: &str) -> Result<Self, PathError> {
        if path.len() > Self::LEN_MAX {
            return Err(PathError::Long(path.len()));
        }
        if path.is_empty() {
            return Ok(Self::default());
        }
        for (depth, part) in path.split('/').enumerate() {
            if depth == Self::DEPTH_MAX {
                return Err(PathError::Deep);
            }
            Name::new(part)?;
        }
        Ok(Self(path.into()))
    }

    /// The path of the entry `name` in the directory at this path.
    ///
    /// # Errors
    ///
    /// The path becomes too long or too deep.
    pub fn join(&self, name: &Name) -> Result<Self, PathError> {
        let joined = if self.is_top() { name.to_string() } else { format!("{self}/{name}") };
        if joined.len() > Self::LEN_MAX {
            return Err(PathError::Long(joined.len()));
        }
        if self.names().count() == Self::DEPTH_MAX {
            return Err(PathError::Deep);
        }
        Ok(Self(joined.into()))
    }

    /// The path as text.
    #[must_use]
    pub const fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the top of the tree.
    #[must_use]
    pub const fn is_top(&self) -> bool {
        self.0.is_empty()
    }

    /// The names from the top down. The top has none.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.split('/').filter(|name| !name.is_empty())
    }

    /// The directory that holds this path. The top has none.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        match self.0.rsplit_once('/') {
            Some((parent, _)) => Some(Self(parent.into())),
            None if self.is_top() => None,
            None => Some(Self::default()),
        }
    }
}

impl fmt::Display for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// Why a text is no path in a tree.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum PathError {
    /// A part is no name. An absolute path has an empty part.
    #[error(transparent)]
    Name(#[from] NameError),
    /// More than [`RepoPath::LEN_MAX`] bytes.
    #[error("a path has at most 4096 bytes, not {0}")]
    Long(usize),
    /// More than [`RepoPath::DEPTH_MAX`] names.
    #[error("a path has at most 512 names")]
    Deep,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> RepoPath {
        RepoPath::new(text).unwrap()
    }

    #[test]
    fn a_path_is_taken_apart_and_put_together() {
        let name = |text| Name::new(text).unwrap();
        let built = RepoPath::default().join(&name("a")).unwrap().join(&name("b")).unwrap();
        assert_eq!(built, path("a/b"));
        assert_eq!(built.parent(), Some(path("a")));
        assert_eq!(path("a").parent(), Some(path("")));
        assert_eq!(path("").parent(), None);
        assert_eq!(path("").names().count(), 0);
    }

    #[test]
    fn a_path_that_is_no_path_is_refused() {
        for (text, error) in [
            ("/etc", PathError::Name(NameError::Empty)),
            ("a/", PathError::Name(NameError::Empty)),
            ("a//b", PathError::Name(NameError::Empty)),
            ("a/./b", PathError::Name(NameError::Relative)),
            ("../a", PathError::Name(NameError::Relative)),
            ("a\\..\\b", PathError::Name(NameError::Separator)),
            ("a/.Git/hooks", PathError::Name(NameError::ControlDirectory)),
            (&"a".repeat(256), PathError::Name(NameError::Long(256))),
            (&"a".repeat(4097), PathError::Long(4097)),
            (&["a"; 513].join("/"), PathError::Deep),
        ] {
            assert_eq!(RepoPath::new(text), Err(error), "{text:?}");
        }
    }

    #[test]
    fn joining_keeps_the_limits() {
        let deep = path(&["a"; 512].join("/"));
        assert_eq!(deep.join(&Name::new("b").unwrap()), Err(PathError::Deep));
    }
}
