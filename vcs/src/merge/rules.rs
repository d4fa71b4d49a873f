//! Which side is right, by path, where somebody said so.

use super::part::MergeSide;
use crate::glob::{Glob, Slash};

/// What a merge does with lines that no step settles, by path. The last rule that fits a path decides.
///
/// ```
/// use selkie_vcs::{MergeRules, MergeSide, Settling};
/// let mut rules = MergeRules::default();
/// rules.add("*.snap", Settling::Side(MergeSide::Theirs)).unwrap();
/// assert_eq!(rules.of("ui/menu.snap"), Settling::Side(MergeSide::Theirs));
/// assert_eq!(rules.of("ui/menu.rs"), Settling::Manual);
/// ```
#[derive(Clone, Debug, Default)]
pub struct MergeRules {
    rules: Vec<(Glob, Settling)>,
}

/// What becomes of lines that both sides changed and no step settles.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Settling {
    /// A person decides.
    #[default]
    Manual,
    /// This side is right.
    Side(MergeSide),
    /// Both are, one below the other.
    Union,
}

impl MergeRules {
    /// Adds a rule for the paths that `pattern` fits: a name anywhere, or a path from the top if there is a slash in it.
    /// Nothing if the pattern is malformed.
    #[must_use]
    pub fn add(&mut self, pattern: &str, settling: Settling) -> Option<()> {
        let anchored = pattern.strip_prefix('/').unwrap_or(pattern);
        let anywhere = if pattern.contains('/') { "" } else { "**/" };
        let glob = Glob::new(format!("{anywhere}{anchored}").as_bytes(), Slash::Stops)?;
        self.rules.push((glob, settling));
        Some(())
    }

    /// What becomes of the file at this path.
    #[must_use]
    pub fn of(&self, path: &str) -> Settling {
        let fitting = self.rules.iter().rev().find(|(glob, _)| glob.matches(path.as_bytes()));
        fitting.map_or(Settling::Manual, |(_, settling)| *settling)
    }
}
