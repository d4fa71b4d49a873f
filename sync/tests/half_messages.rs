//! Peers that mean ill and are trusted all the same. Alone in its program, since the memory is counted.
#![cfg(feature = "node")]

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use peak_alloc::PeakAlloc;
use quinn::{Connection, Endpoint};
use selkie_crdt::{AwSet, Edit, Hlc};
use selkie_store::{
    Action, Batch, Hint, Kind, ObjectId, PublicKey, SecretKey, SimDisk, Store, View, Writer, encode,
};
use selkie_sync::{
    Bounds, ChannelId, Control, Hello, Lane, NetworkId, Node, NodeId, Notice, Notices, Right,
    Scope, Share, Versions, frame,
};
use tokio::runtime::{Builder, Runtime};

use crate::caller::{call, shown};

#[path = "node/caller.rs"]
mod caller;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const HOME: ChannelId = ChannelId::from_bytes([0x40; ChannelId::LEN]);

/// Those who never end what they say.
const ROGUES: u32 = 20;

/// So many are in: a gate lets no more come at once.
const IN: u32 = 12;

/// What connections may hold, and what would be more than that if it were held.
const ROOM: usize = 8 << 20;
const ENOUGH: usize = 4 << 20;

/// What they say and do not end.
static SAID: [u8; 64 << 10] = [7; 64 << 10];

const DEADLINE: Duration = Duration::from_secs(180);

type Items = AwSet<String>;

fn names(items: &Items, visit: &mut dyn FnMut(ObjectId)) {
    items.sorted().into_iter().for_each(|item| visit(ObjectId::of(Kind::Blob, item.as_bytes())));
}

/// One who shares something.
struct House {
    number: u8,
    store: Arc<Store>,
    node: Node,
    notices: Notices,
}

impl House {
    fn new(number: u8, memory: usize) -> Self {
        let key = SecretKey::from_bytes(&[number; 32]);
        let builder = Node::builder(key).listen(SocketAddr::from(([127, 0, 0, 1], 0)));
        let node = builder.bounds(Bounds { memory, ..Bounds::default() }).start().unwrap();
        let store = Arc::new(Store::open(Arc::new(SimDisk::default())).unwrap());
        let view: View<Items> = View::open(Arc::clone(&store), names).unwrap();
        node.open(HOME, Share::new(Arc::clone(&store), view)).unwrap();
        let notices = node.notices();
        Self { number, store, node, notices }
    }

    fn befriend(&self, other: NodeId) {
        self.node.trust(other);
        self.node.grant(HOME, other, Right::Write(Scope::All));
    }

    /// Adds something, and tells the node of it.
    fn add(&self, item: &str) {
        let mut view: View<Items> = View::open(Arc::clone(&self.store), names).unwrap();
        let batch = Batch::new(&self.store);
        let id = batch.put(Kind::Blob, item.as_bytes(), Hint::NONE).unwrap();
        batch.finish().unwrap();
        let writer = Writer::new(SecretKey::from_bytes(&[self.number; 32]), [self.number; 16]);
        let action = Action { time: Hlc::from_ms(view.time().ms() + 1), note: "add", roots: &[id] };
        let change = |mut items: Edit<'_, Items>| {
            items.add(item.to_owned());
            Ok::<_, Infallible>(())
        };
        view.edit(&writer, action, change).unwrap();
        self.node.refresh(HOME);
    }

    fn has(&self, item: &str) -> bool {
        let view: View<Items> = View::open(Arc::clone(&self.store), names).unwrap();
        view.root().contains(&item.to_owned())
    }

    /// Looks at each notice whether it is so.
    fn wait_until(&self, what: &str, is_it: impl Fn(&Notice) -> bool) {
        let until = Instant::now() + DEADLINE;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let Some(notice) = self.notices.next_within(left) else { panic!("not {what}") };
            if is_it(&notice) {
                return;
            }
        }
    }
}

/// Those who never end what they say: whatever they said goes on to be half of something until this is dropped.
struct Rogues {
    _runtime: Runtime,
    // So many bytes each time that QUIC takes some.
    said: Receiver<usize>,
}

impl Rogues {
    fn at(node: SocketAddr, manner: Manner) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (says, said) = channel();
        let endpoint = {
            let _inside = runtime.enter();
            Endpoint::client(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap()
        };
        for number in 0..ROGUES {
            let (endpoint, says) = (endpoint.clone(), says.clone());
            drop(runtime.spawn(async move {
                let over = rogue(&endpoint, node, number, manner, &says).await;
                assert!(over.is_none(), "it goes on until it is sent away");
            }));
        }
        Self { _runtime: runtime, said }
    }

    fn id(number: u32) -> NodeId {
        let shown = shown(number).unwrap();
        NodeId::of(PublicKey::from_bytes(*shown.cert[0].last_chunk().unwrap()))
    }
}

/// What those who are in do next.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Manner {
    /// Nothing.
    Quiet,
    /// They say a message on each lane, of which all comes but its last byte.
    Rude,
}

/// Begins a session like any peer, and goes on in its manner.
async fn rogue(
    endpoint: &Endpoint,
    node: SocketAddr,
    number: u32,
    manner: Manner,
    says: &Sender<usize>,
) -> Option<()> {
    let connection = call(endpoint, node, b"selkie/1", shown(number)).await.ok()?;
    connection.set_send_window(64 << 10);
    let (mut control, mut answers) = connection.open_bi().await.ok()?;
    let hello = Hello {
        network: NetworkId::named("selkie"),
        versions: Versions { least: 1, most: 1 },
        features: 0,
        delegation: None,
        proof: None,
        record: None,
    };
    control.write_all(&[1]).await.ok()?;
    control.write_all(&frame(&encode(&Control::Hello(Box::new(hello))).ok()?)).await.ok()?;
    // It answers, and then there is a session.
    answers.read_exact(&mut [0]).await.ok()?;
    let lanes = [(2, Lane::Members), (3, Lane::Gossip), (4, Lane::Repair), (5, Lane::Bulk)];
    says.send(0).ok()?;
    if manner == Manner::Rude {
        let [one, two, three, four] = lanes.map(|lane| half(&connection, lane, says));
        tokio::join!(one, two, three, four);
    }
    connection.closed().await;
    None
}

/// Half a message, as it goes.
async fn half(
    connection: &Connection,
    (number, lane): (u8, Lane),
    says: &Sender<usize>,
) -> Option<()> {
    let (mut stream, _answers) = connection.open_bi().await.ok()?;
    stream.write_all(&[number]).await.ok()?;
    stream.write_all(&u32::try_from(lane.len_max()).ok()?.to_le_bytes()).await.ok()?;
    let mut left = lane.len_max() - 1;
    while left > 0 {
        let written = stream.write(&SAID[..left.min(SAID.len())]).await.ok()?;
        says.send(written).ok()?;
        left -= written;
    }
    // As long as nobody ends it, it is open.
    connection.closed().await;
    None
}

/// What the memory grew by while they were there, until an honest one had what is new.
fn besieged(manner: Manner, memory: usize) -> usize {
    let (east, west) = (House::new(1, memory), House::new(2, 64 << 20));
    (0..ROGUES).for_each(|number| east.befriend(Rogues::id(number)));
    east.befriend(west.node.id());
    west.befriend(east.node.id());
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let rogues = Rogues::at(east.node.address(), manner);
    let (mut came, mut said) = (0, 0);
    while came < IN || (manner == Manner::Rude && said < ENOUGH) {
        let more = rogues.said.recv_timeout(DEADLINE).unwrap();
        came += u32::from(more == 0);
        said += more;
    }
    west.node.want(east.node.id(), vec![east.node.address()]);
    for item in ["one", "two", "three"] {
        let item = item.repeat(200_000);
        east.add(&item);
        west.wait_until("there", |notice| matches!(notice, Notice::TookIn(..)) && west.has(&item));
    }
    assert!(east.node.peers().contains(&west.node.id()));
    MEMORY.peak_usage() - before
}

#[test]
fn who_never_ends_what_it_says_holds_no_more_than_there_is_room_for_and_holds_up_nobody() {
    let quiet = besieged(Manner::Quiet, ROOM);
    let grew = |memory| besieged(Manner::Rude, memory).saturating_sub(quiet);
    let (bounded, unbounded) = (grew(ROOM), grew(64 * ROOM));
    // What QUIC keeps beside the bytes is not counted by the node, nor is what they who are rude hold themselves.
    assert!(bounded < 3 * ROOM, "{bounded}");
    assert!(unbounded > 5 * ROOM, "they do no harm, and show nothing: {unbounded}");
}
