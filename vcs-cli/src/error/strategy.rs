//! What can be wrong with rules and strategies.

use selkie_vcs::RulesError;
use selkie_vcs::explain::ExplainError;
use thiserror::Error;

use crate::line::Line;

/// Why nothing is told or said of strategies. All is as it was.
#[derive(Debug, Error)]
pub(crate) enum StrategyError {
    /// The rules can not be read.
    #[error(transparent)]
    Explain(#[from] ExplainError),
    /// The file of rules makes no sense.
    #[error("the rules in selkie.toml say nothing")]
    Rules(#[source] RulesError),
    /// What is no way of keys in a file.
    #[error("'{0}' is no way to a key")]
    Key(String),
    /// Nobody is named whose head is right.
    #[error("'authority' needs --of, which says whose head is right")]
    Nobody,
    /// Somebody is named where nobody is asked.
    #[error("--of says something only to 'authority'")]
    Needless,
    /// Nobody is known by this name, and it is no key.
    #[error("nobody called '{0}' is known here")]
    Stranger(String),
}

impl StrategyError {
    /// What to type next, if that is known.
    pub(super) fn hint(&self) -> Option<Line> {
        match self {
            Self::Key(_) => Some(Line::of("write it as in ").code("package.version")),
            Self::Rules(_) => {
                Some(Line::of("see what a rule may say with ").code("selkie strategy words"))
            }
            Self::Stranger(_) => Some(Line::of("see who is with ").code("selkie trust list")),
            Self::Explain(_) | Self::Nobody | Self::Needless => None,
        }
    }
}
