//! Two histories of one log: where they part is looked for, and the proof told to everybody.

use selkie_crdt::ActorId;

use crate::channel_id::ChannelId;
use crate::gossip::dispute::{Dispute, Exam};
use crate::gossip::evidence::{Evidence, Finding};
use crate::gossip::message::{Message, Run, Says};
use crate::gossip::stand::Stands;
use crate::gossip::ticket::Ticket;
use crate::gossip::{Gossip, Output};
use crate::identity::node_id::NodeId;
use crate::moment::Moment;

/// Evidence of one peer that is being looked at.
const EXAMS_MAX: usize = 4;

impl Gossip {
    /// Looks where our log and that of the peer part, which are not the same up to `differs`.
    pub(super) fn doubt(
        &mut self,
        now: Moment,
        (peer, id): (NodeId, ChannelId),
        stream: ActorId,
        differs: u64,
    ) {
        let Some(channel) = self.channels.get_mut(&id) else { return };
        let Some(link) = channel.links.get_mut(&peer) else { return };
        let is_busy = link.dispute.is_some_and(|dispute| dispute.until > now);
        if is_busy || differs == 0 {
            return;
        }
        link.dispute = Some(Dispute::of(stream, differs, now));
        self.look_back(now, peer, id);
    }

    /// Nothing of these logs was taken in behind these positions: perhaps the peer has another history of them.
    pub(super) fn doubt_refused(
        &mut self,
        now: Moment,
        (peer, id): (NodeId, ChannelId),
        refused: &[(ActorId, u64)],
    ) {
        for (stream, position) in refused {
            let channel = self.channels.get(&id);
            if channel.is_some_and(|channel| !channel.stand(stream).is_ended()) {
                self.doubt(now, (peer, id), *stream, *position);
            }
        }
    }

    /// Asks for entries from where both may part.
    fn look_back(&mut self, now: Moment, peer: NodeId, id: ChannelId) {
        let patience = self.timing.answer;
        let channel = self.channels.get_mut(&id);
        let Some(link) = channel.and_then(|channel| channel.links.get_mut(&peer)) else { return };
        let Some(dispute) = &mut link.dispute else { return };
        if dispute.is_over() {
            link.dispute = None;
            return;
        }
        dispute.turns += 1;
        dispute.asked = dispute.next();
        dispute.until = now + patience;
        let wants = vec![(dispute.stream, dispute.asked)];
        self.say(peer, id, Says::Want(wants));
    }

    /// Takes out of what a peer sent what is to be held against our log. True if nothing is left.
    pub(super) fn examine(&mut self, peer: NodeId, id: ChannelId, runs: &mut Vec<Run>) -> bool {
        let channel = self.channels.get_mut(&id);
        let link = channel.and_then(|channel| channel.links.get(&peer));
        let Some(dispute) = link.and_then(|link| link.dispute) else { return false };
        let Some(at) = runs.iter().position(|run| dispute.wants(run)) else { return false };
        let run = runs.remove(at);
        let exam = Exam { peer, channel: id, stream: run.stream, is_proof: false };
        self.look_at(exam, Evidence::Run(run));
        runs.is_empty()
    }

    /// A peer shows that a log ends.
    pub(super) fn hear_ended(
        &mut self,
        peer: NodeId,
        id: ChannelId,
        stream: ActorId,
        proof: Vec<u8>,
    ) {
        if self.channels.get(&id).is_some_and(|channel| channel.admits(&stream)) {
            let exam = Exam { peer, channel: id, stream, is_proof: true };
            self.look_at(exam, Evidence::Proof(stream, proof));
        }
    }

    fn look_at(&mut self, exam: Exam, evidence: Evidence) {
        let peer = exam.peer;
        if self.exams.values().filter(|exam| exam.peer == peer).count() < EXAMS_MAX {
            let ticket = self.ticket();
            self.exams.insert(ticket, exam);
            self.outbox.push(Output::Examine { ticket, channel: exam.channel, evidence });
        }
    }

    pub(super) fn examined(&mut self, now: Moment, ticket: Ticket, finding: Finding) {
        let Some(exam) = self.exams.remove(&ticket) else { return };
        let Exam { peer, channel: id, stream, .. } = exam;
        match finding {
            Finding::Ended { position, proof, stands } => {
                self.end(&exam, position, &proof, stands);
            }
            Finding::Alike(position) => {
                self.each_link_of(peer, id, |link| {
                    // Nothing differs, or our log is shorter than it was: then the next comparison begins anew.
                    link.dispute.take_if(|dispute| position <= dispute.agreed);
                    link.dispute.iter_mut().for_each(|dispute| dispute.agreed = position);
                });
                self.look_back(now, peer, id);
            }
            Finding::Before => {
                let mut is_lie = false;
                self.each_link_of(peer, id, |link| {
                    if let Some(dispute) = &mut link.dispute {
                        is_lie |= dispute.asked == 0;
                        dispute.differs = dispute.asked;
                        dispute.step = dispute.step.saturating_mul(2);
                    }
                });
                if is_lie {
                    return self.outbox.push(Output::Rude(peer));
                }
                self.look_back(now, peer, id);
            }
            Finding::Elsewhere(position) => {
                self.doubt(now, (peer, id), stream, position.saturating_sub(1));
            }
            Finding::Lie => self.outbox.push(Output::Rude(peer)),
            Finding::Nothing => {
                self.each_link_of(peer, id, |link| {
                    link.dispute.take_if(|dispute| dispute.stream == stream);
                });
            }
        }
    }

    /// The log ends: all are told, but for who told us.
    fn end(&mut self, exam: &Exam, position: u64, proof: &[u8], stands: Stands) {
        let Exam { peer: from, channel: id, stream, is_proof } = *exam;
        let Some(channel) = self.channels.get_mut(&id) else { return };
        channel.stands = stands;
        self.outbox.push(Output::Ended(id, stream, position));
        for (peer, link) in &mut channel.links {
            link.dispute.take_if(|dispute| dispute.stream == stream);
            let knows = is_proof && *peer == from;
            if !knows && !link.is_closed && !link.is_behind {
                let says = Says::Ended(stream, proof.to_vec());
                self.outbox.push(Output::Send(*peer, Message { channel: id, says }));
            }
        }
    }

    /// Has a peer told where these logs end, which goes on with them.
    pub(super) fn show(&mut self, now: Moment, peer: NodeId, id: ChannelId, streams: &[ActorId]) {
        let patience = self.timing.answer;
        let channel = self.channels.get_mut(&id);
        let Some(link) = channel.and_then(|channel| channel.links.get_mut(&peer)) else { return };
        for stream in streams {
            if link.shows(*stream, now, patience) {
                self.outbox.push(Output::Recall { peer, channel: id, stream: *stream });
            }
        }
    }

    pub(super) fn recalled(
        &mut self,
        peer: NodeId,
        id: ChannelId,
        stream: ActorId,
        proof: Vec<u8>,
    ) {
        let link = self.channels.get(&id).and_then(|channel| channel.links.get(&peer));
        if link.is_some_and(|link| !link.is_closed && !link.is_behind) {
            self.say(peer, id, Says::Ended(stream, proof));
        }
    }

    /// What a peer is no longer connected for.
    pub(super) fn drop_exams(&mut self, peer: NodeId, id: ChannelId) {
        self.exams.retain(|_, exam| exam.peer != peer || exam.channel != id);
    }
}
