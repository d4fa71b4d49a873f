//! The code of the README, run as it stands there.
#![doc = include_str!("../../README.md")]
