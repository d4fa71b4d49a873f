//! What can be wrong with other repositories of git.

use std::io;

use thiserror::Error;

use crate::line::Line;

/// Why nothing was fetched or pushed.
#[derive(Debug, Error)]
pub(crate) enum RemoteError {
    /// There is no git to run.
    #[error("git is not installed, and it is git that reaches other repositories of git")]
    NoGit,
    /// Git can not be started.
    #[error("git can not be started")]
    Run(#[source] io::Error),
    /// No other repository is known.
    #[error("the git repository here knows of no other, or of several")]
    None,
    /// None is known by this name.
    #[error("the git repository here knows of no other called '{0}'")]
    Unknown(String),
    /// The clone stands on no timeline.
    #[error("no timeline is here to push")]
    NoTimeline,
    /// The other repository did not take a name.
    #[error("'{remote}' did not take '{name}': {why}")]
    Refused {
        /// Which repository.
        remote: String,
        /// Which timeline or tag.
        name: String,
        /// Why, in git's words.
        why: String,
    },
    /// Git failed.
    #[error("git could not {what}: {}", .lines.join("; "))]
    Failed {
        /// What it was to do.
        what: &'static str,
        /// With which repository.
        remote: String,
        /// What it said.
        lines: Vec<String>,
    },
}

impl RemoteError {
    /// What to type after it.
    pub(super) fn hint(&self) -> Option<Line> {
        match self {
            Self::NoGit => Some(Line::of("install git")),
            Self::None => Some(
                Line::of("name one: see them with ")
                    .code("git remote")
                    .plain(", add one with ")
                    .code("git remote add"),
            ),
            Self::Unknown(_) => Some(Line::of("see all with ").code("git remote")),
            Self::NoTimeline => Some(Line::of("name one, or go to it with ").code("selkie switch")),
            Self::Refused { remote, name, why } if MISSING.contains(&why.as_str()) => Some(
                Line::of("it has seals that are not here: ")
                    .code(&format!("selkie git fetch {remote}"))
                    .plain(", then ")
                    .code(&format!("selkie fuse {remote}/{name}"))
                    .plain(", then push again"),
            ),
            Self::Refused { .. } | Self::Failed { .. } | Self::Run(_) => None,
        }
    }
}

/// What git says where the other side has what is not here.
const MISSING: [&str; 4] =
    ["fetch first", "non-fast-forward", "stale info", "remote ref updated since checkout"];
