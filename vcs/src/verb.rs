//! What the commands do: each verb decides what shall be, as an operation, and the repository does it.

pub(crate) mod aside;
pub mod back;
pub mod cat;
pub mod clone;
pub(crate) mod crossing;
pub mod diff;
pub mod discard;
pub mod doctor;
pub mod gather;
pub mod gc;
pub mod log;
pub mod moving;
pub mod offer;
pub mod remove;
pub mod repair;
pub mod restore;
pub mod seal;
pub mod shelves;
pub mod stats;
pub mod status;
pub mod switch;
pub mod tag;
pub mod timeline;
pub(crate) mod trouble;
pub mod undo;
pub mod verify;
