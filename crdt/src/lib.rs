//! Replicated data types that compose, with deltas cut from a version vector.
#![no_std]

extern crate alloc;

mod actor;
mod columns;
mod dot;
mod hlc;
mod version;

pub use self::actor::ActorId;
pub use self::dot::Dot;
pub use self::hlc::{ClockError, Hlc, HlcClock};
pub use self::version::{Ahead, Causality, Exhausted, VersionError, VersionVector};
