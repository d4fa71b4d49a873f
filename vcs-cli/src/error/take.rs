//! What stands in the way of settling parts by name.

use selkie_vcs::settling::NewRuleError;
use thiserror::Error;

/// Why nothing was taken. No file is changed.
#[derive(Debug, Error)]
pub(crate) enum TakeError {
    /// A name that no part has, or several.
    #[error("no one part is called '{0}'")]
    NoPart(String),
    /// A name that no timeline with several heads has.
    #[error("no timeline '{0}' has diverged")]
    NotDiverged(String),
    /// Nothing that was named can be settled like that.
    #[error("nothing there can be settled with {0}")]
    Nothing(String),
    /// All that is meant is decided or put off already.
    #[error("nothing there is open that was not put off already")]
    NothingToPutOff,
    /// Nothing in the file of rules says the same.
    #[error("no rule takes '{0}'")]
    NoRule(String),
    /// What is meant is no pattern, or a rule can not be made of it.
    #[error(transparent)]
    Rule(NewRuleError),
}
