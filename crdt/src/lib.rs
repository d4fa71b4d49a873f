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
mod hlc;

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
#[doc(hidden)]
pub mod record;

mod delta;
mod doc;

pub use self::actor::ActorId;
pub use self::causal::{Causal, Cut, Join, Keys, Refusal};
pub use self::counter::Counter;
pub use self::delta::Delta;
pub use self::doc::{Doc, JoinError};
pub use self::dot::Dot;
pub use self::edit::Edit;
pub use self::entity::{Entity, Name};
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
#[cfg(feature = "derive")]
pub use selkie_crdt_derive::Crdt;
