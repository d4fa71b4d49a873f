//! Looking around in the local network, for whoever runs a node.

use std::net::IpAddr;

use crate::discovery::heard::Sighting;

/// How a node looks for others in the local network, and is found there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Discover {
    /// The port at which all of them say and hear it.
    pub port: u16,
    /// What it says of itself.
    pub speech: Speech,
    /// The address of this machine in whose subnet alone it does; if it is none of the machine's own, that is nowhere. If nothing is said, in
    /// the subnets in which the node can be called.
    pub within: Option<IpAddr>,
}

/// What a node says of itself in the local network.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Speech {
    /// Where it is.
    Tells,
    /// That it looks for others: it only calls.
    Asks,
    /// Nothing: it hears what others say.
    None,
}

/// What is known of the local network.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Nearby {
    /// The addresses of this machine in whose subnets it listens.
    pub at: Vec<IpAddr>,
    /// Those that have to do with a channel of this node.
    pub sightings: Vec<Sighting>,
    /// At how many addresses there are others, who have to do with none.
    pub strangers: usize,
    /// What does not work, and why.
    pub troubles: Vec<String>,
}
