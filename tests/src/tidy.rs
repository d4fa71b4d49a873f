//! The rules of the house, each a function from the files of the tree to complaints.
//!
//! Read `house` for what a rule sees, `source` for a Rust file, then any file in `rule`.

mod comment;
mod complaint;
mod house;
mod manifest;
mod markdown;
mod member;
mod mention;
mod rule;
mod source;
mod token;
#[cfg(test)]
mod trial;

pub use self::complaint::Complaint;
pub use self::house::House;
pub use self::rule::complaints;
