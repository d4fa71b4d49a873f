//! One's own name, and what is believed of others.

use std::fmt;
use std::sync::Arc;

use selkie_store::SecretKey;

use crate::identity::network::NetworkId;
use crate::identity::node_id::NodeId;
use crate::identity::signed::{Signed, Statement, Verifies};

/// Who a member is in which network: it signs what the member says, and opens what others said.
#[derive(Clone)]
pub struct Notary {
    key: Arc<SecretKey>,
    id: NodeId,
    network: NetworkId,
    verifies: Verifies,
}

impl Notary {
    /// The node with this key in this network, which checks signatures so.
    #[must_use]
    pub fn new(key: Arc<SecretKey>, network: NetworkId, verifies: Verifies) -> Self {
        Self { id: NodeId::of(key.public()), key, network, verifies }
    }

    /// The name of the node.
    #[must_use]
    pub const fn id(&self) -> NodeId {
        self.id
    }

    /// The network that it is of.
    pub(crate) const fn network(&self) -> &NetworkId {
        &self.network
    }

    /// What the node says, signed.
    pub(crate) fn sign<T: Statement>(&self, said: &T) -> Signed<T> {
        Signed::new(said, &self.network, &self.key).expect("what a member says keeps its rules")
    }

    /// What somebody said, if it is shown to be so.
    pub(crate) fn open<T: Statement>(&self, signed: &Signed<T>) -> Option<T> {
        signed.open_by(&self.network, self.verifies).ok() // who passed it on is what matters
    }
}

impl fmt::Debug for Notary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Notary(of {:?} in {:?})", self.id, self.network)
    }
}
