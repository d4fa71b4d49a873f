//! Texts line by line: how they differ, how three of them merge, what a patch makes of one.

pub(crate) mod lines;
pub(crate) mod space;
pub(crate) mod marks;
mod myers;
mod anchors;
mod histogram;
mod slide;
mod kinds;
pub(crate) mod returns;
pub(crate) mod compare;
pub(crate) mod heading;
pub(crate) mod hunk;
pub(crate) mod apply;
pub(crate) mod merge3;
pub(crate) mod words;
pub(crate) mod span;
pub(crate) mod weave;
#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) mod dice;
