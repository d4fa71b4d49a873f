//! What happens to the part that moves objects, and what it wants done.

use std::collections::BTreeSet;

use selkie_store::{Bases, ObjectId, Piece};

use crate::identity::node_id::NodeId;
use crate::moment::Moment;
use crate::objects::intake::{Along, Kept, Taken};
use crate::objects::message::{Message, Why};
use crate::objects::offer::{Offer, Request};

/// What happened.
#[derive(Clone, Debug)]
pub enum Input {
    /// Objects are to be fetched. The number names the fetch from here on, and was not used before.
    Fetch {
        /// The number.
        fetch: u32,
        /// Who may have them, the best first. All are connected.
        sources: Vec<NodeId>,
        /// What is wanted.
        request: Request,
        /// More bytes than this are not taken, whatever is offered.
        bytes_max: u64,
        /// A parcel that came along with the wish for them, and whose it is. Nobody is asked if it is all.
        along: Option<(NodeId, Vec<u8>)>,
    },
    /// A fetch is not wanted any more.
    Abandon(u32),
    /// A node is not connected any more.
    Lost(NodeId),
    /// A node said something.
    Received(NodeId, Message),
    /// Time went by.
    Tick,
    /// Done: [`Output::Look`]. None if the store can not be looked at.
    Looked(u32, Option<Vec<bool>>),
    /// Done: [`Output::TakeAlong`].
    TookAlong(u32, Along),
    /// Done: [`Output::Take`], for each in the order they were wanted.
    Took(u32, Taken),
    /// Done: [`Output::Keep`].
    Kept(u32, Kept),
    /// Done: [`Output::Plan`]. None if what is wanted can not be followed.
    Planned(Way, Option<Offer>),
    /// Done: [`Output::Load`].
    Loaded(Way, Loaded),
}

/// What is to be done. Work on the store is done in order: all that names one fetch, and all that names
/// one way.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Output {
    /// Say this to a node, on the bulk lane.
    Send(NodeId, Message),
    /// Come back with [`Input::Tick`] then.
    WakeAt(Moment),
    /// [`Intake::look`](crate::Intake::look).
    Look(u32, Vec<Vec<ObjectId>>),
    /// [`Intake::take_along`](crate::Intake::take_along).
    TakeAlong {
        /// The fetch.
        fetch: u32,
        /// The parcel.
        parcel: Vec<u8>,
        /// What all of it has to be behind, ascending.
        wanted: Vec<ObjectId>,
    },
    /// [`Intake::take`](crate::Intake::take).
    Take {
        /// The fetch.
        fetch: u32,
        /// The piece.
        piece: u32,
        /// The parcel.
        parcel: Vec<u8>,
    },
    /// [`Intake::keep`](crate::Intake::keep).
    Keep {
        /// The fetch.
        fetch: u32,
        /// The piece.
        piece: u32,
        /// What it has to hash to.
        check: Option<[u8; Piece::CHECK_LEN]>,
    },
    /// [`Intake::forget`](crate::Intake::forget).
    Forget {
        /// The fetch.
        fetch: u32,
        /// The piece.
        piece: u32,
    },
    /// [`Outlet::plan`](crate::Outlet::plan), to be kept for this way.
    Plan(Way, Request),
    /// [`Outlet::load`](crate::Outlet::load).
    Load {
        /// Whose outlet.
        way: Way,
        /// The piece.
        piece: u32,
        /// What the receiver has.
        bases: Bases,
    },
    /// The outlet of this way is needed no more.
    Close(Way),
    /// All came that was wanted, and is durable. These roots the source did not have. The intake is needed until
    /// the entries that name the objects are taken in.
    Fetched(u32, BTreeSet<ObjectId>),
    /// A fetch came to nothing, or not to all. What was kept of it spares the next as much. The intake is needed
    /// no more.
    Failed(u32, Failure),
    /// A node did what no honest one does, or was too slow to wait for.
    Blamed(NodeId, Why),
    /// A node says that what we sent it was not what we said: our store may be damaged.
    Accused(NodeId),
}

/// A transfer to a node. No other is equal to it, neither before nor after.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Way {
    /// Who receives.
    pub to: NodeId,
    /// The number that the node gave it. One that was killed and begins anew gives the same ones again.
    pub transfer: u32,
    /// The number that this node gave it, so that what is still read for the one before is not taken for an answer to this.
    pub turn: u64,
}

/// What was loaded.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Loaded {
    /// The next parcel of the piece.
    Parcel(Vec<u8>),
    /// The piece has no more.
    End,
    /// It can not be read.
    Unreadable,
}

/// Why a fetch failed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Failure {
    /// No source is left.
    NoSource,
    /// The store does not take what comes.
    Store,
    /// What came links to these, and no source has them.
    Unmet(BTreeSet<ObjectId>),
}
