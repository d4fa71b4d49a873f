//! The working copy: what is on disk, what was last seen of it, and how it becomes a tree and back.

pub(crate) mod stat;
pub(crate) mod door;
pub(crate) mod disk;
pub(crate) mod litter;
pub(crate) mod folding;
pub(crate) mod reach;
pub(crate) mod index;
pub(crate) mod status;
pub(crate) mod pattern_file;
pub(crate) mod scan;
pub(crate) mod progress;
pub(crate) mod record;
pub(crate) mod markings;
pub(crate) mod unsettled;
pub(crate) mod write;
pub(crate) mod follow;
#[cfg(test)]
mod line_ends_tests;
#[cfg(test)]
mod trial;
