//! Who may be a member.

use std::collections::BTreeSet;

use crate::identity::node_id::NodeId;

/// Whom a node takes for a member when others speak of it. It is the node's own: two nodes of a network may
/// trust different devices.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum Admission {
    /// Whoever is in the network, up to the limits of the tables.
    #[default]
    Everyone,
    /// These and nobody else.
    These(BTreeSet<NodeId>),
}

impl Admission {
    pub(crate) fn admits(&self, id: &NodeId) -> bool {
        match self {
            Self::Everyone => true,
            Self::These(ids) => ids.contains(id),
        }
    }
}
