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
mod objects;
mod wire;

pub use self::dice::Dice;
pub use self::identity::network::NetworkId;
pub use self::identity::node_id::NodeId;
pub use self::identity::signed::{Forged, Signed, Statement};
pub use self::moment::Moment;
pub use self::objects::Objects;
pub use self::objects::effect::{
    Failure as ObjectsFailure, Input as ObjectsInput, Loaded, Output as ObjectsOutput, Way,
};
pub use self::objects::intake::{Intake, Kept, Taken};
pub use self::objects::message::{After, Message as ObjectsMessage, MessageError, Part, Why};
pub use self::objects::offer::{Name, Note, Offer, Request, Wanted};
pub use self::objects::outlet::Outlet;
pub use self::wire::lane::Lane;
