//! Peers that find each other and exchange log entries and the objects these need.
//!
//! This crate will hold a protocol core that is a state machine (events in, effects out, the time
//! an argument) and one thin driver around it that owns sockets, clocks and tasks. It does not
//! know whether it carries a repository or an application's own model.
//!
//! Nothing is in it yet. The decisions already taken are in `DESIGN.md` beside this crate.
