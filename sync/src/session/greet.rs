//! How a session begins, and what is said in it.

use crate::identity::node_id::NodeId;
use crate::identity::signed::Signed;
use crate::identity::trust::Verdict;
use crate::moment::Moment;
use crate::session::acquaintance::Acquaintance;
use crate::session::call::{Call, CallId, Choice, Facts, Side, State};
use crate::session::control::{Control, Goodbye, Hello, Versions};
use crate::session::why::Why;
use crate::session::{DOUBT, Output, Session};

impl Session {
    pub(super) fn open(&mut self, id: CallId, call: Call) {
        let (peer, side, now) = (call.peer, call.side, call.heard_at);
        let refusal = if peer == self.own.node {
            Some(Goodbye::Yourself)
        } else if self.is_stopped {
            Some(Goodbye::Done)
        } else if side == Side::IsCalled && !self.makes_room(now) {
            Some(Goodbye::Full(1))
        } else {
            None
        };
        self.calls.insert(id, call);
        match refusal {
            Some(goodbye) => self.dismiss(now, id, goodbye),
            // Whoever is called learns first who calls, and tells strangers nothing.
            None if side == Side::IsCalled => {}
            None => self.say_hello(id),
        }
    }

    /// Whether one more may be waited for. If too many are, the one that has let us wait longest goes: an honest hello is here as soon as the
    /// connection, and who holds up others says none. Those that are trusted stay.
    fn makes_room(&mut self, now: Moment) -> bool {
        let is_waited_for = |(id, it): (&CallId, &Call)| match it.state {
            State::Greeting(until) if it.side == Side::IsCalled => Some((until, *id, it.peer)),
            State::Greeting(_) | State::Up(_) | State::Rival(..) => None,
        };
        let waited_for: Vec<_> = self.calls.iter().filter_map(is_waited_for).collect();
        if waited_for.len() < self.limits.greeting {
            return true;
        }
        let is_trusted = |peer| matches!(self.trust.judge(peer), Verdict::Trusted(_));
        let strangers = waited_for.iter().filter(|(_, _, peer)| !is_trusted(peer));
        let oldest = strangers.min().map(|(_, id, _)| *id);
        oldest.into_iter().for_each(|id| self.dismiss(now, id, Goodbye::Full(1)));
        oldest.is_some()
    }

    fn say_hello(&mut self, id: CallId) {
        let Some(call) = self.calls.get(&id) else { return };
        let word = self.known.get(&call.peer).and_then(|known| known.word);
        let own = &self.own;
        let proof = word.map(|word| word.proof(&own.node, &call.peer, &call.binding));
        let hello = Hello {
            network: own.network,
            versions: Versions::OURS,
            features: own.features,
            delegation: own.delegation.clone(),
            proof,
            record: own.record.clone(),
        };
        self.outbox.push(Output::Send(id, Control::Hello(Box::new(hello))));
    }

    pub(super) fn hear(&mut self, now: Moment, id: CallId, control: Control) {
        self.heard(now, id);
        let Some(call) = self.calls.get_mut(&id) else { return };
        let is_greeting = matches!(call.state, State::Greeting(_));
        match control {
            Control::Hello(hello) if is_greeting => self.greet(now, id, &hello),
            Control::Goodbye(goodbye) => {
                self.outbox.push(Output::HangUp(id));
                self.end(now, id, Why::Told(goodbye));
            }
            Control::Ping(number) if !is_greeting => {
                self.outbox.push(Output::Send(id, Control::Pong(number)));
            }
            Control::Pong(number) if !is_greeting => self.answered(now, id, number),
            Control::Records(records) if !is_greeting => {
                self.outbox.push(Output::Records(call.peer, records));
            }
            Control::Hello(_) | Control::Ping(_) | Control::Pong(_) | Control::Records(_) => {
                self.dismiss(now, id, Goodbye::Rude);
            }
        }
    }

    fn answered(&mut self, now: Moment, id: CallId, number: u64) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let Some((_, sent)) = call.ping.take_if(|(asked, _)| *asked == number) else { return };
        self.outbox.push(Output::RoundTrip(call.peer, now - sent));
        // It lives, so whoever came to take its place goes.
        let old = call.clone();
        let rival = self.calls.iter().find(|(_, it)| it.is_rival_of(&old)).map(|(id, _)| *id);
        rival.into_iter().for_each(|rival| self.dismiss(now, rival, Goodbye::Double));
    }

    fn greet(&mut self, now: Moment, id: CallId, hello: &Hello) {
        match self.weigh(now, id, hello) {
            Err(goodbye) => self.dismiss(now, id, goodbye),
            Ok(facts) => self.admit(now, id, facts),
        }
    }

    /// What the hello tells of a peer that may come in, or why it may not.
    fn weigh(&mut self, now: Moment, id: CallId, hello: &Hello) -> Result<Facts, Goodbye> {
        let Some(call) = self.calls.get(&id).cloned() else { return Err(Goodbye::Rude) };
        if hello.network != self.own.network {
            return Err(Goodbye::OtherNetwork);
        }
        let version = Versions::OURS.common(hello.versions);
        let version = version.ok_or(Goodbye::OtherVersion(Versions::OURS))?;
        self.introduce(now, &call, hello);
        let person = match self.trust.judge(&call.peer) {
            Verdict::Trusted(person) => person,
            Verdict::Revoked(_) => return Err(Goodbye::Revoked),
            Verdict::Blocked => return Err(Goodbye::Stranger),
            Verdict::Stranger => {
                self.outbox.push(Output::Knocked(call.peer, call.address));
                return Err(Goodbye::Stranger);
            }
        };
        if self.up.len() >= self.limits.peers && !self.up.contains_key(&call.peer) {
            return Err(Goodbye::Full(60));
        }
        if let Some(record) = &hello.record {
            self.outbox.push(Output::Records(call.peer, vec![record.clone()]));
        }
        Ok(Facts { person, version, features: self.own.features & hello.features })
    }

    /// Learns whose device a peer is, and trusts who was invited or who invited us.
    fn introduce(&mut self, now: Moment, call: &Call, hello: &Hello) {
        let me = self.own.node;
        let word = match (call.side, &hello.proof) {
            (Side::IsCalled, Some(proof)) => {
                self.invited.admit(now, &call.peer, &me, &call.binding, proof)
            }
            (Side::IsCalled, None) => None,
            (Side::Calls, _) => self.known.get(&call.peer).and_then(|known| known.word),
        };
        let delegation = hello.delegation.as_ref();
        if let Some(word) = word {
            let theirs = delegation
                .filter(|said| said.open(&self.own.network).is_ok_and(|it| it.device == call.peer));
            let person = theirs.map_or(call.peer, Signed::by);
            self.trust.trust(person);
            self.outbox.push(Output::Paired(person, word));
        }
        // One that is not believed leaves the device a stranger.
        delegation.into_iter().for_each(|said| drop(self.trust.learn(said)));
    }

    fn admit(&mut self, now: Moment, id: CallId, facts: Facts) {
        let Some(call) = self.calls.get(&id) else { return };
        let peer = call.peer;
        let old = self.up.get(&peer).copied();
        let choice = old.and_then(|old| Some(self.calls.get(&old)?.or(now, call, self.own.node)));
        match (old, choice) {
            (Some(_), Some(Choice::Old)) => self.dismiss(now, id, Goodbye::Double),
            (Some(old), Some(Choice::OldIfAlive)) => {
                self.set(id, State::Rival(now + DOUBT, facts));
                self.ping(now, old);
            }
            (Some(old), Some(Choice::New)) => {
                self.set(id, State::Rival(now, facts));
                // Its end brings the new one up.
                self.dismiss(now, old, Goodbye::Double);
            }
            (None, _) | (_, None) => {
                self.set(id, State::Rival(now, facts));
                self.promote(now, id);
            }
        }
    }

    fn set(&mut self, id: CallId, state: State) {
        self.calls.get_mut(&id).into_iter().for_each(|call| call.state = state);
    }

    /// Makes the connection the one that the session is on.
    pub(super) fn promote(&mut self, now: Moment, id: CallId) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let State::Rival(_, facts) = call.state else { return };
        call.state = State::Up(now);
        call.heard_at = now;
        let (peer, side) = (call.peer, call.side);
        if side == Side::IsCalled {
            self.say_hello(id);
        }
        self.known.get_mut(&peer).into_iter().for_each(Acquaintance::met);
        self.up.insert(peer, id);
        self.outbox.push(Output::Up(peer, id, facts));
    }
}

impl Call {
    /// Whether it waits to take the place of that one.
    pub(super) fn is_rival_of(&self, other: &Self) -> bool {
        let peer: NodeId = other.peer;
        self.peer == peer && matches!(self.state, State::Rival(..))
    }
}

impl Goodbye {
    /// Whether to come again soon is of no use.
    pub(super) const fn is_final(self) -> bool {
        match self {
            Self::Stranger
            | Self::Revoked
            | Self::OtherNetwork
            | Self::OtherVersion(_)
            | Self::Yourself
            | Self::Rude => true,
            Self::Done | Self::Full(_) | Self::Double | Self::Silent => false,
        }
    }
}
