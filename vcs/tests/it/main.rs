//! The working copy from outside: real folders, real stores, real processes.

mod agrees;
mod discard;
mod find;
mod finish;
mod keyless;
mod kill;
mod lots;
mod model;
mod race;
mod round_trip;
mod story;
