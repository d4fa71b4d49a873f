//! A clone on the network, for as long as one command takes.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use selkie_crdt::ActorId;
use selkie_store::{Disk, DiskFile, OsDisk, SecretKey, device_key, reincarnate};
use selkie_sync::{
    ChannelId, GossipTiming, ListenError, Node, NodeId, Notices, Right, Scope, Settings, Share,
    Sighting, Speech,
};
use selkie_vcs::{ChannelName, Repository};

use crate::config::key::{ALLOW, LISTEN, PEERS_MAX, PORT, STRANGERS_MAX, SYNC_AUTO};
use crate::config::kind::networks;
use crate::config::origin::Origin;
use crate::context::Context;
use crate::error::CliError;
use crate::error::network::NetworkError;
use crate::online::bounds::bounds;
use crate::online::discover::{discover, rendezvous};
use crate::online::peers::{Peer, Peers};

pub(crate) mod address;
mod bounds;
mod discover;
pub(crate) mod meeting;
pub(crate) mod peers;
pub(crate) mod voice;

/// A node that shares one clone.
pub(crate) struct Online {
    pub(crate) node: Node,
    pub(crate) notices: Notices,
    pub(crate) channel: ChannelId,
    pub(crate) peers: Peers,
    // No other command of the clone is on the network as long as it lives.
    pub(crate) lock: Box<dyn DiskFile>,
}

/// Where to listen.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Listen {
    /// Where others look for it: as the settings say, or where there is room if they say nothing.
    Known(Option<SocketAddr>),
    /// Anywhere: who only calls is not looked for.
    Anywhere,
}

/// What is shared.
pub(crate) struct Shared<'a> {
    /// Where the repository keeps what is its own.
    pub(crate) control: &'a Path,
    pub(crate) repository: &'a Repository,
    /// As whom the clone writes, if it ever did.
    pub(crate) own: Option<ActorId>,
}

/// What may be done with what is shared. Who may do less is not told apart yet.
pub(crate) const ALL: Right = Right::Write(Scope::All);

/// Where others look for a node if nothing is said.
const PORT_ELSE: u16 = 7355;

/// Only one command of a clone is on the network at a time: peers keep one connection with each device.
pub(crate) const LOCK: &str = "local/network.lock";

/// Commands wait for an answer, so logs are compared quickly; it costs 35 bytes each time.
const ROUND: Duration = Duration::from_millis(200);

/// Who is there all day has time; what is new is told at once in any case.
const ROUND_OF_WHO_STAYS: Duration = Duration::from_secs(1);

/// Who is near answers in a tenth of a second, or, if that got lost, is asked again after a whole one.
const EARSHOT: Duration = Duration::from_millis(1_200);

/// A server answers in some round trips. One that does not is not waited for longer than a handshake may take.
const VISIT: Duration = Duration::from_secs(5);

/// Between two looks whether a server was asked.
const LOOK: Duration = Duration::from_millis(50);

impl Listen {
    /// What is said to those who look for it.
    const fn speech(self) -> Speech {
        match self {
            Self::Known(_) => Speech::Tells,
            Self::Anywhere => Speech::Asks,
        }
    }
}

impl Online {
    /// Goes on the network with a clone.
    pub(crate) fn go(
        cx: &Context,
        shared: &Shared,
        name: ChannelName,
        listen: Listen,
    ) -> Result<Self, CliError> {
        let peers = Peers::read(&folder(cx)?, name)?;
        let disk = OsDisk::new(shared.control);
        let unusable = |source| NetworkError::Peers { path: shared.control.join(LOCK), source };
        disk.create_folder("local").map_err(unusable)?;
        let lock = disk.try_open_locked(LOCK).map_err(unusable)?.ok_or(NetworkError::Busy)?;
        let node = start(cx, listen)?;
        let notices = node.notices();
        let channel = ChannelId::from_bytes(*name.as_bytes());
        let store = Arc::clone(shared.repository.store());
        let view = shared.repository.another_view().map_err(selkie_sync::OpenShareError::Logs);
        let mut share = Share::new(store, view.map_err(NetworkError::Share)?);
        if let Some(own) = shared.own {
            let (keys, disk) = (cx.places.keys(), disk);
            let reborn = move || {
                let keys = keys.as_ref().ok_or_else(|| io::Error::other(NetworkError::Keyless))?;
                let key = device_key(keys).map_err(io::Error::other)?;
                Ok(reincarnate(&disk, key)?.0.replica())
            };
            share = share.written_by(own, Box::new(reborn));
        }
        node.open(channel, share).map_err(NetworkError::Share)?;
        let online = Self { node, notices, channel, peers, lock };
        online.peers.all.values().for_each(|peer| online.welcome(peer.node));
        Ok(online)
    }

    /// Lets somebody have the repository.
    pub(crate) fn welcome(&self, person: NodeId) {
        self.node.trust(person);
        self.node.grant(self.channel, person, ALL);
    }

    /// Those of these peers that are heard of near here, or at a rendezvous server, if it is asked a moment for them.
    pub(crate) fn heard_of(&self, wanted: &BTreeSet<NodeId>) -> BTreeSet<NodeId> {
        let (notices, began) = (self.node.notices(), Instant::now());
        loop {
            let nearby = self.node.nearby().unwrap_or_default();
            let is_there = |it: &&Sighting| wanted.contains(&it.node) && !it.places.is_empty();
            let heard = nearby.sightings.iter().filter(is_there).map(|it| it.node);
            let heard: BTreeSet<_> = heard.collect();
            let near = if nearby.at.is_empty() { Duration::ZERO } else { EARSHOT };
            let is_asking = nearby.servers.iter().any(|it| !it.was_asked);
            let patience = if is_asking { VISIT } else { near };
            let left = patience.saturating_sub(began.elapsed());
            if heard.len() == wanted.len() || left.is_zero() {
                return heard;
            }
            // Whatever is told, more may have been heard; that a server was asked is told by nothing.
            let _told = notices.next_within(left.min(LOOK));
        }
    }

    /// Calls these.
    pub(crate) fn call<'p>(
        &self,
        peers: impl Iterator<Item = &'p Peer>,
    ) -> BTreeMap<NodeId, usize> {
        let mut called = BTreeMap::new();
        for peer in peers {
            self.node.want(peer.node, peer.addresses.clone());
            called.insert(peer.node, peer.addresses.len());
        }
        called
    }
}

fn start(cx: &Context, listen: Listen) -> Result<Node, NetworkError> {
    let round = match listen {
        Listen::Anywhere => ROUND,
        Listen::Known(_) => ROUND_OF_WHO_STAYS,
    };
    let timing = GossipTiming { round, ..GossipTiming::default() };
    let value = |key| cx.config.value(key).map(|(text, _)| text);
    let mut settings = Settings { timing, ..Settings::default() };
    // The settings take nothing else, and have these by themselves.
    let [peers, strangers, port] = [&PEERS_MAX, &STRANGERS_MAX, &PORT]
        .map(|key| value(key).unwrap_or_default().parse::<u16>());
    let limits = &mut settings.limits;
    limits.peers = peers.map_or(limits.peers, usize::from);
    limits.greeting = strangers.map_or(limits.greeting, usize::from);
    if value(&SYNC_AUTO) == Some("off") {
        // Nor does it call those that it only heard of.
        settings.company = 0;
    }
    let allowed = value(&ALLOW).and_then(networks).unwrap_or_default();
    let said = value(&LISTEN);
    let met = rendezvous(cx, listen.speech());
    let discover = match listen {
        // Who listens in one subnet alone looks around in no other.
        Listen::Anywhere => {
            let at = said.and_then(|text| text.parse::<SocketAddr>().ok()).map(|at| at.ip());
            discover(cx, listen.speech(), at.filter(|at| !at.is_unspecified()))
        }
        Listen::Known(_) => discover(cx, listen.speech(), None),
    };
    let begin = |address| {
        let node = Node::builder(key(cx)?).settings(settings).bounds(bounds(&cx.config));
        let node = node.listen(address);
        let mut node = node.allow(allowed.clone());
        if let Some(discover) = discover {
            node = node.discover(discover);
        }
        if let Some(met) = &met {
            node = node.rendezvous(met.clone());
        }
        node.start().map_err(NetworkError::from)
    };
    let everywhere =
        |port| [(Ipv6Addr::UNSPECIFIED, port).into(), (Ipv4Addr::UNSPECIFIED, port).into()];
    let wanted = match listen {
        Listen::Anywhere => return either(begin, everywhere(0)),
        Listen::Known(Some(address)) => return begin(address),
        Listen::Known(None) => said,
    };
    let is_port_said = cx.config.value(&PORT).is_some_and(|(_, who)| *who != Origin::Default);
    match wanted {
        None => match either(begin, everywhere(port.unwrap_or(PORT_ELSE))) {
            // Another clone of this machine is there most likely. Peers in the local network, guests, and who is called learn where this one is.
            Err(NetworkError::Listen(ListenError::Address { .. })) if !is_port_said => {
                either(begin, everywhere(0))
            }
            begun => begun,
        },
        Some(text) => begin(text.parse().map_err(|_wrong| NetworkError::Address(text.to_owned()))?),
    }
}

/// At all addresses of the new kind, which serve those of the old; or at those alone, where a machine has no others.
fn either(
    begin: impl Fn(SocketAddr) -> Result<Node, NetworkError>,
    [first, second]: [SocketAddr; 2],
) -> Result<Node, NetworkError> {
    match begin(first) {
        Err(NetworkError::Listen(ListenError::Address { .. })) => begin(second),
        begun => begun,
    }
}

/// The key of this device.
fn key(cx: &Context) -> Result<SecretKey, NetworkError> {
    Ok(device_key(&cx.places.keys().ok_or(NetworkError::Keyless)?)?)
}

/// Where it is kept with whom repositories are shared.
pub(crate) fn folder(cx: &Context) -> Result<PathBuf, NetworkError> {
    cx.places.peers().ok_or(NetworkError::Keyless)
}
