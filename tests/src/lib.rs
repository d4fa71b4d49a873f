//! What is true of all crates together.
//!
//! [`tidy`] holds the tree to the rules of the house: it reads the files, and each rule answers
//! with complaints. [`net`] is a network from a seed, for machines that are told what happens; [`members`]
//! puts memberships into it, [`peers`] whole nodes with their stores.

#[cfg(doctest)]
mod readme;
pub mod members;
pub mod net;
pub mod peers;
pub mod tidy;
