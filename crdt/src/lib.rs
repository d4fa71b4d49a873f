//! Replicated data types that compose, with deltas cut from a version vector.
#![no_std]

extern crate alloc;

mod actor;
mod columns;
mod context;
mod dot;
mod hlc;
mod lattice;
mod log;
mod version;

pub use self::actor::ActorId;
pub use self::context::{Context, ContextError};
pub use self::dot::{Dot, NoDot};
pub use self::hlc::{ClockError, Hlc, HlcClock};
pub use self::lattice::Lattice;
pub use self::lattice::gcounter::GCounter;
pub use self::lattice::gset::{GSet, Unsorted};
pub use self::lattice::max::Max;
pub use self::lattice::min::Min;
pub use self::lattice::pncounter::PnCounter;
pub use self::lattice::tally::{CounterFull, TallyError};
pub use self::log::Log;
pub use self::log::base::Base;
pub use self::log::entry::{Entry, Position};
pub use self::log::error::{AppendError, Compacted, RejectReason, RestoreError};
pub use self::log::materialised::{Materialise, Materialised, RefreshError, Refreshed, Snapshot};
pub use self::log::outcome::{Compaction, MergeOutcome, Rejection};
pub use self::log::retention::{Keep, Retention};
pub use self::log::waiting::Limits;
pub use self::version::{Ahead, Causality, Exhausted, VersionError, VersionVector};
