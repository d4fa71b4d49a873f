//! What the commands do: each verb decides what shall be, as an operation, and the repository does it.

pub mod cat;
pub mod diff;
pub mod discard;
pub mod gather;
pub mod log;
pub mod offer;
pub mod restore;
pub mod seal;
pub mod status;
pub mod switch;
pub mod tag;
pub mod timeline;
pub(crate) mod trouble;
pub mod undo;
