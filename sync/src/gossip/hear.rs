//! What a peer says, and what is answered.

use std::collections::BTreeMap;

use selkie_crdt::ActorId;

use crate::channel_id::ChannelId;
use crate::gossip::channel::Channel;
use crate::gossip::coming::{Parcel, Taken};
use crate::gossip::known::Known;
use crate::gossip::link::{Link, Manner};
use crate::gossip::message::{Cause, Listing, Message, Run, STREAMS_MAX, Says, Turn, Wish};
use crate::gossip::stand::{Stand, Sum, sum};
use crate::gossip::{Gossip, Output, ROOM};
use crate::identity::node_id::NodeId;
use crate::moment::Moment;

impl Gossip {
    pub(super) fn hear(&mut self, now: Moment, peer: NodeId, message: Message) {
        let Message { channel: id, says } = message;
        let link = self.channels.get_mut(&id).and_then(|channel| channel.links.get_mut(&peer));
        let Some(link) = link else {
            // An answer to every message, but to the one that would answer this.
            if !matches!(says, Says::Closed) {
                self.say(peer, id, Says::Closed);
            }
            return;
        };
        if link.is_closed && !matches!(says, Says::Closed) {
            link.is_closed = false;
            // It did not have the channel when it was said what it may.
            self.give_room(peer, id);
            self.tell_stands(peer, id, Wish::Nothing, Turn::Answers);
        }
        match says {
            Says::Sum(theirs, turn) => self.hear_sum(now, peer, id, theirs, turn),
            Says::Stands(listing, wish, turn) => {
                let found = self.hear_stands(now, peer, id, &listing, turn);
                self.show(now, peer, id, &found.ended);
                if turn == Turn::Asks {
                    self.answer_listing(peer, id, &listing);
                }
                if wish == Wish::Entries && !found.lacks.is_empty() {
                    self.read(peer, id, found.lacks);
                }
            }
            Says::Have(stands) => self.hear_news(now, peer, id, &stands),
            Says::Want(after) => self.hear_want(peer, id, after),
            Says::Entries(runs, cause, along) => {
                self.hear_entries(now, peer, id, (runs, along), cause);
            }
            Says::Prune => self.each_link_of(peer, id, |link| link.manner = Manner::Lazy),
            Says::Room(bytes) => self.each_link_of(peer, id, |link| link.room = bytes),
            Says::Closed => self.hear_closed(peer, id),
            Says::Ended(stream, proof) => self.hear_ended(peer, id, stream, proof),
        }
        self.ask(now, id);
    }

    fn hear_sum(&mut self, now: Moment, peer: NodeId, id: ChannelId, theirs: Sum, turn: Turn) {
        let patience = self.timing.answer;
        let Some(channel) = self.channels.get_mut(&id) else { return };
        let ours = sum(&channel.stands);
        if theirs == ours {
            if turn == Turn::Asks {
                self.say(peer, id, Says::Sum(ours, Turn::Answers));
            }
            self.outbox.push(Output::Agreed(peer, id, Known::from(turn)));
            return;
        }
        // An answer differs only if something came in between, which is spread anyway.
        if turn == Turn::Asks {
            let wish = channel.wish(peer, now + patience);
            self.tell_stands(peer, id, wish, Turn::Asks);
        }
    }

    fn hear_stands(
        &mut self,
        now: Moment,
        peer: NodeId,
        id: ChannelId,
        listing: &Listing,
        turn: Turn,
    ) -> Found {
        let Some(channel) = self.channels.get_mut(&id) else { return Found::NOTHING };
        let found = channel.compare(now, peer, listing);
        if channel.waits_for(peer) && !found.is_ahead {
            channel.asked = None;
        }
        if !found.is_ahead && !found.is_apart && found.lacks.is_empty() {
            if listing.is_whole() {
                self.outbox.push(Output::Agreed(peer, id, Known::Here));
            }
            if turn == Turn::Answers && listing.is_last() {
                // What it was told of us when it answered is not what is here now.
                let ours = sum(&channel.stands);
                self.say(peer, id, Says::Sum(ours, Turn::Asks));
            }
        }
        for (stream, position) in &found.forks {
            self.outbox.push(Output::Forked(peer, id, *stream));
            self.doubt(now, (peer, id), *stream, *position);
        }
        found
    }

    /// Tells where the logs stand that were asked about. What we lack is wanted in a message of its own.
    fn answer_listing(&mut self, peer: NodeId, id: ChannelId, asked: &Listing) {
        let Some(channel) = self.channels.get(&id) else { return };
        let ours = channel.listing(asked.first, asked.last);
        self.say(peer, id, Says::Stands(ours, Wish::Nothing, Turn::Answers));
    }

    fn hear_news(&mut self, now: Moment, peer: NodeId, id: ChannelId, news: &[(ActorId, Stand)]) {
        let patience = self.timing.graft;
        let Some(channel) = self.channels.get_mut(&id) else { return };
        let (mut forks, mut ended) = (Vec::new(), Vec::new());
        for (stream, stand) in news {
            let ours = channel.stand(stream);
            if ours.is_ended() {
                let goes_on = stand.position >= ours.position && *stand != ours;
                ended.extend(goes_on.then_some(*stream));
                continue;
            }
            if ours.position == stand.position && ours.mark != stand.mark && !stand.is_ended() {
                forks.push((*stream, ours.position));
            }
            let lacks = stand.position > channel.reach(stream);
            let Some(link) = channel.links.get_mut(&peer) else { return };
            link.has(*stream, stand.position.min(ours.position));
            if lacks {
                link.claims(*stream, stand.position, now + patience);
            }
        }
        for (stream, position) in forks {
            self.outbox.push(Output::Forked(peer, id, stream));
            self.doubt(now, (peer, id), stream, position);
        }
        self.show(now, peer, id, &ended);
    }

    fn hear_closed(&mut self, peer: NodeId, id: ChannelId) {
        let mut is_news = false;
        self.each_link_of(peer, id, |link| {
            is_news = !link.is_closed;
            link.is_closed = true;
            link.room = 0;
            link.disbelieve_all();
        });
        self.outbox.extend(is_news.then_some(Output::Closed(peer, id)));
        let channel = self.channels.get_mut(&id).filter(|channel| channel.waits_for(peer));
        channel.into_iter().for_each(|channel| channel.asked = None);
    }

    fn hear_want(&mut self, peer: NodeId, id: ChannelId, after: Vec<(ActorId, u64)>) {
        let Some(channel) = self.channels.get_mut(&id) else { return };
        let Some(link) = channel.links.get_mut(&peer) else { return };
        // Whoever asks was not pushed what it wants.
        link.manner = Manner::Eager;
        let stands = &channel.stands;
        let ours = |stream: &ActorId| stands.get(stream).map_or(0, |stand| stand.position);
        for (stream, position) in after.iter().filter(|(stream, _)| ours(stream) > 0) {
            link.stands(*stream, (*position).min(ours(stream)));
        }
        self.read(peer, id, after);
    }

    fn hear_entries(
        &mut self,
        now: Moment,
        peer: NodeId,
        id: ChannelId,
        (mut runs, along): (Vec<Run>, Vec<u8>),
        cause: Cause,
    ) {
        if !self.may_come_along(peer, id, along.len()) {
            return self.outbox.push(Output::Rude(peer));
        }
        if cause == Cause::Answer && self.examine(peer, id, &mut runs) {
            return self.give_room_again(peer, id);
        }
        let ticket = self.ticket();
        let mesh = self.timing.mesh;
        let Some(channel) = self.channels.get_mut(&id) else { return };
        let sorted = channel.sort(now, peer, runs);
        self.show(now, peer, id, &sorted.ended);
        let Some(channel) = self.channels.get_mut(&id) else { return };
        let is_answer = cause != Cause::Push;
        if sorted.fresh.is_empty() {
            if is_answer && channel.waits_for(peer) {
                channel.asked = None;
                // It was asked for what it claims to have, and has none of it: to ask again at once would go on for ever.
                channel.links.get_mut(&peer).into_iter().for_each(Link::disbelieve_all);
            }
            let crowded = channel.links.len() > mesh;
            if !is_answer && sorted.is_known && crowded {
                self.each_link_of(peer, id, |link| link.manner = Manner::Lazy);
                self.say(peer, id, Says::Prune);
            }
            return self.give_room_again(peer, id);
        }
        let taken = Taken { from: peer, runs: sorted.fresh.clone(), along: Parcel::of(&along) };
        if !channel.coming.has_room(&taken) {
            // It is dropped, and asked for when there is room again.
            if let Some(link) = channel.links.get_mut(&peer) {
                let later = now + self.timing.answer;
                sorted.fresh.iter().for_each(|run| link.claims(run.stream, run.end(), later));
            }
            return self.give_room_again(peer, id);
        }
        if let Some(asked) = channel.asked.as_mut().filter(|asked| is_answer && asked.peer == peer)
        {
            // It answered. What is left to do may take long, if objects are to be fetched.
            asked.until = Moment::NEVER;
        }
        channel.coming.take(ticket, taken);
        let runs = sorted.fresh;
        self.outbox.push(Output::Apply { ticket, channel: id, from: peer, runs, along });
    }

    /// Whether so many bytes of objects may come, which are counted. Twice the room is borne: what was sent before the peer
    /// heard of it may still be on its way.
    fn may_come_along(&mut self, peer: NodeId, id: ChannelId, len: usize) -> bool {
        let channel = self.channels.get_mut(&id);
        let Some(link) = channel.and_then(|channel| channel.links.get_mut(&peer)) else {
            return true;
        };
        link.came = link.came.saturating_add(u32::try_from(len).unwrap_or(u32::MAX));
        link.came <= 2 * ROOM
    }
}

/// What a listing of a peer shows.
#[derive(Debug)]
struct Found {
    /// Logs that we have farther, and how far the peer has them: as many as one message wants.
    lacks: Vec<(ActorId, u64)>,
    /// Whether it has something that we lack.
    is_ahead: bool,
    /// Logs of which it has another history, and up to where it is another.
    forks: Vec<(ActorId, u64)>,
    /// Logs that ended here, and go on there.
    ended: Vec<ActorId>,
    /// Whether logs say two things, or end for one of us alone.
    is_apart: bool,
}

/// What came, held against what is here.
#[derive(Debug, Default)]
struct Sorted {
    /// What follows what is here or on its way.
    fresh: Vec<Run>,
    /// Whether all of it was here or on its way.
    is_known: bool,
    /// Logs that ended here before what came.
    ended: Vec<ActorId>,
}

impl Found {
    const NOTHING: Self = Self {
        lacks: Vec::new(),
        is_ahead: false,
        forks: Vec::new(),
        ended: Vec::new(),
        is_apart: false,
    };
}

impl Channel {
    fn compare(&mut self, now: Moment, peer: NodeId, listing: &Listing) -> Found {
        let mut found = Found::NOTHING;
        let theirs: BTreeMap<_, _> = listing.stands.iter().copied().collect();
        let Some(mut link) = self.links.remove(&peer) else { return found };
        for (stream, ours) in self.stands.range(listing.first..=listing.last) {
            let stand = theirs.get(stream).copied().unwrap_or_default();
            link.stands(*stream, stand.position.min(ours.position));
            if stand.is_ended() && stand != *ours {
                // It shows us, once it hears that the log goes on here.
                found.is_apart = true;
            } else if stand.position < ours.position && found.lacks.len() < STREAMS_MAX {
                found.lacks.push((*stream, stand.position));
            }
            if stand.position >= ours.position && stand != *ours {
                if ours.is_ended() {
                    found.is_apart = true;
                    found.ended.push(*stream);
                } else if stand.position == ours.position && !stand.is_ended() {
                    found.is_apart = true;
                    found.forks.push((*stream, ours.position));
                }
            }
        }
        for (stream, stand) in &listing.stands {
            let ours = self.stand(stream);
            found.is_apart |= stand.is_ended() && ours != *stand;
            if !ours.is_ended() && stand.position > ours.position {
                found.is_ahead = true;
                link.claims(*stream, stand.position, now);
            }
        }
        self.links.insert(peer, link);
        found
    }

    fn sort(&mut self, now: Moment, peer: NodeId, runs: Vec<Run>) -> Sorted {
        let mut sorted = Sorted { is_known: true, ..Sorted::default() };
        for run in runs {
            if !self.admits(&run.stream) {
                continue;
            }
            let stand = self.stand(&run.stream);
            if stand.is_ended() {
                sorted.ended.extend((run.end() > stand.position).then_some(run.stream));
                continue;
            }
            let reach = self.reach(&run.stream);
            let Some(link) = self.links.get_mut(&peer) else { continue };
            sorted.is_known &= run.end() <= reach;
            if run.after > reach {
                link.claims(run.stream, run.end(), now);
                self.coming.hold(peer, run);
            } else {
                link.has(run.stream, run.end());
                sorted.fresh.extend(run.behind(reach));
            }
        }
        sorted
    }
}
