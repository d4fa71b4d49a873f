//! Peers that find each other and exchange log entries and the objects these need.
//!
//! The core is a state machine: what happened goes in, what is to be done comes out, and the time is an
//! argument. It has no socket, no clock, no task and no file, so that a simulator can run a thousand of it
//! from a seed. It does not know whether it carries a repository or an application's own model.
//!
//! Read `DESIGN.md` beside this crate first, then the modules in the order below.

mod moment;
mod dice;
mod wire;
mod identity;
mod channel_id;
mod session;
mod membership;
mod gossip;
mod repair;
mod logs;
mod objects;
mod core;
mod discovery;
#[cfg(feature = "node")]
mod node;
#[cfg(test)]
mod page;

pub use self::channel_id::ChannelId;
pub use self::core::event::{Event, Uncompared};
pub use self::core::mend::{Mend, Opener, Refusal};
pub use self::core::settings::{Circle, Settings};
pub use self::core::topology::{Tie, Topology};
pub use self::core::{Core, Input, Output};
pub use self::dice::Dice;
pub use self::discovery::door::Door;
pub use self::discovery::errand::{Errand, Full, Packet as WordPacket, Reply};
pub use self::discovery::heard::{HeardBy, Sighting};
pub use self::discovery::packet::Secret as DiscoverySecret;
pub use self::discovery::presence::{Announcement, Matter as PresenceMatter, Presence};
pub use self::discovery::register::Register;
pub use self::discovery::spot::Spot;
pub use self::discovery::step::Step as DiscoveryStep;
pub use self::discovery::visits::{Input as VisitsInput, Output as VisitsOutput, Visits};
pub use self::discovery::{Discovery, Input as DiscoveryInput, Manner, Output as DiscoveryOutput};
pub use self::gossip::branch::Branch;
pub use self::gossip::evidence::{Evidence, Finding};
pub use self::gossip::known::Known;
pub use self::gossip::message::{
    Cause, Item, Listing, Message as GossipMessage, Run, Says, Turn, Wish,
};
pub use self::gossip::stand::{Stand, Stands, Sum};
pub use self::gossip::ticket::Ticket;
pub use self::gossip::timing::Timing as GossipTiming;
pub use self::gossip::{Gossip, Input as GossipInput, Output as GossipOutput};
pub use self::identity::delegation::{Delegation, Revocation};
pub use self::identity::invitation::{Invitation, Invited, NoInvitation, Proof, Word};
pub use self::identity::network::NetworkId;
pub use self::identity::node_id::NodeId;
pub use self::identity::record::NodeRecord;
pub use self::identity::rights::{Right, Rights, Scope};
pub use self::identity::signed::{Forged, Signed, Statement, Verifies};
pub use self::identity::spoken::spoken;
pub use self::identity::trust::{NotLearned, Trust, Verdict};
pub use self::logs::{
    Endings, TakenIn, along, examine, reached, read_logs, recall, stands, take_in,
};
pub use self::membership::admission::Admission;
pub use self::membership::member::State as MemberState;
pub use self::membership::message::{Hail, Message as MembershipMessage, News, Stretch};
pub use self::membership::notary::Notary;
pub use self::membership::pace::Pace;
pub use self::membership::seen::Seen;
pub use self::membership::statement::{Accusation, Incarnation, Life, Standing};
pub use self::membership::{Input as MembershipInput, Membership, Output as MembershipOutput};
pub use self::moment::Moment;
#[cfg(feature = "node")]
pub use self::node::ask::OpenShareError;
#[cfg(feature = "node")]
pub use self::node::bounds::Bounds;
#[cfg(feature = "node")]
pub use self::node::care::error::CareError;
#[cfg(feature = "node")]
pub use self::node::moved::Moved;
#[cfg(feature = "node")]
pub use self::node::nearby::{Discover, Nearby, Rendezvous, Speech, Visited};
#[cfg(feature = "node")]
pub use self::node::notice::{Notice, Notices};
#[cfg(feature = "node")]
pub use self::node::rendezvous::{RendezvousServer, Tally};
#[cfg(feature = "node")]
pub use self::node::server_name::ServerName;
#[cfg(feature = "node")]
pub use self::node::shared::{Shared, SharedError};
#[cfg(feature = "node")]
pub use self::node::transport::ListenError;
#[cfg(feature = "node")]
pub use self::node::works::{Reborn, Share};
#[cfg(feature = "node")]
pub use self::node::{Builder, Node};
pub use self::objects::Objects;
pub use self::objects::effect::{
    Failure as ObjectsFailure, Input as ObjectsInput, Loaded, Output as ObjectsOutput, Way,
};
pub use self::objects::intake::{Along, Intake, Kept, Taken};
pub use self::objects::message::{
    After, Message as ObjectsMessage, MessageError, Part, Why as ObjectsWhy,
};
pub use self::objects::offer::{Name, Note, Offer, Request, Wanted};
pub use self::objects::outlet::Outlet;
pub use self::objects::porter::Porter;
pub use self::repair::difference::{Difference, RepairError, SaltStanding};
pub use self::repair::inventory::Inventory;
pub use self::repair::message::RepairMessage;
pub use self::repair::salt::Salt;
pub use self::repair::session::{Input as RepairInput, Output as RepairOutput, Repair};
pub use self::session::call::{CallId, Facts, Side};
pub use self::session::control::{Control, Goodbye, Hello, Versions};
pub use self::session::gate::{Gate, Network};
pub use self::session::limits::Limits as SessionLimits;
pub use self::session::why::{Unreached, Why};
pub use self::session::{Input as SessionInput, Output as SessionOutput, Own, Session};
pub use self::wire::frame::{Frames, TooLong, frame};
pub use self::wire::lane::Lane;
