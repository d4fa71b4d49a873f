//! A rule that somebody makes of what they decided.

use thiserror::Error;
use toml_edit::Value;

use crate::rules::read::RulesError;
use crate::rules::{Rules, glob};
use crate::strategy::Strategy;

/// A rule for files of a pattern, as it comes into the file of rules.
///
/// ```
/// use selkie_vcs::settling::NewRule;
/// use selkie_vcs::Strategy;
/// let rule = NewRule::new("*.lock", Strategy::PreferRemote).unwrap();
/// assert_eq!(rule.text(), "[[rule]]\npath = \"*.lock\"\nstrategy = \"prefer_remote\"\n");
/// assert!(NewRule::new("[", Strategy::PreferRemote).is_err());
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NewRule {
    path: String,
    strategy: Strategy,
}

/// Why there is no such rule. The file of rules is what it was.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum NewRuleError {
    /// No file fits it.
    #[error("'{0}' is no pattern of paths")]
    Pattern(String),
    /// The strategy needs more than a path.
    #[error("a rule for '{0}' needs more than a path")]
    Strategy(&'static str),
    /// What is in the file already makes no sense.
    #[error("selkie.toml can not be read: {0}")]
    File(RulesError),
}

impl NewRule {
    /// A rule that settles the files of this pattern with this strategy.
    ///
    /// # Errors
    ///
    /// The pattern is malformed, or the strategy needs more than a path.
    pub fn new(path: &str, strategy: Strategy) -> Result<Self, NewRuleError> {
        if glob(path).is_none() || path.is_empty() {
            return Err(NewRuleError::Pattern(path.to_owned()));
        }
        let rule = Self { path: path.to_owned(), strategy };
        match Rules::read(rule.text().as_bytes()) {
            Ok(_) => Ok(rule),
            Err(_) => Err(NewRuleError::Strategy(strategy.name())),
        }
    }

    /// The pattern of the files that it is for.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What it says.
    #[must_use]
    pub const fn strategy(&self) -> Strategy {
        self.strategy
    }

    /// The lines that come into the file.
    #[must_use]
    pub fn text(&self) -> String {
        let path = Value::from(self.path.as_str());
        let strategy = Value::from(self.strategy.name());
        format!("[[rule]]\npath = {path}\nstrategy = {strategy}\n")
    }

    /// The file of rules with these at its end, where they decide over those above.
    pub(super) fn added(rules: &[Self], file: &[u8]) -> Result<Vec<u8>, NewRuleError> {
        Rules::read(file).map_err(NewRuleError::File)?;
        let mut text = file.to_vec();
        for rule in rules {
            if !text.is_empty() && !text.ends_with(b"\n") {
                text.push(b'\n');
            }
            if !text.is_empty() {
                text.push(b'\n');
            }
            text.extend(rule.text().as_bytes());
        }
        Rules::read(&text).map_err(NewRuleError::File)?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_come_to_the_end_of_their_file_and_decide_there() {
        let rule = |path| NewRule::new(path, Strategy::PreferLocal).unwrap();
        let file = b"# ours\n[[rule]]\npath = 'a'\nstrategy = 'union'";
        let text = NewRule::added(&[rule("a"), rule("it's \"b\"\t")], file).unwrap();
        assert!(text.starts_with(file));
        let rules = Rules::read(&text).unwrap();
        let told: Vec<_> =
            rules.iter().map(|rule| (rule.path.clone().unwrap(), rule.strategy)).collect();
        assert_eq!(
            told[1..],
            [
                ("a".to_owned(), Strategy::PreferLocal),
                ("it's \"b\"\t".to_owned(), Strategy::PreferLocal)
            ]
        );
        assert_eq!(NewRule::added(&[rule("x")], b"").unwrap(), rule("x").text().as_bytes());
    }

    #[test]
    fn a_file_that_makes_no_sense_gets_no_rule() {
        let rule = NewRule::new("a", Strategy::Union).unwrap();
        for file in [&b"[[rule"[..], b"<<<<<<< ours\n", b"\xff"] {
            assert!(matches!(
                NewRule::added(std::slice::from_ref(&rule), file),
                Err(NewRuleError::File(_))
            ));
        }
        assert!(matches!(NewRule::new("", Strategy::Union), Err(NewRuleError::Pattern(_))));
        assert!(matches!(NewRule::new("a", Strategy::Command), Err(NewRuleError::Strategy(_))));
    }
}
