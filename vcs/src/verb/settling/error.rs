//! What can go wrong between a draft and the files.

use selkie_store::{CodecError, NotesError, RepoPath};
use thiserror::Error;

use crate::rules::Rules;
use crate::verb::settling::new_rule::NewRuleError;
use crate::verb::trouble::Trouble;

/// Why a draft did not come into the files. No file is changed, and the draft is what it was.
#[derive(Debug, Error)]
pub enum SettlingError {
    /// The path is no conflict any more, or its file was edited since it was looked at.
    #[error("'{0}' changed meanwhile")]
    Changed(RepoPath),
    /// What was decided of a part looks like a marker, and another part of the file is open.
    #[error("what was decided for '{0}' has lines like those between which its open parts stand")]
    Markers(RepoPath),
    /// The file of rules is in conflict itself, or no text, and a rule was to come into it.
    #[error("no rule can come into {}, which is in conflict or no text", Rules::FILE)]
    Rules,
    /// A rule can not come into its file.
    #[error(transparent)]
    Rule(#[from] NewRuleError),
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
