//! A node with a store of its own, in the air.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc as plain;
use std::time::Duration;

use quinn::Endpoint;
use selkie_crdt::{AwSet, Edit, Hlc};
use selkie_store::{
    Action, Batch, Hint, Kind, Loss, ObjectId, SecretKey, SimDisk, Store, View, Writer,
};
use tokio::task::{JoinHandle, yield_now};
use tokio::time::{Instant, sleep_until};

use crate::channel_id::ChannelId;
use crate::core::event::Event;
use crate::dice::Dice;
use crate::identity::node_id::NodeId;
use crate::identity::rights::{Right, Scope};
use crate::membership::member::State;
use crate::node::Node;
use crate::node::ask::Ask;
use crate::node::bounds::Bounds;
use crate::node::notice::{Notice, Notices};
use crate::node::tests::air::Air;
use crate::node::tests::port::endpoint;
use crate::node::tls::Protocol;
use crate::node::transport::Transport;
use crate::node::worker::{Post, Worker};
use crate::node::works::{Share, Works};

/// What all houses share.
const HOME: ChannelId = ChannelId::from_bytes([0x40; ChannelId::LEN]);

/// What a worker takes for one thing, at most, where nothing else is said.
const WORK: Duration = Duration::from_millis(8);

type Items = AwSet<String>;

/// A place, what is on its disk, and the node, while it runs.
pub(super) struct House {
    number: u8,
    air: Air,
    disk: SimDisk,
    dice: Dice,
    /// Others that may have everything, each with whether this one calls it.
    friends: Vec<(u8, bool)>,
    /// What its connections may take.
    pub(super) bounds: Bounds,
    /// What it takes to do one thing with objects, at most.
    pub(super) carries: Duration,
    partings: usize,
    doubts: usize,
    inside: Option<Inside>,
}

/// What a machine loses when it stops.
struct Inside {
    node: Node,
    endpoint: Endpoint,
    driver: JoinHandle<()>,
    works: Vec<JoinHandle<()>>,
    store: Arc<Store>,
    view: View<Items>,
    notices: Notices,
}

/// Bytes that do not shrink, of the item that is named so: its length is behind the last dash.
fn content(item: &str) -> Vec<u8> {
    let len = item.rsplit('-').next().unwrap().parse().unwrap();
    let mut bytes = vec![0; len];
    blake3::Hasher::new().update(item.as_bytes()).finalize_xof().fill(&mut bytes);
    bytes
}

/// The object of an item. It is asked for at each look at a state, so what was once hashed is remembered.
fn name(item: &str) -> ObjectId {
    thread_local! {
        static NAMES: RefCell<BTreeMap<String, ObjectId>> = const { RefCell::new(BTreeMap::new()) };
    }
    NAMES.with_borrow_mut(|names| {
        *names.entry(item.to_owned()).or_insert_with(|| ObjectId::of(Kind::Blob, &content(item)))
    })
}

fn key(number: u8) -> SecretKey {
    SecretKey::from_bytes(&[number; 32])
}

/// The node of the house with this number.
pub(super) fn id(number: u8) -> NodeId {
    NodeId::of(key(number).public())
}

/// Where the house with this number is.
pub(super) fn address(number: u8) -> SocketAddr {
    SocketAddr::from(([10, number, 0, 1], 7_355))
}

/// Works as a thread would, on a disk that takes its time.
async fn work<W: Worker>((mut worker, mut tasks): Post<W>, mut dice: Dice, most: Duration) {
    while let Some(task) = tasks.recv().await {
        sleep_until(Instant::now() + dice.span(Duration::ZERO, most)).await;
        worker.work(task);
    }
}

impl House {
    /// A house in which nobody is.
    pub(super) fn new(number: u8, air: &Air, seed: u64) -> Self {
        let (air, disk, dice) = (air.clone(), SimDisk::default(), Dice::of(seed));
        let (friends, bounds) = (Vec::new(), Bounds::default());
        let (carries, partings, doubts) = (WORK, 0, 0);
        Self { number, air, disk, dice, friends, bounds, carries, partings, doubts, inside: None }
    }

    /// Lets another have everything, and calls it or waits for it to call.
    pub(super) fn befriend(&mut self, other: u8, calls: bool) {
        self.friends.push((other, calls));
    }

    /// Those that it knows.
    pub(super) fn friends(&self) -> BTreeSet<NodeId> {
        self.friends.iter().map(|(other, _)| id(*other)).collect()
    }

    pub(super) fn is_open(&self) -> bool {
        self.inside.is_some()
    }

    /// Starts the node, with what is on the disk.
    pub(super) fn open(&mut self) {
        let seed = self.dice.roll();
        let endpoint = endpoint(address(self.number), &key(self.number), &self.air, seed);
        let over = endpoint.clone();
        let (node, driver, mail) = Node::builder(key(self.number))
            .bounds(self.bounds)
            .assemble(seed, |key, roaming| Transport::over(Protocol::Nodes, over, key, roaming))
            .unwrap();
        let notices = node.notices();
        let driver = tokio::spawn(driver.run(mail));
        let store = Arc::new(Store::open(Arc::new(self.disk.clone())).unwrap());
        let view = || View::open(Arc::clone(&store), names).unwrap();
        let works = self.share(&node, Share::new::<Items>(Arc::clone(&store), view()));
        for (other, calls) in &self.friends {
            node.trust(id(*other));
            node.grant(HOME, id(*other), Right::Write(Scope::All));
            if *calls {
                node.want(id(*other), vec![address(*other)]);
            }
        }
        let view = view();
        self.inside = Some(Inside { node, endpoint, driver, works, store, view, notices });
    }

    /// As [`Node::open`] does, with tasks in the place of threads, which no clock of a test holds up.
    fn share(&mut self, node: &Node, share: Share) -> Vec<JoinHandle<()>> {
        let stood = share.stands().unwrap();
        let done = node.done.clone();
        let (works, staff) = Works::staffed(HOME, share, stood.clone(), done, &node.counters);
        // Nobody waits for the answer: there is no other channel.
        let (answer, _) = plain::channel();
        node.tell(Ask::Open(HOME, works, stood, answer));
        let mut dice = || Dice::of(self.dice.roll());
        vec![
            tokio::spawn(work(staff.carrier, dice(), self.carries)),
            tokio::spawn(work(staff.scribe, dice(), WORK)),
            tokio::spawn(work(staff.keeper, dice(), WORK)),
        ]
    }

    /// Stops the node as somebody does who has the time.
    pub(super) async fn close(&mut self) {
        let Inside { node, endpoint, driver, works, .. } = self.inside.take().unwrap();
        node.tell(Ask::Stop);
        driver.await.unwrap();
        for work in works {
            work.await.unwrap();
        }
        drop((node, endpoint));
        self.air.pull(address(self.number));
    }

    /// Stops the node as a power cut does. What was not synced is gone from the disk.
    pub(super) async fn fall(&mut self) {
        self.air.pull(address(self.number));
        let Inside { node, endpoint, driver, works, .. } = self.inside.take().unwrap();
        for task in works.into_iter().chain([driver]) {
            task.abort();
            // A worker that nobody can tell anything any more may have ended by itself.
            task.await.or_else(|error| error.is_cancelled().then_some(()).ok_or(error)).unwrap();
        }
        drop((node, endpoint));
        self.disk = self.disk.crashed(self.disk.steps(), Loss::Unsynced);
    }

    /// Adds an item with its object, and tells the node of it. It is durable when this returns.
    pub(super) fn add(&mut self, item: &str) {
        let inside = self.inside.as_mut().unwrap();
        let batch = Batch::new(&inside.store);
        let object = batch.put(Kind::Blob, &content(item), Hint::NONE).unwrap();
        batch.finish().unwrap();
        inside.view.refresh().unwrap();
        let time = Hlc::from_ms(inside.view.time().ms() + 1);
        let change = |mut items: Edit<'_, Items>| {
            items.add(item.to_owned());
            Ok::<_, Infallible>(())
        };
        let writer = Writer::new(key(self.number), [self.number; 16]);
        inside.view.edit(&writer, Action { time, note: "add", roots: &[object] }, change).unwrap();
        inside.node.refresh(HOME);
    }

    /// All items that are here with their objects.
    pub(super) fn items(&mut self) -> BTreeSet<String> {
        let Inside { store, view, .. } = self.inside.as_mut().unwrap();
        view.refresh().unwrap();
        let items: BTreeSet<_> = view.root().sorted().into_iter().cloned().collect();
        assert!(items.iter().all(|item| store.has(&name(item)).unwrap()), "hollow items");
        items
    }

    /// All that is known here, in bytes.
    pub(super) fn state(&mut self) -> Vec<u8> {
        let view = &mut self.inside.as_mut().unwrap().view;
        view.refresh().unwrap();
        view.doc().to_bytes()
    }

    /// With whom there are sessions.
    pub(super) async fn peers(&self) -> BTreeSet<NodeId> {
        let (answer, answered) = plain::channel();
        self.inside.as_ref().unwrap().node.tell(Ask::Peers(answer));
        loop {
            match answered.try_recv() {
                Ok(peers) => return peers.into_iter().collect(),
                Err(error) => assert_eq!(error, plain::TryRecvError::Empty),
            }
            yield_now().await;
        }
    }

    /// How many connections QUIC has.
    pub(super) fn connections(&self) -> usize {
        self.inside.as_ref().unwrap().endpoint.open_connections()
    }

    /// The next thing that it told, if there is one already.
    pub(super) fn told(&mut self) -> Option<Notice> {
        let notice = self.inside.as_ref().unwrap().notices.next_within(Duration::ZERO);
        let is_down = matches!(notice, Some(Notice::Event(Event::Down(..))));
        let is_doubt =
            matches!(notice, Some(Notice::Event(Event::Member(_, State::Suspected | State::Down))));
        self.partings += usize::from(is_down);
        self.doubts += usize::from(is_down || is_doubt);
        notice
    }

    /// How often it told that a session ended, or that a member might be gone.
    pub(super) fn doubts(&mut self) -> usize {
        while self.told().is_some() {}
        self.doubts
    }

    /// How often it told that a session ended.
    pub(super) fn partings(&mut self) -> usize {
        while self.told().is_some() {}
        self.partings
    }
}

/// The object of each item, which must not be missing where the item is.
fn names(items: &Items, visit: &mut dyn FnMut(ObjectId)) {
    items.sorted().into_iter().for_each(|item| visit(name(item)));
}
