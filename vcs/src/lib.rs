//! Seals, timelines, working copies, diffs and merges: what a version-control tool decides.
//!
//! This crate holds what the `selkie` command does, as functions: a verb is a pure `plan` and
//! a plain `apply`. It never prints, never reads the environment and never asks. It knows nothing
//! of peers and connections.
//!
//! Read `DESIGN.md` beside this crate first, then the modules in the order below.

mod text;
mod patch;

pub use self::patch::parse::{PatchError, PatchProblem, parse_edited, parse_patch};
pub use self::patch::{FileMode, FilePatch, FileVersion, Origin, PatchBody, PatchSide};
pub use self::text::apply::{ApplyError, apply};
pub use self::text::compare::{
    Algorithm, BlankLines, Change, Comparing, LineCount, TextChanges, Weight, compare,
};
pub use self::text::heading::Heading;
pub use self::text::hunk::{CONTEXT_LINES, Fate, Hunk, HunkLine};
pub use self::text::lines::{Text, TooLong, is_binary};
pub use self::text::marks::Effort;
pub use self::text::merge3::{Merge3, Region3, RegionKind, merge3};
pub use self::text::space::Space;
