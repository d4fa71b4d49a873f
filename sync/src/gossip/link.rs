//! What is known of a peer in one channel.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use selkie_crdt::ActorId;

use crate::gossip::branch::Branch;
use crate::gossip::dispute::Dispute;
use crate::gossip::message::{Run, STREAMS_MAX};
use crate::gossip::stand::Stands;
use crate::moment::Moment;

/// A peer in one channel: how far its logs go as far as we know, and what it is to be told.
#[derive(Debug)]
pub(super) struct Link {
    /// Whether it is sent what is new, or told of it.
    pub(super) manner: Manner,
    /// It said that it does not have the channel: nothing is said to it before it says something itself.
    pub(super) is_closed: bool,
    /// Its lane is full: what is new is not queued for it. It is told where our logs stand once it has read.
    pub(super) is_behind: bool,
    /// When to want what it has and we lack.
    pub(super) want_at: Moment,
    /// When to tell what it lacks and was not sent.
    pub(super) tell_at: Moment,
    /// Bytes of objects that it lets us send along with entries.
    pub(super) room: u32,
    /// Bytes of objects that came along with its entries since it was told how many may.
    pub(super) came: u32,
    /// Where a log of ours and of it part, which is looked for.
    pub(super) dispute: Option<Dispute>,
    shown: BTreeMap<ActorId, Moment>, // of logs of ours that ended: not to show it again before then
    known: BTreeMap<ActorId, u64>, // of logs that we have, so it grows no larger than they are many
    ahead: BTreeMap<ActorId, u64>, // claims beyond what we have, at most as many as one message wants
    has_more: bool,                // it claimed more
    untold: BTreeSet<ActorId>,
}

/// How a peer hears of what is new.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Manner {
    /// The entries are sent.
    Eager,
    /// It is told that there are some.
    Lazy,
}

impl Link {
    pub(super) const fn new() -> Self {
        Self {
            manner: Manner::Eager,
            is_closed: false,
            is_behind: false,
            want_at: Moment::NEVER,
            tell_at: Moment::NEVER,
            room: 0,
            came: 0,
            dispute: None,
            shown: BTreeMap::new(),
            known: BTreeMap::new(),
            ahead: BTreeMap::new(),
            has_more: false,
            untold: BTreeSet::new(),
        }
    }

    /// How it hears of what is new.
    pub(super) const fn branch(&self) -> Branch {
        match self.manner {
            _ if self.is_closed => Branch::Closed,
            _ if self.is_behind => Branch::Full,
            Manner::Eager => Branch::Eager,
            Manner::Lazy => Branch::Lazy,
        }
    }

    /// How far it has this log, as far as we know.
    pub(super) fn known(&self, stream: &ActorId) -> u64 {
        self.known.get(stream).copied().unwrap_or(0)
    }

    /// Whether it has all of these logs as far as they go here, as far as we know.
    pub(super) fn has_all(&self, stands: &Stands) -> bool {
        stands.iter().all(|(stream, stand)| self.known(stream) >= stand.position)
    }

    /// It has this log so far, and perhaps farther.
    pub(super) fn has(&mut self, stream: ActorId, position: u64) {
        let known = self.known.entry(stream).or_insert(0);
        *known = position.max(*known);
    }

    /// It says that it has this log so far and no farther, which may be less than before: its
    /// repository may have been restored.
    pub(super) fn stands(&mut self, stream: ActorId, position: u64) {
        self.known.insert(stream, position);
    }

    /// Forgets how far it has a log that we do not have.
    pub(super) fn forget(&mut self, stream: &ActorId) {
        self.known.remove(stream);
    }

    /// It claims to have this log so far, and we do not. It is to be wanted at `when` at the latest.
    pub(super) fn claims(&mut self, stream: ActorId, position: u64, when: Moment) {
        if self.ahead.len() < STREAMS_MAX || self.ahead.contains_key(&stream) {
            let claim = self.ahead.entry(stream).or_insert(0);
            *claim = position.max(*claim);
            self.want_at = self.want_at.min(when);
        } else {
            self.has_more = true;
        }
    }

    /// Whether it claimed more than was kept, and nothing that was kept is left. Says so once.
    pub(super) fn has_more_to_tell(&mut self) -> bool {
        self.ahead.is_empty() && !self.is_closed && std::mem::take(&mut self.has_more)
    }

    /// Forgets claims about this log.
    pub(super) fn disbelieve(&mut self, stream: &ActorId) {
        self.ahead.remove(stream);
    }

    /// Forgets all claims.
    pub(super) fn disbelieve_all(&mut self) {
        self.ahead.clear();
        self.has_more = false;
        self.want_at = Moment::NEVER;
    }

    /// What to want of it: the logs that it claims to have farther than `reach` says we do.
    pub(super) fn wants(&mut self, reach: impl Fn(&ActorId) -> u64) -> Vec<(ActorId, u64)> {
        self.ahead.retain(|stream, claim| *claim > reach(stream));
        if self.ahead.is_empty() {
            self.want_at = Moment::NEVER;
        }
        self.ahead.keys().map(|stream| (*stream, reach(stream))).collect()
    }

    /// Whether to show it that this log ended: not if that was done just now.
    pub(super) fn shows(&mut self, stream: ActorId, now: Moment, patience: Duration) -> bool {
        let is_due = self.shown.get(&stream).is_none_or(|again| *again <= now);
        if is_due {
            self.shown.insert(stream, now + patience);
        }
        is_due && !self.is_closed && !self.is_behind
    }

    /// Takes so many bytes of objects from what may go along. False if that is too much.
    pub(super) fn takes_along(&mut self, len: usize) -> bool {
        let rest = u32::try_from(len).ok().and_then(|len| self.room.checked_sub(len));
        self.room = rest.unwrap_or(self.room);
        rest.is_some()
    }

    /// What of this run it is to be sent now. What it lacks and is not sent, it will be told of.
    pub(super) fn offer(&mut self, run: &Run, now: Moment, patience: Duration) -> Option<Run> {
        let known = self.known(&run.stream);
        if known >= run.end() || self.is_closed || self.is_behind {
            return None;
        }
        if self.manner == Manner::Eager && known >= run.after {
            self.has(run.stream, run.end());
            return run.clone().behind(known);
        }
        self.untold.insert(run.stream);
        self.tell_at = self.tell_at.min(now + patience);
        None
    }

    /// The logs to tell it of, now that it is time: as many as a message holds.
    pub(super) fn told(&mut self, stands: &Stands, now: Moment) -> Vec<ActorId> {
        let mut told = Vec::new();
        while let Some(stream) = self.untold.pop_first() {
            let ours = stands.get(&stream).map_or(0, |stand| stand.position);
            if self.known(&stream) < ours {
                told.push(stream);
            }
            if told.len() == STREAMS_MAX {
                break;
            }
        }
        self.tell_at = if self.untold.is_empty() { Moment::NEVER } else { now };
        told
    }
}
