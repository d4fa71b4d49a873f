//! Replicated data types that compose, with deltas cut from a version vector.
#![no_std]

extern crate alloc;
