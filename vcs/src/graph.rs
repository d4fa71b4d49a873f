//! The history as a graph: which seal came from which, kept small enough to be walked whole.

pub(crate) mod ancestry;
pub(crate) mod error;
pub(crate) mod file;
mod cells;
mod format;
pub(crate) mod grow;
pub(crate) mod history;
pub(crate) mod index;
pub(crate) mod lanes;
mod links;
mod lookup;
mod page;
pub(crate) mod row;
pub(crate) mod rows;
#[cfg(test)]
pub(crate) mod toy;
pub(crate) mod touched;
pub(crate) mod trees;
pub(crate) mod walk;
