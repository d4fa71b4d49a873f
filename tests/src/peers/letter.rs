//! What travels between peers: the beginning and the end of calls, and what is said in them.

use crate::net::Parcel;

/// A message in the bytes that the network counts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Letter {
    /// Of which call.
    pub call: u64,
    /// What it is.
    pub kind: Kind,
    bytes: Vec<u8>,
}

/// What a letter is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// Somebody calls.
    Ring,
    /// The call is taken.
    Taken,
    /// A message of the protocol.
    Says,
    /// The call is over.
    HungUp,
}

impl Letter {
    /// A letter that says nothing.
    #[must_use]
    pub const fn of(call: u64, kind: Kind) -> Self {
        Self { call, kind, bytes: Vec::new() }
    }

    /// A letter that says this.
    #[must_use]
    pub const fn saying(call: u64, bytes: Vec<u8>) -> Self {
        Self { call, kind: Kind::Says, bytes }
    }

    /// What it says.
    #[must_use]
    pub fn says(&self) -> &[u8] {
        &self.bytes
    }

    /// What it says, and nothing else.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

impl Parcel for Letter {
    fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}
