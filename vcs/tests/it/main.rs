//! The working copy from outside: real folders, real stores, real processes.

mod discard;
mod kill;
mod lots;
mod race;
mod round_trip;
mod story;
