//! How entries of logs reach everybody who has the channel.
//!
//! Two ways, as in every epidemic protocol that is both quick and sure. What is new is *pushed* at once to peers that
//! are known to have everything before it. And now and then two peers *compare* where their logs stand, and each sends
//! what the other lacks; this heals whatever the first way missed, and begins every acquaintance.

use std::collections::BTreeMap;
use std::time::Duration;

use selkie_crdt::ActorId;

use crate::channel_id::ChannelId;
use crate::dice::Dice;
use crate::gossip::branch::Branch;
use crate::gossip::channel::{Channel, Finished};
use crate::gossip::coming::{Parcel, Taken};
use crate::gossip::dispute::Exam;
use crate::gossip::evidence::{Evidence, Finding};
use crate::gossip::known::Known;
use crate::gossip::link::Link;
use crate::gossip::message::{ALONG_LEN_MAX, Cause, Message, Run, Says, Turn, Wish};
use crate::gossip::stand::{Stand, Stands, sum};
use crate::gossip::ticket::Ticket;
use crate::gossip::timing::Timing;
use crate::identity::node_id::NodeId;
use crate::moment::Moment;

pub(crate) mod branch;
mod channel;
mod coming;
mod dispute;
mod disputing;
pub(crate) mod evidence;
mod hear;
pub(crate) mod known;
mod link;
pub(crate) mod message;
pub(crate) mod stand;
pub(crate) mod ticket;
pub(crate) mod timing;
#[cfg(test)]
mod tests;

/// The gossip of one node: for each channel where its logs stand, and what its peers have.
///
/// It holds entries only while they are on their way into the logs. A peer hears of a channel only after
/// [`Input::Joined`] said that it may.
#[derive(Debug)]
pub struct Gossip {
    timing: Timing,
    dice: Dice,
    channels: BTreeMap<ChannelId, Channel>,
    reads: BTreeMap<Ticket, Read>,
    exams: BTreeMap<Ticket, Exam>,
    tickets: u64,
    outbox: Vec<Output>,
    wake_at: Moment,
}

/// What happens to gossip.
#[derive(Clone, Debug)]
pub enum Input {
    /// This node has the channel, and its logs stand so.
    Opened(ChannelId, Stands),
    /// It does not have it any more.
    Closed(ChannelId),
    /// The peer is connected and may have the channel.
    Joined(NodeId, ChannelId),
    /// It may not any more.
    Left(NodeId, ChannelId),
    /// The peer is not connected any more.
    Lost(NodeId),
    /// The peer said this.
    Received(NodeId, Message),
    /// This node added entries to a log of its own, which stands so now. The objects that they reach, for who has all
    /// before them, come in one parcel if that is short.
    Wrote(ChannelId, Run, Stand, Vec<u8>),
    /// What an [`Output::Read`] asked for, and a parcel of the objects if there is a short one.
    Read(Ticket, Vec<Run>, Vec<u8>),
    /// What an [`Output::Apply`] asked for is done as far as it can be: for each log of it, where it stands now.
    Applied(Ticket, Vec<(ActorId, Stand)>),
    /// What came along with the entries of an [`Output::Apply`] is in the store, and was all that they reach and was not there.
    Whole(Ticket),
    /// Logs ended meanwhile: so all logs of the channel stand now.
    Stood(ChannelId, Stands),
    /// What came of an [`Output::Examine`].
    Examined(Ticket, Finding),
    /// What an [`Output::Recall`] asked for.
    Recalled(NodeId, ChannelId, ActorId, Vec<u8>),
    /// More waits to be sent to the peer than it reads: nothing new is to be queued.
    Stalled(NodeId),
    /// It has read.
    Drained(NodeId),
    /// Time has passed.
    Tick,
}

/// What gossip wants done.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Output {
    /// Send this, in order.
    Send(NodeId, Message),
    /// Read these logs of the channel, each from behind the position on: no more than `len_max` bytes and `items_max`
    /// entries, but one entry at least if there is one. They are for `peer`, and what they reach goes along if it fits.
    Read {
        /// To be named in the answer.
        ticket: Ticket,
        /// Who wants them.
        peer: NodeId,
        /// The channel.
        channel: ChannelId,
        /// From where.
        after: Vec<(ActorId, u64)>,
        /// Bytes of payloads and signatures.
        len_max: usize,
        /// Entries.
        items_max: usize,
        /// Bytes of a parcel of what they reach. If it is longer there is to be none.
        along_max: usize,
    },
    /// Take these in, once all objects are here that they reach. `from` has them.
    Apply {
        /// To be named in the answer.
        ticket: Ticket,
        /// The channel.
        channel: ChannelId,
        /// Who sent them.
        from: NodeId,
        /// The entries; each run follows what is in the log or on its way there.
        runs: Vec<Run>,
        /// What came along: a parcel of objects, or nothing.
        along: Vec<u8>,
    },
    /// Hold this against a log of the channel. If it says two things in one place, it ends there from now on.
    Examine {
        /// To be named in the answer.
        ticket: Ticket,
        /// The channel.
        channel: ChannelId,
        /// What to look at.
        evidence: Evidence,
    },
    /// Read the proof that this log ended. It is for the peer.
    Recall {
        /// Whom to show it to.
        peer: NodeId,
        /// The channel.
        channel: ChannelId,
        /// Whose log.
        stream: ActorId,
    },
    /// A log ends behind the entry at this position: its replica said two things in the next place.
    Ended(ChannelId, ActorId, u64),
    /// Two histories of one log: ours, and that of the peer. One of both nodes was copied or restored, or somebody cheats.
    Forked(NodeId, ChannelId, ActorId),
    /// Our logs and those of the peer stand alike.
    Agreed(NodeId, ChannelId, Known),
    /// The peer does not have the channel, or not for us.
    Closed(NodeId, ChannelId),
    /// The peer was asked for entries and did not send them in time.
    Slow(NodeId, ChannelId),
    /// The peer sent more along with entries than it may.
    Rude(NodeId),
    /// Be back with a [`Input::Tick`] by then.
    WakeAt(Moment),
}

/// Entries that are being read for a peer.
#[derive(Clone, Copy, Debug)]
struct Read {
    peer: NodeId,
    channel: ChannelId,
}

/// Readings at once for one peer. It may ask again.
const READS_MAX: usize = 4;

/// Bytes of objects that one peer may send along in one channel before it is let send on.
const ROOM: u32 = 256 << 10;

impl Gossip {
    /// Without a channel yet.
    #[must_use]
    pub const fn new(timing: Timing, seed: u64) -> Self {
        Self {
            timing,
            dice: Dice::of(seed),
            channels: BTreeMap::new(),
            reads: BTreeMap::new(),
            exams: BTreeMap::new(),
            tickets: 0,
            outbox: Vec::new(),
            wake_at: Moment::NEVER,
        }
    }

    /// Takes in what happened, and drains what is to be done now, in order.
    pub fn handle(&mut self, now: Moment, input: Input) -> impl Iterator<Item = Output> {
        self.step(now, input);
        let due = self.channels.values().map(Channel::due).min().unwrap_or(Moment::NEVER);
        if due != self.wake_at {
            self.wake_at = due;
            self.outbox.push(Output::WakeAt(due));
        }
        self.outbox.drain(..)
    }

    /// How far our logs of the channel go.
    #[must_use]
    pub fn positions(&self, channel: ChannelId) -> Vec<(ActorId, u64)> {
        let stands = self.channels.get(&channel).into_iter().flat_map(|channel| &channel.stands);
        stands.map(|(stream, stand)| (*stream, stand.position)).collect()
    }

    /// Where our logs of a channel stand; nothing if this node does not have it.
    #[must_use]
    pub fn stands(&self, channel: ChannelId) -> Option<&Stands> {
        self.channels.get(&channel).map(|channel| &channel.stands)
    }

    /// How a peer hears of what is new, in each channel that it may have.
    pub(crate) fn branches(&self, peer: NodeId) -> impl Iterator<Item = (ChannelId, Branch)> {
        let links = self.channels.iter();
        links.filter_map(move |(id, channel)| Some((*id, channel.links.get(&peer)?.branch())))
    }

    fn step(&mut self, now: Moment, input: Input) {
        match input {
            Input::Opened(id, stands) => self.open(now, id, stands),
            Input::Closed(id) => {
                self.channels.remove(&id);
            }
            Input::Joined(peer, id) => self.join(now, peer, id),
            Input::Left(peer, id) => self.leave(now, peer, id),
            Input::Lost(peer) => self.lose(now, peer),
            Input::Received(peer, message) => self.hear(now, peer, message),
            Input::Wrote(id, run, stand, along) => self.write(now, id, run, stand, &along),
            Input::Read(ticket, runs, along) => self.send_read(ticket, runs, along),
            Input::Applied(ticket, stands) => self.applied(now, ticket, &stands),
            Input::Whole(ticket) => {
                self.channels.values_mut().for_each(|channel| channel.coming.is_whole(ticket));
            }
            Input::Stood(id, stands) => {
                let channel = self.channels.get_mut(&id);
                channel.into_iter().for_each(|channel| channel.stands = stands.clone());
            }
            Input::Examined(ticket, finding) => self.examined(now, ticket, finding),
            Input::Recalled(peer, id, stream, proof) => self.recalled(peer, id, stream, proof),
            Input::Stalled(peer) => self.each_link(peer, |link| link.is_behind = true),
            Input::Drained(peer) => self.catch_up(peer),
            Input::Tick => self.tick(now),
        }
    }

    fn open(&mut self, now: Moment, id: ChannelId, stands: Stands) {
        // Not all at once, when a node with many channels starts.
        let first = now + self.dice.span(Duration::ZERO, self.timing.round);
        self.channels.insert(id, Channel::new(stands, first));
    }

    fn join(&mut self, now: Moment, peer: NodeId, id: ChannelId) {
        let patience = self.timing.answer;
        let Some(channel) = self.channels.get_mut(&id) else { return };
        channel.links.entry(peer).or_insert_with(Link::new);
        let wish = channel.wish(peer, now + patience);
        self.give_room(peer, id);
        self.tell_stands(peer, id, wish, Turn::Answers);
    }

    fn leave(&mut self, now: Moment, peer: NodeId, id: ChannelId) {
        let Some(channel) = self.channels.get_mut(&id) else { return };
        channel.links.remove(&peer);
        if channel.waits_for(peer) {
            channel.asked = None;
            // Somebody else may have what it would have sent, and nobody may have said so.
            channel.round_at = now;
        }
        self.reads.retain(|_, read| read.peer != peer || read.channel != id);
        self.drop_exams(peer, id);
        self.ask(now, id);
    }

    fn lose(&mut self, now: Moment, peer: NodeId) {
        let ids: Vec<_> = self.channels.keys().copied().collect();
        ids.into_iter().for_each(|id| self.leave(now, peer, id));
    }

    fn write(&mut self, now: Moment, id: ChannelId, run: Run, stand: Stand, along: &[u8]) {
        let Some(channel) = self.channels.get_mut(&id) else { return };
        channel.stands.insert(run.stream, stand);
        self.spread(now, id, &[run], along);
    }

    /// Sends runs that are in our logs now to all who lack them, or tells of them. What goes along is for who has all else
    /// that is here.
    fn spread(&mut self, now: Moment, id: ChannelId, runs: &[Run], along: &[u8]) {
        let Some(Channel { stands, links, .. }) = self.channels.get_mut(&id) else { return };
        for (peer, link) in links {
            let patience = self.timing.tell;
            let runs: Vec<_> =
                runs.iter().filter_map(|run| link.offer(run, now, patience)).collect();
            if runs.is_empty() {
                continue;
            }
            let goes = !along.is_empty() && link.has_all(stands) && link.takes_along(along.len());
            let along = if goes { along.to_vec() } else { Vec::new() };
            let says = Says::Entries(runs, Cause::Push, along);
            self.outbox.push(Output::Send(*peer, Message { channel: id, says }));
        }
    }

    /// Has these logs read for a peer, unless it asks for too much at once.
    fn read(&mut self, peer: NodeId, channel: ChannelId, after: Vec<(ActorId, u64)>) {
        if self.reads.values().filter(|read| read.peer == peer).count() >= READS_MAX {
            return;
        }
        let ticket = self.ticket();
        self.reads.insert(ticket, Read { peer, channel });
        let (len_max, items_max) = (message::ITEMS_LEN, message::ITEMS_MAX);
        let links = self.channels.get(&channel).map(|channel| &channel.links);
        let room = links.and_then(|links| links.get(&peer)).map_or(0, |link| link.room);
        let along_max = ALONG_LEN_MAX.min(room.try_into().unwrap_or(usize::MAX));
        let read = Output::Read { ticket, peer, channel, after, len_max, items_max, along_max };
        self.outbox.push(read);
    }

    fn send_read(&mut self, ticket: Ticket, runs: Vec<Run>, mut along: Vec<u8>) {
        let Some(Read { peer, channel: id }) = self.reads.remove(&ticket) else { return };
        let Some(channel) = self.channels.get_mut(&id) else { return };
        // What a log says after its end is for nobody.
        let within = |run: Run| {
            let end = channel.stand(&run.stream).position;
            run.until(end)
        };
        let runs: Vec<_> = runs.into_iter().filter_map(within).collect();
        let Some(link) = channel.links.get_mut(&peer) else { return };
        runs.iter().for_each(|run| link.has(run.stream, run.end()));
        // Another answer may have taken the room meanwhile, and one long entry all of the message.
        let len = runs.iter().map(Run::len).sum::<usize>();
        if len > message::ITEMS_LEN || !link.takes_along(along.len()) {
            along.clear();
        }
        self.say(peer, id, Says::Entries(runs, Cause::Answer, along));
    }

    fn applied(&mut self, now: Moment, ticket: Ticket, stands: &[(ActorId, Stand)]) {
        let found = self.channels.iter_mut().find(|(_, channel)| channel.coming.has(ticket));
        let Some((&id, channel)) = found else { return };
        stands.iter().for_each(|(stream, stand)| channel.raise(*stream, *stand));
        let Some(Finished { from, fresh, along, touched, refused }) = channel.finish(ticket) else {
            return;
        };
        channel.asked.take_if(|asked| asked.peer == from);
        self.spread(now, id, &fresh, &along);
        self.give_room_again(from, id);
        touched.iter().for_each(|stream| self.release(id, stream));
        self.doubt_refused(now, (from, id), &refused);
        self.ask(now, id);
    }

    /// Takes what came early and follows now.
    fn release(&mut self, id: ChannelId, stream: &ActorId) {
        let ticket = self.ticket();
        let Some(channel) = self.channels.get_mut(&id) else { return };
        let position = channel.stand(stream).position;
        let Some((from, run)) = channel.coming.follower(stream, position) else { return };
        let runs = vec![run];
        channel.coming.take(ticket, Taken { from, runs: runs.clone(), along: Parcel::default() });
        let along = Vec::new();
        self.outbox.push(Output::Apply { ticket, channel: id, from, runs, along });
    }

    /// Asks for what somebody has and we lack, if it is time.
    fn ask(&mut self, now: Moment, id: ChannelId) {
        let patience = self.timing.answer;
        let Some(channel) = self.channels.get_mut(&id) else { return };
        if let Some((peer, wants)) = channel.ask(now, patience) {
            self.say(peer, id, Says::Want(wants));
        } else if let Some(peer) = channel.untold() {
            let sum = sum(&channel.stands);
            self.say(peer, id, Says::Sum(sum, Turn::Asks));
        }
    }

    fn catch_up(&mut self, peer: NodeId) {
        self.each_link(peer, |link| link.is_behind = false);
        let joined = |(id, channel): (&ChannelId, &Channel)| {
            channel.links.get(&peer).is_some_and(|link| !link.is_closed).then_some(*id)
        };
        let ids: Vec<_> = self.channels.iter().filter_map(joined).collect();
        ids.into_iter().for_each(|id| self.tell_stands(peer, id, Wish::Nothing, Turn::Asks));
    }

    fn tick(&mut self, now: Moment) {
        let ids: Vec<_> = self.channels.keys().copied().collect();
        for id in ids {
            self.give_up(now, id);
            self.tell(now, id);
            self.ask(now, id);
            self.compare(now, id);
        }
    }

    /// Waits no longer for a peer that lets us wait.
    fn give_up(&mut self, now: Moment, id: ChannelId) {
        let Some(channel) = self.channels.get_mut(&id) else { return };
        let Some(asked) = channel.asked.take_if(|asked| asked.until <= now) else { return };
        if let Some(link) = channel.links.get_mut(&asked.peer) {
            link.disbelieve_all();
        }
        channel.round_at = now;
        self.outbox.push(Output::Slow(asked.peer, id));
    }

    /// Tells those of what is new who are not sent it.
    fn tell(&mut self, now: Moment, id: ChannelId) {
        let Some(Channel { stands, links, .. }) = self.channels.get_mut(&id) else { return };
        for (peer, link) in links.iter_mut().filter(|(_, link)| link.tell_at <= now) {
            let told = link.told(stands, now);
            let told: Vec<_> = told.iter().filter_map(|id| Some((*id, *stands.get(id)?))).collect();
            if !told.is_empty() {
                let message = Message { channel: id, says: Says::Have(told) };
                self.outbox.push(Output::Send(*peer, message));
            }
        }
    }

    /// Compares notes with somebody, if it is time.
    fn compare(&mut self, now: Moment, id: ChannelId) {
        let round = self.timing.round;
        let Some(channel) = self.channels.get_mut(&id).filter(|it| it.round_at <= now) else {
            return;
        };
        channel.round_at = now + self.dice.span(round * 3 / 4, round * 5 / 4);
        let Some(peer) = channel.anybody(&mut self.dice) else { return };
        let sum = sum(&channel.stands);
        self.say(peer, id, Says::Sum(sum, Turn::Asks));
    }

    /// Lets a peer send objects along.
    fn give_room(&mut self, peer: NodeId, id: ChannelId) {
        self.each_link_of(peer, id, |link| link.came = 0);
        self.say(peer, id, Says::Room(ROOM));
    }

    /// Lets it send on, once it has sent so much that this is worth a message.
    fn give_room_again(&mut self, peer: NodeId, id: ChannelId) {
        let channel = self.channels.get(&id);
        let link = channel.and_then(|channel| channel.links.get(&peer));
        if link.is_some_and(|link| link.came >= ROOM / 2) {
            self.give_room(peer, id);
        }
    }

    /// Tells a peer where all our logs stand.
    fn tell_stands(&mut self, peer: NodeId, id: ChannelId, wish: Wish, turn: Turn) {
        let Some(channel) = self.channels.get(&id) else { return };
        for listing in channel.listings() {
            self.say(peer, id, Says::Stands(listing, wish, turn));
        }
    }

    fn say(&mut self, peer: NodeId, channel: ChannelId, says: Says) {
        self.outbox.push(Output::Send(peer, Message { channel, says }));
    }

    fn each_link(&mut self, peer: NodeId, change: impl Fn(&mut Link)) {
        self.channels
            .values_mut()
            .filter_map(|channel| channel.links.get_mut(&peer))
            .for_each(change);
    }

    fn each_link_of(&mut self, peer: NodeId, id: ChannelId, change: impl FnMut(&mut Link)) {
        let channel = self.channels.get_mut(&id);
        channel.and_then(|channel| channel.links.get_mut(&peer)).into_iter().for_each(change);
    }

    const fn ticket(&mut self) -> Ticket {
        self.tickets += 1;
        Ticket::new(self.tickets)
    }
}
