//! Where a node is to be found.

use std::net::SocketAddr;

use selkie_store::Coded;
use serde::{Deserialize, Serialize};

use crate::identity::signed::Statement;

/// What a node says of itself, for others to pass on: its addresses.
///
/// A false address costs whoever tries it one handshake, since the node there has another key. Only the node itself
/// signs its record, so nobody else can send visitors to a third.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct NodeRecord {
    /// Of two records the one with the larger number holds.
    pub sequence: u64,
    /// When it ends, in milliseconds of the time of the day. Clocks differ: allow some minutes.
    pub expires_ms: u64,
    /// Where it listens; the best first.
    pub addresses: Vec<SocketAddr>,
}

impl NodeRecord {
    /// Addresses in a record.
    pub const ADDRESSES_MAX: usize = 8;
    /// The longest time a record may hold: a week.
    pub const LIFE_MS_MAX: u64 = 7 * 24 * 3_600 * 1_000;

    /// Whether it holds at this time of the day, with a clock that may be some minutes wrong.
    #[must_use]
    pub const fn holds_at(&self, now_ms: u64) -> bool {
        const SLACK_MS: u64 = 10 * 60 * 1_000;
        self.expires_ms.saturating_add(SLACK_MS) > now_ms
            && self.expires_ms <= now_ms.saturating_add(Self::LIFE_MS_MAX + SLACK_MS)
    }
}

impl Coded for NodeRecord {
    const VERSION: u8 = 1;
    const LEN_MAX: usize = 256;

    fn is_valid(&self) -> bool {
        self.addresses.len() <= Self::ADDRESSES_MAX
    }
}

impl Statement for NodeRecord {
    const PURPOSE: &'static str = "node record";
}

#[cfg(test)]
mod tests {
    use selkie_store::{decode, encode};

    use super::*;

    const DAY_MS: u64 = 24 * 3_600 * 1_000;

    fn record() -> NodeRecord {
        let addresses = ["127.0.0.1:7355", "[::1]:7355"].map(|text| text.parse().unwrap());
        NodeRecord { sequence: 7, expires_ms: 9 * DAY_MS, addresses: addresses.to_vec() }
    }

    #[test]
    fn a_record_keeps_its_bytes() {
        let bytes = encode(&record()).unwrap();
        let hex = bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
        let ip6 = format!("01{}01fbbb1c", "00".repeat(15));
        assert_eq!(hex, format!("0107fc003c592e0200{}{ip6}", "7f000001fbbb1c"));
        assert_eq!(decode::<NodeRecord>(&bytes).unwrap(), record());
    }

    #[test]
    fn a_record_ends_and_none_holds_for_ever() {
        assert!(record().holds_at(8 * DAY_MS));
        assert!(record().holds_at(9 * DAY_MS + 60_000));
        assert!(!record().holds_at(9 * DAY_MS + 3_600_000));
        assert!(!record().holds_at(DAY_MS));
        assert!(!NodeRecord { expires_ms: u64::MAX, ..record() }.holds_at(DAY_MS));
    }

    #[test]
    fn the_longest_record_fits() {
        let address = "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535".parse().unwrap();
        let addresses = vec![address; NodeRecord::ADDRESSES_MAX];
        let longest = NodeRecord { sequence: u64::MAX, expires_ms: u64::MAX, addresses };
        assert!(encode(&longest).unwrap().len() <= NodeRecord::LEN_MAX);
    }
}
