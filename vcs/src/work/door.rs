//! The way to the disk: an open directory, and the names in it.
//!
//! A door takes single names, never paths, and follows no symbolic link. So whatever is swapped below the
//! working copy while we are at it, a step ends in the directory that was opened or fails. The top alone is
//! opened by a path, which its owner typed.
//!
//! On Unix a door is a file descriptor and every call relative to it. Elsewhere it is a path whose
//! last part is looked at before each step, which leaves a moment between look and step; that door is
//! tested on Unix beside the other, but nothing here has run on Windows.

#[cfg(any(not(unix), test))]
pub(crate) mod by_path;
#[cfg(test)]
mod tests;
#[cfg(unix)]
pub(crate) mod unix;

#[cfg(not(unix))]
pub use self::by_path::Door;
#[cfg(unix)]
pub use self::unix::Door;

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

/// What the system can keep of a tree. What it can not is taken from the tree when a file is looked at.
pub(crate) const KEEPS_EXECUTABLE: bool = cfg!(unix);
/// Where a link can not be made by everybody, a file with its target stands for it, as with git.
pub(crate) const KEEPS_SYMLINKS: bool = cfg!(unix);
