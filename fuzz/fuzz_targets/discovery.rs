//! A node that looks around and goes to a server, among strangers and liars, whose script the fuzzer writes.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../sync/tests/hostile/script.rs"]
mod script;
#[path = "../../sync/tests/hostile/seekers.rs"]
mod seekers;

fuzz_target!(|script: &[u8]| {
    seekers::discovery(script);
    seekers::rendezvous(script);
});
