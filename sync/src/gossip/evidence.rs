//! What shows that a log says two things in one place, and what came of looking at it.

use selkie_crdt::ActorId;

use crate::gossip::message::Run;
use crate::gossip::stand::Stands;

/// Something to hold against a log of ours.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Evidence {
    /// Entries that a peer has in the place of ours.
    Run(Run),
    /// A proof that the replica said two things in one place: see [`Fork`](selkie_store::Fork).
    Proof(ActorId, Vec<u8>),
}

/// What came of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Finding {
    /// The log ends from now on.
    Ended {
        /// Behind the entry at this position.
        position: u64,
        /// The proof.
        proof: Vec<u8>,
        /// Where all logs of the channel stand now: others may have ended with it.
        stands: Stands,
    },
    /// Both say the same up to this position, as far as the entries or our log go.
    Alike(u64),
    /// The entries do not follow what is before them here, so both part before that.
    Before,
    /// The proof is one, and here the log is another one before it already.
    Elsewhere(u64),
    /// Nobody signed it.
    Lie,
    /// Nothing new.
    Nothing,
}
