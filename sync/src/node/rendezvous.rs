//! A rendezvous server: carries what visitors say to the register, and what that answers.

use std::fmt;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use quinn::{Incoming, VarInt};
use selkie_store::SecretKey;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, timeout};

use crate::discovery::errand::{ERRANDS_MAX, Errand};
use crate::discovery::register::Register;
use crate::identity::network::NetworkId;
use crate::identity::node_id::NodeId;
use crate::moment::Moment;
use crate::node::door::{Answer, Door};
use crate::node::tls::Protocol;
use crate::node::transport::{CLOSED, ListenError, Reached, Roaming, Transport, finish};
use crate::node::visitor::{hear, say};
use crate::session::gate::{Gate, Network};
use crate::session::limits::Limits;

/// A rendezvous server that runs: nodes that know one channel find each other by it. It knows no channel, and trusts nobody.
///
/// ```
/// use std::time::Duration;
/// use selkie_store::SecretKey;
/// use selkie_sync::RendezvousServer;
/// let key = SecretKey::from_bytes(&[7; 32]);
/// let server = RendezvousServer::start(key, "127.0.0.1:0".parse()?, Vec::new(), Duration::from_secs(100))?;
/// assert_eq!(server.tally().registered, 0);
/// server.close();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct RendezvousServer {
    id: NodeId,
    address: SocketAddr,
    desk: Arc<Desk>,
    stop: watch::Sender<()>,
    runtime: Runtime,
    task: JoinHandle<()>,
}

/// What a server did and holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Tally {
    /// Nodes that are registered now, each for a repository.
    pub registered: usize,
    /// Repositories of which some are.
    pub spots: usize,
    /// Visits that came to an end with an answer.
    pub visits: u64,
    /// Visits that asked what is no question.
    pub rude: u64,
}

/// What all visits share.
struct Desk {
    began: Instant,
    // Guards what was left. Each errand takes it for as long as it is done, which is no waiting.
    register: Mutex<Register>,
    visits: AtomicU64,
    rude: AtomicU64,
}

/// Visits at once. Each holds what came on one stream, of which little is read before it is answered.
const VISITORS: usize = 128;
/// Of those, in handshakes.
const GREETING: usize = 32;
/// As long as a visit may take from when there is a connection.
const VISIT: Duration = Duration::from_secs(10);
/// Bytes that may be under way from a visitor: more than its longest errand.
const WINDOW: VarInt = VarInt::from_u32(4 << 10);
/// As long as visitors are given when the server ends.
const FAREWELL: Duration = Duration::from_millis(200);

impl RendezvousServer {
    /// Starts one that goes by this key and listens there, for visitors from these networks (all if there is none), and holds what they
    /// leave for no longer than that.
    ///
    /// # Errors
    ///
    /// See [`ListenError`].
    pub fn start(
        key: SecretKey,
        listen: SocketAddr,
        allowed: Vec<Network>,
        hold: Duration,
    ) -> Result<Self, ListenError> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("selkie-rendezvous")
            .enable_all()
            .build()
            .map_err(ListenError::Threads)?;
        let id = NodeId::of(key.public());
        let limits = Limits { peers: VISITORS - GREETING, greeting: GREETING, ..Limits::default() };
        // It is of no network, and knows the word of none.
        let door = Door::behind(id, NetworkId::named(""), Gate::new(allowed), limits);
        let transport = {
            let _inside = runtime.enter();
            Transport::listen(Protocol::Rendezvous, listen, Arc::new(key), Roaming::Forbidden)?
        };
        let address = transport.address();
        let address = address.map_err(|source| ListenError::Address { address: listen, source })?;
        let desk = Arc::new(Desk {
            began: Instant::now(),
            register: Mutex::new(Register::new(hold)),
            visits: AtomicU64::new(0),
            rude: AtomicU64::new(0),
        });
        let (stop, stopped) = watch::channel(());
        let task = runtime.spawn(admit(transport, door, Arc::clone(&desk), stopped));
        Ok(Self { id, address, desk, stop, runtime, task })
    }

    /// The name of the server: its key.
    #[must_use]
    pub const fn id(&self) -> NodeId {
        self.id
    }

    /// Where it listens, on this machine.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it did so far, and holds now.
    #[must_use]
    pub fn tally(&self) -> Tally {
        let (registered, spots) = self.desk.register().count(self.desk.now());
        let [visits, rude] = [&self.desk.visits, &self.desk.rude];
        Tally {
            registered,
            spots,
            visits: visits.load(Ordering::Relaxed),
            rude: rude.load(Ordering::Relaxed),
        }
    }

    /// Ends it. What it holds is gone with it: nodes leave it again where there is a server again.
    pub fn close(self) {
        self.stop.send_replace(());
        // It fails only if the task panicked, which was told where it did.
        let _panicked = self.runtime.block_on(self.task);
    }
}

impl fmt::Debug for RendezvousServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RendezvousServer({:?} at {})", self.id, self.address)
    }
}

impl Desk {
    fn now(&self) -> Moment {
        Moment::START + self.began.elapsed()
    }

    /// What is behind the lock is whole after each errand.
    fn register(&self) -> MutexGuard<'_, Register> {
        self.register.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lets visitors in until it is told to stop.
async fn admit(
    transport: Transport,
    mut door: Door,
    desk: Arc<Desk>,
    mut stopped: watch::Receiver<()>,
) {
    let mut visits = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            _ = stopped.changed() => break,
            Some(_) = visits.join_next() => {}
            Some(incoming) = transport.incoming() => {
                let known = (visits.len(), transport.connections());
                if let Some((incoming, permit)) = knocked(&mut door, desk.now(), incoming, known) {
                    visits.spawn(receive(incoming, permit, Arc::clone(&desk)));
                }
            }
        }
    }
    visits.abort_all();
    transport.close(FAREWELL).await;
}

/// Somebody knocks, while there are so many visits, and so many connections.
fn knocked(
    door: &mut Door,
    now: Moment,
    incoming: Incoming,
    (visits, connections): (usize, usize),
) -> Option<(Incoming, OwnedSemaphorePermit)> {
    match door.knock(now, (&incoming).into(), visits, connections) {
        Answer::Nothing => incoming.ignore(),
        Answer::ShowWhere => {
            // It can be asked, since it was not asked yet.
            let _asked = incoming.retry();
        }
        Answer::Enter(permit) => return Some((incoming, permit)),
    }
    None
}

/// One visit, from the handshake to the end.
async fn receive(incoming: Incoming, permit: OwnedSemaphorePermit, desk: Arc<Desk>) {
    // One that can not be accepted was told so, and one that does not come to an end with us hears why from TLS.
    let Ok(connecting) = incoming.accept() else { return };
    let Ok(reached) = finish(connecting).await else { return };
    drop(permit);
    let attended = timeout(VISIT, attend(&reached, &desk)).await;
    let count = if attended == Ok(Some(())) { &desk.visits } else { &desk.rude };
    count.fetch_add(1, Ordering::Relaxed);
    reached.connection.close(CLOSED, b"");
}

/// Answers a visitor, until it goes. None if it said what is no errand, or more than it may.
async fn attend(reached: &Reached, desk: &Desk) -> Option<()> {
    let Reached { connection, peer, .. } = reached;
    connection.set_receive_window(WINDOW);
    let (mut to, mut from) = connection.accept_bi().await.ok()?;
    for _ in 0..ERRANDS_MAX {
        let heard = tokio::select! {
            // Whoever has what it wanted hangs up.
            _gone = connection.closed() => return Some(()),
            heard = hear::<Errand>(&mut from) => heard,
        };
        let Some(errand) = heard else {
            return connection.close_reason().map(|_gone| ());
        };
        let reply = desk.register().answer(desk.now(), *peer, connection.remote_address(), errand);
        say(&mut to, &reply).await?;
    }
    // It took all that there is in one visit, and goes when it has read that.
    connection.closed().await;
    Some(())
}
