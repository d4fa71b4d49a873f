//! What a piece lacks although nobody said so.

use std::collections::BTreeSet;

use selkie_store::ObjectId;

use crate::channel_id::ChannelId;
use crate::identity::node_id::NodeId;
use crate::objects::desk::Desk;
use crate::objects::message::{After, Message, Why};
use crate::objects::offer::{NAMES_MAX, Offer, Request, Wanted};
use crate::objects::source::{Source, WINDOW};

/// Objects that are asked for by their ids, since a piece links to them and they are not here.
///
/// Who collected garbage may lack what its logs say it has: a seal that was amended away, say, until somebody
/// builds on it after all.
#[derive(Debug)]
pub(crate) struct Seek {
    pub(crate) lack: Lack,
    pub(crate) from: NodeId,
    pub(crate) source: Source,
    others: Vec<NodeId>,
    came: u32,
}

/// What is asked for.
#[derive(Debug)]
pub(crate) struct Lack {
    pub(crate) channel: ChannelId,
    /// The piece that links to them.
    pub(crate) piece: u32,
    pub(crate) unmet: BTreeSet<ObjectId>,
    /// How often was asked for what was found to be lacked.
    pub(crate) round: u32,
}

/// What became of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Sought {
    More,
    All,
    Wrong,
}

/// Each round goes one link deeper.
pub(crate) const ROUNDS_MAX: u32 = 256;

impl Seek {
    /// Asks the first of `peers`.
    pub(crate) fn new(
        lack: Lack,
        mut peers: Vec<NodeId>,
        desk: &mut Desk,
    ) -> Result<Self, BTreeSet<ObjectId>> {
        if peers.is_empty() || lack.round > ROUNDS_MAX {
            return Err(lack.unmet);
        }
        let from = peers.remove(0);
        let source = Self::ask(from, lack.channel, &lack.unmet, desk);
        Ok(Self { lack, from, source, others: peers, came: 0 })
    }

    /// Asks somebody else.
    pub(crate) fn elsewhere(self, desk: &mut Desk) -> Result<Self, BTreeSet<ObjectId>> {
        Self::new(self.lack, self.others, desk)
    }

    /// Asks for what is offered. False if that is not all: then it does not help.
    pub(crate) fn offered(&mut self, offer: &Offer, comes: bool, desk: &mut Desk) -> bool {
        let is_all = usize::try_from(offer.objects).is_ok_and(|count| count == self.named());
        if self.source.has_offered || !is_all {
            return false;
        }
        self.source.has_offered = true;
        self.source.asked = (0..offer.piece_count()).collect();
        let transfer = self.source.transfer;
        for piece in self.source.asked.iter().copied().filter(|_| !comes) {
            desk.say(self.from, Message::Ask { transfer, piece, after: After::Nothing });
        }
        true
    }

    pub(crate) fn count(&mut self, objects: u32) -> Sought {
        self.came = self.came.saturating_add(objects);
        let came = usize::try_from(self.came).unwrap_or(usize::MAX);
        if came == self.named() {
            self.source.asked.clear();
            return Sought::All;
        }
        if came < self.named() { Sought::More } else { Sought::Wrong }
    }

    pub(crate) fn close(&self, why: Why, desk: &mut Desk) {
        desk.say(self.from, Message::Stop { transfer: self.source.transfer, why });
    }

    fn named(&self) -> usize {
        self.lack.unmet.len().min(NAMES_MAX)
    }

    fn ask(
        from: NodeId,
        channel: ChannelId,
        unmet: &BTreeSet<ObjectId>,
        desk: &mut Desk,
    ) -> Source {
        let (have, wanted) = (Vec::new(), Wanted::exactly(unmet));
        desk.want(from, &Request { channel, have, wanted }, WINDOW)
    }
}
