//! Entries that wait for objects.

use std::collections::BTreeMap;

use crate::channel_id::ChannelId;
use crate::gossip::message::Run;
use crate::gossip::ticket::Ticket;
use crate::identity::node_id::NodeId;
use crate::objects::effect::{Output, Way};

/// What waits for objects, and which objects are under way for whom.
#[derive(Debug, Default)]
pub(super) struct Fetching {
    pub(super) pending: BTreeMap<Ticket, Pending>,
    pub(super) fetches: BTreeMap<u32, Fetched>,
    /// Fetches that are over, and whose entries are being taken in.
    pub(super) over: BTreeMap<Ticket, (ChannelId, Output)>,
    pub(super) ways: BTreeMap<Way, ChannelId>,
    pub(super) count: u32,
}

/// Entries that wait.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) channel: ChannelId,
    pub(super) from: NodeId,
    pub(super) runs: Vec<Run>,
    /// A parcel of their objects, if one came along.
    pub(super) along: Vec<u8>,
}

/// For which entries of which channel a fetch is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fetched {
    pub(super) channel: ChannelId,
    pub(super) ticket: Ticket,
}
