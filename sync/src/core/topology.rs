//! Who is connected with whom, as far as one node knows.

use std::time::Duration;

use crate::channel_id::ChannelId;
use crate::core::Core;
use crate::gossip::branch::Branch;
use crate::identity::node_id::NodeId;
use crate::membership::seen::Seen;
use crate::moment::Moment;
use crate::session::call::Side;

/// What a node knows of those who take part, and of connections.
///
/// Its own connections are all in here. No message tells of one between two others, so none of those is.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Topology {
    /// The others that count as members, in order of name.
    pub members: Vec<Seen>,
    /// The connections of this node on which there is a session, in order of name.
    pub ties: Vec<Tie>,
}

/// A connection of the node.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Tie {
    /// With whom.
    pub peer: NodeId,
    /// Who called.
    pub side: Side,
    /// For how long there is a session on it.
    pub lasts: Duration,
    /// How the peer hears of what is new, in each channel that it may have.
    pub branches: Vec<(ChannelId, Branch)>,
}

impl Core {
    /// Who is connected with whom, as far as this node knows now.
    #[must_use]
    pub fn topology(&self, now: Moment) -> Topology {
        let ties = self.session.peers().filter_map(|peer| {
            let (side, since) = self.session.tie(&peer)?;
            let branches = self.gossip.branches(peer).collect();
            Some(Tie { peer, side, lasts: now - since, branches })
        });
        Topology { members: self.membership.seen(now), ties: ties.collect() }
    }
}
