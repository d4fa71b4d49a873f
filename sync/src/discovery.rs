//! Who is near: nodes that know a channel say to all subnets of their machines where they are, and hear each other.
//!
//! What is heard is a hint and no more. It leads to a call of somebody who is trusted already, and the handshake shows who answers.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{SocketAddr, SocketAddrV6};
use std::time::Duration;

use crate::channel_id::ChannelId;
use crate::dice::Dice;
use crate::discovery::door::Door;
use crate::discovery::heard::{Change, Heard, HeardBy, Name, Sighting, Worth};
use crate::discovery::packet::Secret;
use crate::discovery::presence::{Matter, Presence};
use crate::discovery::said::Said;
use crate::discovery::sources::Sources;
use crate::discovery::step::Step;
use crate::identity::node_id::NodeId;
use crate::membership::allowance::Allowance;
use crate::membership::notary::Notary;
use crate::moment::Moment;

pub(crate) mod door;
pub(crate) mod errand;
pub(crate) mod heard;
pub(crate) mod packet;
pub(crate) mod presence;
pub(crate) mod register;
mod said;
mod sources;
pub(crate) mod spot;
pub(crate) mod step;
#[cfg(test)]
mod tests;
pub(crate) mod visits;

/// What one node says to those that are near, and hears of them.
#[derive(Debug)]
pub struct Discovery {
    notary: Notary,
    manner: Manner,
    /// Where it is to be called, at each of its addresses; 0 if it is not.
    port: u16,
    secrets: BTreeMap<ChannelId, Secret>,
    doors: BTreeSet<Door>,
    heard: Heard,
    sources: Sources,
    checks: Allowance,
    dice: Dice,
    /// How often it asks still, before it only says that it is here.
    asks: usize,
    speak_at: Moment,
    answer_at: Moment,
    answered_at: Option<Moment>,
    has_spoken: bool,
    said: Said,
    outbox: Vec<Output>,
    wake_at: Moment,
}

/// What a node says of itself to those that are near.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Manner {
    /// That it is here, at this port.
    Tells(u16),
    /// Nothing but that it looks for others: it only calls.
    Asks,
    /// Nothing. It hears others.
    Listens,
}

/// What happens to a discovery.
#[derive(Clone, Debug)]
pub enum Input {
    /// The machine is in these subnets from here on.
    Doors(BTreeSet<Door>),
    /// This node has the channel.
    Opened(ChannelId),
    /// It does not have it any more.
    Closed(ChannelId),
    /// A packet came from there.
    Came(SocketAddr, Vec<u8>),
    /// Somebody is wanted or trusted now: all that were heard of are to be told again.
    Again,
    /// The node is being stopped.
    Stop,
    /// Time has passed.
    Tick,
}

/// What a discovery wants done.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Output {
    /// Send this to all that are in the subnet.
    Say(Door, Vec<u8>),
    /// The node, which knows the channel, may be there. It is told whenever it was heard.
    Found(NodeId, ChannelId, SocketAddr, Step),
    /// It was not heard of there before.
    Appeared(NodeId, ChannelId, SocketAddr),
    /// It is heard of nowhere any more.
    Lost(NodeId, ChannelId),
    /// Be back with an [`Input::Tick`] by then.
    WakeAt(Moment),
}

/// Before it asks a second and a third time: packets get lost.
const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(4)];
/// Between two times that a node says where it is, never as long as another.
const BEAT: [Duration; 2] = [Duration::from_secs(25), Duration::from_secs(35)];
/// Before an answer to who only calls and waits for it.
const ANSWER: [Duration; 2] = [Duration::ZERO, Duration::from_millis(100)];
/// Before an answer to who can be called: if that was done meanwhile, the answer crosses no call.
const ANSWER_TO_NODE: [Duration; 2] = [Duration::from_millis(500), Duration::from_millis(1_500)];
/// Between two answers, however many ask.
const REST: Duration = Duration::from_secs(1);
/// Signatures that are checked at once, and in a second. Each costs some fifty microseconds, and only who knows a channel gets so far.
const CHECKS: (u32, u32) = (64, 16);

impl Discovery {
    /// Of this node, with no channel and no subnet yet.
    #[must_use]
    pub fn new(notary: Notary, manner: Manner, seed: u64) -> Self {
        let port = match manner {
            Manner::Tells(port) => port,
            Manner::Asks | Manner::Listens => 0,
        };
        Self {
            notary,
            manner,
            port,
            secrets: BTreeMap::new(),
            doors: BTreeSet::new(),
            heard: Heard::default(),
            sources: Sources::default(),
            checks: Allowance::new(CHECKS.0, CHECKS.1),
            dice: Dice::of(seed),
            asks: 0,
            speak_at: Moment::NEVER,
            answer_at: Moment::NEVER,
            answered_at: None,
            has_spoken: false,
            said: Said::default(),
            outbox: Vec::new(),
            wake_at: Moment::NEVER,
        }
    }

    /// Takes in what happened, and drains what is to be done now, in order. The time of the day is in milliseconds since 1970.
    pub fn handle(
        &mut self,
        now: Moment,
        time_ms: u64,
        input: Input,
    ) -> impl Iterator<Item = Output> {
        match input {
            Input::Doors(doors) => self.move_to(now, doors),
            Input::Opened(channel) => {
                let secret = Secret::of(self.notary.network(), &channel);
                self.secrets.insert(channel, secret);
                // What could not be read before may have been for this one.
                self.sources.forget_strangers();
                self.begin(now);
            }
            Input::Closed(channel) => {
                self.secrets.remove(&channel);
                let lost = self.heard.close(channel);
                self.lose(lost);
            }
            Input::Came(from, packet) => self.hear(now, time_ms, from, &packet),
            Input::Again => self.tell_again(),
            Input::Stop => self.stop(time_ms),
            Input::Tick => {}
        }
        let lost = self.heard.forget(now);
        self.lose(lost);
        self.speak_if_due(now, time_ms);
        let due = self.speak_at.min(self.answer_at).min(self.heard.due());
        if due != self.wake_at {
            self.wake_at = due;
            self.outbox.push(Output::WakeAt(due));
        }
        self.outbox.drain(..)
    }

    /// When the next packet is to be read. What comes before that is left to the system, which drops what is too much.
    #[must_use]
    pub fn hears_at(&self) -> Moment {
        self.sources.hears_at()
    }

    /// Who was heard of.
    #[must_use]
    pub fn sightings(&self, now: Moment) -> Vec<Sighting> {
        self.heard.sightings(now, HeardBy::Lan)
    }

    /// At how many addresses there is somebody who has to do with none of our channels.
    #[must_use]
    pub fn strangers(&self, now: Moment) -> usize {
        let since = now.us().saturating_sub(us(heard::STALE));
        self.sources.strangers(Moment::from_us(since))
    }

    fn move_to(&mut self, now: Moment, doors: BTreeSet<Door>) {
        let is_elsewhere = !doors.is_subset(&self.doors);
        self.doors = doors;
        if is_elsewhere {
            self.begin(now);
        }
    }

    /// Has come to where it was not heard yet.
    fn begin(&mut self, now: Moment) {
        if self.manner != Manner::Listens {
            (self.asks, self.speak_at) = (0, now);
        }
    }

    fn tell_again(&mut self) {
        let found = self
            .heard
            .places()
            .map(|((channel, node), address)| Output::Found(node, channel, address, Step::Stays));
        self.outbox.extend(found);
    }

    fn stop(&mut self, time_ms: u64) {
        // Who never said that it is here need not say that it goes.
        if self.has_spoken && self.port > 0 {
            self.say(time_ms, Matter::Leaves);
        }
        self.secrets.clear();
        (self.speak_at, self.answer_at) = (Moment::NEVER, Moment::NEVER);
    }

    fn speak_if_due(&mut self, now: Moment, time_ms: u64) {
        if self.speak_at.min(self.answer_at) > now {
            return;
        }
        let is_beat = self.speak_at <= now;
        let asks = is_beat && (self.port == 0 || self.asks <= PAUSES.len());
        self.say(time_ms, if asks { Matter::Asks } else { Matter::Here });
        if self.answer_at < Moment::NEVER {
            self.answered_at = Some(now);
        }
        self.answer_at = Moment::NEVER;
        self.has_spoken = true;
        if is_beat {
            let pause = PAUSES.get(self.asks).copied();
            let pause = pause.unwrap_or_else(|| self.dice.span(BEAT[0], BEAT[1]));
            (self.asks, self.speak_at) = (self.asks.saturating_add(1), now + pause);
        }
    }

    /// Says it in all subnets, to those who know a channel, for each channel.
    fn say(&mut self, time_ms: u64, matter: Matter) {
        let time_ms = self.said.next(time_ms);
        for door in &self.doors {
            let address = SocketAddr::new(door.address, self.port);
            let said = Presence { matter, time_ms, address };
            for secret in self.secrets.values() {
                let packet = secret.seal(self.notary.sign(&said));
                let packet = packet.expect("what is signed has kept its rules, and fits");
                self.outbox.push(Output::Say(*door, packet));
            }
        }
    }

    fn hear(&mut self, now: Moment, time_ms: u64, from: SocketAddr, packet: &[u8]) {
        let ip = from.ip().to_canonical();
        let is_near = self.doors.iter().any(|door| door.reaches(from));
        if !is_near || !self.sources.takes(now, ip) {
            return;
        }
        let mut secrets = self.secrets.iter();
        let opened = secrets.find_map(|(channel, secret)| Some((*channel, secret.open(packet)?)));
        let Some((channel, signed)) = opened else {
            return self.sources.strange(now, ip);
        };
        let name = (channel, signed.by());
        // Our own come back to us. One from another address was said before, or elsewhere.
        let claim = signed.claim().ok().filter(|claim| claim.address.ip() == ip);
        let Some(claim) = claim.filter(|_| signed.by() != self.notary.id()) else { return };
        let worth = self.heard.worth(now, time_ms, name, &claim);
        let is_checked =
            worth != Worth::None && self.checks.take(now, Duration::from_secs(1), 1) == 1;
        let said = is_checked.then(|| self.notary.open(&signed)).flatten();
        let Some(said) = said else { return };
        if let Worth::Doubt(ahead_ms) = worth {
            let lost = self.heard.doubt(now, name, ip, ahead_ms);
            return self.lose(lost);
        }
        self.believe(now, name, &said, located(from, said.address.port()));
    }

    /// The node says so, and said it just now.
    fn believe(&mut self, now: Moment, name: Name, said: &Presence, address: SocketAddr) {
        let (channel, node) = name;
        let step = match said.matter {
            Matter::Leaves => {
                let change = self.heard.leave(name, said);
                return self.lose((change == Change::Lost).then_some(name));
            }
            Matter::Here => Step::Stays,
            Matter::Asks => {
                self.answer(now, said.address.port());
                Step::Begins
            }
        };
        let (change, lost) = self.heard.hear(now, name, said, address);
        self.lose(lost);
        if change == Change::Appeared {
            self.outbox.push(Output::Appeared(node, channel, address));
        }
        if address.port() > 0 {
            self.outbox.push(Output::Found(node, channel, address, step));
        }
    }

    /// Somebody asks who is here.
    fn answer(&mut self, now: Moment, port: u16) {
        if self.port == 0 {
            return;
        }
        let [least, most] = if port == 0 { ANSWER } else { ANSWER_TO_NODE };
        let at = now + self.dice.span(least, most);
        let rested = self.answered_at.map_or(at, |answered| at.max(answered + REST));
        self.answer_at = self.answer_at.min(rested);
    }

    fn lose(&mut self, lost: impl IntoIterator<Item = Name>) {
        let lost = lost.into_iter().map(|(channel, node)| Output::Lost(node, channel));
        self.outbox.extend(lost);
    }
}

/// Where somebody is who was heard from there, and is to be called at this port: an address of the new kind is found only in the
/// subnet that it was heard in.
fn located(from: SocketAddr, port: u16) -> SocketAddr {
    match from {
        SocketAddr::V6(it) if from.ip().to_canonical().is_ipv6() => {
            SocketAddrV6::new(*it.ip(), port, 0, it.scope_id()).into()
        }
        SocketAddr::V4(_) | SocketAddr::V6(_) => SocketAddr::new(from.ip().to_canonical(), port),
    }
}

fn us(span: Duration) -> u64 {
    u64::try_from(span.as_micros()).unwrap_or(u64::MAX)
}
