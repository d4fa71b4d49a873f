//! With whom this node talks.
//!
//! A connection says which key is at its other end. A session is a connection on which both said hello and neither found a
//! reason to hang up. With each peer there is one.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use crate::dice::Dice;
use crate::identity::delegation::{Delegation, Revocation};
use crate::identity::invitation::{Invitation, Invited, Word};
use crate::identity::network::NetworkId;
use crate::identity::node_id::NodeId;
use crate::identity::record::NodeRecord;
use crate::identity::signed::Signed;
use crate::identity::trust::{Trust, Verdict};
use crate::moment::Moment;
use crate::session::acquaintance::Acquaintance;
use crate::session::call::{Call, CallId, Facts, Side, State};
use crate::session::control::{Control, Goodbye};
use crate::session::limits::Limits;
use crate::session::why::{Unreached, Why};

mod acquaintance;
pub(crate) mod call;
pub(crate) mod control;
pub(crate) mod gate;
mod greet;
pub(crate) mod limits;
mod tie;
#[cfg(test)]
mod tests;
pub(crate) mod why;

/// The sessions of one node, whom it trusts, and whom it would like to talk to.
#[derive(Debug)]
pub struct Session {
    own: Own,
    limits: Limits,
    dice: Dice,
    trust: Trust,
    invited: Invited,
    known: BTreeMap<NodeId, Acquaintance>,
    calls: BTreeMap<CallId, Call>,
    up: BTreeMap<NodeId, CallId>,
    outbox: Vec<Output>,
    wake_at: Moment,
    is_stopped: bool,
}

/// What this node says of itself.
#[derive(Clone, Debug)]
pub struct Own {
    /// Its name.
    pub node: NodeId,
    /// The network that it is of.
    pub network: NetworkId,
    /// What it can do beyond what the version says.
    pub features: u64,
    /// Whose device it is, if not a person's first.
    pub delegation: Option<Signed<Delegation>>,
    /// Where it listens.
    pub record: Option<Signed<NodeRecord>>,
}

/// What happens to sessions.
#[derive(Clone, Debug)]
pub enum Input {
    /// This person is trusted from now on.
    Trust(NodeId),
    /// This person is not trusted any more.
    Distrust(NodeId),
    /// This device is never to be let in.
    Block(NodeId),
    /// Somebody says whose a device is.
    Learn(Signed<Delegation>),
    /// Somebody says that a device is to be trusted no more.
    Revoke(Signed<Revocation>),
    /// There should be a session with this node.
    Want(NodeId),
    /// There need not be.
    Leave(NodeId),
    /// The node takes part again: if a session with it is wanted, it is called at once.
    Back(NodeId),
    /// The node does not answer, as was found out elsewhere: the session with it ends.
    Silent(NodeId),
    /// From here on this node says of itself that it is to be found so.
    Located(Signed<NodeRecord>),
    /// The node may be at these addresses.
    Found(NodeId, Vec<SocketAddr>),
    /// Somebody was given this word, which is good until then.
    Invite(Word, Moment),
    /// Somebody gave us this.
    Accept(Invitation),
    /// There is a connection with this node, whose key was checked.
    Opened {
        /// The connection.
        call: CallId,
        /// Who is at its other end.
        peer: NodeId,
        /// Who called.
        side: Side,
        /// Where the peer is.
        address: SocketAddr,
        /// What only the two ends know.
        binding: [u8; 32],
    },
    /// A call came to nothing.
    Unreached(NodeId, SocketAddr, Unreached),
    /// The peer said this.
    Received(CallId, Control),
    /// Something came from the peer, on any lane.
    Heard(CallId),
    /// Something came that the protocol does not know.
    Rude(CallId),
    /// The connection is gone.
    Broken(CallId),
    /// The node is being stopped.
    Stop,
    /// Time has passed.
    Tick,
}

/// What sessions want done.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Output {
    /// Call this node there, and nobody else who answers.
    Call(NodeId, SocketAddr),
    /// Send this.
    Send(CallId, Control),
    /// End the connection, when what was to be sent is sent.
    HangUp(CallId),
    /// There is a session with this peer now.
    Up(NodeId, CallId, Facts),
    /// There is none any more.
    Down(NodeId, Why),
    /// Who was invited came with this word, or who gave it to us, and is trusted from now on: this person.
    Paired(NodeId, Word),
    /// A node that nobody here trusts called from there.
    Knocked(NodeId, SocketAddr),
    /// An answer took so long.
    RoundTrip(NodeId, Duration),
    /// A peer passes these on. Nothing of them was checked.
    Records(NodeId, Vec<Signed<NodeRecord>>),
    /// Be back with an [`Input::Tick`] by then.
    WakeAt(Moment),
}

/// Nodes that are known. Found addresses of further ones are not kept.
const KNOWN_MAX: usize = 4_096;

/// Before a node is called again that said that it will not have us.
const REFUSAL: Duration = Duration::from_secs(300);

/// Before a node is called again that has a session with somebody who is taken for us.
const TWIN: Duration = Duration::from_secs(60);

/// A tick that comes so much later than it was to: the machine was asleep.
const ASLEEP: Duration = Duration::from_secs(10);

/// As long as a peer may take to show that it is there, when that is in doubt.
const DOUBT: Duration = Duration::from_secs(2);

impl Session {
    /// With nobody yet.
    #[must_use]
    pub fn new(own: Own, trust: Trust, limits: Limits, seed: u64) -> Self {
        Self {
            own,
            limits,
            dice: Dice::of(seed),
            trust,
            invited: Invited::default(),
            known: BTreeMap::new(),
            calls: BTreeMap::new(),
            up: BTreeMap::new(),
            outbox: Vec::new(),
            wake_at: Moment::NEVER,
            is_stopped: false,
        }
    }

    /// Takes in what happened, and drains what is to be done now, in order.
    pub fn handle(&mut self, now: Moment, input: Input) -> impl Iterator<Item = Output> {
        self.step(now, input);
        self.call_who_is_due(now);
        let due = self.due();
        if due != self.wake_at {
            self.wake_at = due;
            self.outbox.push(Output::WakeAt(due));
        }
        self.outbox.drain(..)
    }

    /// Whom this node trusts.
    #[must_use]
    pub const fn trust(&self) -> &Trust {
        &self.trust
    }

    /// The peers that there is a session with.
    pub fn peers(&self) -> impl ExactSizeIterator<Item = NodeId> {
        self.up.keys().copied()
    }

    /// Whether there should be a session with this node.
    #[must_use]
    pub fn wants(&self, node: &NodeId) -> bool {
        self.known.get(node).is_some_and(|known| known.is_wanted)
    }

    /// Why there is no session with this node; nothing if there is one.
    #[must_use]
    pub fn why_not(&self, node: &NodeId) -> Option<Why> {
        if self.up.contains_key(node) {
            return None;
        }
        let known = self.known.get(node);
        Some(known.filter(|it| it.is_wanted).map_or(Why::Unwanted, |it| it.why.clone()))
    }

    fn step(&mut self, now: Moment, input: Input) {
        match input {
            Input::Trust(person) => {
                self.trust.trust(person);
                self.call_trusted_again(now);
            }
            Input::Distrust(person) => {
                self.trust.distrust(&person);
                self.review(now);
            }
            Input::Block(device) => {
                self.trust.block(device);
                self.review(now);
            }
            // What nobody believes changes nothing, and whoever brought it checked it for its own part.
            Input::Learn(said) => drop(self.trust.learn(&said)),
            Input::Revoke(said) => {
                drop(self.trust.revoke(&said));
                self.review(now);
            }
            Input::Want(node) => self.want(now, node),
            Input::Leave(node) => self.leave(now, node),
            Input::Back(node) => {
                if let Some(known) = self.known.get_mut(&node) {
                    known.call_at = known.call_at.min(now);
                }
            }
            Input::Silent(node) => {
                let call = self.up.get(&node).copied();
                call.into_iter().for_each(|call| self.dismiss(now, call, Goodbye::Silent));
            }
            Input::Located(record) => self.own.record = Some(record),
            Input::Found(node, addresses) => self.find(now, node, &addresses),
            Input::Invite(word, until) => self.invited.expect(word, until),
            Input::Accept(invitation) => self.accept(now, &invitation),
            Input::Opened { call, peer, side, address, binding } => {
                let state = State::Greeting(now + self.limits.hello);
                let opened =
                    Call { peer, side, address, binding, state, heard_at: now, ping: None };
                self.open(call, opened);
            }
            Input::Unreached(node, address, why) => {
                self.miss(now, node, Why::Unreached(address, why));
            }
            Input::Received(call, control) => self.hear(now, call, control),
            Input::Heard(call) => self.heard(now, call),
            Input::Rude(call) => self.dismiss(now, call, Goodbye::Rude),
            Input::Broken(call) => self.end(now, call, Why::Broken),
            Input::Stop => self.stop(now),
            Input::Tick => self.tick(now),
        }
    }

    fn want(&mut self, now: Moment, node: NodeId) {
        if node == self.own.node {
            return;
        }
        let known = self.known.entry(node).or_insert_with(Acquaintance::new);
        known.is_wanted = true;
        known.call_at = known.call_at.min(now);
    }

    fn leave(&mut self, now: Moment, node: NodeId) {
        self.known.remove(&node);
        if let Some(call) = self.up.get(&node).copied() {
            self.dismiss(now, call, Goodbye::Done);
        }
    }

    fn find(&mut self, now: Moment, node: NodeId, addresses: &[SocketAddr]) {
        let is_of_use = matches!(self.trust.judge(&node), Verdict::Trusted(_));
        if self.known.contains_key(&node) || is_of_use && self.known.len() < KNOWN_MAX {
            let known = self.known.entry(node).or_insert_with(Acquaintance::new);
            known.found(now, addresses);
        }
    }

    fn accept(&mut self, now: Moment, invitation: &Invitation) {
        self.want(now, invitation.node);
        if let Some(known) = self.known.get_mut(&invitation.node) {
            known.word = Some(invitation.word);
            known.found(now, &invitation.addresses);
        }
    }

    /// Whoever is trusted only now may have been refused before.
    fn call_trusted_again(&mut self, now: Moment) {
        for (node, known) in &mut self.known {
            if matches!(self.trust.judge(node), Verdict::Trusted(_)) {
                known.call_at = known.call_at.min(now);
            }
        }
    }

    /// Ends the sessions with those that are not trusted any more.
    fn review(&mut self, now: Moment) {
        let up: Vec<_> = self.up.iter().map(|(peer, call)| (*peer, *call)).collect();
        for (peer, call) in up {
            match self.trust.judge(&peer) {
                Verdict::Trusted(_) => {}
                Verdict::Revoked(_) => self.dismiss(now, call, Goodbye::Revoked),
                Verdict::Blocked | Verdict::Stranger => self.dismiss(now, call, Goodbye::Stranger),
            }
        }
    }

    fn miss(&mut self, now: Moment, node: NodeId, why: Why) {
        if let Some(known) = self.known.get_mut(&node) {
            known.missed(now, why, &mut self.dice);
        }
    }

    /// The connection is over, for this reason.
    fn end(&mut self, now: Moment, id: CallId, why: Why) {
        let Some(call) = self.calls.remove(&id) else { return };
        let was_up = self.up.get(&call.peer) == Some(&id);
        if was_up {
            self.up.remove(&call.peer);
            self.outbox.push(Output::Down(call.peer, why.clone()));
        }
        let rival = self.calls.iter().find(|(_, it)| it.is_rival_of(&call)).map(|(id, _)| *id);
        if let Some(rival) = rival.filter(|_| was_up) {
            self.promote(now, rival);
            return;
        }
        if self.up.contains_key(&call.peer) {
            return;
        }
        let has_called = self.known.get(&call.peer).is_some_and(|known| known.is_called);
        let rest = match &why {
            // It has another session with this node, and this node has none: somebody else has our name and our key. If both called at
            // once, neither would have a session for long.
            Why::Told(Goodbye::Double) if was_up && !has_called => TWIN,
            Why::Told(Goodbye::Full(seconds)) => {
                Duration::from_secs(u64::from(*seconds).min(3_600))
            }
            Why::Told(goodbye) | Why::Said(goodbye) if goodbye.is_final() => REFUSAL,
            Why::Told(_)
            | Why::Said(_)
            | Why::NoAddress
            | Why::NotYet
            | Why::Unreached(..)
            | Why::NoHello
            | Why::Broken
            | Why::Unwanted => Duration::ZERO,
        };
        let Some(known) = self.known.get_mut(&call.peer) else { return };
        match call.state {
            State::Greeting(_) if call.side == Side::Calls && rest.is_zero() => {
                known.missed(now, why, &mut self.dice);
            }
            State::Greeting(_) | State::Up(_) | State::Rival(..) => {
                known.lost(now, why, rest, &mut self.dice);
            }
        }
    }

    /// Ends a connection, and says why.
    fn dismiss(&mut self, now: Moment, call: CallId, goodbye: Goodbye) {
        if !self.calls.contains_key(&call) {
            return;
        }
        self.outbox.push(Output::Send(call, Control::Goodbye(goodbye)));
        self.outbox.push(Output::HangUp(call));
        self.end(now, call, Why::Said(goodbye));
    }

    fn stop(&mut self, now: Moment) {
        self.is_stopped = true;
        self.known.values_mut().for_each(|known| known.is_wanted = false);
        let calls: Vec<_> = self.calls.keys().copied().collect();
        calls.into_iter().for_each(|call| self.dismiss(now, call, Goodbye::Done));
    }

    fn heard(&mut self, now: Moment, call: CallId) {
        if let Some(call) = self.calls.get_mut(&call) {
            call.heard_at = now;
        }
    }

    fn tick(&mut self, now: Moment) {
        if now - self.wake_at > ASLEEP {
            self.wake_up(now);
        }
        let calls: Vec<_> = self.calls.keys().copied().collect();
        for id in calls {
            self.look_after(now, id);
        }
    }

    /// The machine slept: what its connections are worth is to be found out at once, and not when their time is over.
    fn wake_up(&mut self, now: Moment) {
        let Limits { beat, silence, .. } = self.limits;
        for call in self.calls.values_mut() {
            // As if it had been heard of just before it counts as gone.
            call.heard_at = Moment::from_us((now.us() + us(DOUBT)).saturating_sub(us(silence)));
            call.ping = None;
            debug_assert!(silence > beat + DOUBT, "a beat comes before the end");
        }
        self.known.values_mut().for_each(|known| known.call_at = known.call_at.min(now));
    }

    /// Sees to one connection: whether its hello is late, or its peer gone.
    fn look_after(&mut self, now: Moment, id: CallId) {
        let Limits { beat, silence, .. } = self.limits;
        let Some(call) = self.calls.get_mut(&id) else { return };
        match call.state {
            State::Greeting(until) if until <= now => {
                self.outbox.push(Output::HangUp(id));
                self.end(now, id, Why::NoHello);
            }
            State::Rival(until, _) if until <= now => {
                let old = self.up.get(&call.peer).copied();
                // Its end brings this one up.
                old.into_iter().for_each(|old| self.dismiss(now, old, Goodbye::Silent));
            }
            State::Up(_) if now - call.heard_at >= silence => {
                self.dismiss(now, id, Goodbye::Silent);
            }
            State::Up(_) if now - call.heard_at >= beat && call.ping.is_none() => {
                self.ping(now, id);
            }
            State::Greeting(_) | State::Up(_) | State::Rival(..) => {}
        }
    }

    fn ping(&mut self, now: Moment, id: CallId) {
        let number = self.dice.roll();
        if let Some(call) = self.calls.get_mut(&id) {
            call.ping = Some((number, now));
            self.outbox.push(Output::Send(id, Control::Ping(number)));
        }
    }

    fn call_who_is_due(&mut self, now: Moment) {
        let called = self.known.values().filter(|it| it.is_called).count();
        let room = self.limits.peers.saturating_sub(self.up.len());
        let mut free = self.limits.calling.min(room).saturating_sub(called);
        for (node, known) in &mut self.known {
            if free == 0 {
                return;
            }
            if self.up.contains_key(node) {
                continue;
            }
            if let Some(address) = known.call(now) {
                self.outbox.push(Output::Call(*node, address));
                free -= 1;
            }
        }
    }

    fn due(&self) -> Moment {
        let Limits { beat, silence, .. } = self.limits;
        let calls = self.calls.values().map(|call| match call.state {
            State::Greeting(until) | State::Rival(until, _) => until,
            State::Up(_) if call.ping.is_some() => call.heard_at + silence,
            State::Up(_) => call.heard_at + beat,
        });
        let called = self.known.values().filter(|it| it.is_called).count();
        let is_room = self.up.len() + called < self.limits.peers && called < self.limits.calling;
        let known = self.known.iter().filter(|(node, _)| is_room && !self.up.contains_key(node));
        calls.chain(known.map(|(_, known)| known.due())).min().unwrap_or(Moment::NEVER)
    }
}

fn us(span: Duration) -> u64 {
    u64::try_from(span.as_micros()).unwrap_or(u64::MAX)
}
