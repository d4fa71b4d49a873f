//! The bridge to git: commits become seals and seals commits, with the same ids on either side.
//!
//! Nothing outside of this module knows of gitoxide, of which only the plumbing is used.

pub(crate) mod id;
pub(crate) mod commit;
mod person;
pub(crate) mod problem;
pub(crate) mod twin;
pub(crate) mod tree;
mod odd;
mod recent;
mod config;
pub(crate) mod place;
pub(crate) mod objects;
pub(crate) mod locks;
pub(crate) mod refs;
mod packed;
pub(crate) mod moves;
pub(crate) mod pairs;
pub(crate) mod tag;
mod durable;
mod pack;
pub(crate) mod import;
pub(crate) mod export;
pub(crate) mod stage;
pub(crate) mod linked;
pub(crate) mod respelled;
