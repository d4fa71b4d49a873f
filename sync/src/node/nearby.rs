//! Looking for others, in the local network and at rendezvous servers, for whoever runs a node.

use std::net::IpAddr;

use crate::discovery::heard::Sighting;
use crate::node::server_name::ServerName;

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

/// At which rendezvous servers a node looks for others, and is found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Rendezvous {
    /// The servers. Each of them is visited.
    pub servers: Vec<ServerName>,
    /// Whether it leaves word where it is, or only looks who did.
    pub speech: Speech,
}

/// What a node says of itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Speech {
    /// Where it is.
    Tells,
    /// That it looks for others: it only calls.
    Asks,
    /// Nothing: it hears what others say.
    None,
}

/// What is known of others.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Nearby {
    /// Whether the node looks around in the local network.
    pub is_looking: bool,
    /// The addresses of this machine in whose subnets it listens.
    pub at: Vec<IpAddr>,
    /// Those that have to do with a channel of this node.
    pub sightings: Vec<Sighting>,
    /// At how many addresses there are others, who have to do with none.
    pub strangers: usize,
    /// What does not work, and why.
    pub troubles: Vec<String>,
    /// The rendezvous servers that it goes to.
    pub servers: Vec<Visited>,
}

/// A rendezvous server, as a node found it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Visited {
    /// Where it is.
    pub server: String,
    /// Whether a visit came to an end, or to nothing.
    pub was_asked: bool,
    /// Whether word was left there.
    pub is_registered: bool,
    /// Why the last visit came to nothing, or what the server did not take.
    pub trouble: Option<String>,
}
