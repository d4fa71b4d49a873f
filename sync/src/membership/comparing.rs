//! How two members find out what one of them missed.

use std::collections::BTreeSet;

use crate::identity::node_id::NodeId;
use crate::membership::Membership;
use crate::membership::message::{Message, News, Stretch};
use crate::membership::roster::stretches::LAST;
use crate::moment::Moment;
use crate::wire::lane::Lane;

impl Membership {
    /// The comparison that is due, with any member.
    pub(super) fn compare_with_some(&mut self, now: Moment) {
        let cursor = self.exchanges.cursor();
        let own = self.id();
        for peer in self.some_near(1, &own) {
            self.compare_with(now, peer, cursor);
        }
        let stretches = self.roster.stretches(now, cursor, LAST);
        let reached = stretches.last().map(|last| last.upto).filter(|upto| *upto != LAST);
        self.exchanges.turn(now, self.pace.period, reached);
    }

    /// Tells a peer what this node knows of the names after `after`, in hashes.
    pub(super) fn compare_with(&mut self, now: Moment, peer: NodeId, after: Option<NodeId>) {
        self.compare_upto(now, peer, after, LAST);
    }

    fn compare_upto(&mut self, now: Moment, peer: NodeId, after: Option<NodeId>, last: NodeId) {
        if peer == self.id() || !self.exchanges.has_room(now) {
            return;
        }
        let stretches = self.roster.stretches(now, after, last);
        let Some(reached) = stretches.last().map(|stretch| stretch.upto) else { return };
        self.exchanges.begin(now, self.pace.period, peer, reached);
        self.send(peer, Lane::Members, Message::Compare { after, stretches });
    }

    /// Answers with all that is known of the first stretch that differs. The asker goes on from its end.
    pub(super) fn compare(
        &mut self,
        now: Moment,
        from: NodeId,
        after: Option<NodeId>,
        stretches: &[Stretch],
    ) {
        if !self.answers.may(now, self.pace.period, from) {
            return;
        }
        let mut after = after;
        for Stretch { upto, digest } in stretches {
            if self.roster.digest(now, after, *upto) != *digest {
                let (upto, news) = self.roster.tell(now, after, *upto);
                return self.send(from, Lane::Members, Message::Differ { after, upto, news });
            }
            after = Some(*upto);
        }
    }

    /// Takes in what the other knows, tells what it lacks, and goes on behind it.
    pub(super) fn hear_difference(
        &mut self,
        now: Moment,
        from: NodeId,
        after: Option<NodeId>,
        upto: NodeId,
        news: &News,
    ) {
        let Some(last) = self.exchanges.answered(&from) else { return };
        let before = self.roster.digest(now, after, upto);
        self.hear(now, from, news);
        // Two that let different members in never know the same, and would tell each other for ever what one of them does not
        // want to know.
        if self.roster.digest(now, after, upto) != before {
            self.exchanges.hasten(now, self.pace.period);
        }
        let back = self.what_lacks(now, after, upto, news);
        if !back.is_empty() {
            self.send(from, Lane::Members, Message::Tell(back));
        }
        if upto < last {
            self.compare_upto(now, from, Some(upto), last);
        }
    }

    /// What this node tells of these names and the other did not.
    fn what_lacks(&self, now: Moment, after: Option<NodeId>, upto: NodeId, news: &News) -> News {
        let (_, mut own) = self.roster.tell(now, after, upto);
        let lives: BTreeSet<_> =
            news.lives.iter().map(|life| (life.by(), life.claim().ok())).collect();
        own.lives.retain(|life| !lives.contains(&(life.by(), life.claim().ok())));
        own.accusations.retain(|accusation| !news.accusations.contains(accusation));
        own.records.retain(|record| !news.records.contains(record));
        own
    }
}
