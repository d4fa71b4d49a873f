//! A message of a membership, in the bytes that a wire carries.

use selkie_store::{decode, encode};
use selkie_sync::{Lane, MembershipMessage};

use crate::net::Parcel;

/// The bytes of a message.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Letter(Vec<u8>);

impl Letter {
    /// A message for this lane.
    ///
    /// # Panics
    ///
    /// It breaks its rules, or is longer than the lane allows: then who made it did wrong.
    #[must_use]
    pub fn new(message: &MembershipMessage, lane: Lane) -> Self {
        let bytes = encode(message).expect("a message keeps its rules");
        let (len, most) = (bytes.len(), lane.len_max());
        assert!(len <= most, "{len} bytes on a lane for {most}: {message:?}");
        Self(bytes)
    }

    /// Any bytes, as somebody hostile sends them.
    #[must_use]
    pub const fn of(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The message, if it is one.
    #[must_use]
    pub fn open(&self) -> Option<MembershipMessage> {
        decode(&self.0).ok() // a driver drops the connection; what it tells nobody wants to know here
    }
}

impl Parcel for Letter {
    fn bytes(&self) -> &[u8] {
        &self.0
    }
}
