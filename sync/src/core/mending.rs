//! Which repairs there are, and with whom.
//!
//! A channel is compared with what a peer has when somebody asks for it, when objects could not be had, and now and then. Both sides learn in
//! what they differ, and each fetches what it lacks.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use selkie_store::encode;

use crate::channel_id::ChannelId;
use crate::core::event::{Event, Uncompared};
use crate::core::healing::Heal;
use crate::core::mend::{Mend, Opener, Refusal};
use crate::core::openings::Openings;
use crate::core::{Core, Output};
use crate::dice::Dice;
use crate::gossip::stand::Stands;
use crate::identity::node_id::NodeId;
use crate::moment::Moment;
use crate::repair::difference::{Difference, SaltStanding};
use crate::repair::inventory::Inventory;
use crate::repair::message::RepairMessage;
use crate::repair::salt::Salt;
use crate::repair::session::{Input, Output as Said, Repair};
use crate::wire::lane::Lane;

/// The repairs of a node.
#[derive(Debug)]
pub(super) struct Mending {
    dice: Dice,
    /// The channels that are open here.
    channels: BTreeMap<ChannelId, Care>,
    talks: BTreeMap<Key, Talk>,
    openings: Openings,
    /// Those that are sent more than they read.
    stalled: BTreeSet<NodeId>,
    pub(super) heals: BTreeMap<u32, Heal>,
}

/// One channel.
#[derive(Debug)]
struct Care {
    /// How often it is still to be compared, each time with a peer whose logs stand as ours do.
    tries: u8,
    /// Before then it is not opened with anybody, but at request.
    rests_until: Moment,
    /// When it is compared though nobody asked.
    due: Moment,
    /// Which of the salts that go with where the logs stand.
    turn: u32,
    /// An inventory of it is being made.
    is_listed: bool,
}

/// A repair with a peer, by who opened it.
type Key = (NodeId, Opener);

/// A repair that is under way.
#[derive(Debug)]
struct Talk {
    channel: ChannelId,
    stage: Stage,
    wants_room: bool,
    wake_at: Moment,
}

#[derive(Debug)]
enum Stage {
    /// The inventory is being made; what the peer said first waits.
    Lists(Option<RepairMessage>),
    /// The first message is to be said.
    Opens(Box<Repair>),
    Goes(Box<Repair>),
}

/// Repairs that others opened, at once: each keeps an inventory.
const ANSWERS_MAX: usize = 4;
/// Repairs that this node opened, at once.
const ASKS_MAX: usize = 2;
/// Peers that are asked for what is lacked.
const TRIES: u8 = 8;
/// Between two repairs of a channel that nobody asked for.
const REST: Duration = Duration::from_secs(60);
/// Separates salts, and what is drawn for one repair, from whatever else is hashed.
const SALT_CONTEXT: &str = "selkie 1 repair salt";
const NONCE_CONTEXT: &str = "selkie 1 repair nonce";

impl Mending {
    pub(super) const fn new(dice: Dice) -> Self {
        Self {
            dice,
            channels: BTreeMap::new(),
            talks: BTreeMap::new(),
            openings: Openings::new(),
            stalled: BTreeSet::new(),
            heals: BTreeMap::new(),
        }
    }

    /// This node has a channel.
    pub(super) fn open(&mut self, now: Moment, channel: ChannelId, every: Duration) {
        let due = now + self.dice.span(every / 2, every);
        let care = Care { tries: 0, rests_until: now, due, turn: 0, is_listed: false };
        self.channels.entry(channel).or_insert(care);
    }

    /// Objects of a channel could not be had.
    pub(super) fn want(&mut self, channel: ChannelId) {
        self.channels.get_mut(&channel).into_iter().for_each(|care| care.tries = TRIES);
    }

    pub(super) fn is_read_by(&mut self, peer: NodeId, reads: bool) {
        if reads { _ = self.stalled.remove(&peer) } else { _ = self.stalled.insert(peer) }
    }

    pub(super) fn wake_at(&self) -> Moment {
        let talks = self.talks.iter().map(|((peer, _), talk)| {
            let has_room = talk.wants_room && !self.stalled.contains(peer);
            if has_room { Moment::START } else { talk.wake_at }
        });
        let dues = self.channels.values().map(|care| care.due);
        talks.chain(dues).min().unwrap_or(Moment::NEVER)
    }

    fn count(&self, opener: Opener) -> usize {
        self.talks.keys().filter(|(_, other)| *other == opener).count()
    }
}

impl Core {
    /// Somebody here wants a channel compared: at once with whoever may change it, else with the next that comes.
    pub(super) fn repair(&mut self, channel: ChannelId) {
        self.mending.want(channel);
        let peers = self.up.iter().filter(|(_, up)| self.rights.changes(channel, up.person));
        let peers: Vec<_> = peers.map(|(peer, _)| *peer).collect();
        if let Some(peer) = self.mending.dice.pick(&peers).copied() {
            self.open_repair(peer, channel);
        }
    }

    /// The logs of a peer stand as ours do: a good moment to compare what they reach, if that is wanted.
    pub(super) fn agreed(&mut self, now: Moment, peer: NodeId, channel: ChannelId) {
        let person = self.up.get(&peer).map(|up| up.person);
        let is_of_use = person.is_some_and(|person| self.rights.changes(channel, person));
        let care = self.mending.channels.get(&channel);
        if is_of_use && care.is_some_and(|care| care.tries > 0 && care.rests_until <= now) {
            self.open_repair(peer, channel);
        }
    }

    /// Time has passed.
    pub(super) fn tick_repairs(&mut self, now: Moment) {
        let every = self.settings.compared;
        for care in self.mending.channels.values_mut().filter(|care| care.due <= now) {
            care.tries = care.tries.max(1);
            care.due = now + self.mending.dice.span(every / 2, every);
        }
        let keys: Vec<_> = self.mending.talks.keys().copied().collect();
        for key in keys {
            let is_stalled = self.mending.stalled.contains(&key.0);
            let Some(talk) = self.mending.talks.get_mut(&key) else { continue };
            if talk.wants_room && !is_stalled {
                talk.wants_room = false;
                self.talk(now, key, Input::Room);
            } else if talk.wake_at <= now {
                self.talk(now, key, Input::Tick);
            }
        }
    }

    /// The peer said this of a repair.
    pub(super) fn hear_mend(&mut self, now: Moment, peer: NodeId, mend: Mend) {
        match mend {
            Mend::Open(channel, first) => match self.refusal(now, peer, channel) {
                Some(refusal) => self.say_mend(peer, &Mend::Over(Opener::You, refusal)),
                None => self.begin((peer, Opener::You), channel, Some(first)),
            },
            Mend::Says(opener, message) => {
                self.talk(now, (peer, opener.for_other()), Input::Received(message));
            }
            Mend::Over(opener, refusal) => {
                if let Some(talk) = self.mending.talks.remove(&(peer, opener.for_other())) {
                    self.rest(now, talk.channel);
                    let why = Uncompared::Refused(refusal);
                    self.tell(Event::Uncompared(talk.channel, peer, why));
                }
            }
        }
    }

    /// What is here of a channel is known.
    pub(super) fn list(
        &mut self,
        now: Moment,
        channel: ChannelId,
        inventory: Option<&Arc<Inventory>>,
        nonce: [u8; 32],
    ) {
        self.mending.channels.get_mut(&channel).into_iter().for_each(|care| care.is_listed = false);
        let waits = |(_, talk): &(&Key, &Talk)| {
            talk.channel == channel && matches!(talk.stage, Stage::Lists(_))
        };
        let keys: Vec<_> = self.mending.talks.iter().filter(waits).map(|(key, _)| *key).collect();
        for key in keys {
            match inventory {
                Some(inventory) => self.go_on(now, key, Arc::clone(inventory), nonce),
                None => self.give_up(now, key, Uncompared::Unlisted),
            }
        }
    }

    /// No session with the peer any more: nothing of what was said counts.
    pub(super) fn forget_repairs(&mut self, peer: NodeId) {
        self.mending.stalled.remove(&peer);
        self.mending.talks.retain(|(other, _), _| *other != peer);
    }

    /// The channel is closed here, or for some peers.
    pub(super) fn close_repairs(&mut self, channel: ChannelId, peers: &[NodeId]) {
        self.mending
            .talks
            .retain(|(peer, _), talk| talk.channel != channel || !peers.contains(peer));
    }

    pub(super) fn close_channel(&mut self, channel: ChannelId) {
        self.mending.channels.remove(&channel);
        self.mending.talks.retain(|_, talk| talk.channel != channel);
    }

    /// All that differed is here.
    pub(super) fn is_mended(&mut self, channel: ChannelId) {
        self.mending.channels.get_mut(&channel).into_iter().for_each(|care| care.tries = 0);
    }

    fn open_repair(&mut self, peer: NodeId, channel: ChannelId) {
        let key = (peer, Opener::Me);
        let mending = &self.mending;
        let is_under_way = mending
            .talks
            .iter()
            .any(|((_, opener), talk)| *opener == Opener::Me && talk.channel == channel);
        let is_open = mending.channels.contains_key(&channel);
        let is_busy = is_under_way || mending.talks.contains_key(&key);
        if is_open && !is_busy && mending.count(Opener::Me) < ASKS_MAX {
            self.begin(key, channel, None);
        }
    }

    /// Why the peer may not open one.
    fn refusal(&mut self, now: Moment, peer: NodeId, channel: ChannelId) -> Option<Refusal> {
        let person = self.up.get(&peer).map(|up| up.person);
        let may_read = person.is_some_and(|person| self.rights.reads(channel, person));
        if !may_read || !self.mending.channels.contains_key(&channel) {
            return Some(Refusal::Closed);
        }
        let is_full = self.mending.talks.contains_key(&(peer, Opener::You))
            || self.mending.count(Opener::You) >= ANSWERS_MAX;
        (is_full || !self.mending.openings.take(now, peer)).then_some(Refusal::Busy)
    }

    fn begin(&mut self, key: Key, channel: ChannelId, first: Option<RepairMessage>) {
        let Some(care) = self.mending.channels.get_mut(&channel) else { return };
        let is_listed = std::mem::replace(&mut care.is_listed, true);
        let salt = salt(channel, self.gossip.stands(channel), care.turn);
        let (stage, wake_at) = (Stage::Lists(first), Moment::NEVER);
        self.mending.talks.insert(key, Talk { channel, stage, wants_room: false, wake_at });
        if !is_listed {
            self.outbox.push(Output::Inventory(channel, salt));
        }
    }

    fn go_on(&mut self, now: Moment, key: Key, inventory: Arc<Inventory>, nonce: [u8; 32]) {
        let Some(talk) = self.mending.talks.get_mut(&key) else { return };
        let Stage::Lists(first) = &mut talk.stage else { return };
        let nonce = nonce_of(key, &nonce);
        match first.take() {
            None => {
                talk.stage = Stage::Opens(Box::new(Repair::open(inventory, nonce)));
                self.talk(now, key, Input::Room);
            }
            Some(first) => {
                talk.stage = Stage::Goes(Box::new(Repair::answer(inventory, nonce)));
                self.talk(now, key, Input::Received(first));
                self.talk(now, key, Input::Room);
            }
        }
    }

    fn talk(&mut self, now: Moment, key: Key, input: Input) {
        // What is said of a repair that is over crossed the word that it is.
        let Some(talk) = self.mending.talks.get_mut(&key) else { return };
        let channel = talk.channel;
        let (Stage::Opens(repair) | Stage::Goes(repair)) = &mut talk.stage else { return };
        let outputs: Vec<_> = repair.handle(now, input).collect();
        for output in outputs {
            match output {
                Said::Send(message) => self.say_of(key, message),
                Said::Done(difference) => {
                    self.mending.talks.remove(&key);
                    self.rest(now, channel);
                    self.compared(key.0, channel, difference);
                }
                Said::Failed(error) => self.give_up(now, key, Uncompared::Failed(error)),
                Said::WakeAt(at) => {
                    let talk = self.mending.talks.get_mut(&key);
                    talk.into_iter().for_each(|talk| talk.wake_at = at);
                }
            }
        }
    }

    fn say_of(&mut self, (peer, opener): Key, message: RepairMessage) {
        let Some(talk) = self.mending.talks.get_mut(&(peer, opener)) else { return };
        talk.wants_room = true;
        let stage = std::mem::replace(&mut talk.stage, Stage::Lists(None));
        let mend = match stage {
            Stage::Opens(repair) => {
                talk.stage = Stage::Goes(repair);
                Mend::Open(talk.channel, message)
            }
            stage @ (Stage::Goes(_) | Stage::Lists(_)) => {
                talk.stage = stage;
                Mend::Says(opener, message)
            }
        };
        self.say_mend(peer, &mend);
    }

    fn give_up(&mut self, now: Moment, key: Key, why: Uncompared) {
        let Some(talk) = self.mending.talks.remove(&key) else { return };
        let (peer, opener) = key;
        let was_heard_of = opener == Opener::You || matches!(talk.stage, Stage::Goes(_));
        if was_heard_of {
            self.say_mend(peer, &Mend::Over(opener, Refusal::Failed));
        }
        self.rest(now, talk.channel);
        self.tell(Event::Uncompared(talk.channel, peer, why));
    }

    /// One more comparison of the channel was tried.
    fn rest(&mut self, now: Moment, channel: ChannelId) {
        let Some(care) = self.mending.channels.get_mut(&channel) else { return };
        care.tries = care.tries.saturating_sub(1);
        care.rests_until = now + REST;
    }

    fn compared(&mut self, peer: NodeId, channel: ChannelId, difference: Difference) {
        let Difference { only_here, only_there, salt } = difference;
        if let Some(care) = self.mending.channels.get_mut(&channel) {
            care.turn = match salt {
                SaltStanding::Good => care.turn,
                SaltStanding::Doubtful => care.turn.wrapping_add(1),
                SaltStanding::Differs => 0,
            };
        }
        let (lacked, lent) = (only_there.len(), only_here.len());
        self.tell(Event::Compared { peer, channel, lacked, lent });
        self.heal(peer, channel, only_there);
    }

    fn say_mend(&mut self, peer: NodeId, mend: &Mend) {
        let call = self.up.get(&peer).map(|up| up.call);
        call.into_iter().for_each(|call| self.send(call, Lane::Repair, encode(mend)));
    }
}

/// The salt of a channel whose logs stand so: only who has its newest entries can tell it, and all who have the same ones tell the
/// same. Of two that differ the turn is in the way, if nothing else is.
fn salt(channel: ChannelId, stands: Option<&Stands>, turn: u32) -> Salt {
    let mut hasher = blake3::Hasher::new_derive_key(SALT_CONTEXT);
    hasher.update(channel.as_bytes()).update(&turn.to_le_bytes());
    for (stream, stand) in stands.into_iter().flatten() {
        hasher.update(stream.as_bytes()).update(&stand.position.to_le_bytes()).update(&stand.mark);
    }
    Salt::from_bytes(*hasher.finalize().as_bytes())
}

/// What is drawn for one repair, of bytes that may serve several.
fn nonce_of((peer, opener): Key, drawn: &[u8; 32]) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new_derive_key(NONCE_CONTEXT);
    hasher.update(drawn).update(peer.as_bytes()).update(&[u8::from(opener == Opener::Me)]);
    *hasher.finalize().as_bytes().first_chunk().expect("a hash is longer than a nonce")
}
