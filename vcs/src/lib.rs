//! Seals, timelines, working copies, diffs and merges: what a version-control tool decides.
//!
//! This crate holds what the `selkie` command does, as functions: a verb is a pure `plan` and
//! a plain `apply`. It never prints, never reads the environment and never asks. It knows nothing
//! of peers and connections.
//!
//! The decisions are in `DESIGN.md` beside this crate.

mod evolution;
mod graph;
mod heads;
#[cfg(test)]
mod lots;
mod rev;
mod seal_name;
mod when;

pub use self::evolution::{Version, evolution};
pub use self::graph::ancestry::Distance;
pub use self::graph::error::GraphError;
pub use self::graph::file::{GraphFile, Saved};
pub use self::graph::grow::{GrowError, Paths};
pub use self::graph::history::{Change, HistoryError, PathHistory, Renames};
pub use self::graph::index::Graph;
pub use self::graph::lanes::{Arms, Cell, Drawn, Lanes, Link, Stroke};
pub use self::graph::row::{Entry, Facts, Known, Row};
pub use self::graph::rows::RowSet;
pub use self::graph::touched::{Touch, Touched, path_number};
pub use self::graph::trees::TreeReader;
pub use self::graph::walk::{Grouped, Line, Walk};
pub use self::heads::fold_heads;
pub use self::rev::ast::{Call, Expr, Moment, Narrowing, Place, Says, Subject};
pub use self::rev::error::{Candidate, ParseRevError, RevError, RevProblem};
pub use self::rev::eval::Selected;
pub use self::rev::name::{RefNameError, TagName, TimelineName};
pub use self::rev::parse::parse_rev;
pub use self::rev::resolve::{LookupError, Lookups, Revs, Then};
pub use self::seal_name::{ChangeRange, SealName, change_letters, changes_by_letters};
pub use self::when::show::{DateStyle, show_ago, show_date, wall_clock};
pub use self::when::{WhenError, parse_when};
