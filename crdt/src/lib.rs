//! Replicated data types that compose, with deltas cut from a version vector.
#![no_std]
#![expect(
    clippy::cast_possible_truncation,
    reason = "slots and actors are numbered in 32 bits, and bounded where the numbers are given"
)]

extern crate alloc;

mod actor;
mod columns;
mod dot;
mod hlc;
mod version;

mod mark;
mod roster;
mod shape;
mod wire;

mod ends;
mod kills;
mod span;
mod value;

mod causal;
mod delegate;
mod edit;

mod hash;
mod index;
mod order;
mod table;

mod counter;
mod flag;
mod leaf;
mod register;

mod map;
mod rwset;
mod set;

mod delta;
mod doc;

pub use self::actor::ActorId;
pub use self::causal::{Causal, Cut, Join, Keys, Refusal};
pub use self::counter::Counter;
pub use self::delta::Delta;
pub use self::doc::{Doc, JoinError};
pub use self::dot::Dot;
pub use self::edit::Edit;
pub use self::flag::{DwFlag, EwFlag};
pub use self::hlc::{ClockError, Hlc, HlcClock};
pub use self::map::AwMap;
pub use self::mark::Mark;
pub use self::register::{FwwRegister, LwwRegister, MvRegister};
pub use self::rwset::RwSet;
pub use self::set::AwSet;
pub use self::shape::Shape;
pub use self::value::Value;
pub use self::version::{Ahead, Causality, Exhausted, VersionError, VersionVector};
pub use self::wire::{DecodeError, Reader, Writer};
