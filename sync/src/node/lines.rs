//! The connections of a node, and what they may hold together.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::identity::node_id::NodeId;
use crate::node::bounds::Bounds;
use crate::node::flow::Flow;
use crate::node::line::Line;
use crate::session::call::CallId;

/// Every connection that the core knows of.
#[derive(Debug)]
pub(super) struct Lines {
    all: BTreeMap<CallId, (NodeId, Line)>,
    /// The line of each peer that there is a session with.
    up: BTreeMap<NodeId, CallId>,
    /// What goes over all of them.
    pub(super) flow: Arc<Flow>,
    memory: usize,
}

impl Lines {
    /// None, which may hold so much when they are there.
    pub(super) fn within(bounds: Bounds) -> Self {
        let (all, up) = Default::default();
        Self { all, up, flow: Arc::new(Flow::within(bounds)), memory: bounds.memory }
    }

    pub(super) fn count(&self) -> usize {
        self.all.len()
    }

    /// There is one more.
    pub(super) fn add(&mut self, peer: NodeId, line: Line) {
        self.all.insert(line.call, (peer, line));
    }

    pub(super) fn get(&self, call: CallId) -> Option<&(NodeId, Line)> {
        self.all.get(&call)
    }

    /// The line of a peer that there is a session with.
    pub(super) fn of(&self, peer: NodeId) -> Option<&Line> {
        self.up.get(&peer).and_then(|call| self.all.get(call)).map(|(_, line)| line)
    }

    /// There is a session on it.
    pub(super) fn listen(&mut self, call: CallId) {
        if let Some((peer, line)) = self.all.get(&call) {
            line.listen();
            self.up.insert(*peer, call);
            self.deal();
        }
    }

    /// Nothing more is said on it. Tells which peer has no session from here on.
    pub(super) fn remove(&mut self, call: CallId) -> Option<NodeId> {
        let (peer, _) = self.all.remove(&call)?;
        if self.up.get(&peer) != Some(&call) {
            return None;
        }
        self.up.remove(&peer);
        self.deal();
        Some(peer)
    }

    /// Nothing more is said on any.
    pub(super) fn clear(&mut self) {
        self.up.clear();
        self.all.clear();
    }

    /// How long it takes to each peer and back.
    pub(super) fn round_trips(&self) -> Vec<(NodeId, Duration)> {
        let up = self.up.keys().filter_map(|peer| Some((*peer, self.of(*peer)?.round_trip())));
        up.collect()
    }

    /// The line that has to go, since more waits than there is room for: this one if it is its fault, else the one on which most does.
    pub(super) fn overfull(&self, call: CallId) -> Option<CallId> {
        let (_, line) = self.all.get(&call)?;
        if line.waiting().is_overfull() {
            return Some(call);
        }
        if !self.flow.is_overfull() {
            return None;
        }
        self.all.iter().max_by_key(|(_, (_, line))| line.waiting().len()).map(|(call, _)| *call)
    }

    /// Bytes that each session may hold.
    pub(super) fn share(&self) -> usize {
        self.memory / self.up.len().max(1)
    }

    /// Gives each session as much room as the others.
    fn deal(&self) {
        let share = self.share();
        for (_, line) in self.up.values().filter_map(|call| self.all.get(call)) {
            line.has_room(share);
        }
    }
}
