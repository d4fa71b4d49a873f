//! Seals, timelines, working copies, diffs and merges: what a version-control tool decides.
//!
//! This crate holds what the `selkie` command does, as functions: a verb is a pure `plan` and
//! a plain `apply`. It never prints, never reads the environment and never asks. It knows nothing
//! of peers and connections.
//!
//! The decisions are in `DESIGN.md` beside this crate.

mod ignore;
mod tree;
mod work;

pub use self::ignore::list::{PatternList, Verdict};
pub use self::ignore::pattern::Shape;
pub use self::ignore::{FILES, Ignore};
pub use self::tree::edit::{EditError, Edits, edit};
pub use self::work::door::Door;
pub use self::work::folding::Folding;
pub use self::work::index::Index;
pub use self::work::index::against::{Against, Difference};
pub use self::work::index::rebase::{Seen, TreeError};
pub use self::work::record::{RecordError, Recorded, record};
pub use self::work::scan::scan;
pub use self::work::stat::{Form, Stat};
pub use self::work::status::{
    Asked, AskedIgnored, AskedUnknown, Change, ChangeKind, Learned, Litter, Refused, Status,
    Unknown, UnknownKind, Unread,
};
pub use self::work::write::apply::{ApplyError, Progress, apply, sweep};
pub use self::work::write::observe::{Leaving, ObserveError, Observed, OnDisk, observe};
pub use self::work::write::plan::{Act, Blocked, Names, Overwrite, Plan, Policy, Step, Why, plan};
