//! The node of a clone, as it answers to commands.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use selkie_sync::{ChannelId, Event, Node, NodeId, Notice, Word};
use selkie_vcs::ChannelName;

use crate::error::network::NetworkError;
use crate::online::ALL;
use crate::online::address::addresses;
use crate::online::meeting::{End, Go, Meeting};
use crate::online::peers::{Peer, Peers, short};
use crate::serving::around::{Around, reason};
use crate::serving::door::{Talk, TalkError};
use crate::serving::happening::{Happening, Matter};
use crate::serving::hub::{Hub, Next};
use crate::serving::message::{Answer, Ask, Counts, Ended, PeerStatus, Status, Synced};

/// What all threads of a node that serves share.
pub(crate) struct Host<'a> {
    node: &'a Node,
    channel: ChannelId,
    name: ChannelName,
    folder: PathBuf,
    began_ms: u64,
    pub(crate) hub: Hub,
    // Guards who is listed, and what was last seen of them.
    known: Mutex<Known>,
    is_over: AtomicBool,
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

/// Names for guests that are remembered.
const GUESTS_MAX: usize = 64;

/// Between two looks whether somebody still waits.
const LOOK: Duration = Duration::from_millis(200);

/// As long as nothing may happen while something is healed.
const HEALING: Duration = Duration::from_secs(60);

impl<'a> Host<'a> {
    pub(crate) fn new(
        node: &'a Node,
        channel: ChannelId,
        name: ChannelName,
        folder: PathBuf,
        peers: Peers,
    ) -> Self {
        let (guests, agreed, told, apart) = Default::default();
        let known = Mutex::new(Known { peers, guests, agreed, told, apart });
        let (hub, is_over) = (Hub::default(), AtomicBool::new(false));
        Self { node, channel, name, folder, began_ms: now_ms(), hub, known, is_over }
    }

    /// Whether somebody asked it to end.
    pub(crate) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    /// Nobody is answered from here on.
    pub(crate) fn end(&self) {
        self.is_over.store(true, Ordering::Relaxed);
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

    fn welcome(&self, peer: &Peer) {
        self.node.trust(peer.node);
        self.node.grant(self.channel, peer.node, ALL);
        if !peer.addresses.is_empty() {
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
                self.node.look(self.channel);
                talk.say(&Answer::Done)
            }
            Ask::Reread => match self.reread() {
                Ok(()) => talk.say(&Answer::Done),
                Err(error) => talk.say(&Answer::Refused(error.to_string())),
            },
            Ask::Connect(node, addresses) => {
                self.known().apart.remove(&node);
                self.welcome(&Peer { node, addresses });
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
        }
    }

    fn status(&self) -> Status {
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
            peers: peers.collect(),
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

    fn sync(&self, wanted: &[NodeId], talk: &mut Talk) -> Result<(), TalkError> {
        let nearby = self.node.nearby().unwrap_or_default();
        let near = |peer: &Peer| {
            let seen = nearby.sightings.iter().filter(|it| it.node == peer.node);
            seen.map(|it| it.places.len()).sum::<usize>()
        };
        let up = self.node.peers();
        let chosen: Vec<Peer> = {
            let known = self.known();
            let is_chosen = |peer: &&Peer| match wanted {
                [] => !peer.addresses.is_empty() || up.contains(&peer.node) || near(peer) > 0,
                wanted => wanted.contains(&peer.node),
            };
            known.peers.all.values().filter(is_chosen).cloned().collect()
        };
        let before = Counts::from(self.node.moved());
        let notices = self.node.notices();
        // From here on who has the same has what was sealed here a moment ago.
        self.node.look(self.channel);
        for peer in &chosen {
            if !up.contains(&peer.node) {
                // At once, however long it was to be waited for after the last call.
                self.node.leave(peer.node);
            }
            self.node.want(peer.node, peer.addresses.clone());
        }
        let places = |peer: &Peer| peer.addresses.len() + near(peer);
        let waited = chosen.iter().map(|peer| (peer.node, places(peer))).collect();
        let mut told = 0;
        let progress = |objects: u64| {
            let came = objects - before.objects_in;
            let is_heard = came == told || talk.say(&Answer::SoFar(came)).is_ok();
            told = came;
            if is_heard && !self.is_over() { Go::On } else { Go::Away }
        };
        let ends = Meeting::of(waited).hold(self.node, &notices, progress).ends.into_iter();
        let ends = ends.map(|(node, end)| {
            let (agreed, words) = (end == End::Agreed, end.words());
            Ended { node, agreed, words }
        });
        let moved = Counts::from(self.node.moved()).since(before);
        talk.say(&Answer::Synced(Synced { ends: ends.collect(), moved }))
    }

    fn heal(&self, talk: &mut Talk) -> Result<(), TalkError> {
        if self.node.peers().is_empty() {
            return talk.say(&Answer::Refused("no peer is connected".to_owned()));
        }
        let mut cursor = self.hub.now();
        let (mut is_broken, mut heard) = (false, Instant::now());
        self.node.heal(self.channel);
        while !self.is_over() && heard.elapsed() < HEALING && talk.is_wanted() {
            let Next::Happened(happening) = self.hub.next_within(&mut cursor, LOOK) else {
                continue;
            };
            let (matter, count) = (happening.matter, happening.count.unwrap_or_default());
            if !matter.is_of_healing() {
                continue;
            }
            heard = Instant::now();
            is_broken |= matter == Matter::Broken;
            talk.say(&Answer::Happened(happening))?;
            let is_end = match matter {
                Matter::Unhealed | Matter::Whole | Matter::Uncompared => true,
                Matter::Compared => count == 0 && !is_broken,
                Matter::Healed => !is_broken,
                _ => false,
            };
            if is_end {
                break;
            }
        }
        talk.say(&Answer::Done)
    }

    fn invite(
        &self,
        name: Option<String>,
        mut at: Vec<SocketAddr>,
        time: Duration,
        talk: &mut Talk,
    ) -> Result<(), TalkError> {
        at.extend(addresses(self.node));
        at.truncate(ADDRESSES_MAX);
        let mut cursor = self.hub.now();
        let invitation = match self.node.invite(at, self.channel, ALL, time) {
            Ok(invitation) => invitation,
            Err(error) => return talk.say(&Answer::Refused(error.to_string())),
        };
        if let Some(name) = name {
            let mut known = self.known();
            if known.guests.len() == GUESTS_MAX {
                known.guests.remove(0);
            }
            known.guests.push((invitation.word, name));
        }
        talk.say(&Answer::Invited(invitation.to_string(), invitation.until_ms))?;
        let (until, mut guest, mut is_here) = (Instant::now() + time, None, false);
        // Whoever gave up waiting may still have a guest: the invitation is good as long as it says.
        while !self.is_over() && talk.is_wanted() && (is_here || Instant::now() < until) {
            let Next::Happened(happening) = self.hub.next_within(&mut cursor, LOOK) else {
                continue;
            };
            match happening.matter {
                Matter::Paired if guest.is_none() => {
                    (guest, is_here) = (happening.peer, true);
                    talk.say(&Answer::Happened(happening))?;
                }
                Matter::Agreed if guest.is_some() && guest == happening.peer => {
                    return talk.say(&Answer::Done);
                }
                Matter::Connected if guest == happening.peer => is_here = true,
                Matter::Disconnected if guest == happening.peer => is_here = false,
                _ => {}
            }
        }
        let why = match guest {
            Some(_) => "they came, and left before everything was there",
            None => "nobody came",
        };
        talk.say(&Answer::Refused(why.to_owned()))
    }

    fn follow(&self, talk: &mut Talk) -> Result<(), TalkError> {
        let mut cursor = self.hub.oldest();
        loop {
            match self.hub.next_within(&mut cursor, LOOK) {
                Next::Happened(happening) => talk.say(&Answer::Happened(happening))?,
                Next::Missed(count) => {
                    let missed = Happening::of(now_ms(), Matter::Missed);
                    let missed = Happening { count: Some(count), ..missed };
                    talk.say(&Answer::Happened(missed))?;
                }
                Next::Nothing if talk.is_wanted() => {}
                Next::Nothing | Next::Over => return Ok(()),
            }
        }
    }

    /// What is behind the lock is whole after each line, so a thread that panicked left it whole.
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
