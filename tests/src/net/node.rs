//! What lives in a network.

use selkie_sync::{Lane, Moment};

/// A node: a machine that is told what happened and answers with what it does.
///
/// Whatever it chooses by chance comes from a seed of its own, else a run can not be repeated.
pub trait Node {
    /// What nodes send to each other.
    type Message: Parcel;
    /// What a test asks a node to do.
    type Command;
    /// What a node tells the test.
    type News;

    /// Takes in what happened, at this moment of its own clock.
    fn handle(
        &mut self,
        now: Moment,
        input: Input<Self::Message, Self::Command>,
    ) -> Vec<Output<Self::Message, Self::News>>;
}

/// A message, as the network sees it.
pub trait Parcel: Clone {
    /// Its bytes, as a wire carries them.
    fn bytes(&self) -> &[u8];
}

/// What happens to a node. Others are known by their place in the network.
#[derive(Clone, Debug)]
pub enum Input<M, C> {
    /// It begins to run.
    Started,
    /// The time has come that it asked for.
    Tick,
    /// A message came.
    Received(usize, Lane, M),
    /// The connection to this node is gone, and with it whatever was on its streams in both directions.
    Lost(usize),
    /// The test wants something.
    Asked(C),
}

/// What a node does.
#[derive(Clone, Debug)]
pub enum Output<M, T> {
    /// It sends a message.
    Send(usize, Lane, M),
    /// It wants a tick then, and no longer at the moment it named before.
    WakeAt(Moment),
    /// It tells the test something.
    Tell(T),
}
