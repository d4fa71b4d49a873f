//! One connection: its lanes, each a stream, and what waits on them.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use quinn::{Connection, RecvStream, SendStream};
use tokio::sync::mpsc::{self, Sender, UnboundedReceiver, UnboundedSender};
use tokio::task::JoinSet;
use tokio::time::timeout_at;

use crate::identity::node_id::NodeId;
use crate::node::flow::Flow;
use crate::node::half::Half;
use crate::node::throttle::Throttle;
use crate::node::toll::Toll;
use crate::node::transport::{self, CLOSED, Reached};
use crate::node::waiting::Waiting;
use crate::session::call::{CallId, Side};
use crate::session::why::Unreached;
use crate::wire::frame::{self, Frames};
use crate::wire::lane::Lane;

/// What comes over connections.
#[derive(Debug)]
pub(super) enum Heard {
    /// There is one.
    Opened { line: Line, peer: NodeId, side: Side, address: SocketAddr, binding: [u8; 32] },
    /// A call came to nothing.
    Unreached(NodeId, SocketAddr, Unreached),
    /// A message came.
    Message(CallId, Lane, Vec<u8>),
    /// Something came that no lane carries.
    Rude(CallId),
    /// So little waits again that the peer may be told more, or be sent more in bulk.
    Drained(CallId),
    /// It is over.
    Broken(CallId),
}

/// The end of a connection that the driver holds. When it is dropped, what was to be sent is sent, and the connection ends.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) call: CallId,
    connection: Connection,
    lanes: BTreeMap<Lane, UnboundedSender<Vec<u8>>>,
    listen: UnboundedSender<()>,
    waiting: Arc<Waiting>,
}

/// What stands on [`Lane::Bulk`] goes when nothing else is to be sent.
const LAST: i32 = -1;

/// As long as a peer may take to read what was said last.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// Bytes that are read from a stream at once.
const READ_LEN: usize = 64 << 10;

/// The lanes that are streams, in the order in which the caller opens them.
const STREAMS: [Lane; 5] = [Lane::Control, Lane::Members, Lane::Gossip, Lane::Repair, Lane::Bulk];

/// How a task of a connection ended.
#[derive(Debug)]
enum Ended {
    /// All that was said on the lane was sent, and the peer has it.
    Said(Lane),
    /// All that the peer said on the lane was heard: it says no more there, or the connection is over.
    Heard(Lane),
    /// Nothing came of it, since the connection is over, which shows elsewhere.
    Quiet,
    /// The peer opened the stream of a lane.
    Opened(Lane, SendStream, RecvStream),
    /// The peer said what no lane carries.
    Rude,
}

/// The end of a connection that does the work.
struct Talk {
    call: CallId,
    side: Side,
    connection: Connection,
    inbox: Sender<Heard>,
    /// What is to be said on lanes that have no stream yet.
    unopened: BTreeMap<Lane, UnboundedReceiver<Vec<u8>>>,
    listen: UnboundedReceiver<()>,
    waiting: Arc<Waiting>,
    heard: Arc<Toll>,
    /// Whether [`Lane::Control`] is read, or what of it is here.
    hears_control: bool,
    tasks: JoinSet<Ended>,
}

/// Talks over a connection, and tells of it, until it is over.
pub(super) async fn talk(
    call: CallId,
    side: Side,
    reached: Reached,
    flow: Arc<Flow>,
    inbox: Sender<Heard>,
) {
    let Reached { connection, peer, binding } = reached;
    let address = connection.remote_address();
    let (listen, mut listens) = mpsc::unbounded_channel();
    let heard = flow.of_peer();
    let waiting = Arc::new(Waiting::over(flow));
    let (mut lanes, mut unopened) = (BTreeMap::new(), BTreeMap::new());
    for lane in STREAMS {
        let (say, said) = mpsc::unbounded_channel();
        lanes.insert(lane, say);
        unopened.insert(lane, said);
    }
    let line =
        Line { call, connection: connection.clone(), lanes, listen, waiting: Arc::clone(&waiting) };
    let opened = Heard::Opened { line, peer, side, address, binding };
    // Nothing is read before the core knows of the connection.
    if inbox.send(opened).await.is_err() || listens.recv().await.is_none() {
        return connection.close(CLOSED, b"");
    }
    let tasks = JoinSet::new();
    let talk = Talk {
        call,
        side,
        connection: connection.clone(),
        inbox: inbox.clone(),
        unopened,
        listen: listens,
        waiting,
        heard,
        hears_control: false,
        tasks,
    };
    talk.run().await;
    connection.close(CLOSED, b"");
    // Nobody listens any more only if the node is gone.
    let _gone = inbox.send(Heard::Broken(call)).await;
}

impl Line {
    /// Says this after all that was said before it on the lane.
    pub(super) fn say(&self, lane: Lane, bytes: Vec<u8>) {
        if lane == Lane::Datagram {
            // It may be lost on any path, and so here.
            let _lost = self.connection.send_datagram(bytes.into());
            return;
        }
        self.waiting.more(lane, bytes.len());
        if let Some(lane) = self.lanes.get(&lane) {
            // Where nobody takes it the connection is over, which is told in its place.
            let _over = lane.send(bytes);
        }
    }

    /// Has [`Lane::Control`] read from here on.
    pub(super) fn begin(&self) {
        self.listen();
    }

    /// Has all lanes read from here on.
    pub(super) fn listen(&self) {
        let _over = self.listen.send(());
    }

    /// How long it takes to the peer and back, as QUIC measures it.
    pub(super) fn round_trip(&self) -> Duration {
        self.connection.rtt()
    }

    /// What waits to be sent.
    pub(super) fn waiting(&self) -> &Waiting {
        &self.waiting
    }

    /// Holds no more than so much within QUIC, from here on.
    pub(super) fn has_room(&self, bytes: usize) {
        self.waiting.holds(transport::has_room(&self.connection, bytes));
    }
}

impl Talk {
    async fn run(mut self) {
        if self.side == Side::Calls && self.open(Lane::Control).await.is_none() {
            return;
        }
        let connection = self.connection.clone();
        let mut is_listening = false;
        loop {
            // In an order, and not by chance: the peer decides only how many datagrams there are, so these come last.
            tokio::select! {
                biased;
                said = self.listen.recv() => match said {
                    Some(()) => {
                        is_listening = true;
                        if self.admit().await.is_none() {
                            break;
                        }
                    }
                    None => return self.say_last_words().await,
                },
                Some(Ok(ended)) = self.tasks.join_next() => {
                    if self.after(ended).is_err() {
                        self.tell(Heard::Rude(self.call)).await;
                    }
                }
                _ = connection.closed() => break,
                stream = connection.accept_bi(), if self.side == Side::IsCalled => {
                    let Ok((say, hear)) = stream else { break };
                    self.tasks.spawn(meet(say, hear));
                }
                datagram = connection.read_datagram(), if is_listening => {
                    let Ok(bytes) = datagram else { break };
                    if bytes.len() > Lane::Datagram.len_max() {
                        self.tell(Heard::Rude(self.call)).await;
                    } else if self.heard.passes() {
                        // One too many is lost, as on any path.
                        self.tell(Heard::Message(self.call, Lane::Datagram, bytes.into())).await;
                    }
                }
            }
        }
        self.hear_last_words().await;
    }

    async fn tell(&self, heard: Heard) {
        // Nobody listens any more only if the node is gone.
        let _gone = self.inbox.send(heard).await;
    }

    /// There is a session: all lanes are open.
    async fn admit(&mut self) -> Option<()> {
        let streams = match self.side {
            Side::Calls => 0,
            Side::IsCalled => u32::try_from(STREAMS.len()).unwrap_or(u32::MAX),
        };
        transport::admit(&self.connection, streams);
        if self.side == Side::Calls {
            for lane in STREAMS.into_iter().filter(|lane| *lane != Lane::Control) {
                self.open(lane).await?;
            }
        }
        Some(())
    }

    /// Opens the stream of a lane. The other end learns of it with its first byte, which says which lane it is.
    async fn open(&mut self, lane: Lane) -> Option<()> {
        let (mut say, hear) = self.connection.open_bi().await.ok()?;
        say.write_all(&[number(lane)]).await.ok()?;
        self.join(lane, say, hear).ok()
    }

    /// What is to be done after a task of this connection ended.
    fn after(&mut self, ended: Ended) -> Result<(), Impossible> {
        match ended {
            Ended::Said(_) | Ended::Quiet => Ok(()),
            Ended::Heard(lane) => {
                self.hears_control &= lane != Lane::Control;
                Ok(())
            }
            Ended::Opened(lane, say, hear) => self.join(lane, say, hear),
            Ended::Rude => Err(Impossible),
        }
    }

    /// The lane has a stream now.
    fn join(&mut self, lane: Lane, say: SendStream, hear: RecvStream) -> Result<(), Impossible> {
        let said = self.unopened.remove(&lane).ok_or(Impossible)?;
        if lane == Lane::Bulk {
            // One that can not be said on any more has no rank.
            let _over = say.set_priority(LAST);
        }
        let (call, inbox) = (self.call, self.inbox.clone());
        let connection = self.connection.clone();
        let speaker = Speaker { call, lane, connection, inbox: inbox.clone() };
        self.tasks.spawn(speak(speaker, Arc::clone(&self.waiting), said, say));
        let (heard, flow) = (Arc::clone(&self.heard), Arc::clone(self.waiting.flow()));
        self.tasks.spawn(hark(Listener { call, lane, inbox, heard, flow }, hear));
        self.hears_control |= lane == Lane::Control;
        Ok(())
    }

    /// The peer hung up: why it did was said on [`Lane::Control`], and may be here and not read yet.
    async fn hear_last_words(&mut self) {
        let heard = async {
            while self.hears_control {
                match self.tasks.join_next().await {
                    Some(Ok(Ended::Heard(lane))) => self.hears_control = lane != Lane::Control,
                    Some(_) => {}
                    None => return,
                }
            }
        };
        // If nobody takes them, they are not waited for.
        let _late = tokio::time::timeout(LAST_WORDS, heard).await;
    }

    /// Nothing more is to be said: waits until the peer has what was said on [`Lane::Control`].
    async fn say_last_words(&mut self) {
        if self.unopened.contains_key(&Lane::Control) {
            return;
        }
        let connection = self.connection.clone();
        let read = async {
            while let Some(ended) = self.tasks.join_next().await {
                if matches!(ended, Ok(Ended::Said(Lane::Control))) {
                    return;
                }
            }
        };
        // A peer that does not read them is not waited for.
        let _late = tokio::time::timeout(LAST_WORDS, async {
            tokio::select! {
                () = read => {}
                _ = connection.closed() => {}
            }
        })
        .await;
    }
}

/// A peer did what no peer does.
#[derive(Clone, Copy, Debug)]
struct Impossible;

/// Learns which lane a stream is, that a peer opened.
async fn meet(say: SendStream, mut hear: RecvStream) -> Ended {
    let mut first = [0];
    if hear.read_exact(&mut first).await.is_err() {
        return Ended::Quiet;
    }
    let lane = STREAMS.into_iter().find(|lane| number(*lane) == first[0]);
    lane.map_or(Ended::Rude, |lane| Ended::Opened(lane, say, hear))
}

/// Who sends what is said on a lane.
struct Speaker {
    call: CallId,
    lane: Lane,
    connection: Connection,
    inbox: Sender<Heard>,
}

/// Sends what is said on a lane, until nothing more will be.
async fn speak(
    speaker: Speaker,
    waiting: Arc<Waiting>,
    mut said: UnboundedReceiver<Vec<u8>>,
    mut stream: SendStream,
) -> Ended {
    let Speaker { call, lane, connection, inbox } = speaker;
    while let Some(bytes) = said.recv().await {
        if lane == Lane::Bulk {
            transport::fit(&connection, waiting.held_max());
        }
        let len = bytes.len();
        let throttle = waiting.flow().send.as_ref();
        // QUIC takes them as they are, and copies nothing.
        let head = Bytes::copy_from_slice(&frame::head(len));
        for mut bytes in [head, Bytes::from(bytes)] {
            while !bytes.is_empty() {
                let len_max = throttle.map_or(usize::MAX, Throttle::piece);
                let piece = bytes.split_to(bytes.len().min(len_max));
                if let Some(throttle) = throttle {
                    throttle.pass(lane, piece.len()).await;
                }
                if stream.write_chunk(piece).await.is_err() {
                    return Ended::Quiet;
                }
            }
        }
        if waiting.less(lane, len) && inbox.send(Heard::Drained(call)).await.is_err() {
            return Ended::Quiet;
        }
    }
    if stream.finish().is_err() {
        return Ended::Quiet;
    }
    match stream.stopped().await {
        Ok(_) => Ended::Said(lane),
        Err(_) => Ended::Quiet,
    }
}

/// Who reads what the peer says on a lane.
struct Listener {
    call: CallId,
    lane: Lane,
    inbox: Sender<Heard>,
    heard: Arc<Toll>,
    flow: Arc<Flow>,
}

/// Reads what the peer says on a lane. While the driver is busy, or it comes too fast, it waits, and with it the peer.
async fn hark(listener: Listener, mut stream: RecvStream) -> Ended {
    let Listener { call, lane, inbox, heard, flow } = listener;
    let (mut frames, mut half) = (Frames::of(lane), Half::among(&flow.halves));
    let throttle = flow.receive.as_ref();
    let len_max = throttle.map_or(READ_LEN, Throttle::piece);
    loop {
        let until = half.may_grow().await;
        let read = stream.read_chunk(len_max, true);
        let read = match until {
            None => read.await,
            Some(until) => match timeout_at(until, read).await {
                Ok(read) => read,
                // Others wait for the room that this one holds.
                Err(_late) => return Ended::Rude,
            },
        };
        let Ok(Some(chunk)) = read else { return Ended::Heard(lane) };
        if let Some(throttle) = throttle {
            throttle.pass(lane, chunk.bytes.len()).await;
        }
        let mut bytes = &*chunk.bytes;
        half.holds(frames.held() + bytes.len());
        while let Some(message) = frames.cut(&mut bytes) {
            let Ok(message) = message else { return Ended::Rude };
            half.is_whole();
            heard.pass(lane, message.len()).await;
            if inbox.send(Heard::Message(call, lane, message)).await.is_err() {
                return Ended::Quiet;
            }
        }
        half.holds(frames.held());
    }
}

/// What a stream begins with.
const fn number(lane: Lane) -> u8 {
    match lane {
        Lane::Datagram => 0,
        Lane::Control => 1,
        Lane::Members => 2,
        Lane::Gossip => 3,
        Lane::Repair => 4,
        Lane::Bulk => 5,
    }
}
