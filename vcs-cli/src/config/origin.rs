//! Who said what a setting is.

use std::path::{Path, PathBuf};

/// Who said it. A later one goes before an earlier one.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Origin {
    /// Nobody: it is so by itself.
    Default,
    /// The file for everyone on this machine.
    System(PathBuf),
    /// The file of this user.
    User(PathBuf),
    /// The file of this repository.
    Repository(PathBuf),
    /// A variable of the environment.
    Environment(String),
    /// `--config` on the command line.
    Argument,
}

impl Origin {
    /// The file, if it is one.
    pub(crate) fn path(&self) -> Option<&Path> {
        match self {
            Self::System(path) | Self::User(path) | Self::Repository(path) => Some(path),
            Self::Default | Self::Environment(_) | Self::Argument => None,
        }
    }

    /// The place in a word or two.
    pub(crate) fn word(&self) -> String {
        match self {
            Self::Default => "default".to_owned(),
            Self::System(_) => "system".to_owned(),
            Self::User(_) => "user".to_owned(),
            Self::Repository(_) => "repository".to_owned(),
            Self::Environment(name) => format!("${name}"),
            Self::Argument => "--config".to_owned(),
        }
    }

    /// Whether it came with a repository.
    pub(crate) const fn is_repository(&self) -> bool {
        matches!(self, Self::Repository(_))
    }
}
