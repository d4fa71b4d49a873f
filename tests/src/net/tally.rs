//! What was sent.

use std::collections::BTreeMap;

use selkie_sync::Lane;

/// Messages and their bytes.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Count {
    /// How many.
    pub messages: u64,
    /// How many bytes they had, without what a transport puts around them.
    pub bytes: u64,
}

/// What nodes sent, by lane, and what of it came to somebody.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Tally {
    /// Sent, whether it arrived or not.
    pub sent: BTreeMap<Lane, Count>,
    /// Handed to a node.
    pub delivered: Count,
}

impl Count {
    pub(crate) fn add(&mut self, bytes: usize) {
        self.messages += 1;
        self.bytes += bytes as u64;
    }
}

impl Tally {
    /// All that was sent, on all lanes.
    #[must_use]
    pub fn all_sent(&self) -> Count {
        let mut all = Count::default();
        for count in self.sent.values() {
            all.messages += count.messages;
            all.bytes += count.bytes;
        }
        all
    }
}
