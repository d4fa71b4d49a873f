//! What people and programs may want to know.

use std::net::SocketAddr;

use selkie_crdt::ActorId;

use crate::channel_id::ChannelId;
use crate::core::mend::Refusal;
use crate::gossip::known::Known;
use crate::identity::invitation::Word;
use crate::identity::node_id::NodeId;
use crate::membership::member::State;
use crate::objects::effect::Failure;
use crate::objects::message::Why;
use crate::repair::difference::RepairError;
use crate::session::why;

/// What happened.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Event {
    /// There is a session with a device of this person.
    Up(NodeId, NodeId),
    /// There is none any more.
    Down(NodeId, why::Why),
    /// This person was invited with this word, or invited us, and is trusted from now on.
    Paired(NodeId, Word),
    /// A node that nobody here trusts called from there.
    Knocked(NodeId, SocketAddr),
    /// The peer has another history of one log than we have.
    Forked(NodeId, ChannelId, ActorId),
    /// A log of the channel ends behind the entry at this position: its replica said two things in the next place, which is
    /// proved. What it said from there on counts no more, nor what others built upon it: they say it again.
    Ended(ChannelId, ActorId, u64),
    /// Our logs and those of the peer stand alike.
    Agreed(NodeId, ChannelId, Known),
    /// The peer does not have the channel, or not for us.
    Closed(NodeId, ChannelId),
    /// The peer did not send in time what it was asked for.
    Slow(NodeId, ChannelId),
    /// The peer sent objects that were not what they were said to be, or did so too slowly.
    Blamed(NodeId, Why),
    /// The peer says that objects that it was sent were not what they were said to be: the store may be damaged.
    Accused(NodeId),
    /// Objects that entries of the channel reach could not be had. The entries wait.
    Unfetched(ChannelId, Failure),
    /// A member stands so from here on, as far as this node can tell.
    Member(NodeId, State),
    /// Nothing is known of a member any more.
    Forgotten(NodeId),
    /// The peer passed on statements that nobody signed, and is not listened to for some time.
    Forger(NodeId),
    /// What is here of a channel and what the peer has were compared.
    Compared {
        /// The peer.
        peer: NodeId,
        /// The channel.
        channel: ChannelId,
        /// Objects that the peer says it has, and that are not here.
        lacked: usize,
        /// Objects that are here, and that the peer has not.
        lent: usize,
    },
    /// So many objects of a channel that were not here came from the peer.
    Healed(ChannelId, NodeId, usize),
    /// What is here and what the peer has could not be compared.
    Uncompared(ChannelId, NodeId, Uncompared),
}

/// Why a comparison came to nothing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Uncompared {
    /// The peer would not.
    Refused(Refusal),
    /// It went wrong on the way.
    Failed(RepairError),
    /// What is here can not be told.
    Unlisted,
}
