//! How a member looks for itself: pings, pings for others, and what follows from silence.

use std::time::Duration;

use crate::identity::node_id::NodeId;
use crate::membership::errands::Errand;
use crate::membership::member::{Member, State};
use crate::membership::message::{Hail, Message, News};
use crate::membership::probes::{Basis, PROBES_MAX, Probe, Stage};
use crate::membership::roster::Verdict;
use crate::membership::rumours::Subject;
use crate::membership::statement::{Accusation, Incarnation};
use crate::membership::{Membership, Output};
use crate::moment::Moment;
use crate::wire::lane::Lane;

/// Members that are asked to try where a ping gets no answer.
const HELPERS: usize = 3;
/// How many members in all look for themselves when they hear of a suspicion, on average.
const OPINIONS: u64 = 5;
/// Probes until one of the dead is tried again: a partition may have healed.
const REACH: u32 = 5;

impl Membership {
    /// The turn of the next member, and now and then of one that is down.
    pub(super) fn look_at_next(&mut self, now: Moment) {
        if let Some(whom) = self.near.next_to_probe(&mut self.roster, &mut self.dice) {
            self.look(now, whom);
        }
        self.until_reach = self.until_reach.checked_sub(1).unwrap_or(REACH - 1);
        if self.until_reach == 0
            && let Some(whom) = self.roster.some_down(&mut self.dice)
        {
            let number = self.next_number();
            self.ping(whom, Lane::Datagram, number);
        }
    }

    pub(super) fn look_if_live(&mut self, now: Moment, whom: NodeId) {
        if whom != self.id() && self.roster.member(&whom).is_some_and(Member::is_live) {
            self.look(now, whom);
        }
    }

    /// A suspicion that is heard of makes a few members look, wherever they are: so it is confirmed or
    /// answered within a period, in a network of any size.
    pub(super) fn maybe_look(&mut self, now: Moment, whom: NodeId) {
        if self.near.has(&whom) && self.dice.below(self.near.len(&self.roster) as u64) < OPINIONS {
            self.look(now, whom);
        }
    }

    fn look(&mut self, now: Moment, whom: NodeId) {
        if self.probes.has_open(&whom) || self.probes.len() >= PROBES_MAX {
            return;
        }
        let Some(incarnation) = self.roster.member(&whom).map(|member| member.said.incarnation)
        else {
            return;
        };
        let number = self.next_number();
        let measured = self.measured(&whom);
        let first = self.health.stretch(self.pace.first_wait(measured));
        let waits = [first, self.whole_wait(&whom)];
        let basis = if self.near.has(&whom) { Basis::Own } else { Basis::Others };
        self.probes.begin(whom, Probe::new(number, incarnation, now, waits, basis));
        if basis == Basis::Own {
            self.ping(whom, Lane::Datagram, number);
        }
    }

    /// Takes each probe and errand that is due one step further.
    pub(super) fn advance_probes(&mut self, now: Moment) {
        while let Some((whom, stage)) = self.probes.due(now) {
            match stage {
                Stage::Sent => self.ask_others(&whom),
                Stage::Helped => self.judge(now, whom),
                Stage::Judged => self.probes.forget(&whom),
            }
        }
        while let Some(errand) = self.errands.due(now) {
            self.send(errand.asker, Lane::Datagram, Message::Silent { number: errand.number });
        }
    }

    /// Others may reach it where this node does not, and a stream gets through where datagrams do not.
    fn ask_others(&mut self, whom: &NodeId) {
        let Some(number) = self.probes.number(whom) else { return };
        let helpers = self.some_near(HELPERS, whom);
        for helper in &helpers {
            self.send(*helper, Lane::Datagram, Message::Ask { number, whom: *whom });
        }
        self.probes.ask(whom, helpers);
        if self.near.has(whom) {
            self.ping(*whom, Lane::Members, number);
        }
    }

    fn judge(&mut self, now: Moment, whom: NodeId) {
        let Some((incarnation, own_fault, basis)) = self.probes.judge(&whom) else { return };
        self.health.worsen(own_fault);
        if basis == Basis::Others {
            // It had no way to answer this node, and so is not accused by it.
            return;
        }
        let dropped = self.roster.blame_source(now, &whom).into_iter();
        self.outbox.extend(dropped.map(Output::Forgotten));
        let Some(member) = self.roster.member(&whom).filter(|member| member.is_live()) else {
            return;
        };
        // Who began a new life since the ping was sent said so after that, and lives.
        let is_later = member.said.incarnation > incarnation;
        if is_later || member.accusers.contains_key(&self.id()) {
            return;
        }
        let said = Accusation { whom, incarnation };
        let accusation = self.notary.sign(&said);
        let becomes_suspected = self.roster.hear_accusation(now, whom, accusation.clone());
        if becomes_suspected {
            self.tell_state(whom, State::Suspected);
        }
        self.rumours.add(Subject::Accusation { whom, by: self.id() });
        // The accused hears it first: nobody else can answer.
        let news = News { accusations: vec![accusation], ..News::default() };
        self.send(whom, Lane::Members, Message::Tell(news));
        self.push(now);
    }

    /// Suspicions that ran out.
    pub(super) fn pass_verdicts(&mut self, now: Moment) {
        while let Some(verdict) = self.roster.verdict(now) {
            match verdict {
                Verdict::Down(whom) => self.change(now, whom, State::Down),
                Verdict::Answered(whom) => self.roster.adjourn(now, &whom),
                Verdict::Check(whom) | Verdict::Open(whom) if !self.near.has(&whom) => {
                    // It can answer those that this node met: if they heard nothing either, that is enough.
                    let number = self.next_number();
                    let until = now + 2 * self.whole_wait(&whom);
                    self.roster.wait_for(&whom, until, Some(number));
                    self.look(now, whom);
                }
                Verdict::Check(whom) => {
                    let number = self.next_number();
                    self.roster.wait_for(&whom, now + self.whole_wait(&whom), Some(number));
                    // On both lanes, so that no lost datagram kills anybody.
                    self.ping(whom, Lane::Datagram, number);
                    self.ping(whom, Lane::Members, number);
                }
                Verdict::Open(whom) => {
                    self.roster.wait_for(&whom, now + 2 * self.whole_wait(&whom), None);
                    self.look(now, whom);
                }
            }
        }
    }

    pub(super) fn answer_ping(&mut self, now: Moment, from: NodeId, lane: Lane, hail: &Hail) {
        self.hear(now, from, &hail.news);
        let news = self.news_for(from, Some(hail.incarnation));
        let incarnation = self.incarnation();
        self.send(from, lane, Message::Ack(Hail { number: hail.number, incarnation, news }));
        self.ask_who(from, lane, hail.incarnation);
    }

    pub(super) fn hear_ack(&mut self, now: Moment, from: NodeId, lane: Lane, hail: &Hail) {
        self.hear(now, from, &hail.news);
        self.ask_who(from, lane, hail.incarnation);
        if let Some(probe) = self.probes.answered(&from, hail.number) {
            // On a stream the answer may have waited for other bytes.
            if lane == Lane::Datagram {
                self.measure(&from, now - probe.sent);
            }
            self.health.improve();
            self.note_answer(now, from);
        } else if let Some(errand) = self.errands.answered(&from, hail.number) {
            self.send(errand.asker, Lane::Datagram, Message::Answered { number: errand.number });
            self.note_answer(now, from);
        } else if self.roster.member(&from).is_some_and(|member| member.check == Some(hail.number))
        {
            self.note_answer(now, from);
        }
    }

    /// It answered somebody else.
    pub(super) fn hear_answered(&mut self, now: Moment, helper: NodeId, number: u32) {
        let Some(whom) = self.probes.heard_of(&helper, number) else { return };
        self.probes.forget(&whom);
        self.health.improve();
        self.note_answer(now, whom);
    }

    fn note_answer(&mut self, now: Moment, whom: NodeId) {
        let Some(member) = self.roster.member_mut(&whom) else { return };
        member.answered = Some(now);
        if member.state == State::Suspected {
            // It lives, and does not know that it is accused: else it would have answered that too.
            let accusations = member.accusers.values().cloned().collect();
            let news = News { accusations, ..News::default() };
            self.send(whom, Lane::Members, Message::Tell(news));
        }
    }

    /// Pings for another, who gets no answer.
    pub(super) fn try_for(&mut self, now: Moment, asker: NodeId, number: u32, whom: NodeId) {
        let is_member = self.roster.member(&whom).is_some() && whom != self.id();
        let is_modest = self.helped.may(now, self.pace.period, asker);
        if !is_member || !is_modest || !self.errands.has_room() {
            return;
        }
        let sent_as = self.next_number();
        let wait = self.pace.first_wait(self.measured(&whom)).max(self.pace.period / 4);
        self.errands.begin(sent_as, Errand { asker, number, whom, until: now + wait });
        self.ping(whom, Lane::Datagram, sent_as);
    }

    fn ping(&mut self, whom: NodeId, lane: Lane, number: u32) {
        let news = self.news_for(whom, None);
        let incarnation = self.incarnation();
        self.send(whom, lane, Message::Ping(Hail { number, incarnation, news }));
    }

    /// A life that is not known has to be shown.
    fn ask_who(&mut self, from: NodeId, lane: Lane, incarnation: Incarnation) {
        let known = self.roster.member(&from).map(|member| member.said.incarnation);
        if known.is_none_or(|known| known < incarnation) {
            self.send(from, lane, Message::Who);
        }
    }

    /// How long a member has before silence counts.
    fn whole_wait(&self, whom: &NodeId) -> Duration {
        self.health.stretch(self.pace.whole_wait(self.measured(whom)))
    }

    /// So long it took a member to answer.
    pub(super) fn measure(&mut self, whom: &NodeId, took: Duration) {
        self.trip.observe(took);
        if let Some(member) = self.roster.member_mut(whom) {
            member.trip.observe(took);
        }
    }

    fn measured(&self, whom: &NodeId) -> Option<Duration> {
        let of_member = self.roster.member(whom).and_then(|member| member.trip.bound());
        of_member.or(self.trip.bound())
    }

    const fn next_number(&mut self) -> u32 {
        self.number = self.number.wrapping_add(1);
        self.number
    }
}
