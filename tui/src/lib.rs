//! Screens: settling conflicts, walking timelines, gathering changes, watching peers.
//!
//! This crate will hold views that are functions from borrowed data, state and area to cells, and
//! updates from state and key to an action. A view performs nothing.
//!
//! Nothing is in it yet. The decisions already taken are in `DESIGN.md` beside this crate.
