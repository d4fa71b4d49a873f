//! The rules that a tree holds in its file `selkie.toml`: how it is settled what both sides changed.
//!
//! They are versioned with the content, so every replica that fuses the same seals reads the same rules.

use selkie_store::{PublicKey, RepoPath};

use crate::glob::{Glob, Slash};
use crate::merge::file_type::{FileType, Nature};
use crate::merge::key_pattern::KeyPattern;
use crate::strategy::Strategy;

pub(crate) mod read;

/// The rules of one tree, in the order of their file. The last one that fits decides.
///
/// ```
/// use selkie_vcs::{Nature, Rules, Strategy};
/// let rules = Rules::read(b"[[rule]]\npath = '*.snap'\nstrategy = 'prefer_remote'\n").unwrap();
/// let rule = rules.of("ui/menu.snap", Nature::Text, &[]).unwrap();
/// assert_eq!((rule.strategy, rule.line), (Strategy::PreferRemote, 1));
/// assert!(rules.of("ui/menu.rs", Nature::Text, &[]).is_none());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Rules {
    rules: Vec<FileRule>,
    near: Vec<NearRule>,
}

/// How close changes of both sides stand that were merged and are worth a look.
#[derive(Clone, Debug)]
struct NearRule {
    glob: Option<Glob>,
    lines: usize,
}

/// One rule.
#[derive(Clone, Debug)]
pub struct FileRule {
    /// The line that it begins at, the first at 1.
    pub line: usize,
    /// The files that it is for, as they are written in it.
    pub path: Option<String>,
    /// The kind of files that it is for.
    pub kind: Option<FileType>,
    /// The keys in them that it is for; all of the file if none is named.
    pub key: Option<KeyPattern>,
    /// What it says.
    pub strategy: Strategy,
    /// The key that tells items of a list apart.
    pub by: Option<String>,
    /// Whose side is right.
    pub authority: Vec<PublicKey>,
    /// The name of the command.
    pub command: Option<String>,
    glob: Option<Glob>,
}

impl Rules {
    /// Where they stand in a tree.
    pub const FILE: &str = "selkie.toml";

    /// The same as a path.
    pub(crate) fn path() -> RepoPath {
        RepoPath::new(Self::FILE).expect("the name of the file is a path")
    }

    /// The rule that decides about a key in a file, or without keys about its lines. None speaks of the file
    /// in which the rules are: who changes those decides about them.
    #[must_use]
    pub fn of(&self, path: &str, nature: Nature, way: &[Vec<u8>]) -> Option<&FileRule> {
        let is_meant = |rule: &&FileRule| rule.key.as_ref().is_none_or(|key| key.fits(way));
        self.of_file(path, nature).filter(is_meant).last()
    }

    /// All that are for this file or keys in it, in their order.
    pub fn of_file(&self, path: &str, nature: Nature) -> impl Iterator<Item = &FileRule> {
        let rules = if path == Self::FILE { &[] } else { &self.rules[..] };
        rules.iter().filter(move |rule| rule.fits(path, nature))
    }

    /// At most so many lines are between changes of both sides that were merged and are worth a look, where nobody says more
    /// or less.
    pub const NEAR_LINES: usize = 2;

    /// The same for a file: what the last `[[near]]` says that fits it.
    #[must_use]
    pub fn near_lines(&self, path: &str) -> usize {
        let fits =
            |near: &&NearRule| near.glob.as_ref().is_none_or(|glob| glob.matches(path.as_bytes()));
        self.near.iter().rfind(fits).map_or(Self::NEAR_LINES, |near| near.lines)
    }

    /// All of them, in their order.
    pub fn iter(&self) -> impl Iterator<Item = &FileRule> {
        self.rules.iter()
    }
}

impl FileRule {
    /// Whether it is for this file, or for keys in it.
    #[must_use]
    pub fn fits(&self, path: &str, nature: Nature) -> bool {
        let has_path = self.glob.as_ref().is_none_or(|glob| glob.matches(path.as_bytes()));
        has_path && self.kind.is_none_or(|kind| kind.is(path, nature))
    }
}

/// A name anywhere, or a path from the top if there is a slash in it. Nothing if the pattern is malformed.
pub(crate) fn glob(pattern: &str) -> Option<Glob> {
    let anchored = pattern.strip_prefix('/').unwrap_or(pattern);
    let anywhere = if pattern.contains('/') { "" } else { "**/" };
    Glob::new(format!("{anywhere}{anchored}").as_bytes(), Slash::Stops)
}

#[cfg(test)]
mod tests;
