//! What a node says to rendezvous servers, and hears there: where it is, for those who know a channel, and where they are.
//!
//! A server is visited, asked and left again, now and then. What is found there is a hint as everything that is heard is: it leads to a
//! call of somebody who is trusted already, and the handshake shows who answers.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use crate::channel_id::ChannelId;
use crate::dice::Dice;
use crate::discovery::errand::{ERRANDS_MAX, Errand, Full, Packet, Reply, WORD_MAX};
use crate::discovery::heard::{Change, Heard, HeardBy, Name, STALE, Sighting, Worth};
use crate::discovery::packet::Secret;
use crate::discovery::presence::{Matter, Presence};
use crate::discovery::said::Said;
use crate::discovery::spot::Spot;
use crate::discovery::step::Step;
use crate::identity::node_id::NodeId;
use crate::membership::allowance::Allowance;
use crate::membership::notary::Notary;
use crate::moment::Moment;

#[cfg(test)]
mod tests;

/// What one node does at servers.
#[derive(Debug)]
pub struct Visits {
    notary: Notary,
    /// The port at which it is called; none if it only calls, and leaves no word.
    port: Option<u16>,
    channels: BTreeMap<ChannelId, (Spot, Secret)>,
    /// Where it is, as far as this machine knows.
    places: Vec<SocketAddr>,
    servers: Vec<Server>,
    heard: Heard,
    checks: Allowance,
    dice: Dice,
    said: Said,
    outbox: Vec<Output>,
    wake_at: Moment,
}

/// What happens to visits.
#[derive(Clone, Debug)]
pub enum Input {
    /// This node has the channel.
    Opened(ChannelId),
    /// It does not have it any more.
    Closed(ChannelId),
    /// It is at these addresses.
    At(Vec<SocketAddr>),
    /// The visit came to an end, and this was answered, in the order in which it was asked.
    Came(usize, Vec<Reply>),
    /// It came to nothing.
    Missed(usize),
    /// Somebody is wanted or trusted now: all that were heard of are to be told again, and asked for.
    Again,
    /// The node is being stopped.
    Stop,
    /// Time has passed.
    Tick,
}

/// What visits want done.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Output {
    /// Go to the server with this number, and come back with what it answers.
    Visit(usize, Vec<Errand>),
    /// The node, which knows the channel, may be there.
    Found(NodeId, ChannelId, SocketAddr, Step),
    /// It was not heard of there before.
    Appeared(NodeId, ChannelId, SocketAddr),
    /// It is heard of nowhere any more.
    Lost(NodeId, ChannelId),
    /// Be back with an [`Input::Tick`] by then.
    WakeAt(Moment),
}

/// A server, as it was found.
#[derive(Debug, Default)]
struct Server {
    due: Moment,
    /// What is asked there now.
    asked: Option<Vec<Asked>>,
    visited: Option<Moment>,
    /// Where it sees this node.
    seen: Option<SocketAddr>,
    /// Whether the last visit came too early to tell where it sees this node.
    is_second: bool,
    /// Visits in a row that came to nothing.
    missed: u32,
    /// Whom it showed when it was asked last.
    shows: BTreeSet<Name>,
    registered: BTreeSet<Spot>,
    refused: Option<Full>,
    /// From which channel on it is asked next, if it can not be asked for all at once.
    turn: usize,
}

#[derive(Clone, Copy, Debug)]
enum Asked {
    List(ChannelId),
    Register(Spot),
    Unregister(Spot),
}

/// As long as word is to be held: who is gone is heard of for no longer.
/// It is less than a sighting is good for, or who is gone would come back once.
const HOLD: Duration = Duration::from_secs(100);
const _: () = assert!(HOLD.as_secs() < STALE.as_secs());
/// Between two visits, never as long as another, where all goes well.
const PAUSE: [Duration; 2] = [Duration::from_secs(28), Duration::from_secs(33)];
/// And at least, whatever the server holds.
const PAUSE_MIN: Duration = Duration::from_millis(500);
/// After a visit that came to nothing, and at most after many.
const MISSED: [Duration; 2] = [Duration::from_secs(5), Duration::from_secs(300)];
/// Who is looked for is asked for again, if that was not done so lately.
const REST: Duration = Duration::from_secs(5);
/// Channels that are asked about in one visit, with two errands each.
const CHANNELS_MAX: usize = ERRANDS_MAX / 2;
/// Signatures that are checked at once, and in a second.
const CHECKS: (u32, u32) = (256, 16);

impl Visits {
    /// Those of this node to so many servers, with no channel yet. It leaves word that it is called at this port, if at any.
    #[must_use]
    pub fn new(notary: Notary, port: Option<u16>, servers: usize, seed: u64) -> Self {
        let servers = (0..servers).map(|_| Server { due: Moment::NEVER, ..Server::default() });
        Self {
            notary,
            port,
            channels: BTreeMap::new(),
            places: Vec::new(),
            servers: servers.collect(),
            heard: Heard::default(),
            checks: Allowance::new(CHECKS.0, CHECKS.1),
            dice: Dice::of(seed),
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
            Input::Opened(channel) => {
                let network = self.notary.network();
                let known = (Spot::of(network, &channel), Secret::of(network, &channel));
                self.channels.insert(channel, known);
                self.hurry(now);
            }
            Input::Closed(channel) => self.close(now, channel),
            Input::At(places) => {
                let is_elsewhere = self.places != places;
                self.places = places;
                if is_elsewhere && self.port.is_some() {
                    self.hurry(now);
                }
            }
            Input::Came(server, replies) => self.came(now, time_ms, server, &replies),
            Input::Missed(server) => self.miss(now, server),
            Input::Again => self.tell_again(now),
            Input::Stop => self.stop(),
            Input::Tick => {}
        }
        let lost = self.heard.forget(now);
        self.lose(lost);
        self.visit_if_due(now, time_ms);
        let idle = self.servers.iter().filter(|server| server.asked.is_none());
        let due = idle.map(|server| server.due).min().unwrap_or(Moment::NEVER);
        let due = due.min(self.heard.due());
        if due != self.wake_at {
            self.wake_at = due;
            self.outbox.push(Output::WakeAt(due));
        }
        self.outbox.drain(..)
    }

    /// Who was heard of.
    #[must_use]
    pub fn sightings(&self, now: Moment) -> Vec<Sighting> {
        self.heard.sightings(now, HeardBy::Rendezvous)
    }

    /// Whether a visit to the server came to an end, or to nothing.
    #[must_use]
    pub fn was_asked(&self, server: usize) -> bool {
        self.servers.get(server).is_some_and(|it| it.visited.is_some())
    }

    /// Whether word was left there.
    #[must_use]
    pub fn is_registered(&self, server: usize) -> bool {
        self.servers.get(server).is_some_and(|it| !it.registered.is_empty())
    }

    /// What the server did not take, of what it was to hold.
    #[must_use]
    pub fn refused(&self, server: usize) -> Option<Full> {
        self.servers.get(server).and_then(|it| it.refused)
    }

    /// All servers are visited now.
    fn hurry(&mut self, now: Moment) {
        self.servers.iter_mut().for_each(|server| server.due = now);
    }

    fn close(&mut self, now: Moment, channel: ChannelId) {
        self.channels.remove(&channel);
        let lost = self.heard.close(channel);
        self.lose(lost);
        for server in &mut self.servers {
            server.shows.retain(|(known, _)| *known != channel);
            if !server.registered.is_empty() {
                server.due = now;
            }
        }
    }

    fn tell_again(&mut self, now: Moment) {
        let found = self
            .heard
            .places()
            .map(|((channel, node), address)| Output::Found(node, channel, address, Step::Stays));
        self.outbox.extend(found);
        for server in &mut self.servers {
            let is_rested = server.visited.is_none_or(|at| now - at >= REST);
            // One that can not be found is not found sooner for that.
            if is_rested && server.missed == 0 && !self.channels.is_empty() {
                server.due = server.due.min(now);
            }
        }
    }

    /// Takes away what was left.
    fn stop(&mut self) {
        self.channels.clear();
        for (number, server) in self.servers.iter_mut().enumerate() {
            server.due = Moment::NEVER;
            let left = std::mem::take(&mut server.registered);
            let errands: Vec<_> = left.into_iter().take(ERRANDS_MAX).collect();
            // One that is not found any more is not waited for.
            if !errands.is_empty() && server.missed == 0 {
                let errands = errands.into_iter().map(Errand::Unregister).collect();
                self.outbox.push(Output::Visit(number, errands));
            }
        }
    }

    fn visit_if_due(&mut self, now: Moment, time_ms: u64) {
        for number in 0..self.servers.len() {
            let Some(server) = self.servers.get(number) else { return };
            if server.due > now || server.asked.is_some() {
                continue;
            }
            let errands = self.errands(number, time_ms);
            let Some(server) = self.servers.get_mut(number) else { return };
            server.due = Moment::NEVER;
            if errands.is_empty() {
                continue;
            }
            let (asked, errands) = errands.into_iter().unzip();
            server.asked = Some(asked);
            self.outbox.push(Output::Visit(number, errands));
        }
    }

    /// What there is to do at a server.
    fn errands(&mut self, number: usize, time_ms: u64) -> Vec<(Asked, Errand)> {
        let Some(server) = self.servers.get_mut(number) else { return Vec::new() };
        let spots: BTreeSet<_> = self.channels.values().map(|(spot, _)| *spot).collect();
        let stale = server.registered.difference(&spots).take(ERRANDS_MAX);
        let mut errands: Vec<_> =
            stale.map(|spot| (Asked::Unregister(*spot), Errand::Unregister(*spot))).collect();
        let first = server.turn.checked_rem(self.channels.len()).unwrap_or_default();
        server.turn = first + CHANNELS_MAX;
        let seen = server.seen;
        let places = self.port.map(|port| told(port, seen, &self.places)).unwrap_or_default();
        let time_ms = if places.is_empty() { 0 } else { self.said.next(time_ms) };
        let in_turn = self.channels.iter().cycle().skip(first);
        for (channel, (spot, secret)) in in_turn.take(CHANNELS_MAX.min(self.channels.len())) {
            let packet = |address: &SocketAddr| {
                let said = Presence { matter: Matter::Here, time_ms, address: *address };
                let packet = secret.seal(self.notary.sign(&said));
                let packet = packet.expect("what is signed has kept its rules, and fits");
                Packet(packet.try_into().expect("all packets are as long"))
            };
            let word: Vec<_> = places.iter().map(packet).collect();
            if !word.is_empty() {
                let seconds = u32::try_from(HOLD.as_secs()).unwrap_or(u32::MAX);
                let register = Errand::Register { spot: *spot, seconds, word };
                errands.push((Asked::Register(*spot), register));
            }
            errands.push((Asked::List(*channel), Errand::List(*spot)));
        }
        errands.truncate(ERRANDS_MAX);
        errands
    }

    fn came(&mut self, now: Moment, time_ms: u64, number: usize, replies: &[Reply]) {
        let Some(server) = self.servers.get_mut(number) else { return };
        let Some(asked) = server.asked.take() else { return };
        if asked.len() != replies.len() {
            server.asked = Some(asked);
            return self.miss(now, number);
        }
        (server.visited, server.missed, server.refused) = (Some(now), 0, None);
        let mut pause = self.dice.span(PAUSE[0], PAUSE[1]);
        let seen = server.seen;
        for (asked, reply) in asked.into_iter().zip(replies) {
            let Some(server) = self.servers.get_mut(number) else { return };
            match (asked, reply) {
                (Asked::Register(spot), Reply::Registered(seconds)) => {
                    server.registered.insert(spot);
                    // Thrice in the time, so that one visit may come to nothing.
                    let third = Duration::from_secs(u64::from(*seconds)) / 3;
                    pause = pause.min(third).max(PAUSE_MIN);
                }
                (Asked::Unregister(spot), Reply::Unregistered) => {
                    server.registered.remove(&spot);
                }
                (Asked::List(channel), Reply::Listed { you, words }) => {
                    server.seen = Some(*you).filter(|you| is_place(*you));
                    self.read(now, time_ms, number, channel, words);
                }
                (Asked::Register(_), Reply::Refused(full)) => server.refused = Some(*full),
                // It says what does not answer the question, and is believed nothing more than a hint in any case.
                (Asked::List(_) | Asked::Register(_) | Asked::Unregister(_), _) => {}
            }
        }
        let Some(server) = self.servers.get_mut(number) else { return };
        // What was left there does not say yet where the server sees this node. Once: it may see it elsewhere each time.
        let is_second = server.is_second;
        server.is_second = self.port.is_some() && server.seen != seen && !is_second;
        let next = if server.is_second { now } else { now + pause };
        server.due = server.due.min(next);
    }

    fn miss(&mut self, now: Moment, number: usize) {
        let Some(server) = self.servers.get_mut(number) else { return };
        if server.asked.take().is_none() {
            return;
        }
        let doubled =
            MISSED[0].saturating_mul(1_u32.checked_shl(server.missed).unwrap_or(u32::MAX));
        let most = doubled.min(MISSED[1]);
        server.missed = server.missed.saturating_add(1);
        server.visited = Some(now);
        server.due = server.due.min(now + self.dice.span(most * 3 / 4, most));
    }

    /// What all left at the spot of a channel.
    fn read(
        &mut self,
        now: Moment,
        time_ms: u64,
        number: usize,
        channel: ChannelId,
        words: &[Vec<Packet>],
    ) {
        let Some((_, secret)) = self.channels.get(&channel) else { return };
        let secret = secret.clone();
        let mut shown = BTreeSet::new();
        for packet in words.iter().flatten() {
            let Some(signed) = secret.open(&packet.0) else { continue };
            let name = (channel, signed.by());
            let Ok(claim) = signed.claim() else { continue };
            if signed.by() == self.notary.id() || !is_place(claim.address) {
                continue;
            }
            let worth = self.heard.worth(now, time_ms, name, &claim);
            if worth == Worth::None {
                // It is known, or nothing new is said of it: it is not gone.
                shown.insert(name);
                continue;
            }
            let is_checked = self.checks.take(now, Duration::from_secs(1), 1) == 1;
            let said = is_checked.then(|| self.notary.open(&signed)).flatten();
            let Some(said) = said else { continue };
            shown.insert(name);
            let lost = match worth {
                Worth::Doubt(ahead_ms) => self.heard.doubt(now, name, said.address.ip(), ahead_ms),
                Worth::News | Worth::None => self.believe(now, name, &said),
            };
            self.lose(lost);
        }
        self.miss_those(number, channel, &shown);
    }

    fn believe(&mut self, now: Moment, name: Name, said: &Presence) -> Vec<Name> {
        let ((channel, node), address) = (name, said.address);
        let (change, lost) = self.heard.hear(now, name, said, address);
        let step = if change == Change::Appeared {
            self.outbox.push(Output::Appeared(node, channel, address));
            Step::Begins
        } else {
            Step::Stays
        };
        self.outbox.push(Output::Found(node, channel, address, step));
        lost
    }

    /// The server shows these of the channel: who is shown nowhere any more is gone.
    fn miss_those(&mut self, number: usize, channel: ChannelId, shown: &BTreeSet<Name>) {
        let Some(server) = self.servers.get_mut(number) else { return };
        let (before, others) =
            std::mem::take(&mut server.shows).into_iter().partition(|(of, _)| *of == channel);
        let before: BTreeSet<Name> = before;
        server.shows = others;
        server.shows.extend(shown);
        let gone = before.into_iter().filter(|name| {
            !shown.contains(name) && !self.servers.iter().any(|it| it.shows.contains(name))
        });
        let gone: Vec<_> = gone.collect();
        let lost: Vec<_> = gone.into_iter().filter(|name| self.heard.remove(*name)).collect();
        self.lose(lost);
    }

    fn lose(&mut self, lost: impl IntoIterator<Item = Name>) {
        let lost = lost.into_iter().map(|(channel, node)| Output::Lost(node, channel));
        self.outbox.extend(lost);
    }
}

/// Whether somebody can be called there from elsewhere, or at least from this machine.
fn is_place(at: SocketAddr) -> bool {
    let ip = at.ip();
    let is_of_link = match ip {
        IpAddr::V4(ip) => ip.is_link_local() || ip.is_broadcast(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    };
    let is_one = !ip.is_unspecified() && !ip.is_multicast() && ip == ip.to_canonical();
    at.port() > 0 && is_one && !is_of_link
}

/// What to tell of where a node is: where the server sees it goes first, and the port that it listens at there, since a router may pass that on.
fn told(port: u16, seen: Option<SocketAddr>, places: &[SocketAddr]) -> Vec<SocketAddr> {
    let mut told: Vec<SocketAddr> = Vec::new();
    let outside = seen.into_iter().flat_map(|at| [at, SocketAddr::new(at.ip(), port)]);
    // This machine alone is reached at its loopback, and so a server that is on it.
    let is_here = seen.is_some_and(|at| at.ip().is_loopback());
    let inside = places.iter().copied().filter(|at| is_here || !at.ip().is_loopback());
    for at in outside.chain(inside).filter(|at| is_place(*at)) {
        if told.len() < WORD_MAX && !told.contains(&at) {
            told.push(at);
        }
    }
    told
}
