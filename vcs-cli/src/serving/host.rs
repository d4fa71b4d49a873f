//! The node of a clone, as it answers to commands.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use selkie_sync::{ChannelId, Event, Node, NodeId, Notice, Word};
use selkie_vcs::ChannelName;

use crate::config::{Config, ConfigError};
use crate::error::network::NetworkError;
use crate::online::ALL;
use crate::online::peers::{Peer, Peers, short};
use crate::serving::around::{Around, reason};
use crate::serving::door::{Talk, TalkError};
use crate::serving::happening::Happening;
use crate::serving::hub::Hub;
use crate::serving::matter::Matter;
use crate::serving::message::{Answer, Ask, PeerStatus, Status, Waits};
use crate::serving::pace::Pace;
use crate::serving::remembered::Remembered;

mod errands;
mod syncs;
mod topology;

/// What all threads of a node that serves share.
pub(crate) struct Host<'a> {
    node: &'a Node,
    channel: ChannelId,
    name: ChannelName,
    folder: PathBuf,
    began_ms: u64,
    habits: Habits,
    pub(crate) hub: Hub,
    // Guards who is listed, and what was last seen of them.
    known: Mutex<Known>,
    // Guards what it does by itself, and how many syncs are under way.
    going: Mutex<Going>,
    // Told when one sync less is under way, or there may be more.
    has_room: Condvar,
    is_over: AtomicBool,
    // Whether a command wrote something since somebody looked.
    is_rung: AtomicBool,
}

/// How it was begun.
pub(crate) struct Habits {
    /// Whether nobody looks on.
    pub(crate) unseen: bool,
    /// Where it was told to listen, if not by the settings.
    pub(crate) listen: Option<SocketAddr>,
    /// Reads the settings as they are now.
    pub(crate) settings: Box<dyn Fn() -> Result<Config, ConfigError> + Send + Sync>,
    /// Where the clone keeps what is its own.
    pub(crate) control: PathBuf,
    /// How it went when a node ran before.
    pub(crate) before: Option<Remembered>,
}

struct Going {
    pace: Pace,
    /// When those were called last that were not connected.
    called: Option<(Instant, u64)>,
    under_way: usize,
    waits: Vec<Waits>,
}

struct Known {
    peers: Peers,
    /// What those are to be called who bring these words.
    guests: Vec<(Word, String)>,
    /// When it was last seen that both have the same.
    agreed: BTreeMap<NodeId, u64>,
    /// Those of whom that was told since something moved.
    told: Vec<NodeId>,
    /// Those that somebody hung up on, and who are not let in until somebody calls them.
    apart: BTreeSet<NodeId>,
}

/// Addresses that an invitation, or a record of a node, has room for.
pub(crate) const ADDRESSES_MAX: usize = 8;

/// Between two looks whether somebody still waits.
const LOOK: Duration = Duration::from_millis(200);

impl<'a> Host<'a> {
    pub(crate) fn new(
        node: &'a Node,
        channel: ChannelId,
        name: ChannelName,
        folder: PathBuf,
        peers: Peers,
        (pace, habits): (Pace, Habits),
    ) -> Self {
        let (guests, told, apart) = Default::default();
        let before = habits.before.iter().flat_map(|before| &before.peers);
        let agreed = before.filter_map(|peer| Some((peer.node, peer.agreed_ms?))).collect();
        let known = Mutex::new(Known { peers, guests, agreed, told, apart });
        let [is_over, is_rung] = [(); 2].map(|()| AtomicBool::new(false));
        let hub = Hub::default();
        let going = Going { pace, called: None, under_way: 0, waits: Vec::new() };
        let (going, began_ms) = (Mutex::new(going), now_ms());
        let has_room = Condvar::new();
        Self {
            node,
            channel,
            name,
            folder,
            began_ms,
            habits,
            hub,
            known,
            going,
            has_room,
            is_over,
            is_rung,
        }
    }

    /// Whether somebody asked it to end.
    pub(crate) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    /// Nobody is answered from here on.
    pub(crate) fn end(&self) {
        self.is_over.store(true, Ordering::Relaxed);
        self.has_room.notify_all();
        self.hub.end();
    }

    /// Lets in those that are listed, and calls those of whom it is known where they are.
    pub(crate) fn welcome_all(&self) {
        for peer in self.known().peers.all.values() {
            self.welcome(peer);
        }
    }

    /// Tells peers what other commands wrote.
    pub(crate) fn refresh(&self) {
        self.node.refresh(self.channel);
    }

    /// Whether nobody looks on.
    pub(crate) const fn is_unseen(&self) -> bool {
        self.habits.unseen
    }

    /// What it does by itself.
    pub(crate) fn pace(&self) -> Pace {
        self.going().pace.clone()
    }

    /// Whether a command wrote something since this was asked last.
    pub(crate) fn was_rung(&self) -> bool {
        self.is_rung.swap(false, Ordering::Relaxed)
    }

    /// Remembers which timelines wait for a person.
    pub(crate) fn wait_for(&self, waits: &[Waits]) {
        self.going().waits = waits.to_vec();
    }

    fn welcome(&self, peer: &Peer) {
        self.node.trust(peer.node);
        self.node.grant(self.channel, peer.node, ALL);
        if !peer.addresses.is_empty() && self.going().pace.by_itself {
            self.node.want(peer.node, peer.addresses.clone());
        }
    }

    /// Hangs up, and lets nobody in who calls with this key. To call it no more would not do: it would call.
    fn part_from(&self, person: NodeId) {
        self.node.deny(self.channel, person);
        self.node.distrust(person);
        self.node.leave(person);
    }

    /// Takes in what the node tells, and tells it on.
    pub(crate) fn hear(&self, notice: &Notice) -> Result<Option<Happening>, NetworkError> {
        let Some(mut happening) = Happening::told_by(now_ms(), notice) else { return Ok(None) };
        let mut known = self.known();
        if let Notice::Event(Event::Paired(person, word)) = notice {
            // It may have changed, and nobody said so.
            known.peers = Peers::read(&self.folder, self.name)?;
            known.pair(*person, word)?;
        }
        match (happening.matter, happening.peer) {
            (Matter::Agreed, Some(peer)) => {
                known.agreed.insert(peer, happening.at_ms);
                // Logs are compared all the time; that they are still the same is no news.
                if known.told.contains(&peer) {
                    return Ok(None);
                }
                known.told.push(peer);
            }
            (Matter::Disconnected, Some(peer)) => known.told.retain(|told| *told != peer),
            // Whoever knows the repository can invent any number of others.
            (Matter::Discovered | Matter::Lost, Some(peer)) if !known.peers.lists(&peer) => {
                return Ok(None);
            }
            (Matter::Received, _) => known.told.clear(),
            _ => {}
        }
        happening.name = happening.peer.map(|peer| known.peers.called(&peer));
        self.hub.tell(happening.clone());
        Ok(Some(happening))
    }

    /// Answers one who came to the door.
    pub(crate) fn answer(&self, talk: &mut Talk) -> Result<(), TalkError> {
        let Some(ask) = talk.hear()? else { return Ok(()) };
        match ask {
            Ask::Status => talk.say(&Answer::Status(self.status())),
            Ask::Stop => {
                self.is_over.store(true, Ordering::Relaxed);
                talk.say(&Answer::Done)
            }
            Ask::Look => {
                self.is_rung.store(true, Ordering::Relaxed);
                if self.going().pace.by_itself {
                    self.node.look(self.channel);
                }
                talk.say(&Answer::Done)
            }
            Ask::Settings => match self.follow_settings() {
                Ok(()) => talk.say(&Answer::Done),
                Err(error) => talk.say(&Answer::Refused(error.to_string())),
            },
            Ask::Reread => match self.reread() {
                Ok(()) => talk.say(&Answer::Done),
                Err(error) => talk.say(&Answer::Refused(error.to_string())),
            },
            Ask::Connect(node, addresses) => {
                self.known().apart.remove(&node);
                self.welcome(&Peer { node, addresses: addresses.clone(), is_compared: false });
                // Somebody asked for it, whatever is done without being asked for.
                self.node.want(node, addresses);
                talk.say(&Answer::Done)
            }
            Ask::Disconnect(peer) => {
                self.known().apart.insert(peer);
                self.part_from(peer);
                talk.say(&Answer::Done)
            }
            Ask::Sync(wanted) => self.sync(&wanted, talk),
            Ask::Heal => self.heal(talk),
            Ask::Invite { name, at, seconds } => {
                self.invite(name, at, Duration::from_secs(seconds), talk)
            }
            Ask::Recent => {
                let mut recent = self.hub.recent().into_iter();
                recent.try_for_each(|happening| talk.say(&Answer::Happened(happening)))?;
                talk.say(&Answer::Done)
            }
            Ask::Follow => self.follow(talk),
            Ask::Around => {
                let nearby = self.node.nearby();
                talk.say(&Answer::Around(nearby.as_ref().map(Around::of)))
            }
            Ask::Topology => talk.say(&Answer::Topology(self.topology())),
        }
    }

    /// Where the clone keeps what is its own.
    pub(crate) fn control(&self) -> &Path {
        &self.habits.control
    }

    /// How it goes.
    pub(crate) fn status(&self) -> Status {
        let round_trips: BTreeMap<_, _> = self.node.round_trips().into_iter().collect();
        let nearby = self.node.nearby();
        let known = self.known();
        let peers = known.peers.all.iter().map(|(name, peer)| {
            let round_trip = round_trips.get(&peer.node);
            let us = round_trip.map(|time| u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
            let why = self.node.why_not(peer.node).filter(|_| us.is_none());
            let why = why.map(|why| reason(&why, peer.node, nearby.as_ref()));
            let agreed_ms = known.agreed.get(&peer.node).copied();
            PeerStatus { name: name.clone(), node: peer.node, round_trip_us: us, why, agreed_ms }
        });
        Status {
            process: std::process::id(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            began_ms: self.began_ms,
            address: self.node.address(),
            moved: self.node.moved().into(),
            room_bytes: self.node.room() as u64,
            peers: peers.collect(),
            unseen: self.habits.unseen,
            listen: self.habits.listen,
            syncing: self.syncing(),
        }
    }

    /// Follows the list of peers as it is kept now.
    fn reread(&self) -> Result<(), NetworkError> {
        let peers = Peers::read(&self.folder, self.name)?;
        let mut known = self.known();
        let is_listed = |node: NodeId| peers.all.values().any(|peer| peer.node == node);
        for peer in known.peers.all.values().filter(|peer| !is_listed(peer.node)) {
            self.part_from(peer.node);
        }
        let is_let_in = |peer: &&Peer| !known.apart.contains(&peer.node);
        peers.all.values().filter(is_let_in).for_each(|peer| self.welcome(peer));
        known.peers = peers;
        Ok(())
    }

    /// What is behind the lock is whole after each line, so a thread that panicked left it whole.
    fn going(&self) -> MutexGuard<'_, Going> {
        self.going.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The same holds here.
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// A guest came. It is listed at once: it may come again by itself if the power goes now.
    fn pair(&mut self, person: NodeId, word: &Word) -> Result<(), NetworkError> {
        let at = self.guests.iter().position(|(known, _)| known == word);
        let name = at.map_or_else(|| short(&person), |at| self.guests.remove(at).1);
        self.peers.meet(&name, person, &[]);
        self.peers.write()
    }
}

/// The time of the day, in milliseconds since 1970.
pub(crate) fn now_ms() -> u64 {
    // A clock before 1970 shows nothing else of use either.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(now.as_millis()).unwrap_or(u64::MAX)
}
