//! What a piece lacks although nobody said so.

use std::collections::BTreeSet;

use selkie_store::ObjectId;

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
    pub(crate) piece: u32,
    pub(crate) from: NodeId,
    pub(crate) source: Source,
    pub(crate) unmet: BTreeSet<ObjectId>,
    pub(crate) round: u32,
    others: Vec<NodeId>,
    came: u32,
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
        piece: u32,
        unmet: BTreeSet<ObjectId>,
        round: u32,
        mut peers: Vec<NodeId>,
        desk: &mut Desk,
    ) -> Result<Self, BTreeSet<ObjectId>> {
        if peers.is_empty() || round > ROUNDS_MAX {
            return Err(unmet);
        }
        let from = peers.remove(0);
        let source = Self::ask(from, &unmet, desk);
        Ok(Self { piece, from, source, unmet, round, others: peers, came: 0 })
    }

    /// Asks somebody else.
    pub(crate) fn elsewhere(self, desk: &mut Desk) -> Result<Self, BTreeSet<ObjectId>> {
        let Self { piece, unmet, round, others, .. } = self;
        Self::new(piece, unmet, round, others, desk)
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
        self.unmet.len().min(NAMES_MAX)
    }

    fn ask(from: NodeId, unmet: &BTreeSet<ObjectId>, desk: &mut Desk) -> Source {
        let request = Request { have: Vec::new(), wanted: Wanted::exactly(unmet) };
        desk.want(from, &request, WINDOW)
    }
}
