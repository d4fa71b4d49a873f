//! Nodes in one street: each has an address, and what connects them has two ends and a delay.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::net::SocketAddr;
use std::time::Duration;

use selkie_store::{Coded, SecretKey, decode, encode};

use crate::dice::Dice;
use crate::identity::network::NetworkId;
use crate::identity::node_id::NodeId;
use crate::identity::trust::Trust;
use crate::moment::Moment;
use crate::session::call::{CallId, Side};
use crate::session::control::Control;
use crate::session::why::Unreached;
use crate::session::{Input, Limits, Output, Own, Session};

pub(super) struct Street {
    pub(super) now: Moment,
    pub(super) homes: Vec<Session>,
    pub(super) told: Vec<(usize, Output)>,
    pub(super) dice: Dice,
    pub(super) said: usize,
    pub(super) up: BTreeMap<(usize, usize), CallId>,
    wires: BTreeMap<CallId, Wire>,
    cut: BTreeSet<CallId>, // nothing goes over these, and nobody is told
    queue: BinaryHeap<Reverse<(Moment, u64)>>,
    waiting: BTreeMap<u64, (usize, Event)>,
    count: u64,
    ids: u64,
}

#[derive(Clone, Copy)]
struct Wire {
    ends: [usize; 2],  // who called, and who was called
    last: [Moment; 2], // when the newest of what is under way arrives at each
}

enum Event {
    Input(Input),
    Ring { call: CallId, binding: [u8; 32] },
    Said(CallId, Box<Control>),
    HungUp(CallId),
}

pub(super) fn key(number: usize) -> SecretKey {
    SecretKey::from_bytes(&[u8::try_from(number + 1).unwrap(); 32])
}

pub(super) fn id(number: usize) -> NodeId {
    NodeId::of(key(number).public())
}

pub(super) fn address(number: usize) -> SocketAddr {
    SocketAddr::from(([192, 0, 2, u8::try_from(number + 1).unwrap()], 7355))
}

pub(super) fn own(number: usize) -> Own {
    let network = NetworkId::named("home");
    Own { node: id(number), network, features: 3, delegation: None, record: None }
}

impl Street {
    /// So many that trust each other.
    pub(super) fn of(count: usize, seed: u64) -> Self {
        let mut street = Self::strangers(count, seed);
        for a in 0..count {
            for b in (0..count).filter(|b| *b != a) {
                street.happens(a, Input::Trust(id(b)));
            }
        }
        street
    }

    pub(super) fn strangers(count: usize, seed: u64) -> Self {
        let homes = (0..count).map(|number| Self::home(own(number), seed, Limits::default()));
        Self {
            now: Moment::START,
            homes: homes.collect(),
            told: Vec::new(),
            dice: Dice::of(seed),
            said: 0,
            up: BTreeMap::new(),
            wires: BTreeMap::new(),
            cut: BTreeSet::new(),
            queue: BinaryHeap::new(),
            waiting: BTreeMap::new(),
            count: 0,
            ids: 0,
        }
    }

    pub(super) fn home(own: Own, seed: u64, limits: Limits) -> Session {
        let seed = seed ^ u64::from(own.node.as_bytes()[0]);
        let trust = Trust::new(own.network);
        Session::new(own, trust, limits, seed)
    }

    /// From now on `a` wants to talk to `b`, and knows where it is.
    pub(super) fn want(&mut self, a: usize, b: usize) {
        self.happens(a, Input::Want(id(b)));
        self.happens(a, Input::Found(id(b), vec![address(b)]));
    }

    /// What is between these two goes nowhere, and neither is told.
    pub(super) fn cut(&mut self, a: usize, b: usize) {
        let between = |(call, wire): (&CallId, &Wire)| {
            (wire.ends == [a, b] || wire.ends == [b, a]).then_some(*call)
        };
        let cut: Vec<_> = self.wires.iter().filter_map(between).collect();
        self.cut.extend(cut);
    }

    /// One end notices that a connection is gone.
    pub(super) fn breaks(&mut self, number: usize, call: CallId) {
        self.cut.insert(call);
        self.happens(number, Input::Broken(call));
    }

    pub(super) fn run(&mut self, seconds: u64) {
        let end = self.now + Duration::from_secs(seconds);
        while let Some(Reverse((at, key))) = self.queue.peek().copied() {
            if at > end {
                break;
            }
            self.queue.pop();
            self.now = self.now.max(at);
            let (number, event) = self.waiting.remove(&key).unwrap();
            self.arrives(number, event);
        }
        self.now = end;
    }

    fn arrives(&mut self, number: usize, event: Event) {
        match event {
            Event::Input(input) => self.happens(number, input),
            Event::Ring { call, binding } => {
                let [caller, called] = self.wires[&call].ends;
                let (other, side) =
                    if number == caller { (called, Side::Calls) } else { (caller, Side::IsCalled) };
                let (peer, address) = (id(other), address(other));
                self.happens(number, Input::Opened { call, peer, side, address, binding });
            }
            Event::Said(call, control) if !self.cut.contains(&call) => {
                self.happens(number, Input::Received(call, *control));
            }
            Event::HungUp(call) if !self.cut.contains(&call) => {
                self.happens(number, Input::Broken(call));
            }
            Event::Said(..) | Event::HungUp(_) => {}
        }
    }

    pub(super) fn happens(&mut self, number: usize, input: Input) {
        let outputs: Vec<_> = self.homes[number].handle(self.now, input).collect();
        for output in outputs {
            self.perform(number, output);
        }
    }

    fn perform(&mut self, number: usize, output: Output) {
        match &output {
            Output::Call(node, at) => self.ring(number, *node, *at),
            Output::Send(call, control) => self.send(number, *call, control),
            Output::HangUp(call) => self.hang_up(number, *call),
            Output::WakeAt(at) if *at < Moment::NEVER => {
                self.put(*at, number, Event::Input(Input::Tick));
            }
            Output::Up(peer, call, _) => {
                let other = self.number(peer);
                let before = self.up.insert((number, other), *call);
                assert_eq!(before, None, "one session with one peer");
            }
            Output::Down(peer, _) => {
                let other = self.number(peer);
                assert!(self.up.remove(&(number, other)).is_some(), "what is down was up");
            }
            Output::Paired(..)
            | Output::Knocked(..)
            | Output::RoundTrip(..)
            | Output::Records(..)
            | Output::WakeAt(_) => {}
        }
        self.told.push((number, output));
    }

    fn number(&self, node: &NodeId) -> usize {
        (0..self.homes.len()).find(|number| id(*number) == *node).unwrap()
    }

    fn ring(&mut self, caller: usize, node: NodeId, at: SocketAddr) {
        let called = (0..self.homes.len()).find(|number| address(*number) == at);
        let trip = self.dice.span(Duration::from_millis(5), Duration::from_millis(60));
        let Some(called) = called.filter(|called| id(*called) == node) else {
            let why = called.map_or(Unreached::Silence, |found| Unreached::OtherKey(id(found)));
            let input = Event::Input(Input::Unreached(node, at, why));
            return self.put(self.now + Duration::from_secs(3), caller, input);
        };
        self.ids += 1;
        let call = CallId(self.ids);
        let mut binding = [0; 32];
        binding[..8].copy_from_slice(&self.dice.roll().to_le_bytes());
        let times = [self.now + trip * 2, self.now + trip];
        self.wires.insert(call, Wire { ends: [caller, called], last: times });
        self.put(times[0], caller, Event::Ring { call, binding });
        self.put(times[1], called, Event::Ring { call, binding });
    }

    fn send(&mut self, from: usize, call: CallId, control: &Control) {
        let bytes = encode(control).expect("what a node says keeps the rules");
        assert!(bytes.len() <= Control::LEN_MAX);
        assert_eq!(&decode::<Control>(&bytes).unwrap(), control);
        self.said += bytes.len();
        let trip = self.dice.span(Duration::from_millis(5), Duration::from_millis(60));
        // At the other end there may be nobody but a test.
        let Some(wire) = self.wires.get_mut(&call) else { return };
        let other = usize::from(wire.ends[0] == from);
        wire.last[other] = wire.last[other].max(self.now + trip);
        let (at, to) = (wire.last[other], wire.ends[other]);
        self.put(at, to, Event::Said(call, Box::new(control.clone())));
    }

    fn hang_up(&mut self, number: usize, call: CallId) {
        let Some(wire) = self.wires.get(&call).copied() else { return };
        let other = usize::from(wire.ends[0] == number);
        self.put(wire.last[other], wire.ends[other], Event::HungUp(call));
    }

    fn put(&mut self, at: Moment, number: usize, event: Event) {
        self.count += 1;
        self.queue.push(Reverse((at, self.count)));
        self.waiting.insert(self.count, (number, event));
    }

    /// Whether the two have one session, on one connection.
    pub(super) fn talk(&self, a: usize, b: usize) -> bool {
        let call = self.up.get(&(a, b));
        call.is_some() && call == self.up.get(&(b, a))
    }
}
