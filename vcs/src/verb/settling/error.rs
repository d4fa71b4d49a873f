//! What can go wrong between a draft and the files.

use selkie_store::{CodecError, NotesError, RepoPath, TooLarge};
use thiserror::Error;

use crate::few::few;
use crate::rules::Rules;
use crate::verb::settling::declined::Declined;
use crate::verb::settling::new_rule::NewRuleError;
use crate::verb::trouble::Trouble;
use crate::work::write::plan::Blocked;

/// Why a draft did not come into the files. No file is changed, and the draft is what it was.
#[derive(Debug, Error)]
pub enum SettlingError {
    /// The path is no conflict any more, or its file was edited since it was looked at.
    #[error("'{0}' changed meanwhile")]
    Changed(RepoPath),
    /// What was decided of a part looks like a marker, and another part of the file is open.
    #[error("what was decided for '{0}' has lines like those between which its open parts stand")]
    Markers(RepoPath),
    /// A file was to be at this path, and something else is there.
    #[error("'{0}' is there already")]
    Taken(RepoPath),
    /// The file of rules is in conflict itself, or no text, and a rule was to come into it.
    #[error("no rule can come into {}, which is in conflict or no text", Rules::FILE)]
    Rules,
    /// A rule can not come into its file.
    #[error(transparent)]
    Rule(#[from] NewRuleError),
    /// The timeline has other heads than when it was looked at.
    #[error("the heads of timeline '{0}' changed meanwhile")]
    Diverged(String),
    /// What was decided of the heads of a timeline can not be done.
    #[error("timeline '{0}': {1}")]
    Declined(String, Declined),
    /// The heads of the timeline that the clone stands on are decided, and something about its files as well.
    #[error(
        "files and the heads of timeline '{0}', which you stand on, can not be settled in one step"
    )]
    Together(String),
    /// Files have changes of somebody's own where the timeline has other contents then.
    #[error("changed files that it changes too: {}", few(.0.iter().map(|one| &one.path)))]
    Blocked(Vec<Blocked>),
    /// A seal would not fit its format.
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
    /// The draft can not be read or added to.
    #[error(transparent)]
    Notes(#[from] NotesError),
    /// A decision is too long for a draft, or is no decision.
    #[error("a decision can not be kept or read")]
    Note(#[from] CodecError),
    /// The store, the files or the history failed.
    #[error(transparent)]
    Failed(Trouble),
}

impl<E: Into<Trouble>> From<E> for SettlingError {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}
