//! A node that looks around and goes to a server, among strangers and liars, whose script the fuzzer writes.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[expect(dead_code, reason = "the other targets use the rest")]
#[path = "../../sync/tests/hostile/body.rs"]
mod body;

fuzz_target!(|script: &[u8]| {
    body::discovery(script);
    body::rendezvous(script);
});
