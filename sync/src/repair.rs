//! Which objects one replica has and the other has not, found with little said.
//!
//! Read `salt` and `inventory` first, then `cells` and `peel` for sets that differ little, `order` and `range` for those that
//! differ much, and `session`, which uses them.

pub(crate) mod salt;
pub(crate) mod cells;
pub(crate) mod peel;
pub(crate) mod sketch;
pub(crate) mod digest;
pub(crate) mod inventory;
pub(crate) mod difference;
pub(crate) mod order;
pub(crate) mod message;
pub(crate) mod range;
pub(crate) mod script;
pub(crate) mod context;
pub(crate) mod found;
pub(crate) mod opening;
pub(crate) mod peeling;
pub(crate) mod asking;
pub(crate) mod answering;
pub(crate) mod settling;
pub(crate) mod session;
