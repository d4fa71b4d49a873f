//! One file that two sides changed: what is settled, by which step, and what a person decides.
//!
//! No store, no clock, no file: bytes and a path go in, bytes or conflicts come out. `file` is the entry; it asks
//! the steps below it, each of which gives its argument for why what it settles is right.

pub(crate) mod part;
pub(crate) mod merged;
pub(crate) mod key_pattern;
pub(crate) mod rules;
mod line_set;
mod kind;
mod version;
mod knot;
mod words;
mod inline;
mod shape;
mod sorted;
mod listing;
pub(crate) mod entry;
mod yaml;
mod blocks;
mod align;
mod overlap;
mod pairs;
mod touching;
mod vicinity;
mod moved;
mod text;
mod tree;
pub(crate) mod keyed;
mod whole;
pub(crate) mod file_type;
pub(crate) mod file;
#[cfg(test)]
mod tests;
