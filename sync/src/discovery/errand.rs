//! What is said to a rendezvous server, and what it answers.
//!
//! Who says it is told by the connection, which showed a key. What is left at a spot are packets as those of the local network: the
//! server reads none of them.

use std::net::SocketAddr;

use selkie_store::Coded;
use serde::{Deserialize, Serialize};

use crate::discovery::packet::Secret;
use crate::discovery::spot::Spot;

/// What a visitor wants.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum Errand {
    /// What was left there, by whomever.
    List(Spot),
    /// To leave word there for so many seconds, in the place of what it left there before.
    Register {
        /// Where.
        spot: Spot,
        /// For how long. It may be held for less.
        seconds: u32,
        /// What those who know the channel read.
        word: Vec<Packet>,
    },
    /// To take away what it left there.
    Unregister(Spot),
}

/// What the server answers.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum Reply {
    /// What is there.
    Listed {
        /// Where the visitor comes from, as the server sees it.
        you: SocketAddr,
        /// What each left.
        words: Vec<Vec<Packet>>,
    },
    /// It is held for so many seconds.
    Registered(u32),
    /// It is not there.
    Unregistered,
    /// Nothing was done.
    Refused(Full),
}

/// What there is too much of.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum Full {
    /// Of everything.
    Server,
    /// At this spot.
    Spot,
    /// Of this visitor.
    Visitor,
    /// Of those with addresses like the visitor's.
    Neighbourhood,
}

/// A sealed packet, as the local network carries them.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Packet(#[serde(with = "crate::wire::bytes")] pub [u8; Secret::PACKET_LEN]);

/// Packets of one word: one for each address.
pub(crate) const WORD_MAX: usize = 4;
/// Words at one spot.
pub(crate) const WORDS_MAX: usize = 64;
/// Errands on one connection.
pub(crate) const ERRANDS_MAX: usize = 32;

fn is_word(word: &[Packet]) -> bool {
    (1..=WORD_MAX).contains(&word.len())
}

impl Coded for Errand {
    const VERSION: u8 = 1;
    const LEN_MAX: usize = 700;

    fn is_valid(&self) -> bool {
        match self {
            Self::Register { word, seconds, .. } => is_word(word) && *seconds > 0,
            Self::List(_) | Self::Unregister(_) => true,
        }
    }
}

impl Coded for Reply {
    const VERSION: u8 = 1;
    const LEN_MAX: usize = 42_000;

    fn is_valid(&self) -> bool {
        match self {
            Self::Listed { words, .. } => {
                words.len() <= WORDS_MAX && words.iter().all(|word| is_word(word))
            }
            Self::Registered(seconds) => *seconds > 0,
            Self::Unregistered | Self::Refused(_) => true,
        }
    }
}

impl Full {
    /// What a visitor is told.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Server => "it is full",
            Self::Spot => "too many nodes of this repository are registered there",
            Self::Visitor => "this device registered too many repositories there",
            Self::Neighbourhood => "too many nodes of this network are registered there",
        }
    }
}

#[cfg(test)]
mod tests {
    use selkie_store::{decode, encode};

    use super::*;

    const SPOT: Spot = Spot::from_bytes([0xab; 16]);
    const PACKET: Packet = Packet([9; Secret::PACKET_LEN]);

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
    }

    #[test]
    fn errands_keep_their_bytes() {
        let (spot, packet) = ("ab".repeat(16), format!("a0{}", "09".repeat(160)));
        let register = Errand::Register { spot: SPOT, seconds: 120, word: vec![PACKET] };
        let table = [
            (Errand::List(SPOT), format!("0100{spot}")),
            (register, format!("0101{spot}7801{packet}")),
            (Errand::Unregister(SPOT), format!("0102{spot}")),
        ];
        for (errand, expected) in table {
            let bytes = encode(&errand).unwrap();
            assert_eq!(hex(&bytes), expected);
            assert_eq!(decode::<Errand>(&bytes).unwrap(), errand);
        }
    }

    #[test]
    fn replies_keep_their_bytes() {
        let packet = format!("a0{}", "09".repeat(160));
        let you = "192.0.2.9:7355".parse().unwrap();
        let table = [
            (
                Reply::Listed { you, words: vec![vec![PACKET]] },
                format!("010000c0000209fbbb1c0101{packet}"),
            ),
            (Reply::Registered(60), "01013c".to_owned()),
            (Reply::Unregistered, "0102".to_owned()),
            (Reply::Refused(Full::Visitor), "010302".to_owned()),
        ];
        for (reply, expected) in table {
            let bytes = encode(&reply).unwrap();
            assert_eq!(hex(&bytes), expected);
            assert_eq!(decode::<Reply>(&bytes).unwrap(), reply);
        }
    }

    #[test]
    fn the_longest_fit_and_what_is_longer_is_none() {
        let register = |packets, seconds| {
            encode(&Errand::Register { spot: SPOT, seconds, word: vec![PACKET; packets] })
        };
        assert!(register(WORD_MAX, u32::MAX).is_ok());
        assert!(register(WORD_MAX + 1, 1).is_err() && register(0, 1).is_err());
        assert!(register(1, 0).is_err(), "nothing is held for no time");
        let you = "[feee::1]:65535".parse().unwrap();
        let listed = |words| encode(&Reply::Listed { you, words: vec![vec![PACKET; 4]; words] });
        assert!(listed(WORDS_MAX).is_ok() && listed(WORDS_MAX + 1).is_err());
    }
}
