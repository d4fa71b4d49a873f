//! What a node says of itself to all that are near.

use std::net::SocketAddr;

use selkie_store::Coded;
use serde::{Deserialize, Serialize};

use crate::identity::signed::{Signed, Statement};

/// Where a node is, as it says itself, at one moment.
///
/// It names the address that it is said from. So it can not be said again from somewhere else, to send visitors there.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Presence {
    /// What it says.
    pub matter: Matter,
    /// When, in milliseconds since 1970. Of what one node says later is always more.
    pub time_ms: u64,
    /// From where, and the port at which it is to be called; 0 if it only calls.
    pub address: SocketAddr,
}

/// What a node says.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum Matter {
    /// It is here.
    Here,
    /// It has just come here, and asks who else is.
    Asks,
    /// It goes.
    Leaves,
}

/// The message that a packet hides.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Announcement(pub Signed<Presence>);

impl Coded for Presence {
    const VERSION: u8 = 1;
    const LEN_MAX: usize = 31;

    fn is_valid(&self) -> bool {
        let ip = self.address.ip();
        // An address of the old kind has one spelling, and neither everybody nor nobody says anything.
        ip == ip.to_canonical() && !ip.is_unspecified() && !ip.is_multicast()
    }
}

impl Statement for Presence {
    const PURPOSE: &'static str = "discovery: where I am";
}

impl Coded for Announcement {
    const VERSION: u8 = 1;
    const LEN_MAX: usize = 130;

    fn is_valid(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use selkie_store::{decode, encode};

    use super::*;

    fn presence(address: &str) -> Presence {
        Presence { matter: Matter::Asks, time_ms: u64::MAX, address: address.parse().unwrap() }
    }

    #[test]
    fn a_presence_keeps_its_bytes() {
        let hex = |presence| {
            let bytes = encode(&presence).unwrap();
            assert_eq!(decode::<Presence>(&bytes).unwrap(), presence);
            bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
        };
        let here = Presence { matter: Matter::Here, time_ms: 7, ..presence("192.0.2.9:7355") };
        assert_eq!(hex(here), "01000700c0000209fbbb1c");
        let time = "ff".repeat(8);
        let longest = presence("[feee::1]:65535");
        assert_eq!(hex(longest), format!("0101fd{time}01feee{}01fbffff", "00".repeat(13)));
        assert!(encode(&longest).unwrap().len() <= Presence::LEN_MAX);
    }

    #[test]
    fn what_nobody_can_say_is_not_said() {
        for bad in ["0.0.0.0:1", "[::]:1", "224.0.0.1:1", "[ff02::1]:1", "[::ffff:192.0.2.1]:1"] {
            assert!(encode(&presence(bad)).is_err(), "{bad}");
        }
    }
}
