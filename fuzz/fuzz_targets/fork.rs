//! What may be a proof that a log says two things in one place.
//!
//! What is done with it stands beside the tests of `selkie-store`, which do the same from a seed in every
//! build; a fuzzer goes on where they stop.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../store/tests/hostile/body.rs"]
mod body;
#[path = "../../store/tests/hostile/forge.rs"]
mod forge;

fuzz_target!(|bytes: &[u8]| body::fork(bytes));
