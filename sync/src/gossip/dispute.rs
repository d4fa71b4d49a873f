//! The search for where two histories of one log part.
//!
//! An entry is signed with all before it. So entries of a peer that are signed behind one of ours show that both say the same up
//! to there, and the first of them that differs is, together with ours, the proof. They are asked for from ever farther back, and
//! then by halves.

use selkie_crdt::ActorId;

use crate::channel_id::ChannelId;
use crate::gossip::message::Run;
use crate::identity::node_id::NodeId;
use crate::moment::Moment;

/// The search for where a log of ours and of a peer part. Of each peer there is one at a time in a channel.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dispute {
    pub(super) stream: ActorId,
    /// Both say the same up to here.
    pub(super) agreed: u64,
    /// And not up to here.
    pub(super) differs: u64,
    /// Behind which entry the peer was asked for others.
    pub(super) asked: u64,
    /// How far to go back next.
    pub(super) step: u64,
    pub(super) turns: u32,
    /// How long it is waited for.
    pub(super) until: Moment,
}

/// Evidence that is being looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Exam {
    pub(super) peer: NodeId,
    pub(super) channel: ChannelId,
    pub(super) stream: ActorId,
    /// Whether the peer has the proof itself.
    pub(super) is_proof: bool,
}

/// Turns in one search: farther back by doubling, and then by halves.
const TURNS_MAX: u32 = 2 * u64::BITS;

impl Dispute {
    pub(super) const fn of(stream: ActorId, differs: u64, now: Moment) -> Self {
        Self { stream, agreed: 0, differs, asked: 0, step: 1, turns: 0, until: now }
    }

    /// Whether this is what was asked for.
    pub(super) fn wants(&self, run: &Run) -> bool {
        self.stream == run.stream && self.asked == run.after
    }

    /// Whether there is nothing left to look for.
    pub(super) const fn is_over(&self) -> bool {
        self.turns == TURNS_MAX || self.agreed >= self.differs
    }

    /// From where to ask next.
    pub(super) const fn next(&self) -> u64 {
        if self.agreed > 0 {
            self.agreed.midpoint(self.differs)
        } else {
            self.differs.saturating_sub(self.step)
        }
    }
}
