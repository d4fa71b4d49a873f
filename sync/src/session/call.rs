//! One connection with a peer.

use std::net::SocketAddr;
use std::time::Duration;

use crate::identity::node_id::NodeId;
use crate::moment::Moment;

/// The name of a connection, given by whoever owns the sockets. None is given twice.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct CallId(pub u64);

/// Which end of a connection this node is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Side {
    /// It called.
    Calls,
    /// It was called.
    IsCalled,
}

/// A connection, whose key the transport has checked.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) peer: NodeId,
    pub(super) side: Side,
    pub(super) address: SocketAddr,
    /// What only the two ends know.
    pub(super) binding: [u8; 32],
    pub(super) state: State,
    pub(super) heard_at: Moment,
    /// The ping that is out: its number, and when it was sent.
    pub(super) ping: Option<(u64, Moment)>,
}

/// How far a connection is.
#[derive(Clone, Copy, Debug)]
pub(super) enum State {
    /// No hello came yet, and one must by then.
    Greeting(Moment),
    /// There is a session on it since then.
    Up(Moment),
    /// There is a session on another connection, which must show by then that it lives. If not, this one takes its place.
    Rival(Moment, Facts),
}

/// What a hello told.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Facts {
    /// Whose device the peer is.
    pub person: NodeId,
    /// The version of the protocol that both speak.
    pub version: u16,
    /// What both can do beyond it.
    pub features: u64,
}

/// Which of two connections with one peer stays.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Choice {
    /// The one that was there.
    Old,
    /// The one that came.
    New,
    /// The one that was there, if it still lives.
    OldIfAlive,
}

/// As long as two calls that cross each other may take to be told apart from one that follows a lost one.
const CROSSING: Duration = Duration::from_secs(10);

impl Call {
    /// Which of two connections stays. Both ends see the same callers, so they choose alike.
    pub(super) fn or(&self, now: Moment, new: &Self, me: NodeId) -> Choice {
        let caller = |call: &Self| if call.side == Side::Calls { me } else { call.peer };
        if caller(self) == caller(new) {
            // Nobody calls who has a session, so the caller has lost the one that we think there is.
            return Choice::New;
        }
        if caller(new) < caller(self) {
            return Choice::New;
        }
        match self.state {
            State::Up(since) if now - since > CROSSING => Choice::OldIfAlive,
            State::Up(_) | State::Greeting(_) | State::Rival(..) => Choice::Old,
        }
    }
}
