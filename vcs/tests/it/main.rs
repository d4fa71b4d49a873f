//! The working copy from outside: real folders, real stores, real processes.

mod kill;
mod lots;
mod round_trip;
mod story;
