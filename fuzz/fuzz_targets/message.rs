//! Bytes as every message between nodes.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../sync/tests/hostile/spelling.rs"]
mod spelling;

fuzz_target!(|bytes: &[u8]| spelling::message(bytes));
