//! Nodes in one room: their logs are vectors, and time is a queue.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::time::Duration;

use selkie_crdt::ActorId;
use selkie_store::{Coded, decode, encode};

use crate::channel_id::ChannelId;
use crate::dice::Dice;
use crate::gossip::evidence::Finding;
use crate::gossip::known::Known;
use crate::gossip::message::{Item, Message, Run, Says};
use crate::gossip::stand::{Stand, Stands, Sum, sum};
use crate::gossip::ticket::Ticket;
use crate::gossip::timing::Timing;
use crate::gossip::{Gossip, Input, Output};
use crate::identity::node_id::NodeId;
use crate::moment::Moment;

pub(super) const HOME: ChannelId = ChannelId::from_bytes([0xc; 16]);

/// What is said between nodes takes from `least` to `most`, and never overtakes.
pub(super) struct Room {
    pub(super) now: Moment,
    pub(super) nodes: Vec<Node>,
    pub(super) sent: Vec<Sent>,
    pub(super) told: Vec<(usize, Output)>,
    /// Who said that it has the same as another, who knows it, and what it is.
    pub(super) agreed: Vec<(usize, Known, Sum)>,
    pub(super) refuses: BTreeSet<(usize, ActorId)>, // logs that a node can not take in
    pub(super) dice: Dice,
    /// Bytes of the parcels that answers come with, if they may.
    pub(super) answers_along: usize,
    /// Whether what comes along is all that the store lacks.
    pub(super) are_whole: bool,
    /// As long as it takes at most to read, or to take in.
    pub(super) work_max: Duration,
    mute: BTreeSet<usize>,
    links: BTreeSet<(usize, usize)>,
    arrivals: BTreeMap<(usize, usize), Moment>,
    queue: BinaryHeap<Reverse<(Moment, u64)>>,
    waiting: BTreeMap<u64, (usize, Input)>,
    count: u64,
    delay: (Duration, Duration),
}

pub(super) struct Node {
    pub(super) gossip: Gossip,
    pub(super) logs: BTreeMap<ActorId, Vec<Item>>,
    /// Bytes that came along with each of what it took in.
    pub(super) along: Vec<usize>,
}

pub(super) struct Sent {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) message: Message,
    pub(super) len: usize,
}

pub(super) fn node(number: usize) -> NodeId {
    NodeId::from_bytes([u8::try_from(number + 1).unwrap(); 32])
}

pub(super) fn stream(number: usize) -> ActorId {
    ActorId::from_bytes((number as u128 + 1).to_be_bytes())
}

pub(super) fn item(text: &str) -> Item {
    Item { payload: text.as_bytes().to_vec(), signature: [0; 64] }
}

pub(super) fn stand_of(log: &[Item]) -> Stand {
    let mut mark = [0; Stand::MARK_LEN];
    for item in log {
        let hash = blake3::Hasher::new().update(&mark).update(&item.payload).finalize();
        mark.copy_from_slice(&hash.as_bytes()[..Stand::MARK_LEN]);
    }
    // The first bit says that a log ends.
    mark[0] &= 0x7f;
    Stand { position: log.len() as u64, mark }
}

impl Room {
    pub(super) fn of(count: usize, seed: u64) -> Self {
        Self::with(count, seed, Timing::default())
    }

    pub(super) fn with(count: usize, seed: u64, timing: Timing) -> Self {
        let node = |number| Node {
            gossip: Gossip::new(timing, seed ^ (number as u64) << 32),
            logs: BTreeMap::new(),
            along: Vec::new(),
        };
        let mut room = Self {
            now: Moment::START,
            nodes: (0..count).map(node).collect(),
            sent: Vec::new(),
            told: Vec::new(),
            agreed: Vec::new(),
            refuses: BTreeSet::new(),
            dice: Dice::of(seed),
            answers_along: 0,
            are_whole: false,
            work_max: Duration::from_micros(500),
            mute: BTreeSet::new(),
            links: BTreeSet::new(),
            arrivals: BTreeMap::new(),
            queue: BinaryHeap::new(),
            waiting: BTreeMap::new(),
            count: 0,
            delay: (Duration::from_millis(1), Duration::from_millis(5)),
        };
        (0..count).for_each(|number| room.happens(number, Input::Opened(HOME, Stands::new())));
        room
    }

    pub(super) fn meet(&mut self, a: usize, b: usize) {
        self.links.extend([(a, b), (b, a)]);
        self.happens(a, Input::Joined(node(b), HOME));
        self.happens(b, Input::Joined(node(a), HOME));
    }

    pub(super) fn meet_all(&mut self) {
        let count = self.nodes.len();
        (0..count).for_each(|a| (0..a).for_each(|b| self.meet(a, b)));
    }

    pub(super) fn part(&mut self, a: usize, b: usize) {
        self.links.remove(&(a, b));
        self.links.remove(&(b, a));
        self.happens(a, Input::Lost(node(b)));
        self.happens(b, Input::Lost(node(a)));
    }

    pub(super) fn are_linked(&self, a: usize, b: usize) -> bool {
        self.links.contains(&(a, b))
    }

    /// From here on it hears and says nothing, and nobody is told.
    pub(super) fn fall_silent(&mut self, number: usize) {
        self.mute.insert(number);
    }

    pub(super) fn write(&mut self, number: usize, log: ActorId, text: &str) {
        self.write_along(number, log, text, &[]);
    }

    /// Writes an entry that comes with a parcel.
    pub(super) fn write_along(&mut self, number: usize, log: ActorId, text: &str, along: &[u8]) {
        let entries = self.nodes[number].logs.entry(log).or_default();
        entries.push(item(text));
        let stand = stand_of(entries);
        let run = Run { stream: log, after: stand.position - 1, items: vec![item(text)] };
        self.happens(number, Input::Wrote(HOME, run, stand, along.to_vec()));
    }

    /// Lets time pass.
    pub(super) fn run(&mut self, span: Duration) {
        let end = self.now + span;
        while let Some(Reverse((at, _))) =
            self.queue.peek().copied().filter(|Reverse(it)| it.0 <= end)
        {
            let Reverse((_, key)) = self.queue.pop().unwrap();
            self.now = self.now.max(at);
            let (number, input) = self.waiting.remove(&key).unwrap();
            let is_heard = match &input {
                Input::Received(from, _) => (0..self.nodes.len())
                    .any(|other| node(other) == *from && self.are_linked(other, number)),
                _ => true,
            };
            if is_heard && !self.mute.contains(&number) {
                self.happens(number, input);
            }
        }
        self.now = end;
    }

    pub(super) fn happens(&mut self, number: usize, input: Input) {
        let outputs: Vec<_> = self.nodes[number].gossip.handle(self.now, input).collect();
        for output in outputs {
            self.perform(number, output);
        }
    }

    fn perform(&mut self, number: usize, output: Output) {
        match output {
            Output::Send(peer, message) => self.send(number, peer, message),
            Output::Read { ticket, after, len_max, items_max, along_max, .. } => {
                let runs = self.read(number, &after, len_max.min(20_000), items_max);
                let along = vec![0xa1; self.answers_along.min(along_max)];
                self.later(number, Input::Read(ticket, runs, along));
            }
            Output::Apply { ticket, runs, along, .. } => {
                self.nodes[number].along.push(along.len());
                if self.are_whole && !along.is_empty() {
                    self.happens(number, Input::Whole(ticket));
                }
                self.apply(number, ticket, runs);
            }
            // Nobody signs what is said here, so nothing is proved: see the tests of `logs` and of whole nodes.
            Output::Examine { ticket, .. } => {
                self.later(number, Input::Examined(ticket, Finding::Nothing));
            }
            Output::Recall { .. } | Output::WakeAt(Moment::NEVER) => {}
            Output::WakeAt(at) => self.put(at, number, Input::Tick),
            Output::Agreed(_, id, known) => {
                let stands = &self.nodes[number].gossip.channels[&id].stands;
                self.agreed.push((number, known, sum(stands)));
            }
            Output::Ended(..)
            | Output::Forked(..)
            | Output::Closed(..)
            | Output::Slow(..)
            | Output::Rude(_) => {
                self.told.push((number, output));
            }
        }
    }

    fn send(&mut self, from: usize, peer: NodeId, message: Message) {
        let bytes = encode(&message).expect("what a node says keeps the rules");
        assert!(bytes.len() <= Message::LEN_MAX);
        assert_eq!(decode::<Message>(&bytes).unwrap(), message);
        let to = (0..self.nodes.len()).find(|number| node(*number) == peer).unwrap();
        self.sent.push(Sent { from, to, message: message.clone(), len: bytes.len() });
        let delay = self.dice.span(self.delay.0, self.delay.1);
        let arrival = self.arrivals.entry((from, to)).or_default();
        *arrival = (self.now + delay).max(*arrival);
        let arrival = *arrival;
        if self.are_linked(from, to) {
            self.put(arrival, to, Input::Received(node(from), message));
        }
    }

    fn later(&mut self, number: usize, input: Input) {
        let at = self.now + self.dice.span(Duration::ZERO, self.work_max);
        self.put(at, number, input);
    }

    fn put(&mut self, at: Moment, number: usize, input: Input) {
        self.count += 1;
        self.queue.push(Reverse((at, self.count)));
        self.waiting.insert(self.count, (number, input));
    }

    fn read(
        &self,
        number: usize,
        after: &[(ActorId, u64)],
        len_max: usize,
        items_max: usize,
    ) -> Vec<Run> {
        let (mut runs, mut len, mut count) = (Vec::new(), 0, 0);
        for (stream, after) in after {
            let log = self.nodes[number].logs.get(stream).map_or(&[][..], Vec::as_slice);
            let mut items = Vec::new();
            for item in log.iter().skip(usize::try_from(*after).unwrap()) {
                len += item.payload.len() + 64;
                count += 1;
                if count > 1 && (len > len_max || count > items_max) {
                    runs.extend((!items.is_empty()).then_some(Run {
                        stream: *stream,
                        after: *after,
                        items,
                    }));
                    return runs;
                }
                items.push(item.clone());
            }
            runs.extend((!items.is_empty()).then_some(Run {
                stream: *stream,
                after: *after,
                items,
            }));
        }
        runs
    }

    fn apply(&mut self, number: usize, ticket: Ticket, runs: Vec<Run>) {
        let mut stands = Vec::new();
        for run in runs {
            let log = self.nodes[number].logs.entry(run.stream).or_default();
            // There is a gap if what it follows was refused after it was taken.
            let known = log.len().checked_sub(usize::try_from(run.after).unwrap());
            if let Some(known) = known.filter(|_| !self.refuses.contains(&(number, run.stream))) {
                log.extend(run.items.into_iter().skip(known));
            }
            stands.push((run.stream, stand_of(log)));
        }
        self.later(number, Input::Applied(ticket, stands));
    }

    pub(super) fn is_one(&self) -> bool {
        let held = |node: &Node| {
            let mut logs = node.logs.clone();
            logs.retain(|_, log| !log.is_empty());
            logs
        };
        let first = held(&self.nodes[0]);
        self.nodes.iter().all(|node| held(node) == first)
    }

    /// How often somebody was sent entries.
    pub(super) fn pushes(&self) -> usize {
        self.sent.iter().filter(|sent| matches!(sent.message.says, Says::Entries(..))).count()
    }

    pub(super) fn forget(&mut self) {
        self.sent.clear();
        self.told.clear();
        self.agreed.clear();
    }
}
