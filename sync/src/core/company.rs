//! Whom a node seeks of itself.

use std::collections::BTreeSet;

use crate::identity::node_id::NodeId;
use crate::membership::admission::Admission;

/// Whom this node calls of itself, and whom it lets count.
#[derive(Debug, Default)]
pub(super) struct Company {
    /// Those that nobody asked for.
    pub(super) sought: BTreeSet<NodeId>,
    pub(super) admission: Admission,
}
