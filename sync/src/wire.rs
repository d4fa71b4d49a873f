//! What stands between a message and the bytes that carry it.

pub(crate) mod bytes;
pub(crate) mod frame;
pub(crate) mod lane;
