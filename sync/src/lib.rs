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
mod membership;

pub use self::dice::Dice;
pub use self::identity::network::NetworkId;
pub use self::identity::node_id::NodeId;
pub use self::identity::signed::{Forged, Signed, Statement, Verifies};
pub use self::membership::admission::Admission;
pub use self::membership::member::State as MemberState;
pub use self::membership::message::{Hail, Message as MembershipMessage, News, Stretch};
pub use self::membership::notary::Notary;
pub use self::membership::pace::Pace;
pub use self::membership::statement::{Accusation, Incarnation, Life, Standing};
pub use self::membership::{Input as MembershipInput, Membership, Output as MembershipOutput};
pub use self::moment::Moment;
pub use self::wire::lane::Lane;
