//! Who is connected with whom as far as a node knows, for commands.

use selkie_sync::NodeId;
use serde::{Deserialize, Serialize};

/// What a node knows of itself and others.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Topology {
    /// The node itself.
    pub(crate) node: NodeId,
    /// Those that are listed, count as members or are connected, each once.
    pub(crate) others: Vec<Other>,
}

/// Somebody else.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Other {
    /// What it is called here.
    pub(crate) name: String,
    pub(crate) node: NodeId,
    /// Whether it may have the repository.
    pub(crate) is_listed: bool,
    /// How it stands among the members, if it was heard of as one.
    pub(crate) member: Option<Member>,
    /// The connection with it, if there is one.
    pub(crate) link: Option<Link>,
    /// Why there is none.
    pub(crate) why: Option<String>,
}

/// How a member stands.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Member {
    pub(crate) stands: Stands,
    pub(crate) lasts_ms: u64,
    /// Who says that it does not answer: what they are called here, and none for the node itself.
    pub(crate) doubted_by: Vec<Option<String>>,
}

/// A connection.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Link {
    pub(crate) caller: Calls,
    pub(crate) lasts_ms: u64,
    pub(crate) round_trip_us: Option<u64>,
    /// How it hears of what is new; nothing if it may not have the repository.
    pub(crate) hears: Option<Hears>,
}

/// Who called.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Calls {
    Here,
    Peer,
}

/// What a member was last known to be.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Stands {
    Alive,
    Suspected,
    Dead,
    Left,
}

/// How a peer hears of what is new.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Hears {
    Eager,
    Lazy,
    Full,
    Closed,
}
