//! Seals, timelines, working copies, diffs and merges: what a version-control tool decides.
//!
//! This crate holds what the `selkie` command does, as functions: a verb is a pure `plan` and
//! a plain `apply`. It never prints, never reads the environment and never asks. It knows nothing
//! of peers and connections.
//!
//! The decisions are in `DESIGN.md` beside this crate.

mod seal_name;

pub use self::seal_name::{ChangeRange, SealName, change_letters, changes_by_letters};
