//! What a node knows of others that it is not connected with, for commands.

use std::net::IpAddr;
use std::time::Duration;

use selkie_sync::{HeardBy, Nearby, NodeId, Sighting, Unreached, Visited, Why};
use serde::{Deserialize, Serialize};

use crate::config::span::told;

/// What is known of the local network, and was heard at rendezvous servers.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Around {
    /// Whether the node looks around in the local network.
    pub(crate) looking: bool,
    /// The addresses of this machine in whose subnets the node listens.
    pub(crate) at: Vec<IpAddr>,
    /// Those who know the repository.
    pub(crate) heard: Vec<Neighbour>,
    /// At how many addresses there are others.
    pub(crate) strangers: u64,
    /// What does not work, and why.
    pub(crate) troubles: Vec<String>,
    /// The rendezvous servers that it goes to.
    pub(crate) servers: Vec<Server>,
}

/// A rendezvous server.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Server {
    pub(crate) name: String,
    /// Whether it was asked, and answered or not.
    pub(crate) asked: bool,
    /// Whether it has word of where this node is.
    pub(crate) registered: bool,
    /// Why it is of no use, if it is of none.
    pub(crate) trouble: Option<String>,
}

/// Somebody who was heard of.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Neighbour {
    pub(crate) node: NodeId,
    /// Whether it was heard of at a server, and not in the local network.
    pub(crate) is_far: bool,
    /// Where it is to be called, and how many milliseconds ago it said so. Spelled, since which subnet an address means is told in no
    /// other way.
    pub(crate) places: Vec<(String, u64)>,
    /// By how many milliseconds its clock is ahead, where that is too much to call it.
    pub(crate) ahead_ms: Option<i64>,
}

impl Around {
    pub(crate) fn of(nearby: &Nearby) -> Self {
        let neighbour = |it: &Sighting| {
            let ms = |age: Duration| u64::try_from(age.as_millis()).unwrap_or(u64::MAX);
            let places = it.places.iter().map(|(at, age)| (at.to_string(), ms(*age)));
            let is_far = it.by == HeardBy::Rendezvous;
            Neighbour { node: it.node, is_far, places: places.collect(), ahead_ms: it.ahead_ms }
        };
        let server = |it: &Visited| Server {
            name: it.server.clone(),
            asked: it.was_asked,
            registered: it.is_registered,
            trouble: it.trouble.clone(),
        };
        Self {
            looking: nearby.is_looking,
            at: nearby.at.clone(),
            heard: nearby.sightings.iter().map(neighbour).collect(),
            strangers: nearby.strangers as u64,
            troubles: nearby.troubles.clone(),
            servers: nearby.servers.iter().map(server).collect(),
        }
    }
}

/// Why somebody is not connected, with what is known of the local network; that is nothing where nobody looks around.
pub(crate) fn reason(why: &Why, node: NodeId, nearby: Option<&Nearby>) -> String {
    let Some(nearby) = nearby else {
        return match why {
            Why::NoAddress | Why::Unwanted => format!("{why}, and nobody is looked for near here"),
            _ => why.to_string(),
        };
    };
    let seen = nearby.sightings.iter().filter(|it| it.node == node);
    // One by whom it can be called tells more than one whose clock is wrong.
    let Some(seen) = seen.min_by_key(|it| it.ahead_ms.is_some()) else {
        let nowhere = match (nearby.is_looking, nearby.servers.is_empty()) {
            (_, true) => "near here",
            (true, false) => "near here or at a rendezvous server",
            (false, false) => "at a rendezvous server",
        };
        return format!("{why}, and it was not heard of {nowhere}");
    };
    let place = match seen.by {
        HeardBy::Lan => "near here",
        HeardBy::Rendezvous => "at a rendezvous server",
    };
    if let Some(ahead_ms) = seen.ahead_ms {
        return format!("{why}; it was heard of {place}, but {}", clock(ahead_ms));
    }
    match why {
        Why::Unreached(at, Unreached::Silence) if seen.places.iter().any(|(it, _)| it == at) => {
            format!("{why}, though it says that it is there: a firewall may be between")
        }
        _ => format!("{why}; it was heard of {place}"),
    }
}

/// How far another's clock is off.
pub(crate) fn clock(ahead_ms: i64) -> String {
    let off = told(Duration::from_millis(ahead_ms.unsigned_abs()));
    let side = if ahead_ms > 0 { "ahead of" } else { "behind" };
    format!("its clock is {off} {side} this one")
}

#[cfg(test)]
mod tests {
    use selkie_sync::ChannelId;

    use super::*;

    const NODE: NodeId = NodeId::from_bytes([7; 32]);

    fn seen(at: &str, ahead_ms: Option<i64>) -> Nearby {
        let channel = ChannelId::from_bytes([1; 16]);
        let places = vec![(at.parse().unwrap(), Duration::from_secs(5))];
        let sighting = Sighting { node: NODE, by: HeardBy::Lan, channel, places, ahead_ms };
        Nearby { is_looking: true, sightings: vec![sighting], ..Nearby::default() }
    }

    #[test]
    fn why_two_do_not_meet_is_told_with_what_was_heard() {
        let silence = Why::Unreached("192.0.2.7:7355".parse().unwrap(), Unreached::Silence);
        let table = [
            (Why::NoAddress, None, "no address of it is known, and nobody is looked for near here"),
            (Why::Broken, None, "the connection broke"),
            (
                Why::NoAddress,
                Some(Nearby::default()),
                "no address of it is known, and it was not heard of near here",
            ),
            (
                silence.clone(),
                Some(seen("192.0.2.7:7355", None)),
                "called at 192.0.2.7:7355, and nobody answered, though it says that it is there: a firewall may be between",
            ),
            (
                silence,
                Some(seen("192.0.2.8:7355", None)),
                "called at 192.0.2.7:7355, and nobody answered; it was heard of near here",
            ),
            (
                Why::NoAddress,
                Some(seen("192.0.2.8:7355", Some(-7_200_000))),
                "no address of it is known; it was heard of near here, but its clock is 2 hours behind this one",
            ),
        ];
        for (why, nearby, expected) in table {
            assert_eq!(reason(&why, NODE, nearby.as_ref()), expected);
        }
    }
}
