//! Who speaks, in which network, and what they may do.

pub(crate) mod delegation;
pub(crate) mod invitation;
pub(crate) mod network;
pub(crate) mod node_id;
pub(crate) mod record;
pub(crate) mod rights;
pub(crate) mod signed;
pub(crate) mod spoken;
pub(crate) mod trust;
