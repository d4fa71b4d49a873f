//! One file that two sides changed: what is settled, by which step, and what a person decides.
//!
//! No store, no clock, no file: bytes and a path go in, bytes or conflicts come out. `file` is the entry; it asks
//! the steps below it, each of which gives its argument for why what it settles is right.

pub(crate) mod part;
pub(crate) mod merged;
pub(crate) mod rules;
mod text;
pub(crate) mod file;
