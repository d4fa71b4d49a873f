//! Replicated data types that compose, with deltas cut from a version vector.
#![no_std]
#![expect(
    clippy::cast_possible_truncation,
    reason = "slots and actors are numbered in 32 bits, and bounded where the numbers are given"
)]

extern crate alloc;

mod actor;
mod dot;
mod columns;
mod version;
mod context;
mod hlc;

mod lattice;
mod log;

mod mark;
mod roster;
mod shape;
mod wire;
mod value;

mod span;
mod ends;
mod kills;
mod causal;
mod delegate;
mod edit;
mod observe;

mod hash;
mod index;
mod order;
mod table;

mod leaf;
mod register;
mod flag;
mod counter;
mod set;
mod map;
mod rwset;
mod pair;
mod entity;

mod delta;
mod doc;

pub use self::actor::ActorId;
pub use self::causal::{Causal, Cut, Join, Keys, Refusal};
pub use self::context::{Context, ContextError};
pub use self::counter::Counter;
pub use self::delta::Delta;
pub use self::doc::{Doc, Guard, JoinError};
pub use self::dot::{Dot, NoDot};
pub use self::edit::Edit;
pub use self::entity::{Datum, Entity, EntityChange, Name};
pub use self::flag::{DwFlag, EwFlag};
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
pub use self::map::AwMap;
pub use self::mark::Mark;
pub use self::observe::{
    CounterChange, EntryChange, Fate, FlagChange, MapChange, Observe, RegisterChange, SetChange,
};
pub use self::register::{FwwRegister, LwwRegister, MvRegister};
pub use self::rwset::RwSet;
pub use self::set::AwSet;
pub use self::shape::Shape;
pub use self::value::Value;
pub use self::version::{Ahead, Causality, Exhausted, VersionError, VersionVector};
pub use self::wire::{DecodeError, Reader, Writer};
