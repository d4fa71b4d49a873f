//! One name in a directory, and what a system can keep of it.

use crate::work::stat::Form;

/// A name in a directory as the system spells it, UTF-8 or not, and what stands there if the system
/// tells it with the name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Listed {
    pub(crate) name: Vec<u8>,
    pub(crate) form: Option<Form>,
}

/// Whether a file that is made may be run.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Run {
    May,
    MayNot,
}

/// Whether a rename may replace what has the new name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Replace {
    May,
    MayNot,
}

/// Whether two names were exchanged.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Exchange {
    /// They were.
    Done,
    /// Nothing was done: the system or this file system has no such step.
    CanNot,
}

/// What the system can keep of a tree. What it can not is taken from the tree when a file is looked at.
pub(crate) const KEEPS_EXECUTABLE: bool = cfg!(unix);
/// Where a link can not be made by everybody, a file with its target stands for it, as with git.
pub(crate) const KEEPS_SYMLINKS: bool = cfg!(unix);
