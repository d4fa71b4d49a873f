//! Why two nodes are not connected, for people.

use std::fmt;
use std::net::SocketAddr;

use crate::identity::node_id::NodeId;
use crate::session::control::Goodbye;

/// Why there is no session with a peer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Why {
    /// Nobody told us where it is.
    NoAddress,
    /// It was not tried yet.
    NotYet,
    /// It could not be reached there.
    Unreached(SocketAddr, Unreached),
    /// The connection was there and no hello came.
    NoHello,
    /// The connection broke.
    Broken,
    /// It ended the session, for this reason.
    Told(Goodbye),
    /// We ended it, for this reason.
    Said(Goodbye),
    /// Nobody here wants a session with it.
    Unwanted,
}

/// What became of a call.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Unreached {
    /// Nobody answered.
    Silence,
    /// Somebody answered who has another key.
    OtherKey(NodeId),
    /// Somebody answered who does not speak this protocol, or not this version of it.
    OtherProtocol,
    /// This machine could not send to there.
    NoRoute,
    /// Calls to there are not allowed by the settings.
    Forbidden,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAddress => f.write_str("no address of it is known"),
            Self::NotYet => f.write_str("it has not been called yet"),
            Self::Unreached(address, why) => write!(f, "called at {address}, {why}"),
            Self::NoHello => f.write_str("it was reached, but did not say hello in time"),
            Self::Broken => f.write_str("the connection broke"),
            Self::Told(goodbye) => write!(f, "it hung up: {}", of_peer(*goodbye)),
            Self::Said(goodbye) => write!(f, "this node hung up: {}", of_us(*goodbye)),
            Self::Unwanted => f.write_str("this node has not been told to call it"),
        }
    }
}

impl fmt::Display for Unreached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Silence => f.write_str("and nobody answered"),
            Self::OtherKey(found) => write!(f, "and another node answered: {found}"),
            Self::OtherProtocol => {
                f.write_str("and what answered does not speak this version of the protocol")
            }
            Self::NoRoute => f.write_str("and this machine has no way to there"),
            Self::Forbidden => f.write_str("which the settings of this node do not allow"),
        }
    }
}

/// The reason that a peer gave, in words about the peer.
fn of_peer(goodbye: Goodbye) -> String {
    match goodbye {
        Goodbye::Done => "it is being stopped".to_owned(),
        Goodbye::Full(seconds) => format!("it has enough peers, and asks to wait {seconds} s"),
        Goodbye::Stranger => "it does not trust this device".to_owned(),
        Goodbye::Revoked => "there this device counts as revoked".to_owned(),
        Goodbye::OtherNetwork => "it is of another network".to_owned(),
        Goodbye::OtherVersion(versions) => {
            format!("it speaks version {versions} of the protocol, and this node does not")
        }
        Goodbye::Yourself => "it is this node itself".to_owned(),
        Goodbye::Double => "it has another connection with this node".to_owned(),
        Goodbye::Silent => "it heard nothing from this node for too long".to_owned(),
        Goodbye::Rude => "it says that this node broke the protocol".to_owned(),
    }
}

/// The reason that we gave, in words about the peer.
fn of_us(goodbye: Goodbye) -> String {
    match goodbye {
        Goodbye::Done => "this node was stopped".to_owned(),
        Goodbye::Full(_) => "there are enough peers".to_owned(),
        Goodbye::Stranger => "it is not trusted here".to_owned(),
        Goodbye::Revoked => "its device was revoked".to_owned(),
        Goodbye::OtherNetwork => "it is of another network".to_owned(),
        Goodbye::OtherVersion(versions) => {
            format!("this node speaks version {versions} of the protocol, and it does not")
        }
        Goodbye::Yourself => "it is this node itself".to_owned(),
        Goodbye::Double => "there is another connection with it".to_owned(),
        Goodbye::Silent => "it said nothing for too long".to_owned(),
        Goodbye::Rude => "it broke the protocol".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::control::Versions;

    #[test]
    fn every_reason_is_a_sentence() {
        let address = "192.0.2.1:7355".parse().unwrap();
        let versions = Versions { least: 2, most: 3 };
        let table = [
            (Why::NoAddress, "no address of it is known"),
            (
                Why::Unreached(address, Unreached::Silence),
                "called at 192.0.2.1:7355, and nobody answered",
            ),
            (Why::Told(Goodbye::Stranger), "it hung up: it does not trust this device"),
            (Why::Said(Goodbye::Stranger), "this node hung up: it is not trusted here"),
            (
                Why::Told(Goodbye::OtherVersion(versions)),
                "it hung up: it speaks version 2 to 3 of the protocol, and this node does not",
            ),
            (
                Why::Told(Goodbye::Full(60)),
                "it hung up: it has enough peers, and asks to wait 60 s",
            ),
        ];
        for (why, sentence) in table {
            assert_eq!(why.to_string(), sentence);
        }
    }
}
