//! A node with a store of its own, as these tests see it.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use selkie_crdt::{AwSet, Hlc};
use selkie_store::{Action, Batch, Hint, Kind, ObjectId, SecretKey, SimDisk, Store, View, Writer};
use selkie_sync::{
    ChannelId, Discover, Event, GossipTiming, Node, NodeId, Notice, Notices, Right, Scope,
    Settings, Share,
};

/// What all houses of a test share.
pub(crate) const HOME: ChannelId = ChannelId::from_bytes([0x40; ChannelId::LEN]);

/// What takes longer has failed.
pub(crate) const DEADLINE: Duration = Duration::from_secs(180);

type Items = AwSet<String>;

/// A store, and the node that shares it.
pub(crate) struct House {
    number: u8,
    pub(crate) store: Arc<Store>,
    pub(crate) node: Node,
    pub(crate) notices: Notices,
}

/// Bytes that do not shrink, of the item that is named so: its length is behind the last dash.
pub(crate) fn content(item: &str) -> Vec<u8> {
    let len = item.rsplit('-').next().and_then(|len| len.parse().ok()).unwrap_or(1_000);
    let mut bytes = vec![0; len];
    blake3::Hasher::new().update(item.as_bytes()).finalize_xof().fill(&mut bytes);
    bytes
}

/// The object of each item, which must not be missing where the item is.
fn names(items: &Items, visit: &mut dyn FnMut(ObjectId)) {
    items.sorted().into_iter().for_each(|item| visit(ObjectId::of(Kind::Blob, &content(item))));
}

pub(crate) fn key(number: u8) -> SecretKey {
    SecretKey::from_bytes(&[number; 32])
}

pub(crate) fn id(number: u8) -> NodeId {
    NodeId::of(key(number).public())
}

/// Any port of this machine alone.
pub(crate) fn anywhere() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

impl House {
    /// A house with nothing in it. Its node shares [`HOME`] with whoever may have it.
    pub(crate) fn new(number: u8) -> Self {
        let store = Arc::new(Store::open(Arc::new(SimDisk::default())).unwrap());
        Self::with(number, store)
    }

    /// The same, with a store that was there before.
    pub(crate) fn with(number: u8, store: Arc<Store>) -> Self {
        Self::built(number, store, None)
    }

    /// The same, and it looks around so.
    pub(crate) fn built(number: u8, store: Arc<Store>, discover: Option<Discover>) -> Self {
        // Compared often, so that tests need not wait.
        let timing = GossipTiming { round: Duration::from_millis(50), ..GossipTiming::default() };
        let settings = Settings { timing, ..Settings::default() };
        let mut builder = Node::builder(key(number)).listen(anywhere()).settings(settings);
        if let Some(discover) = discover {
            builder = builder.discover(discover);
        }
        let node = builder.start().unwrap();
        let notices = node.notices();
        let view: View<Items> = View::open(Arc::clone(&store), names).unwrap();
        node.open(HOME, Share::new(Arc::clone(&store), view)).unwrap();
        Self { number, store, node, notices }
    }

    /// Lets another have everything.
    pub(crate) fn befriend(&self, other: u8) {
        self.node.trust(id(other));
        self.node.grant(HOME, id(other), Right::Write(Scope::All));
    }

    /// Both let each other have everything, and this one calls.
    pub(crate) fn meet(&self, other: &Self) {
        self.befriend(other.number);
        other.befriend(self.number);
        self.node.want(id(other.number), vec![other.node.address()]);
    }

    /// Adds items with their objects, each by an entry, and tells the node of them.
    pub(crate) fn add(&self, items: &[String]) {
        let mut view: View<Items> = View::open(Arc::clone(&self.store), names).unwrap();
        let writer = Writer::new(key(self.number), [self.number; 16]);
        for (at, item) in items.iter().enumerate() {
            let batch = Batch::new(&self.store);
            let id = batch.put(Kind::Blob, &content(item), Hint::NONE).unwrap();
            batch.finish().unwrap();
            let time = Hlc::from_ms(view.time().ms() + 1 + at as u64);
            let action = Action { time, note: "add", roots: &[id] };
            let change = |mut items: selkie_crdt::Edit<'_, Items>| {
                items.add(item.clone());
                Ok::<_, Infallible>(())
            };
            view.edit(&writer, action, change).unwrap();
        }
        self.node.refresh(HOME);
    }

    /// What is here. Of everything the object has to be here, too.
    pub(crate) fn items(&self) -> Vec<String> {
        let view: View<Items> = View::open(Arc::clone(&self.store), names).unwrap();
        let items: Vec<String> = view.root().sorted().into_iter().cloned().collect();
        for item in &items {
            assert!(self.store.has(&ObjectId::of(Kind::Blob, &content(item))).unwrap(), "{item}");
        }
        items
    }

    /// Waits until this is told.
    pub(crate) fn wait_for(&self, what: &str, is_it: impl Fn(&Notice) -> bool) -> Notice {
        let until = Instant::now() + DEADLINE;
        let mut told = Vec::new();
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match self.notices.next_within(left) {
                Some(notice) if is_it(&notice) => return notice,
                // It is told with each comparison of logs.
                Some(Notice::Event(Event::Agreed(..))) => {}
                Some(notice) => told.push(notice),
                None => panic!("no {what}; but {told:?}"),
            }
        }
    }

    /// Waits until an event of the protocol is told.
    pub(crate) fn wait_for_event(&self, what: &str, is_it: impl Fn(&Event) -> bool) {
        self.wait_for(what, |notice| matches!(notice, Notice::Event(event) if is_it(event)));
    }

    /// Waits until both have the same, as one of them sees it.
    pub(crate) fn wait_until_it_has(&self, items: &[String]) {
        let until = Instant::now() + DEADLINE;
        let mut sorted = items.to_vec();
        sorted.sort();
        let mut told = Vec::new();
        while self.items() != sorted {
            let left = until.saturating_duration_since(Instant::now());
            let came = self.items().len();
            assert!(!left.is_zero(), "{came} of {} items came, and {told:?}", items.len());
            // Something was taken in since, or will be.
            match self.notices.next_within(left.min(Duration::from_secs(1))) {
                // It is told with each comparison of logs.
                None | Some(Notice::Event(Event::Agreed(..))) => {}
                Some(notice) => told.push(notice),
            }
        }
    }
}
