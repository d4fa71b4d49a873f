use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use selkie_crdt::{AwSet, Edit, Hlc};
use selkie_store::{Action, Batch, Hint, Kind, PublicKey, SecretKey, SimDisk, Store, View, Writer};

use super::*;
use crate::identity::invitation::{Invitation, Word};
use crate::identity::network::NetworkId;
use crate::identity::rights::Scope;
use crate::logs::{along, examine, read_logs, recall, stands, take_in};
use crate::objects::message::Why;
use crate::objects::offer;
use crate::objects::porter::Porter;
use crate::session::call::Side;

mod repair;
mod topology;

type Fruits = AwSet<String>;

const HOME: ChannelId = ChannelId::from_bytes([0xc; 16]);
const CALL: CallId = CallId(1);

/// Two nodes with a store each, and one line between them that loses nothing and takes no time.
struct Pair {
    now: Moment,
    nodes: Vec<Node>,
    line: VecDeque<(usize, Input)>,
    events: Vec<(usize, Event)>,
    lanes: Vec<Lane>,
}

struct Node {
    core: Core,
    store: Arc<Store>,
    view: View<Fruits>,
    writer: Writer,
    porter: Porter,
    listens: bool,
    held: Vec<Input>,
}

fn key(number: usize) -> SecretKey {
    SecretKey::from_bytes(&[u8::try_from(number + 1).unwrap(); 32])
}

fn id(number: usize) -> NodeId {
    NodeId::of(key(number).public())
}

fn address(number: usize) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 7_000 + u16::try_from(number).unwrap()))
}

/// The object of each fruit, which must not be missing.
fn names(fruits: &Fruits, visit: &mut dyn FnMut(ObjectId)) {
    fruits.sorted().into_iter().for_each(|fruit| visit(object(fruit)));
}

fn object(fruit: &str) -> ObjectId {
    ObjectId::of(Kind::Blob, fruit.as_bytes())
}

impl Node {
    fn numbered(number: usize) -> Self {
        let store = Arc::new(Store::open(Arc::new(SimDisk::default())).unwrap());
        let view = View::open(Arc::clone(&store), names).unwrap();
        let (node, network) = (id(number), NetworkId::named("home"));
        let own = Own { node, network, features: 0, delegation: None, record: None };
        let trust = Trust::new(network);
        let notary = Notary::new(Arc::new(key(number)), network, PublicKey::verifies);
        let settings = Settings::default();
        let core = Core::new(Moment::START, own, notary, trust, settings, number as u64);
        let writer = Writer::new(key(number), [u8::try_from(number).unwrap(); 16]);
        let porter = Porter::new(Arc::clone(&store));
        Self { core, store, view, writer, porter, listens: false, held: Vec::new() }
    }
}

impl Pair {
    /// Zero was invited by one, and called.
    fn met() -> Self {
        let nodes = (0..2).map(Node::numbered).collect();
        let (line, events, lanes) = (VecDeque::new(), Vec::new(), Vec::new());
        let mut pair = Self { now: Moment::START, nodes, line, events, lanes };
        for number in 0..2 {
            pair.happens(number, Input::Opened(HOME, Stands::new()));
        }
        let word = Word::from_bytes([7; 16]);
        let until = pair.now + Duration::from_secs(600);
        pair.happens(1, Input::Session(session::Input::Invite(word, until)));
        let (node, network) = (id(1), NetworkId::named("home"));
        let invitation = Invitation {
            node,
            network,
            addresses: vec![address(1)],
            word,
            channel: HOME,
            until_ms: 0,
        };
        pair.happens(0, Input::Session(session::Input::Accept(invitation)));
        pair.run();
        pair
    }

    fn grant(&mut self, right: &Right) {
        for number in 0..2 {
            self.happens(number, Input::Grant(HOME, id(1 - number), right.clone()));
        }
        self.run();
    }

    /// Adds a fruit, and an object that the state names because of it.
    fn add(&mut self, number: usize, fruit: &str) {
        let node = &mut self.nodes[number];
        let batch = Batch::new(&node.store);
        let id = batch.put(Kind::Blob, fruit.as_bytes(), Hint::NONE).unwrap();
        batch.finish().unwrap();
        let roots = &[id];
        let stream = node.writer.replica();
        let after = stands(&node.store, &node.view.endings())
            .unwrap()
            .get(&stream)
            .map_or(0, |stand| stand.position);
        let action = Action { time: Hlc::from_ms(1), note: "add", roots };
        let change = |mut fruits: Edit<'_, Fruits>| {
            fruits.add(fruit.to_owned());
            Ok::<_, Infallible>(())
        };
        node.view.edit(&node.writer, action, change).unwrap();
        let run = read_logs(&node.store, &[(stream, after)], usize::MAX, usize::MAX).remove(0);
        let stand = stands(&node.store, &node.view.endings()).unwrap()[&stream];
        let along = along(&node.store, &[(stream, after)], std::slice::from_ref(&run), usize::MAX);
        self.happens(number, Input::Wrote(HOME, run, stand, along));
        self.run();
    }

    fn fruits(&self, number: usize) -> Vec<String> {
        self.nodes[number].view.root().sorted().into_iter().cloned().collect()
    }

    fn run(&mut self) {
        while let Some((number, input)) = self.line.pop_front() {
            let node = &mut self.nodes[number];
            let is_control =
                !matches!(&input, Input::Message(_, lane, _) if *lane != Lane::Control);
            if node.listens || is_control {
                self.happens(number, input);
            } else {
                node.held.push(input);
            }
        }
    }

    fn happens(&mut self, number: usize, input: Input) {
        let outputs: Vec<_> = self.nodes[number].core.handle(self.now, input).collect();
        for output in outputs {
            self.perform(number, output);
        }
    }

    fn perform(&mut self, number: usize, output: Output) {
        let other = 1 - number;
        match output {
            Output::Call(node, at) => {
                assert_eq!((node, at), (id(other), address(other)));
                for (number, side) in [(number, Side::Calls), (other, Side::IsCalled)] {
                    let (call, peer) = (CALL, id(1 - number));
                    let (address, binding) = (address(1 - number), [3; 32]);
                    let opened = session::Input::Opened { call, peer, side, address, binding };
                    self.line.push_back((number, Input::Session(opened)));
                }
            }
            Output::Listen(_) => {
                self.nodes[number].listens = true;
                let held = std::mem::take(&mut self.nodes[number].held);
                self.line.extend(held.into_iter().map(|input| (number, input)));
            }
            Output::Send(call, lane, bytes) => {
                self.lanes.push(lane);
                self.line.push_back((other, Input::Message(call, lane, bytes)));
            }
            Output::HangUp(call) => {
                let broken = Input::Session(session::Input::Broken(call));
                self.line.push_back((other, broken));
            }
            Output::Read { ticket, after, len_max, items_max, along_max, .. } => {
                let store = &self.nodes[number].store;
                let runs = read_logs(store, &after, len_max, items_max);
                let along = along(store, &after, &runs, along_max);
                self.line.push_back((number, Input::Read(ticket, runs, along)));
            }
            Output::Look { ticket, ids, .. } => {
                let absent = self.nodes[number].store.missing(ids).unwrap();
                self.line.push_back((number, Input::Absent(ticket, absent.into_iter().collect())));
            }
            Output::Objects(_, output) => {
                let done = self.nodes[number].porter.work(output);
                self.line.extend(done.map(|done| (number, Input::Objects(done))));
            }
            Output::Apply { ticket, runs, .. } => {
                let node = &mut self.nodes[number];
                let taken = take_in(&mut node.view, &node.store, runs).unwrap();
                self.line.push_back((number, Input::Applied(ticket, taken.stands)));
                let stood = taken.stood.map(|stood| (number, Input::Stood(HOME, stood)));
                self.line.extend(stood);
            }
            Output::Examine { ticket, evidence, .. } => {
                let node = &mut self.nodes[number];
                let finding = examine(&mut node.view, &node.store, evidence).unwrap();
                self.line.push_back((number, Input::Examined(ticket, finding)));
            }
            Output::Recall { peer, stream, .. } => {
                let proof = recall(&self.nodes[number].view, stream).expect("a log that ended");
                self.line.push_back((number, Input::Recalled(peer, HOME, stream, proof)));
            }
            Output::Inventory(channel, salt) => {
                let ids = self.nodes[number].store.ids().unwrap().into_iter();
                let inventory = Inventory::new(ids.map(|(id, _)| id).collect(), &salt);
                let (inventory, nonce) = (Some(Arc::new(inventory)), [5; 32]);
                self.line.push_back((number, Input::Inventory { channel, inventory, nonce }));
            }
            Output::Refresh(_) => self.nodes[number].view.refresh().unwrap(),
            Output::Event(event) => self.events.push((number, event)),
            Output::WakeAt(at) if at <= self.now => self.line.push_back((number, Input::Tick)),
            Output::WakeAt(_) => {}
        }
    }
}

#[test]
fn two_who_were_strangers_hold_the_same() {
    let mut pair = Pair::met();
    pair.add(0, "pear");
    pair.add(1, "plum");
    assert_eq!(pair.fruits(1), ["plum"], "nobody said that it may have the channel");
    pair.grant(&Right::Write(Scope::All));
    assert_eq!(pair.fruits(0), ["pear", "plum"]);
    assert_eq!(pair.fruits(1), ["pear", "plum"]);
    pair.add(0, "fig");
    assert_eq!(pair.fruits(1), ["fig", "pear", "plum"]);
    for fruit in ["fig", "pear", "plum"] {
        assert!(pair.nodes.iter().all(|node| node.store.has(&object(fruit)).unwrap()), "{fruit}");
    }
    let up = |number: usize| (number, Event::Up(id(1 - number), id(1 - number)));
    assert!(pair.events.contains(&up(0)) && pair.events.contains(&up(1)));
}

#[test]
fn who_may_have_it_no_more_hears_no_more() {
    let mut pair = Pair::met();
    pair.grant(&Right::Read);
    pair.happens(0, Input::Deny(HOME, id(1)));
    pair.lanes.clear();
    pair.add(0, "pear");
    assert_eq!(pair.fruits(1), [""; 0]);
    assert_eq!(pair.lanes, []);
}

#[test]
fn what_is_no_message_ends_the_session() {
    for lane in Lane::ALL {
        let mut pair = Pair::met();
        pair.happens(0, Input::Message(CALL, lane, vec![9, 9, 9]));
        pair.run();
        let down = |(_, event): &&(usize, Event)| matches!(event, Event::Down(..));
        assert_eq!(pair.events.iter().filter(down).count(), 2, "{lane:?}");
        // And what still comes over the connection means nothing.
        pair.happens(0, Input::Message(CALL, lane, vec![9]));
        assert!(pair.line.is_empty());
    }
}

#[test]
fn a_peer_that_does_not_read_is_not_queued_for() {
    let mut pair = Pair::met();
    pair.grant(&Right::Read);
    pair.happens(0, Input::Stalled(CALL));
    pair.lanes.clear();
    (0..10).for_each(|number| pair.add(0, &number.to_string()));
    assert_eq!(pair.lanes, []);
    pair.happens(0, Input::Drained(CALL));
    pair.run();
    assert_eq!(pair.fruits(1).len(), 10);
}

#[test]
fn who_may_not_have_a_channel_is_sent_none_of_its_objects() {
    let mut pair = Pair::met();
    pair.happens(0, Input::Grant(HOME, id(1), Right::Read));
    pair.add(0, "pear");
    pair.happens(0, Input::Deny(HOME, id(1)));
    pair.run();
    let wanted = offer::Wanted::behind(&[object("pear")].into());
    let request = offer::Request { channel: HOME, have: Vec::new(), wanted };
    let want = objects::message::Message::Want { transfer: 9, request, credit: 1 << 20 };
    let bytes = want.into_bytes().unwrap();
    pair.lanes.clear();
    pair.happens(0, Input::Message(CALL, Lane::Bulk, bytes));
    pair.run();
    assert_eq!(pair.lanes, [Lane::Bulk], "a refusal, and nothing else");
    assert!(!pair.nodes[1].store.has(&object("pear")).unwrap());
}

#[test]
fn what_is_pushed_comes_with_its_objects() {
    let mut pair = Pair::met();
    pair.grant(&Right::Write(Scope::All));
    pair.lanes.clear();
    pair.add(0, "pear");
    assert_eq!(pair.fruits(1), ["pear"]);
    assert_eq!(pair.lanes, [Lane::Gossip], "one message, and nobody asks for anything");
    assert!(pair.nodes[1].store.has(&object("pear")).unwrap());
}

#[test]
fn what_comes_along_and_is_no_parcel_ends_the_session() {
    let mut pair = Pair::met();
    pair.grant(&Right::Write(Scope::All));
    let east = &mut pair.nodes[0];
    let stream = east.writer.replica();
    let batch = Batch::new(&*east.store);
    let roots = &[batch.put(Kind::Blob, b"pear", Hint::NONE).unwrap()];
    batch.finish().unwrap();
    let action = Action { time: Hlc::from_ms(1), note: "add", roots };
    let change = |mut fruits: Edit<'_, Fruits>| {
        fruits.add("pear".to_owned());
        Ok::<_, Infallible>(())
    };
    east.view.edit(&east.writer, action, change).unwrap();
    let run = read_logs(&east.store, &[(stream, 0)], usize::MAX, usize::MAX).remove(0);
    let stand = stands(&east.store, &east.view.endings()).unwrap()[&stream];
    pair.happens(0, Input::Wrote(HOME, run, stand, b"no parcel".to_vec()));
    pair.run();
    assert!(pair.events.contains(&(1, Event::Blamed(id(0), Why::Lie))));
    assert!(pair.events.iter().any(|(at, event)| *at == 1 && matches!(event, Event::Down(..))));
    assert!(!pair.nodes[1].store.has(&roots[0]).unwrap());
}

#[test]
fn where_two_histories_part_is_found_however_far_back_that_is() {
    // Entries that both have, and those that each has alone.
    for (common, alone) in
        [(0, [1, 1]), (1, [1, 1]), (3, [1, 40]), (20, [40, 3]), (70, [70, 70]), (1, [150, 149])]
    {
        let mut pair = Pair::met();
        pair.nodes[1].writer = Writer::new(key(0), [0; 16]);
        for (number, alone) in alone.into_iter().enumerate() {
            (0..common).for_each(|at| pair.add(number, &format!("of both {at}")));
            (0..alone).for_each(|at| pair.add(number, &format!("of {number}: {at}")));
        }
        pair.lanes.clear();
        pair.grant(&Right::Write(Scope::All));
        let stream = pair.nodes[0].writer.replica();
        for node in &pair.nodes {
            let ending = node.view.endings()[&stream];
            assert_eq!(ending.head().position, 1 + common, "{common} {alone:?}");
            assert_eq!(node.view.root().len() as u64, common);
        }
        let [one, other] = [0, 1].map(|number| {
            let node = &pair.nodes[number];
            (stands(&node.store, &node.view.endings()).unwrap(), node.view.doc().to_bytes())
        });
        assert!(one == other, "{common} {alone:?}");
        let told = pair.events.iter().filter(|(_, event)| matches!(event, Event::Ended(..)));
        assert_eq!(told.count(), 2);
        let said = pair.lanes.iter().filter(|lane| **lane == Lane::Gossip).count();
        assert!(said < 60, "{said} messages");
    }
}
