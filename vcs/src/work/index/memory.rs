//! What was seen in a directory beside its known names.

use crate::work::stat::Stat;

/// The unknown and ignored names of a directory. As long as it was not changed, no name came or
/// went, and it need not be listed again.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Memory {
    pub(crate) modified_ns: i64,
    pub(crate) changed_ns: i64,
    pub(crate) inode: u64,
    /// What the names were judged by: see [`Ignore::stamp`](crate::ignore::Ignore::stamp).
    pub(crate) stamp: [u8; 16],
    /// Whether the directory itself is ignored, and so everything unknown in it.
    pub(crate) all_ignored: bool,
    pub(crate) names: Vec<Remembered>,
}

/// A name that is not known.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Remembered {
    pub(crate) name: Vec<u8>,
    pub(crate) is_ignored: bool,
    pub(crate) is_directory: bool,
}

impl Memory {
    /// Whether the directory is as it was. A file system whose times are coarse may not tell.
    pub(crate) const fn holds_for(&self, stat: &Stat) -> bool {
        self.modified_ns == stat.modified_ns
            && self.changed_ns == stat.changed_ns
            && self.inode == stat.inode
            && stat.has_fine_times()
    }
}
