//! What is asked for by its id, since a piece links to it and it is not here.

use std::collections::BTreeSet;

use selkie_store::ObjectId;

use super::Fetch;
use crate::identity::node_id::NodeId;
use crate::objects::desk::Desk;
use crate::objects::effect::{Failure, Output};
use crate::objects::message::Why;
use crate::objects::seek::{Lack, Seek, Sought};

impl Fetch {
    pub(super) fn begin_seek(
        &mut self,
        piece: u32,
        from: NodeId,
        unmet: BTreeSet<ObjectId>,
        desk: &mut Desk,
    ) {
        let round = self.seek.as_ref().map_or(0, |seek| seek.lack.round + 1);
        self.close_seek(Why::Done, desk);
        // Who linked to them should have them. It may be gone by now.
        let mut peers: Vec<_> = self.sources.keys().chain(&self.spare).copied().collect();
        peers.sort_by_key(|peer| *peer != from);
        let lack = Lack { channel: self.request.channel, piece, unmet, round };
        match Seek::new(lack, peers, desk) {
            Ok(seek) => self.seek = Some(seek),
            Err(unmet) => self.fail(Failure::Unmet(unmet), desk),
        }
    }

    pub(super) fn sought(&mut self, from: NodeId, objects: u32, desk: &mut Desk) {
        let Some(seek) = &mut self.seek else { return };
        match seek.count(objects) {
            Sought::More => {}
            Sought::Wrong => self.lied(from, true, desk),
            Sought::All => {
                // What is kept was checked before it was found to lack something.
                let (fetch, piece) = (self.number, seek.lack.piece);
                self.is_keeping = true;
                desk.out.push(Output::Keep { fetch, piece, check: None });
            }
        }
    }

    pub(super) fn seek_elsewhere(&mut self, why: Why, desk: &mut Desk) {
        let Some(seek) = self.seek.take() else { return };
        seek.close(why, desk);
        match seek.elsewhere(desk) {
            Ok(seek) => self.seek = Some(seek),
            Err(unmet) => self.fail(Failure::Unmet(unmet), desk),
        }
    }

    pub(super) fn close_seek(&mut self, why: Why, desk: &mut Desk) {
        self.seek.take().into_iter().for_each(|seek| seek.close(why, desk));
    }

    pub(super) fn is_sought(&self, from: NodeId, transfer: u32) -> bool {
        self.seek.as_ref().is_some_and(|seek| (seek.from, seek.source.transfer) == (from, transfer))
    }
}
