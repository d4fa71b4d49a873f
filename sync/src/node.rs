//! A node on the network: the core, driven by QUIC, clocks and disks.
//!
//! Everything async is in here. To whoever uses it a [`Node`] is a plain value: it runs on threads of its own, it is told what to
//! do, and it tells what happened to who asked for [`Notices`].

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc as plain;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use selkie_store::{PublicKey, SecretKey};
use tokio::runtime::{Builder as RuntimeBuilder, Runtime};
use tokio::sync::mpsc::{self, UnboundedSender};
use tokio::task::JoinHandle;

use crate::channel_id::ChannelId;
use crate::core::settings::Settings;
use crate::core::topology::Topology;
use crate::core::{Core, Input};
use crate::identity::delegation::Delegation;
use crate::identity::invitation::{Invitation, Word};
use crate::identity::network::NetworkId;
use crate::identity::node_id::NodeId;
use crate::identity::record::NodeRecord;
use crate::identity::rights::Right;
use crate::identity::signed::Signed;
use crate::identity::trust::Trust;
use crate::membership::notary::Notary;
use crate::moment::Moment;
use crate::node::ask::{Ask, Guest, OpenShareError};
use crate::node::bounds::Bounds;
use crate::node::done::Done;
use crate::node::door::Door;
use crate::node::driver::{Driver, HEARD_MAX, Mail};
use crate::node::lines::Lines;
use crate::node::lookouts::{Lookouts, Ways};
use crate::node::moved::Moved;
use crate::node::nearby::{Discover, Nearby, Rendezvous};
use crate::node::notice::{Notices, Subscribers};
use crate::node::random::random;
use crate::node::tls::Protocol;
use crate::node::transport::{ListenError, Roaming, Transport};
use crate::node::works::{Counters, Share, Works};
use crate::session::gate::{Gate, Network};
use crate::session::why::Why;
use crate::session::{self, Own};

pub(crate) mod ask;
pub(crate) mod bounds;
pub(crate) mod care;
mod done;
mod door;
mod driver;
mod flow;
mod half;
mod handshakes;
mod lan;
mod line;
mod lines;
mod lookouts;
pub(crate) mod moved;
pub(crate) mod nearby;
pub(crate) mod notice;
mod random;
pub(crate) mod rendezvous;
mod reset;
pub(crate) mod server_name;
pub(crate) mod shared;
mod subnets;
#[cfg(test)]
mod tests;
mod throttle;
mod tls;
mod toll;
pub(crate) mod transport;
mod visitor;
mod waiting;
mod watchword;
mod worker;
pub(crate) mod works;

/// A node that runs.
///
/// ```
/// use std::sync::Arc;
/// use selkie_crdt::AwSet;
/// use selkie_store::{SecretKey, SimDisk, Store, View};
/// use selkie_sync::{ChannelId, Node, Share};
/// let store = Arc::new(Store::open(Arc::new(SimDisk::default()))?);
/// let view: View<AwSet<String>> = View::open(Arc::clone(&store), |_, _| ())?;
/// let node = Node::builder(SecretKey::from_bytes(&[7; 32])).listen("127.0.0.1:0".parse()?).start()?;
/// node.open(ChannelId::from_bytes([1; 16]), Share::new(store, view))?;
/// assert_ne!(node.address().port(), 0);
/// node.close();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Node {
    id: NodeId,
    key: Arc<SecretKey>,
    network: NetworkId,
    address: SocketAddr,
    asks: UnboundedSender<Ask>,
    done: UnboundedSender<Done>,
    subscribers: Arc<Subscribers>,
    counters: Arc<Counters>,
    lookouts: Lookouts,
    // Both are there until the node is closed; the driver is the last task, and what looks for others ends before it.
    runtime: Option<Runtime>,
    tasks: Vec<JoinHandle<()>>,
}

/// What a node is to be.
#[derive(Debug)]
pub struct Builder {
    key: SecretKey,
    network: NetworkId,
    listen: SocketAddr,
    allowed: Vec<Network>,
    settings: Settings,
    bounds: Bounds,
    delegation: Option<Signed<Delegation>>,
    ways: Ways,
}

/// The network that a node is of if nothing else is said.
const NETWORK: &str = "selkie";

/// Where a node listens if nothing else is said.
const PORT: u16 = 7355;

/// As long as it holds where a node says that it is.
const LOCATED: Duration = Duration::from_secs(24 * 60 * 60);

/// Threads that drive connections. More than one machine's disks keep busy are of no use.
const THREADS: usize = 2;

impl Builder {
    /// It is of this network, and not of the one that all are of who say nothing.
    #[must_use]
    pub fn network(mut self, network: NetworkId) -> Self {
        self.network = network;
        self
    }

    /// It listens there. Port 0 is any that is free.
    #[must_use]
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// It calls, and is called from, these networks and no others.
    #[must_use]
    pub fn allow(mut self, networks: Vec<Network>) -> Self {
        self.allowed = networks;
        self
    }

    /// It goes about it so.
    #[must_use]
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// Its connections take no more than that.
    #[must_use]
    pub fn bounds(mut self, bounds: Bounds) -> Self {
        self.bounds = bounds;
        self
    }

    /// It is a device of this person.
    #[must_use]
    pub fn device_of(mut self, delegation: Signed<Delegation>) -> Self {
        self.delegation = Some(delegation);
        self
    }

    /// It looks for others in the local network, and tells them where it is, so. If nothing is said it does neither.
    #[must_use]
    pub fn discover(mut self, discover: Discover) -> Self {
        self.ways.discover = Some(discover);
        self
    }

    /// It looks for others at these servers, and tells them there where it is, so.
    #[must_use]
    pub fn rendezvous(mut self, rendezvous: Rendezvous) -> Self {
        self.ways.rendezvous = Some(rendezvous);
        self
    }

    /// Starts it.
    ///
    /// # Errors
    ///
    /// See [`ListenError`].
    pub fn start(self) -> Result<Node, ListenError> {
        let runtime = RuntimeBuilder::new_multi_thread()
            .worker_threads(THREADS)
            .thread_name("selkie-node")
            .enable_all()
            .build()
            .map_err(ListenError::Threads)?;
        let seed = u64::from_le_bytes(random().map_err(ListenError::Random)?);
        let (mut node, driver, mail) = {
            let _inside = runtime.enter();
            let at = self.listen;
            self.assemble(seed, |key, roaming| {
                Transport::listen(Protocol::Nodes, at, key, roaming)
            })?
        };
        node.tasks.push(runtime.spawn(driver.run(mail)));
        node.runtime = Some(runtime);
        Ok(node)
    }

    /// Puts it together, with chances from this seed, over this transport. It lives when somebody runs the driver on the mail.
    fn assemble(
        self,
        seed: u64,
        transport: impl FnOnce(Arc<SecretKey>, Roaming) -> Result<Transport, ListenError>,
    ) -> Result<(Node, Driver, Mail), ListenError> {
        let Self { key, network, listen, allowed, settings, bounds, delegation, .. } = self;
        let key = Arc::new(key);
        let id = NodeId::of(key.public());
        let roaming = if allowed.is_empty() { Roaming::Allowed } else { Roaming::Forbidden };
        let transport = transport(Arc::clone(&key), roaming)?;
        let address = transport.address();
        let address = address.map_err(|source| ListenError::Address { address: listen, source })?;
        let own = Own { node: id, network, features: 0, delegation, record: None };
        let notary = Notary::new(Arc::clone(&key), network, PublicKey::verifies);
        let trust = Trust::new(network);
        let (asks, asked) = mpsc::unbounded_channel();
        let (done, finished) = mpsc::unbounded_channel();
        let gate = Gate::new(allowed);
        let views = (&notary, &transport, &gate);
        let (lookouts, tasks) = Lookouts::begin(self.ways, views, address, seed, &done);
        let core = Core::new(Moment::START, own, notary, trust, settings, seed);
        let (inbox, heard) = mpsc::channel(HEARD_MAX);
        let subscribers = Arc::new(Subscribers::default());
        let counters = Arc::new(Counters::default());
        let mut driver = Driver::new(
            core,
            Door::behind(id, network, gate, settings.limits),
            (transport, Lines::within(bounds)),
            Arc::clone(&subscribers),
            Arc::clone(&counters),
            inbox,
        );
        driver.lookouts.clone_from(&lookouts);
        let mail = Mail { asks: asked, done: finished, heard };
        let node = Node {
            id,
            key,
            network,
            address,
            asks,
            done,
            subscribers,
            counters,
            lookouts,
            runtime: None,
            tasks,
        };
        Ok((node, driver, mail))
    }
}

impl Node {
    /// A node that goes by this key, to be told more of and started.
    #[must_use]
    pub fn builder(key: SecretKey) -> Builder {
        Builder {
            key,
            network: NetworkId::named(NETWORK),
            listen: SocketAddr::from(([0; 16], PORT)),
            allowed: Vec::new(),
            settings: Settings::default(),
            bounds: Bounds::default(),
            delegation: None,
            ways: Ways::default(),
        }
    }

    /// Its name.
    #[must_use]
    pub const fn id(&self) -> NodeId {
        self.id
    }

    /// Where it listens, on this machine.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// What happens from now on.
    #[must_use]
    pub fn notices(&self) -> Notices {
        self.subscribers.subscribe()
    }

    /// What moved since it was started.
    #[must_use]
    pub fn moved(&self) -> Moved {
        Moved::of(&self.counters)
    }

    /// Shares something under this name, with those who may have it.
    ///
    /// # Errors
    ///
    /// See [`OpenShareError`].
    pub fn open(&self, channel: ChannelId, share: Share) -> Result<(), OpenShareError> {
        let stood = share.stands()?;
        let works = Works::start(channel, share, stood.clone(), self.done.clone(), &self.counters);
        let works = works.map_err(OpenShareError::Threads)?;
        let opened = self.ask(|answer| Ask::Open(channel, works, stood, answer));
        opened.unwrap_or(Err(OpenShareError::Stopped))?;
        self.lookouts.opened(channel);
        Ok(())
    }

    /// Shares it no longer.
    pub fn shut(&self, channel: ChannelId) {
        self.tell(Ask::Shut(channel));
        self.lookouts.closed(channel);
    }

    /// Looks what was written into the logs of a channel on this machine, and tells others of it.
    pub fn refresh(&self, channel: ChannelId) {
        self.tell(Ask::Refresh(channel));
    }

    /// The same, and waits until it is known what was written. What peers say from then on that they have is what they have of that.
    pub fn look(&self, channel: ChannelId) {
        // Where the channel is not open there is nothing to know.
        let _closed = self.ask(|answer| Ask::Look(channel, answer));
    }

    /// Reads all that is here of a channel, and has what is damaged or gone brought by peers: by those that it is connected with
    /// and may change the channel, or by the next ones. What comes of it is told by [`Notice::Broken`](crate::Notice::Broken) and
    /// those behind it; nothing, if nothing is broken.
    pub fn heal(&self, channel: ChannelId) {
        self.tell(Ask::Heal(channel));
    }

    /// Tells the members of the network where this node is to be found, for a day: those that trust it call it there, whoever
    /// tells them. It is told again before the day is over, or when it changes, by calling this again.
    ///
    /// # Errors
    ///
    /// There are more than [`NodeRecord::ADDRESSES_MAX`] addresses, or the clock stands before 1970.
    pub fn locate(&self, addresses: Vec<SocketAddr>) -> io::Result<()> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(io::Error::other)?;
        let ms = |time: Duration| u64::try_from(time.as_millis()).map_err(io::Error::other);
        let (sequence, expires_ms) = (ms(now)?, ms(now + LOCATED)?);
        self.lookouts.at(addresses.clone());
        let record = NodeRecord { sequence, expires_ms, addresses };
        let signed = Signed::new(&record, &self.network, &self.key).map_err(io::Error::other)?;
        self.input(Input::Located(signed));
        Ok(())
    }

    /// Trusts a person: their devices may connect.
    pub fn trust(&self, person: NodeId) {
        self.input(Input::Session(session::Input::Trust(person)));
        self.tell(Ask::Again);
    }

    /// Trusts a person no longer, and hangs up on their devices.
    pub fn distrust(&self, person: NodeId) {
        self.input(Input::Session(session::Input::Distrust(person)));
    }

    /// Lets a person do so much in a channel.
    pub fn grant(&self, channel: ChannelId, person: NodeId, right: Right) {
        self.input(Input::Grant(channel, person, right));
        self.tell(Ask::Again);
    }

    /// Lets a person do nothing there any more.
    pub fn deny(&self, channel: ChannelId, person: NodeId) {
        self.input(Input::Deny(channel, person));
    }

    /// Connects with a node, which may be at these addresses, and again whenever the connection is lost.
    pub fn want(&self, node: NodeId, addresses: Vec<SocketAddr>) {
        self.input(Input::Session(session::Input::Want(node)));
        self.input(Input::Session(session::Input::Found(node, addresses)));
        self.tell(Ask::Again);
    }

    /// Connects with it no more.
    pub fn leave(&self, node: NodeId) {
        self.input(Input::Session(session::Input::Leave(node)));
    }

    /// Makes an invitation: whoever brings it within this time is trusted from then on, and may do so much in the channel.
    ///
    /// # Errors
    ///
    /// The system gives no random bytes.
    pub fn invite(
        &self,
        addresses: Vec<SocketAddr>,
        channel: ChannelId,
        right: Right,
        time: Duration,
    ) -> io::Result<Invitation> {
        let word = Word::from_bytes(random()?);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(io::Error::other)?;
        let until_ms = u64::try_from((now + time).as_millis()).map_err(io::Error::other)?;
        self.tell(Ask::Invite(word, time, Guest { word, channel, right }));
        let (node, network) = (self.id, self.network);
        Ok(Invitation { node, network, addresses, word, channel, until_ms })
    }

    /// Takes an invitation: calls who invites, trusts them, and lets them do so much in the channel in turn.
    pub fn accept(&self, invitation: Invitation, right: Right) {
        let guest = Guest { word: invitation.word, channel: invitation.channel, right };
        self.tell(Ask::Accept(Box::new(invitation), guest));
        self.tell(Ask::Again);
    }

    /// Why there is no session with a node; nothing if there is one, or if this node was stopped.
    #[must_use]
    pub fn why_not(&self, node: NodeId) -> Option<Why> {
        self.ask(|answer| Ask::WhyNot(node, answer)).flatten()
    }

    /// With whom there are sessions.
    #[must_use]
    pub fn peers(&self) -> Vec<NodeId> {
        self.ask(Ask::Peers).unwrap_or_default()
    }

    /// How long it takes to each of those and back.
    #[must_use]
    pub fn round_trips(&self) -> Vec<(NodeId, Duration)> {
        self.ask(Ask::RoundTrips).unwrap_or_default()
    }

    /// Who is connected with whom, as far as this node knows; nothing if it was stopped.
    #[must_use]
    pub fn topology(&self) -> Topology {
        self.ask(Ask::Topology).unwrap_or_default()
    }

    /// Bytes that each connection may hold, while there are as many as now.
    #[must_use]
    pub fn room(&self) -> usize {
        self.ask(Ask::Room).unwrap_or_default()
    }

    /// Who was heard of in the local network and at rendezvous servers; nothing if this node looks in neither.
    #[must_use]
    pub fn nearby(&self) -> Option<Nearby> {
        self.lookouts.nearby()
    }

    /// Ends the node: says goodbye, waits until what is under way on disks is done, and returns. It takes some seconds at most
    /// where peers do not answer.
    pub fn close(mut self) {
        self.lookouts.stop();
        if let Some(runtime) = self.runtime.take() {
            let driver = self.tasks.pop();
            for task in self.tasks.drain(..) {
                // It fails only if the task panicked, which was told where it did.
                let _panicked = runtime.block_on(task);
            }
            self.tell(Ask::Stop);
            let _panicked = driver.map(|driver| runtime.block_on(driver));
        }
    }

    fn input(&self, input: Input) {
        self.tell(Ask::Tell(Box::new(input)));
    }

    fn tell(&self, ask: Ask) {
        // A node that stopped by itself has panicked, which was told where it did.
        let _stopped = self.asks.send(ask);
    }

    fn ask<T>(&self, ask: impl FnOnce(plain::Sender<T>) -> Ask) -> Option<T> {
        let (answer, answered) = plain::channel();
        self.tell(ask(answer));
        answered.recv().ok()
    }
}

impl Drop for Node {
    /// One that was not closed ends at once, as if the power went: peers find out by silence.
    fn drop(&mut self) {
        self.runtime.take().into_iter().for_each(Runtime::shutdown_background);
    }
}
