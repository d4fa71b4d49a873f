//! Who speaks, in which network, and how that is shown.

pub(crate) mod network;
pub(crate) mod node_id;
pub(crate) mod signed;
