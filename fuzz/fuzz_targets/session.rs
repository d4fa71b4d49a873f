//! A node among strangers and liars, whose script the fuzzer writes.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../sync/tests/hostile/script.rs"]
mod script;
#[path = "../../sync/tests/hostile/session.rs"]
mod session;

fuzz_target!(|script: &[u8]| session::session(script));
