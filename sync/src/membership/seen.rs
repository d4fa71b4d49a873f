//! A member, for whoever asks who takes part.

use std::time::Duration;

use crate::identity::node_id::NodeId;
use crate::membership::Membership;
use crate::membership::member::State;
use crate::moment::Moment;

/// A member, as the node sees it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Seen {
    /// Who it is.
    pub node: NodeId,
    /// How it stands.
    pub state: State,
    /// For how long, as far as the node knows.
    pub lasts: Duration,
    /// Some of those that say they got no answer of it, perhaps the node itself among them. Who never reached a
    /// member does not say so of it.
    pub doubted_by: Vec<NodeId>,
}

impl Membership {
    /// All others that count as members, in order of name.
    pub(crate) fn seen(&self, now: Moment) -> Vec<Seen> {
        let others = self.roster.iter().filter(|(node, _)| *node != self.id());
        let seen = others.map(|(node, member)| {
            let doubted_by = member.accusers.keys().copied().collect();
            Seen { node, state: member.state, lasts: now - member.since, doubted_by }
        });
        seen.collect()
    }
}
