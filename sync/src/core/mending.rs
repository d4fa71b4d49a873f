//! Which repairs there are, and with whom.
//!
//! A channel is compared with what a peer has when somebody asks for it, when objects could not be had, and now and then. Both sides learn in
//! what they differ, and each fetches what it lacks.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use selkie_store::ObjectId;

use crate::channel_id::ChannelId;
use crate::core::mend::Opener;
use crate::core::openings::Openings;
use crate::dice::Dice;
use crate::gossip::stand::Stands;
use crate::identity::node_id::NodeId;
use crate::moment::Moment;
use crate::repair::message::RepairMessage;
use crate::repair::salt::Salt;
use crate::repair::session::Repair;

/// The repairs of a node.
#[derive(Debug)]
pub(super) struct Mending {
    pub(super) dice: Dice,
    /// The channels that are open here.
    pub(super) channels: BTreeMap<ChannelId, Care>,
    pub(super) talks: BTreeMap<Key, Talk>,
    pub(super) openings: Openings,
    /// Those that are sent more than they read.
    pub(super) stalled: BTreeSet<NodeId>,
    pub(super) heals: BTreeMap<u32, Heal>,
}

/// One channel.
#[derive(Debug)]
pub(super) struct Care {
    /// How often it is still to be compared, each time with a peer whose logs stand as ours do.
    pub(super) tries: u8,
    /// Before then it is not opened with anybody, but at request.
    pub(super) rests_until: Moment,
    /// When it is compared though nobody asked.
    pub(super) due: Moment,
    /// Which of the salts that go with where the logs stand.
    pub(super) turn: u32,
    /// An inventory of it is being made.
    pub(super) is_listed: bool,
}

/// A repair with a peer, by who opened it.
pub(super) type Key = (NodeId, Opener);

/// A repair that is under way.
#[derive(Debug)]
pub(super) struct Talk {
    pub(super) channel: ChannelId,
    pub(super) stage: Stage,
    pub(super) wants_room: bool,
    pub(super) wake_at: Moment,
}

/// How far it is.
#[derive(Debug)]
pub(super) enum Stage {
    /// The inventory is being made; what the peer said first waits.
    Lists(Option<RepairMessage>),
    /// The first message is to be said.
    Opens(Box<Repair>),
    Goes(Box<Repair>),
}

/// Objects of a channel that are fetched from a peer, some after the others.
#[derive(Debug)]
pub(super) struct Heal {
    pub(super) channel: ChannelId,
    pub(super) peer: NodeId,
    pub(super) count: usize,
    /// Those that were not asked for yet.
    pub(super) rest: Vec<ObjectId>,
}

/// Peers that are asked for what is lacked.
const TRIES: u8 = 8;
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

    pub(super) fn count(&self, opener: Opener) -> usize {
        self.talks.keys().filter(|(_, other)| *other == opener).count()
    }
}

/// The salt of a channel whose logs stand so: only who has its newest entries can tell it, and all who have the same ones tell the
/// same. Of two that differ the turn is in the way, if nothing else is.
pub(super) fn salt(channel: ChannelId, stands: Option<&Stands>, turn: u32) -> Salt {
    let mut hasher = blake3::Hasher::new_derive_key(SALT_CONTEXT);
    hasher.update(channel.as_bytes()).update(&turn.to_le_bytes());
    for (stream, stand) in stands.into_iter().flatten() {
        hasher.update(stream.as_bytes()).update(&stand.position.to_le_bytes()).update(&stand.mark);
    }
    Salt::from_bytes(*hasher.finalize().as_bytes())
}

/// What is drawn for one repair, of bytes that may serve several.
pub(super) fn nonce_of((peer, opener): Key, drawn: &[u8; 32]) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new_derive_key(NONCE_CONTEXT);
    hasher.update(drawn).update(peer.as_bytes()).update(&[u8::from(opener == Opener::Me)]);
    *hasher.finalize().as_bytes().first_chunk().expect("a hash is longer than a nonce")
}
