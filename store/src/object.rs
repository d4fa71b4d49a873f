//! What the objects say, and how each is spelled in bytes.

pub(crate) mod chunks;
pub(crate) mod conflict;
pub(crate) mod error;
pub(crate) mod format;
pub(crate) mod key;
pub(crate) mod node;
pub(crate) mod seal;
pub(crate) mod signature;
pub(crate) mod tree;
