//! Whose devices are whose.

use selkie_store::Coded;
use serde::{Deserialize, Serialize};

use crate::identity::node_id::NodeId;
use crate::identity::signed::Statement;

/// A person says that a device is theirs. Signed by the key of the person, which is that of their first device.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Delegation {
    /// The device.
    pub device: NodeId,
    /// Counts the delegations of this person: 1, 2, 3 ...
    pub number: u64,
}

/// A person says that a device is theirs no more: it was lost, or sold. Signed by the key of the person or by another device
/// of theirs.
///
/// What the device signed before stays valid. It is for ever: a device that is found again takes a new key.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Revocation {
    /// Whose device it was.
    pub person: NodeId,
    /// The device. It may be the first, whose key is that of the person.
    pub device: NodeId,
    /// If it was: its delegations up to this number hold, those that a thief may make do not.
    pub delegations: u64,
}

impl Coded for Delegation {
    const VERSION: u8 = 1;
    const LEN_MAX: usize = 64;

    fn is_valid(&self) -> bool {
        self.number > 0
    }
}

impl Statement for Delegation {
    const PURPOSE: &'static str = "delegation";
}

impl Coded for Revocation {
    const VERSION: u8 = 1;
    const LEN_MAX: usize = 96;

    fn is_valid(&self) -> bool {
        true
    }
}

impl Statement for Revocation {
    const PURPOSE: &'static str = "revocation";
}
