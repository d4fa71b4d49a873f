//! One channel, as this node sees it.

use std::collections::BTreeMap;
use std::time::Duration;

use selkie_crdt::ActorId;

use crate::dice::Dice;
use crate::gossip::coming::{Coming, Taken};
use crate::gossip::link::Link;
use crate::gossip::message::{Listing, Run, STREAMS_MAX, Wish};
use crate::gossip::stand::{Stand, Stands};
use crate::gossip::ticket::Ticket;
use crate::identity::node_id::NodeId;
use crate::moment::Moment;

/// A channel: our logs, who else has it, and what is under way.
#[derive(Debug)]
pub(super) struct Channel {
    pub(super) stands: Stands,
    pub(super) links: BTreeMap<NodeId, Link>,
    pub(super) coming: Coming,
    /// Whom we wait for, if we wait for somebody.
    pub(super) asked: Option<Asked>,
    /// When to compare notes with somebody again.
    pub(super) round_at: Moment,
}

/// A peer that was asked for entries. One at a time, so that the same do not come from many.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    pub(super) peer: NodeId,
    /// When we ask another.
    pub(super) until: Moment,
}

/// What came of runs that were taken.
#[derive(Debug)]
pub(super) struct Finished {
    /// Who sent them.
    pub(super) from: NodeId,
    /// What of them is in our logs now.
    pub(super) fresh: Vec<Run>,
    /// Their objects, if those can be passed on with them.
    pub(super) along: Vec<u8>,
    /// Which logs they were of.
    pub(super) touched: Vec<ActorId>,
    /// Of which of them nothing was taken in, and behind which position it was to be.
    pub(super) refused: Vec<(ActorId, u64)>,
}

/// Logs in a channel: so many can be told of in some seconds, and more are a flood.
const STREAMS_MAX_IN_ALL: usize = 1 << 16;

impl Channel {
    pub(super) fn new(stands: Stands, round_at: Moment) -> Self {
        let (links, coming) = (BTreeMap::new(), Coming::default());
        Self { stands, links, coming, asked: None, round_at }
    }

    /// Whether it is this peer that we wait for.
    pub(super) fn waits_for(&self, peer: NodeId) -> bool {
        self.asked.is_some_and(|asked| asked.peer == peer)
    }

    /// Whether to have a peer send at once what it has and we lack: if nobody else is doing so.
    pub(super) fn wish(&mut self, peer: NodeId, until: Moment) -> Wish {
        if self.asked.is_some() {
            return Wish::Nothing;
        }
        self.asked = Some(Asked { peer, until });
        Wish::Entries
    }

    /// Where a log of ours stands.
    pub(super) fn stand(&self, stream: &ActorId) -> Stand {
        self.stands.get(stream).copied().unwrap_or_default()
    }

    /// How far a log will go once all that is under way is in.
    pub(super) fn reach(&self, stream: &ActorId) -> u64 {
        self.coming.reach(stream, self.stand(stream).position)
    }

    /// Our log stands so now, if it did not already go farther.
    pub(super) fn raise(&mut self, stream: ActorId, stand: Stand) {
        if stand.position > self.stand(&stream).position {
            self.stands.insert(stream, stand);
        }
    }

    /// What came of the runs that were taken under this ticket.
    pub(super) fn finish(&mut self, ticket: Ticket) -> Option<Finished> {
        let Self { stands, links, coming, .. } = self;
        let position = |stream: &ActorId| stands.get(stream).map_or(0, |stand| stand.position);
        let Taken { from, runs, along } =
            coming.finish(ticket, |run| position(&run.stream) < run.end())?;
        let touched = runs.iter().map(|run| run.stream).collect();
        let mut refused = Vec::new();
        for Run { stream, after, .. } in runs.iter().filter(|run| position(&run.stream) < run.end())
        {
            links.get_mut(&from).into_iter().for_each(|link| link.disbelieve(stream));
            if position(stream) == 0 {
                links.values_mut().for_each(|link| link.forget(stream));
            }
            refused.extend((position(stream) == *after).then_some((*stream, *after)));
        }
        let is_all = runs.iter().all(|run| position(&run.stream) >= run.end());
        let along = if is_all { along.passed_on() } else { Vec::new() };
        let kept = |run: Run| {
            let position = position(&run.stream);
            run.until(position)
        };
        let fresh = runs.into_iter().filter_map(kept).collect();
        Some(Finished { from, fresh, along, touched, refused })
    }

    /// Whether one more log may begin, if this one is new.
    pub(super) fn admits(&self, stream: &ActorId) -> bool {
        self.stands.len() < STREAMS_MAX_IN_ALL || self.stands.contains_key(stream)
    }

    /// Where all logs stand, in as many listings as that takes.
    pub(super) fn listings(&self) -> Vec<Listing> {
        let stands: Vec<_> = self.stands.iter().map(|(stream, stand)| (*stream, *stand)).collect();
        let mut pieces: Vec<_> = stands.chunks(STREAMS_MAX).map(<[_]>::to_vec).collect();
        if pieces.is_empty() {
            pieces.push(Vec::new());
        }
        let count = pieces.len();
        // Each reaches to just before the next, so that together they say what is not there, too.
        let firsts: Vec<_> = pieces.iter().map(|piece| piece.first().map(|(id, _)| *id)).collect();
        let first_of = |piece: usize| {
            if piece == 0 { Listing::LEAST } else { firsts[piece].unwrap_or(Listing::LEAST) }
        };
        let bounds = |piece: usize| {
            let last = if piece + 1 == count { Listing::MOST } else { before(first_of(piece + 1)) };
            (first_of(piece), last)
        };
        let pieces = pieces.into_iter().enumerate();
        let listing = |(piece, stands)| {
            let (first, last) = bounds(piece);
            Listing { first, last, stands }
        };
        pieces.map(listing).collect()
    }

    /// Where the logs between these two stand, as many of them as a message holds.
    pub(super) fn listing(&self, first: ActorId, last: ActorId) -> Listing {
        let mut within = self.stands.range(first..=last).map(|(stream, stand)| (*stream, *stand));
        let stands: Vec<_> = within.by_ref().take(STREAMS_MAX).collect();
        let last = within.next().map_or(last, |(next, _)| before(next));
        Listing { first, last, stands }
    }

    /// A peer that talks to us about the channel, by chance.
    pub(super) fn anybody(&self, dice: &mut Dice) -> Option<NodeId> {
        let open = self.links.iter().filter(|(_, link)| !link.is_closed && !link.is_behind);
        let peers: Vec<_> = open.map(|(peer, _)| *peer).collect();
        dice.pick(&peers).copied()
    }

    /// Whom to ask for what, if nobody is asked and it is time.
    pub(super) fn ask(
        &mut self,
        now: Moment,
        patience: Duration,
    ) -> Option<(NodeId, Vec<(ActorId, u64)>)> {
        if self.asked.is_some() {
            return None;
        }
        let Self { stands, links, coming, asked, .. } = self;
        let reach = |stream: &ActorId| {
            coming.reach(stream, stands.get(stream).map_or(0, |stand| stand.position))
        };
        for (peer, link) in links.iter_mut().filter(|(_, link)| link.want_at <= now) {
            let wants = link.wants(reach);
            if !wants.is_empty() {
                *asked = Some(Asked { peer: *peer, until: now + patience });
                return Some((*peer, wants));
            }
        }
        None
    }

    /// A peer that had more to tell than we could keep in mind, if what it told of is here now.
    pub(super) fn untold(&mut self) -> Option<NodeId> {
        if self.asked.is_some() {
            return None;
        }
        self.links.iter_mut().find_map(|(peer, link)| link.has_more_to_tell().then_some(*peer))
    }

    /// When something of it is due.
    pub(super) fn due(&self) -> Moment {
        let links = self.links.values();
        let tells = links.clone().map(|link| link.tell_at).min().unwrap_or(Moment::NEVER);
        let wants = match self.asked {
            Some(asked) => asked.until,
            None => links.map(|link| link.want_at).min().unwrap_or(Moment::NEVER),
        };
        self.round_at.min(tells).min(wants)
    }
}

/// The id before this one, which is not the least.
fn before(stream: ActorId) -> ActorId {
    let number = u128::from_be_bytes(*stream.as_bytes());
    ActorId::from_bytes(number.saturating_sub(1).to_be_bytes())
}
