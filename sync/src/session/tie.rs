//! A session, for whoever asks who is connected.

use crate::identity::node_id::NodeId;
use crate::moment::Moment;
use crate::session::Session;
use crate::session::call::{Side, State};

impl Session {
    /// Who called, and since when there is a session on that connection; nothing if there is none with this node.
    pub(crate) fn tie(&self, peer: &NodeId) -> Option<(Side, Moment)> {
        let call = self.calls.get(self.up.get(peer)?)?;
        match call.state {
            State::Up(since) => Some((call.side, since)),
            State::Greeting(_) | State::Rival(..) => None,
        }
    }
}
