//! The network itself.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use selkie_sync::{Dice, Lane, Moment};

use crate::net::clock::Clock;
use crate::net::event::{Event, What};
use crate::net::link::Link;
use crate::net::node::{Input, Node, Output, Parcel};
use crate::net::place::Place;
use crate::net::streams::Streams;
use crate::net::tally::Tally;
use crate::net::trace::Trace;
use crate::net::wires::Wires;

/// Nodes and what is between them, at one moment of virtual time.
///
/// Datagrams may be lost, doubled and held back. What goes on any other lane arrives in order, or not at all;
/// then the connection is broken, and after the idle time both ends are told.
pub struct Net<N: Node> {
    now: Moment,
    dice: Dice,
    places: Vec<Place<N>>,
    wires: Wires,
    streams: Streams,
    queue: BinaryHeap<Reverse<Event<N::Message>>>,
    serial: u64,
    idle: Duration,
    told: Vec<(Moment, usize, N::News)>,
    tally: Tally,
    trace: Trace,
}

impl<N: Node> Net<N> {
    /// An empty network whose links are all like this one. All its chances come from the seed.
    #[must_use]
    pub fn new(seed: u64, link: Link) -> Self {
        Self {
            now: Moment::START,
            dice: Dice::of(seed),
            places: Vec::new(),
            wires: Wires::new(link),
            streams: Streams::default(),
            queue: BinaryHeap::new(),
            serial: 0,
            idle: Duration::from_secs(30),
            told: Vec::new(),
            tally: Tally::default(),
            trace: Trace::new(),
        }
    }

    /// The time. No node sees it: each has a clock of its own.
    #[must_use]
    pub const fn now(&self) -> Moment {
        self.now
    }

    /// How many places there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The node at a place, running or not.
    #[must_use]
    pub fn node(&self, place: usize) -> &N {
        &self.places[place].node
    }

    /// Whether the node at a place runs.
    #[must_use]
    pub fn is_running(&self, place: usize) -> bool {
        self.places[place].is_running
    }

    /// What was sent until now.
    #[must_use]
    pub const fn tally(&self) -> &Tally {
        &self.tally
    }

    /// A hash over every delivery until now: equal for equal seeds and equal code, in any process.
    #[must_use]
    pub fn trace(&self) -> blake3::Hash {
        self.trace.hash()
    }

    /// What nodes told since this was asked last: when, by the network's time, and who.
    pub fn told(&mut self) -> Vec<(Moment, usize, N::News)> {
        std::mem::take(&mut self.told)
    }

    /// Adds a node, which starts, and tells its place. Its clock began at some moment of its own.
    pub fn add(&mut self, node: N) -> usize {
        let began = Moment::from_us(self.dice.below(1 << 40));
        self.add_with_clock(node, Clock { began, drift_ppm: 0 })
    }

    /// Adds a node with this clock.
    pub fn add_with_clock(&mut self, node: N, clock: Clock) -> usize {
        self.places.push(Place::new(node, clock));
        let place = self.places.len() - 1;
        self.hand(place, Input::Started);
        place
    }

    /// Asks the node at a place to do something.
    pub fn ask(&mut self, place: usize, command: N::Command) {
        if self.places[place].is_running {
            self.hand(place, Input::Asked(command));
        }
    }

    /// Stops a node as a power cut does. Nobody is told.
    pub fn stop(&mut self, place: usize) {
        let stopped = &mut self.places[place];
        (stopped.is_running, stopped.wake) = (false, None);
        stopped.run += 1;
        for peer in self.streams.of(place) {
            self.break_up(place, peer);
        }
    }

    /// Starts what now is at a place that was stopped. Its clock went on.
    pub fn start(&mut self, place: usize, node: N) {
        let started = &mut self.places[place];
        started.node = node;
        (started.is_running, started.sleeps_until) = (true, self.now);
        started.run += 1;
        self.hand(place, Input::Started);
    }

    /// Puts a node to sleep, as a lid that is closed does: it notices nothing, and its clock goes on.
    pub fn sleep(&mut self, place: usize, span: Duration) {
        self.places[place].sleeps_until = self.now + span;
    }

    /// All links are like this one from here on, but for those that were set apart.
    pub fn set_links(&mut self, link: Link) {
        self.wires.set_rule(link);
    }

    /// One direction between two nodes is like this from here on.
    pub fn set_link(&mut self, from: usize, to: usize, link: Link) {
        self.wires.set(from, to, link);
    }

    /// Nothing gets from one to the other any more; the way back is another link.
    pub fn cut(&mut self, from: usize, to: usize) {
        self.wires.cut(from, to);
    }

    /// Nothing gets from one island to another. Who is on none of them is on the first.
    pub fn part(&mut self, islands: &[&[usize]]) {
        self.wires.part(islands);
    }

    /// All can reach all again.
    pub fn mend(&mut self) {
        self.wires.mend();
    }

    /// Lets so much time pass.
    pub fn run_for(&mut self, span: Duration) {
        let end = self.now + span;
        self.run_until(end, |_| false);
    }

    /// Lets time pass until something holds, which is asked after each event, or until `end`. Tells whether
    /// it came to hold.
    pub fn run_until(&mut self, end: Moment, mut holds: impl FnMut(&Self) -> bool) -> bool {
        while self.queue.peek().is_some_and(|next| next.0.at <= end) {
            let Some(Reverse(event)) = self.queue.pop() else { break };
            self.now = event.at;
            self.happen(event);
            if holds(self) {
                return true;
            }
        }
        self.now = self.now.max(end);
        holds(self)
    }

    fn happen(&mut self, event: Event<N::Message>) {
        match event.what {
            What::Tick { run } => self.tick(event.place, run),
            What::Arrival { .. } => self.arrive(event),
            What::Lost { peer, connection } => self.lose([event.place, peer], connection),
        }
    }

    /// Tells both ends of a connection that it is gone, once both are awake.
    fn lose(&mut self, [one, other]: [usize; 2], connection: u32) {
        let awake = self.places[one].sleeps_until.max(self.places[other].sleeps_until);
        if awake > self.now {
            return self.plan(awake, one, What::Lost { peer: other, connection });
        }
        if self.streams.renew(one, other, connection) {
            for (told, lost) in [(one, other), (other, one)] {
                if self.places[told].is_running {
                    self.hand(told, Input::Lost(lost));
                }
            }
        }
    }

    fn tick(&mut self, place: usize, run: u32) {
        let now = self.now;
        let woken = &mut self.places[place];
        if woken.run != run || woken.wake.is_none_or(|wake| wake > now) {
            return;
        }
        if woken.sleeps_until > now {
            let until = woken.sleeps_until;
            woken.wake = Some(until);
            return self.plan(until, place, What::Tick { run });
        }
        woken.wake = None;
        self.hand(place, Input::Tick);
    }

    fn arrive(&mut self, event: Event<N::Message>) {
        let Event { place: to, what: What::Arrival { from, lane, connection, message }, .. } =
            event
        else {
            return;
        };
        let is_there = self.places[to].is_running && self.wires.reaches(from, to);
        let sleeps_until = self.places[to].sleeps_until;
        if let Some(number) = connection {
            if self.streams.number(from, to) != Some(number) {
                return;
            }
            if !is_there {
                return self.break_up(from, to);
            }
            if sleeps_until > self.now {
                // With the serial it has, it stays before what was sent after it.
                let what = What::Arrival { from, lane, connection, message };
                let later = Event { at: sleeps_until, serial: event.serial, place: to, what };
                return self.queue.push(Reverse(later));
            }
        } else if !is_there || sleeps_until > self.now {
            return;
        }
        self.trace.note(self.now, [from, to], lane, message.bytes());
        self.tally.delivered.add(message.bytes().len());
        self.hand(to, Input::Received(from, lane, message));
    }

    /// Hands something to a node, and takes what it does.
    fn hand(&mut self, place: usize, input: Input<N::Message, N::Command>) {
        let handed = &mut self.places[place];
        let now = handed.clock.shows(self.now);
        for output in handed.node.handle(now, input) {
            match output {
                Output::Send(to, lane, message) => self.send([place, to], lane, message),
                Output::WakeAt(moment) => self.wake_at(place, moment),
                Output::Tell(news) => self.told.push((self.now, place, news)),
            }
        }
    }

    fn wake_at(&mut self, place: usize, moment: Moment) {
        let woken = &mut self.places[place];
        let at = woken.clock.reaches(moment).max(self.now);
        woken.wake = Some(at);
        let run = woken.run;
        if at < Moment::NEVER {
            self.plan(at, place, What::Tick { run });
        }
    }

    fn send(&mut self, way: [usize; 2], lane: Lane, message: N::Message) {
        let [from, to] = way;
        let len = message.bytes().len();
        self.tally.sent.entry(lane).or_default().add(len);
        if lane == Lane::Datagram {
            for at in self.wires.datagram(self.now, way, len, &mut self.dice) {
                let message = message.clone();
                self.plan(at, to, What::Arrival { from, lane, connection: None, message });
            }
            return;
        }
        let Some(number) = self.streams.number(from, to) else { return };
        // What is sent has to be acknowledged, so a stream needs both directions.
        if !self.wires.reaches(from, to) || !self.wires.reaches(to, from) {
            return self.break_up(from, to);
        }
        let at = self.wires.stream(self.now, way, (lane, len), &mut self.dice);
        self.plan(at, to, What::Arrival { from, lane, connection: Some(number), message });
    }

    fn break_up(&mut self, one: usize, other: usize) {
        if let Some(connection) = self.streams.break_up(one, other) {
            self.plan(self.now + self.idle, one, What::Lost { peer: other, connection });
        }
    }

    fn plan(&mut self, at: Moment, place: usize, what: What<N::Message>) {
        self.serial += 1;
        self.queue.push(Reverse(Event { at, serial: self.serial, place, what }));
    }
}
