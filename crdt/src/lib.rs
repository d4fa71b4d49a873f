//! Replicated data types that compose, with deltas cut from a version vector.
#![no_std]

extern crate alloc;

mod actor;
mod dot;
mod version;

pub use self::actor::ActorId;
pub use self::dot::Dot;
pub use self::version::{Causality, VersionVector};
