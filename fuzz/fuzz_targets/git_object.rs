//! An object of git from a stranger, made ours and git's again.
//!
//! What is done with it stands beside the tests of `selkie-vcs`, which do the same from a seed in every
//! build; a fuzzer goes on where they stop.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../vcs/tests/it/git_objects/body.rs"]
mod body;

fuzz_target!(|bytes: &[u8]| {
    body::object(bytes);
});
