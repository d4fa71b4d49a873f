//! Seals, timelines, working copies, diffs and merges: what a version-control tool decides.
//!
//! This crate holds what the `selkie` command does, as functions: a verb is a pure `plan` and
//! a plain `apply`. It never prints, never reads the environment and never asks. It knows nothing
//! of peers and connections.
//!
//! Nothing is in it yet. The decisions already taken are in `DESIGN.md` beside this crate.

mod shared;
mod desk;
mod operation;
mod journal;
mod repository;
mod verb;

pub use self::desk::Desk;
pub use self::journal::{Logged, Outcome};
pub use self::operation::{Files, Kind, Operation, Record};
pub use self::repository::{Hand, PerformError, Repository, RepositoryError};
pub use self::shared::{Attribute, Move, Shared, State, Subject, Timeline, ids, spelled};
pub use self::verb::undo;
