//! Who takes part: SWIM with Lifeguard, where nobody can speak for another.
//!
//! Read `statement` for what is said, `member` and `roster` for what a node makes of it, and then this
//! file; how it looks for itself, hears others and compares stands in `looking`, `hearing` and `comparing`.

pub(crate) mod statement;
pub(crate) mod message;
pub(crate) mod pace;
pub(crate) mod notary;
pub(crate) mod admission;
pub(crate) mod member;
mod round_trip;
mod health;
pub(crate) mod allowance;
mod ring;
mod roster;
mod near;
mod rumours;
mod probes;
mod errands;
mod exchanges;
mod favours;
mod muted;
mod looking;
mod hearing;
mod comparing;
pub(crate) mod seen;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::time::Duration;

use crate::dice::Dice;
use crate::identity::node_id::NodeId;
use crate::identity::record::NodeRecord;
use crate::identity::signed::Signed;
use crate::membership::admission::Admission;
use crate::membership::allowance::Allowance;
use crate::membership::errands::Errands;
use crate::membership::exchanges::Exchanges;
use crate::membership::favours::Favours;
use crate::membership::health::Health;
use crate::membership::member::State;
use crate::membership::message::{Message, News};
use crate::membership::muted::Muted;
use crate::membership::near::{Met, Near};
use crate::membership::notary::Notary;
use crate::membership::pace::Pace;
use crate::membership::probes::Probes;
use crate::membership::roster::Roster;
use crate::membership::round_trip::RoundTrip;
use crate::membership::rumours::Rumours;
use crate::membership::statement::{Incarnation, Life, Standing};
use crate::moment::Moment;
use crate::wire::lane::Lane;

/// One node's view of who takes part.
///
/// It pings one member each period and asks others to try where it gets no answer. Silence is an accusation,
/// which it signs; the accused has some time to sign that it lives. What members signed is passed on with
/// whatever is sent anyway, and each node draws its own conclusion: no message says that somebody is down.
///
/// What a node sends in a period does not grow with the network, and neither does any message.
#[derive(Debug)]
pub struct Membership {
    notary: Notary,
    pace: Pace,
    dice: Dice,
    roster: Roster,
    near: Near,
    rumours: Rumours,
    probes: Probes,
    errands: Errands,
    exchanges: Exchanges,
    /// Comparisons that were answered, and pings that were sent for others.
    answers: Favours,
    helped: Favours,
    muted: Muted,
    health: Health,
    /// The round trip to members in general, for those that were not measured.
    trip: RoundTrip,
    /// The number of the last ping.
    number: u32,
    next_probe: Moment,
    /// Probes until one of the dead is tried.
    until_reach: u32,
    /// When this node last answered an accusation, and whether it has to do so again.
    risen: Moment,
    is_accused: bool,
    pushes: Allowance,
    warnings: Allowance,
    introductions: Allowance,
    has_left: bool,
    wake: Moment,
    outbox: Vec<Output>,
}

/// What happened.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Input {
    /// The time has come that [`Output::WakeAt`] told, or another.
    Tick,
    /// A message came from this node, on this lane.
    Received(NodeId, Lane, Message),
    /// There is a connection to this node, which may know the network.
    Met(NodeId),
    /// There is none any more. Where it broke, [`Input::Doubted`] comes before.
    Parted(NodeId),
    /// Something else measured how long this node takes to answer.
    Measured(NodeId, Duration),
    /// This node is to be found so from here on: what it signed itself.
    Located(Signed<NodeRecord>),
    /// This node passes on where others are to be found.
    Records(NodeId, Vec<Signed<NodeRecord>>),
    /// Something else found this node unreachable, as a connection that broke. It is looked at at once.
    Doubted(NodeId),
    /// What [`Membership::lives`] said when this node ran last.
    Recalled(Vec<Signed<Life>>),
    /// From here on these may be members.
    Admit(Admission),
    /// This node goes, and says so. Nothing else happens afterwards.
    Leave,
}

/// What is to be done.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Output {
    /// A message for this node on this lane. Where there is no connection, it is dropped.
    Send(NodeId, Lane, Message),
    /// This node stands so from here on.
    Changed(NodeId, State),
    /// Nothing is known of this node any more.
    Forgotten(NodeId),
    /// This member says that it is to be found there.
    Located(NodeId, Vec<SocketAddr>),
    /// This peer passed on what nobody signed, and is not listened to for some time.
    Lied(NodeId),
    /// [`Input::Tick`] is wanted then at the latest. It takes the place of what was wanted before.
    WakeAt(Moment),
}

/// Comparisons of one peer that are answered in a period. A newcomer to the largest network asks more often
/// than that, and waits.
const ANSWERS_MAX: u32 = 64;
/// Pings for one peer in a period.
const HELPED_MAX: u32 = 16;
/// Messages at once, and in each period, that carry nothing but fresh news.
const PUSHES: (u32, u32) = (9, 1);
/// Accusations by the dead that are handed to the accused, at once and in each period.
const WARNINGS: (u32, u32) = (64, 16);
/// Newcomers that are told of to others, at once and in each period.
const INTRODUCTIONS: (u32, u32) = (64, 16);

impl Membership {
    /// The membership of a node that knows nobody, in life `incarnation`: the first, or one it kept. If it
    /// lived longer than it remembers, others tell it.
    ///
    /// It is one of a network where what is sent to anybody gets there.
    #[must_use]
    pub fn new(
        now: Moment,
        notary: Notary,
        incarnation: Incarnation,
        pace: Pace,
        dice: Dice,
    ) -> Self {
        Self::among(Near::All, now, notary, incarnation, pace, dice)
    }

    /// As [`new`](Self::new), of a node that can talk to those that it met and did not part from, and to nobody else. It looks after
    /// these; how others stand it concludes from what is said of them, and asks those that it met.
    #[must_use]
    pub fn over_connections(
        now: Moment,
        notary: Notary,
        incarnation: Incarnation,
        pace: Pace,
        dice: Dice,
    ) -> Self {
        Self::among(Near::Met(Met::default()), now, notary, incarnation, pace, dice)
    }

    fn among(
        near: Near,
        now: Moment,
        notary: Notary,
        incarnation: Incarnation,
        pace: Pace,
        mut dice: Dice,
    ) -> Self {
        let said = Life { incarnation, standing: Standing::Here };
        let roster = Roster::new(now, pace, notary.sign(&said), said);
        // Nodes that start together do not ping together.
        let next_probe = now + dice.span(Duration::ZERO, pace.period);
        Self {
            roster,
            near,
            notary,
            pace,
            rumours: Rumours::default(),
            probes: Probes::default(),
            errands: Errands::default(),
            exchanges: Exchanges::new(now, pace.period),
            answers: Favours::new(ANSWERS_MAX),
            helped: Favours::new(HELPED_MAX),
            muted: Muted::default(),
            health: Health::default(),
            trip: RoundTrip::default(),
            number: 0,
            next_probe,
            until_reach: 0,
            risen: Moment::START,
            is_accused: false,
            pushes: Allowance::new(PUSHES.0, PUSHES.1),
            warnings: Allowance::new(WARNINGS.0, WARNINGS.1),
            introductions: Allowance::new(INTRODUCTIONS.0, INTRODUCTIONS.1),
            has_left: false,
            wake: Moment::NEVER,
            outbox: Vec::new(),
            dice,
        }
    }

    /// The name of this node.
    #[must_use]
    pub const fn id(&self) -> NodeId {
        self.notary.id()
    }

    /// The life it is in. Kept for the next start, it spares a round of being told.
    #[must_use]
    pub fn incarnation(&self) -> Incarnation {
        self.roster.own().said.incarnation
    }

    /// How a node stands, if it is known.
    #[must_use]
    pub fn state(&self, id: &NodeId) -> Option<State> {
        self.roster.member(id).map(|member| member.state)
    }

    /// All nodes that are known, this one among them, in order of name.
    pub fn members(&self) -> impl Iterator<Item = (NodeId, State)> {
        self.roster.iter().map(|(id, member)| (id, member.state))
    }

    /// Where a member says that it is to be found.
    #[must_use]
    pub fn record(&self, id: &NodeId) -> Option<&Signed<NodeRecord>> {
        self.roster.member(id)?.located.as_ref().map(|located| &located.record)
    }

    /// What they said last of themselves: whom to look for when this node starts again.
    pub fn lives(&self) -> impl Iterator<Item = &Signed<Life>> {
        self.roster.iter().filter(|(_, member)| member.is_live()).map(|(_, member)| &member.life)
    }

    /// Takes in what happened, and drains what is to be done, in order.
    pub fn handle(&mut self, now: Moment, input: Input) -> impl Iterator<Item = Output> {
        if !self.has_left {
            self.make_up_for_sleep(now);
            self.step(now, input);
        }
        if !self.has_left {
            self.advance(now);
            self.ask_to_be_woken(now);
        }
        self.outbox.drain(..)
    }

    fn step(&mut self, now: Moment, input: Input) {
        match input {
            Input::Tick => {}
            Input::Received(from, lane, message) => self.receive(now, from, lane, message),
            Input::Met(peer) => self.meet(now, peer),
            Input::Parted(peer) => self.near.part(&peer),
            Input::Measured(peer, took) => self.measure(&peer, took),
            Input::Located(record) => self.settle(now, record),
            Input::Records(from, records) => {
                let news = News { records, ..News::default() };
                self.hear(now, from, &news);
            }
            Input::Doubted(peer) => self.look_if_live(now, peer),
            Input::Recalled(lives) => {
                lives.iter().for_each(|life| self.recall(now, life));
            }
            Input::Admit(admission) => {
                let out = self.roster.admit(admission).into_iter();
                self.outbox.extend(out.map(Output::Forgotten));
            }
            Input::Leave => self.leave(now),
        }
    }

    fn receive(&mut self, now: Moment, from: NodeId, lane: Lane, message: Message) {
        if from == self.id() || !self.roster.admits(&from) {
            return;
        }
        self.roster.meet(&from, &mut self.dice);
        match message {
            Message::Ping(hail) => self.answer_ping(now, from, lane, &hail),
            Message::Ack(hail) => self.hear_ack(now, from, lane, &hail),
            Message::Ask { number, whom } => self.try_for(now, from, number, whom),
            Message::Answered { number } => self.hear_answered(now, from, number),
            Message::Silent { number } => {
                self.probes.heard_of(&from, number);
            }
            Message::Tell(news) => self.hear(now, from, &news),
            Message::Who => {
                let own = News::of_life(self.roster.own().life.clone());
                self.send(from, lane, Message::Tell(own));
            }
            Message::Compare { after, stretches } => self.compare(now, from, after, &stretches),
            Message::Differ { after, upto, news } => {
                self.hear_difference(now, from, after, upto, &news);
            }
        }
    }

    /// Does what the time has come for.
    fn advance(&mut self, now: Moment) {
        self.advance_probes(now);
        self.pass_verdicts(now);
        if self.next_probe <= now {
            self.next_probe = now + self.pace.period;
            self.look_at_next(now);
            self.forget(now);
        }
        if self.exchanges.next() <= now {
            self.compare_with_some(now);
        }
        if self.is_accused && self.rises_at() <= now {
            self.rise(now);
        }
    }

    /// Others hear of it from those that hear it now.
    fn leave(&mut self, now: Moment) {
        const TOLD: usize = 8;
        let said = Life { incarnation: self.incarnation(), standing: Standing::Left };
        self.roster.say(self.notary.sign(&said), said);
        let news = News::of_life(self.roster.own().life.clone());
        let own = self.id();
        for peer in self.some_near(TOLD, &own) {
            self.send(peer, Lane::Members, Message::Tell(news.clone()));
        }
        self.roster.become_state(now, &self.id(), State::Left);
        self.has_left = true;
    }

    /// There is a connection to a node: each hears what the other knows, and whoever is suspected can answer at last.
    fn meet(&mut self, now: Moment, peer: NodeId) {
        self.near.meet(peer);
        self.compare_with(now, peer, None);
        let accusers = self.roster.member(&peer).map(|member| &member.accusers);
        let accusations: Vec<_> =
            accusers.into_iter().flat_map(|all| all.values()).cloned().collect();
        if !accusations.is_empty() {
            let news = News { accusations, ..News::default() };
            self.send(peer, Lane::Members, Message::Tell(news));
        }
    }

    fn some_near(&mut self, count: usize, except: &NodeId) -> Vec<NodeId> {
        self.near.some_live(&self.roster, &mut self.dice, count, except)
    }

    fn forget(&mut self, now: Moment) {
        while let Some(forgotten) = self.roster.forget(now) {
            self.outbox.push(Output::Forgotten(forgotten));
        }
    }

    /// Who wakes late was asleep or had no processor. In that time nobody could answer it, so nobody is
    /// judged by it: all waits go on from where they stood.
    fn make_up_for_sleep(&mut self, now: Moment) {
        let late = now - self.wake;
        if late < self.pace.period / 2 {
            return;
        }
        self.probes.delay(late);
        self.errands.delay(late);
        self.roster.delay(late);
        self.exchanges.hasten(now, self.pace.period);
    }

    fn ask_to_be_woken(&mut self, now: Moment) {
        let rises_at = if self.is_accused { self.rises_at() } else { Moment::NEVER };
        let due = [
            self.probes.next_due(),
            self.errands.next_due(),
            self.roster.next_verdict(),
            self.next_probe,
            self.exchanges.next(),
            rises_at,
        ];
        let wake = due.into_iter().min().unwrap_or(Moment::NEVER).max(now);
        if wake != self.wake || wake <= now {
            self.wake = wake;
            self.outbox.push(Output::WakeAt(wake));
        }
    }

    fn change(&mut self, now: Moment, id: NodeId, state: State) {
        if self.roster.become_state(now, &id, state) {
            self.outbox.push(Output::Changed(id, state));
        }
    }

    fn send(&mut self, to: NodeId, lane: Lane, message: Message) {
        self.outbox.push(Output::Send(to, lane, message));
    }
}
