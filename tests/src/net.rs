//! A network that exists in one process, from one seed.
//!
//! [`Net`] moves messages between [`Node`]s in virtual time: it loses, delays, doubles and reorders them, cuts
//! links, stops nodes, starts them again and lets them sleep. Two runs of a seed deliver the same bytes at the
//! same moments, in any process; [`Net::trace`] is a hash over all of it. [`each_seed`] runs a test with many
//! seeds and tells how one that failed is run again.

mod node;
mod link;
mod wires;
mod streams;
mod clock;
mod trace;
mod tally;
mod event;
mod place;
mod world;
mod seeds;

pub use self::clock::Clock;
pub use self::link::Link;
pub use self::node::{Input, Node, Output, Parcel};
pub use self::seeds::each_seed;
pub use self::tally::{Count, Tally};
pub use self::world::Net;
