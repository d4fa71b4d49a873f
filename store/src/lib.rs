//! Objects named by their hash, packed small, and logs that no crash takes away.
//!
//! Read `DESIGN.md` beside this crate first, then the modules in the order below.
