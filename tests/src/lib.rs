//! What is true of all crates together.
//!
//! [`tidy`] holds the tree to the rules of the house: it reads the files, and each rule answers
//! with complaints.

#[cfg(doctest)]
mod readme;
pub mod tidy;
