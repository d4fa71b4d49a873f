//! What somebody on this machine wants of a node.

use std::io;
use std::sync::mpsc::Sender;
use std::time::Duration;

use selkie_store::ViewError;
use thiserror::Error;

use crate::channel_id::ChannelId;
use crate::core::Input;
use crate::core::topology::Topology;
use crate::gossip::stand::Stands;
use crate::identity::invitation::{Invitation, Word};
use crate::identity::node_id::NodeId;
use crate::identity::rights::Right;
use crate::node::works::Works;
use crate::session::why::Why;

/// What a node is to do or to tell.
#[derive(Debug)]
pub(super) enum Ask {
    /// The core is to hear this.
    Tell(Box<Input>),
    /// The channel is shared from now on; its logs stand so.
    Open(ChannelId, Works, Stands, Sender<Result<(), OpenShareError>>),
    /// It is shared no longer.
    Shut(ChannelId),
    /// Others on this machine wrote into the logs of the channel.
    Refresh(ChannelId),
    /// The same; tell when it is known what they wrote.
    Look(ChannelId, Sender<()>),
    /// What is here of the channel is to be read, and what is broken to be had from others.
    Heal(ChannelId),
    /// Whoever brings this word within so long may have the channel.
    Invite(Word, Duration, Guest),
    /// We were invited, and let who invited us have the channel as well.
    Accept(Box<Invitation>, Guest),
    /// Why there is no session with this node.
    WhyNot(NodeId, Sender<Option<Why>>),
    /// With whom there are sessions.
    Peers(Sender<Vec<NodeId>>),
    /// Somebody is wanted or trusted now, who may have been heard of in the local network before.
    Again,
    /// How long it takes to them and back.
    RoundTrips(Sender<Vec<(NodeId, Duration)>>),
    /// Who is connected with whom.
    Topology(Sender<Topology>),
    /// How much each connection may hold.
    Room(Sender<usize>),
    /// The node is to end.
    Stop,
}

/// What somebody may do who comes with a word, or gave it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Guest {
    pub(super) word: Word,
    pub(super) channel: ChannelId,
    pub(super) right: Right,
}

/// Why something is not shared. Nothing was begun.
#[derive(Debug, Error)]
pub enum OpenShareError {
    /// The channel is open already.
    #[error("the channel is open already")]
    Open,
    /// The logs can not be read.
    #[error(transparent)]
    Logs(#[from] ViewError),
    /// There are no threads for the work on the store.
    #[error("there are no threads for the work on a store")]
    Threads(#[source] io::Error),
    /// The node was stopped.
    #[error("the node was stopped")]
    Stopped,
}
