//! The bridge to git: commits become seals and seals commits, with the same ids on either side.
//!
//! Nothing outside of this module knows of gitoxide, of which only the plumbing is used.

pub(crate) mod id;
mod commit;
mod person;
pub(crate) mod problem;
mod twin;
mod tree;
mod odd;
mod recent;
mod config;
pub(crate) mod place;
mod objects;
pub(crate) mod refs;
mod pairs;
mod tag;
mod pack;
pub(crate) mod import;
pub(crate) mod export;
