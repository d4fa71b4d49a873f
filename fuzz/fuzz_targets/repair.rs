//! Two honest sides of a repair, and somebody between them who follows a recipe.
//!
//! What is done with it stands beside the tests of `selkie-sync`, which do the same from a seed in every
//! build; a fuzzer goes on where they stop.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../sync/tests/repair/body.rs"]
mod body;

fuzz_target!(|bytes: &[u8]| body::session(bytes));
