//! What is told of a clone and its repository of git.

use crate::git::problem::Problem;

/// What was done so that both say the same again.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Told {
    /// Commits of git that became seals.
    pub commits: usize,
    /// Timelines and tags that git moved.
    pub moved: Vec<String>,
    /// Whether the clone stands elsewhere since, or has something else gathered.
    pub follows: bool,
    /// Branches and tags of git that were moved.
    pub given: usize,
    /// What somebody should know of it.
    pub notes: Vec<Note>,
}

/// What can not be the same on both sides.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Note {
    /// Git has what can not be kept here. It is left alone there.
    LeftOut(Problem),
    /// Both sides moved a timeline on: it has several newest seals, and its branch stays at one.
    Diverged(String),
    /// Git took seals from a timeline that is protected. It has them still.
    Protected(String),
    /// A tag stands elsewhere on each side, and both stay.
    Tag(String),
    /// Another working copy of the repository has this branch checked out. It stays.
    Elsewhere(String),
    /// Git has no place for a name like this.
    Unnamed(String),
}
