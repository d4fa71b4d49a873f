//! Some machines in one subnet, where all hear what each says, and some of it gets lost.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use selkie_store::{PublicKey, SecretKey};

use crate::channel_id::ChannelId;
use crate::dice::Dice;
use crate::discovery::door::Door;
use crate::discovery::heard::Sighting;
use crate::discovery::packet::Secret;
use crate::discovery::presence::{Matter, Presence};
use crate::discovery::{Discovery, Input, Manner, Output};
use crate::identity::network::NetworkId;
use crate::identity::node_id::NodeId;
use crate::identity::signed::Signed;
use crate::membership::notary::Notary;
use crate::moment::Moment;

pub(super) const HOME: ChannelId = ChannelId::from_bytes([1; 16]);
pub(super) const OTHER: ChannelId = ChannelId::from_bytes([2; 16]);

/// What all clocks show when the simulation begins, in milliseconds since 1970.
pub(super) const TODAY_MS: u64 = 1_800_000_000_000;

/// The room.
pub(super) struct Room {
    pub(super) now: Moment,
    pub(super) nodes: Vec<Machine>,
    /// Parts of a million that are lost, and that come twice.
    pub(super) lost: u32,
    pub(super) twice: u32,
    /// The longest that a packet is on its way.
    pub(super) longest: Duration,
    /// What was said, by whom, when.
    pub(super) said: Vec<(Moment, usize, Vec<u8>)>,
    /// What each was told, but not what to say.
    pub(super) told: Vec<(Moment, usize, Output)>,
    dice: Dice,
    under_way: BTreeMap<(Moment, u64), (usize, SocketAddr, Vec<u8>)>,
    count: u64,
}

/// A node in it.
pub(super) struct Machine {
    pub(super) discovery: Discovery,
    pub(super) door: Door,
    pub(super) clock_ms: u64,
    wake_at: Moment,
}

pub(super) fn network() -> NetworkId {
    NetworkId::named("room")
}

pub(super) fn key(number: usize) -> SecretKey {
    let mut bytes = [7; 32];
    bytes[..8].copy_from_slice(&(number as u64).to_le_bytes());
    SecretKey::from_bytes(&bytes)
}

pub(super) fn id(number: usize) -> NodeId {
    NodeId::of(key(number).public())
}

pub(super) fn notary(number: usize) -> Notary {
    Notary::new(Arc::new(key(number)), network(), PublicKey::verifies)
}

pub(super) fn ip(number: usize) -> IpAddr {
    IpAddr::from([192, 0, 2, u8::try_from(number + 1).unwrap()])
}

pub(super) fn place(number: usize) -> SocketAddr {
    SocketAddr::new(ip(number), 7_355)
}

/// The packet by which a node says this for a channel, at this moment of the simulation.
pub(super) fn packet(channel: ChannelId, number: usize, said: &Presence) -> Vec<u8> {
    let signed = Signed::new(said, &network(), &key(number)).unwrap();
    Secret::of(&network(), &channel).seal(signed).unwrap()
}

/// That it is here, so many milliseconds after all began.
pub(super) fn here(address: SocketAddr, after_ms: u64) -> Presence {
    Presence { matter: Matter::Here, time_ms: TODAY_MS + after_ms, address }
}

impl Room {
    /// So many machines with a node each that has [`HOME`], in a room where nothing gets lost.
    pub(super) fn of(count: usize, seed: u64) -> Self {
        let mut room = Self {
            now: Moment::START,
            nodes: Vec::new(),
            lost: 0,
            twice: 0,
            longest: Duration::from_millis(5),
            said: Vec::new(),
            told: Vec::new(),
            dice: Dice::of(seed),
            under_way: BTreeMap::new(),
            count: 0,
        };
        for _ in 0..count {
            room.enter(Manner::Tells(7_355), HOME);
        }
        room
    }

    /// One more comes, and begins.
    pub(super) fn enter(&mut self, manner: Manner, channel: ChannelId) -> usize {
        let number = self.nodes.len();
        let discovery = Discovery::new(notary(number), manner, self.dice.roll());
        let door = Door { address: ip(number), bits: 24, zone: 2 };
        let (clock_ms, wake_at) = (TODAY_MS, Moment::NEVER);
        self.nodes.push(Machine { discovery, door, clock_ms, wake_at });
        self.happens(number, Input::Doors([door].into()));
        self.happens(number, Input::Opened(channel));
        number
    }

    pub(super) fn happens(&mut self, number: usize, input: Input) {
        let machine = &mut self.nodes[number];
        let time_ms = machine.clock_ms + self.now.us() / 1_000;
        let outputs: Vec<_> = machine.discovery.handle(self.now, time_ms, input).collect();
        for output in outputs {
            match output {
                Output::WakeAt(at) => self.nodes[number].wake_at = at,
                Output::Say(door, packet) => {
                    let from = SocketAddr::new(door.address, 40_000);
                    self.spread(from, &packet);
                    self.said.push((self.now, number, packet));
                }
                told => self.told.push((self.now, number, told)),
            }
        }
    }

    /// A packet comes to all, from there.
    pub(super) fn spread(&mut self, from: SocketAddr, packet: &[u8]) {
        for to in 0..self.nodes.len() {
            let copies = 1 + usize::from(self.dice.is_one_of_million(self.twice));
            for _ in 0..copies {
                if self.dice.is_one_of_million(self.lost) {
                    continue;
                }
                let at = self.now + self.dice.span(Duration::ZERO, self.longest);
                self.count += 1;
                self.under_way.insert((at, self.count), (to, from, packet.to_vec()));
            }
        }
    }

    /// Lets so many seconds pass.
    pub(super) fn run(&mut self, seconds: u64) {
        let end = self.now + Duration::from_secs(seconds);
        loop {
            let wakes = self.nodes.iter().enumerate().map(|(number, it)| (it.wake_at, number));
            let (wake_at, number) = wakes.min().unwrap_or((Moment::NEVER, 0));
            let comes_at = self.under_way.keys().next().map_or(Moment::NEVER, |(at, _)| *at);
            let next = wake_at.min(comes_at);
            if next > end {
                break;
            }
            self.now = self.now.max(next);
            if comes_at <= wake_at {
                let (to, from, packet) = self.under_way.pop_first().expect("one is under way").1;
                // Who went hears nothing.
                if to < self.nodes.len() {
                    self.happens(to, Input::Came(from, packet));
                }
            } else {
                self.nodes[number].wake_at = Moment::NEVER;
                self.happens(number, Input::Tick);
            }
        }
        self.now = end;
    }

    pub(super) fn sightings(&self, number: usize) -> Vec<Sighting> {
        self.nodes[number].discovery.sightings(self.now)
    }

    /// Whom a node has heard of, and where, ascending by number.
    pub(super) fn heard(&self, number: usize) -> Vec<(usize, Vec<SocketAddr>)> {
        let who = |node| (0..self.nodes.len().max(8)).find(|number| id(*number) == node);
        let sightings = self.sightings(number).into_iter();
        let mut heard: Vec<_> = sightings
            .filter_map(|it| Some((who(it.node)?, it.places.iter().map(|it| it.0).collect())))
            .collect();
        heard.sort();
        heard
    }

    /// How often a node was told something.
    pub(super) fn count(&self, number: usize, is_it: impl Fn(&Output) -> bool) -> usize {
        self.told.iter().filter(|(_, who, told)| *who == number && is_it(told)).count()
    }
}
