//! Peers that find each other and exchange log entries and the objects these need.
//!
//! The core is a state machine: what happened goes in, what is to be done comes out, and the time is an
//! argument. It has no socket, no clock, no task and no file, so that a simulator can run a thousand of it
//! from a seed. It does not know whether it carries a repository or an application's own model.
//!
//! Read `DESIGN.md` beside this crate first, then the modules in the order below.

mod dice;
mod identity;
mod moment;
mod wire;
mod repair;

pub use self::dice::Dice;
pub use self::identity::network::NetworkId;
pub use self::identity::node_id::NodeId;
pub use self::identity::signed::{Forged, Signed, Statement};
pub use self::moment::Moment;
pub use self::repair::difference::{Difference, RepairError, SaltStanding};
pub use self::repair::index::Index;
pub use self::repair::message::RepairMessage;
pub use self::repair::salt::Salt;
pub use self::repair::session::{Input as RepairInput, Output as RepairOutput, Repair};
pub use self::wire::lane::Lane;
