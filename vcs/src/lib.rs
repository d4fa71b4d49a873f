//! Seals, timelines, working copies, diffs and merges: what a version-control tool decides.
//!
//! This crate holds what the `selkie` command does, as functions: a verb is a pure `plan` and
//! a plain `apply`. It never prints, never reads the environment and never asks. It knows nothing
//! of peers and connections.
//!
//! Read `DESIGN.md` beside this crate first, then the modules in the order below.

mod glob;
mod tree;
mod rename;
mod text;
mod patch;
mod blame;

pub use self::blame::certainty::Certainty;
pub use self::blame::stored::{StoredHistory, StoredHistoryError};
pub use self::blame::{Blame, BlameError, BlameProgress, Blamed, Blaming, History};
pub use self::patch::parse::{PatchError, PatchProblem, parse_edited, parse_patch};
pub use self::patch::{FileMode, FilePatch, FileVersion, PatchBody, PatchSide};
pub use self::rename::sample::Sample;
pub use self::rename::{
    Copies, FindingRenames, Origin, Paired, PathChange, Shortfall, Side, directory_moves,
    pair_renames,
};
pub use self::text::apply::{HunkError, apply_hunks};
pub use self::text::compare::{
    Algorithm, BlankLines, Comparing, LineChange, LineCount, TextChanges, Weight, compare_lines,
};
pub use self::text::heading::Heading;
pub use self::text::hunk::{CONTEXT_LINES, Fate, Hunk, HunkLine};
pub use self::text::lines::{Text, TooLong, is_binary};
pub use self::text::marks::Effort;
pub use self::text::merge3::{Merge3, Region3, RegionKind, merge3};
pub use self::text::space::Space;
pub use self::text::words::{WordChanges, compare_words};
pub use self::tree::compare::{CompareError, TreeChange, TreeChangeKind, TreeChanges};
pub use self::tree::filter::{FilterError, PathFilter};
