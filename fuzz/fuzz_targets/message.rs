//! Bytes as every message between nodes.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[expect(dead_code, reason = "the other target uses the rest")]
#[path = "../../sync/tests/hostile/body.rs"]
mod body;

fuzz_target!(|bytes: &[u8]| body::message(bytes));
