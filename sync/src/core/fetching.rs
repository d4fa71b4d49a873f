//! Between entries and the objects that they reach.
//!
//! Entries that gossip wants taken in wait here until their objects are in the store: first the store is looked through for them,
//! then what is absent is fetched from who sent the entries, or from whoever else has the channel.

use std::collections::BTreeSet;

use selkie_store::ObjectId;

use crate::channel_id::ChannelId;
use crate::core::pending::{Fetched, Pending};
use crate::core::{Core, Event, Output, Step};
use crate::gossip;
use crate::gossip::ticket::Ticket;
use crate::identity::node_id::NodeId;
use crate::logs::reached;
use crate::moment::Moment;
use crate::objects::effect::{Input, Output as Wanted, Way};
use crate::objects::intake::Along;
use crate::objects::message::{Message, Why};
use crate::objects::offer::{self, Request};
use crate::session;
use crate::wire::lane::Lane;

/// Nodes that one fetch is from.
const SOURCES_MAX: usize = 4;

/// Bytes that one fetch may take: more than any store has room for, and less than numbers end at.
const BYTES_MAX: u64 = 1 << 50;

impl Core {
    /// Entries are to be taken in: are their objects here?
    pub(super) fn prepare(&mut self, ticket: Ticket, pending: Pending) {
        let ids = reached(&pending.runs);
        let channel = pending.channel;
        self.fetching.pending.insert(ticket, pending);
        if ids.is_empty() {
            self.apply(ticket);
        } else {
            self.outbox.push(Output::Look { ticket, channel, ids });
        }
    }

    /// These are not.
    pub(super) fn fetch(&mut self, ticket: Ticket, absent: &BTreeSet<ObjectId>) {
        let Some(pending) = self.fetching.pending.get_mut(&ticket) else { return };
        if absent.is_empty() {
            return self.apply(ticket);
        }
        let channel = pending.channel;
        let along = std::mem::take(&mut pending.along);
        let along = (!along.is_empty()).then_some((pending.from, along));
        // Who sent the entries holds what they reach; the others most likely do, too.
        let others = self.up.iter().filter(|(_, up)| self.rights.reads(channel, up.person));
        let others = others.map(|(peer, _)| *peer).filter(|peer| *peer != pending.from);
        let first = self.up.contains_key(&pending.from).then_some(pending.from);
        let sources = first.into_iter().chain(others).take(SOURCES_MAX).collect();
        let request = Request {
            channel,
            have: self.gossip.positions(channel),
            wanted: offer::Wanted::behind(absent),
        };
        self.fetching.count = self.fetching.count.wrapping_add(1);
        let fetch = self.fetching.count;
        self.fetching.fetches.insert(fetch, Fetched { channel, ticket });
        let begin = Input::Fetch { fetch, sources, request, bytes_max: BYTES_MAX, along };
        self.queue.push_back(Step::Objects(begin));
    }

    fn apply(&mut self, ticket: Ticket) {
        let Some(pending) = self.fetching.pending.remove(&ticket) else { return };
        let Pending { channel, from, runs, .. } = pending;
        self.outbox.push(Output::Apply { ticket, channel, from, runs });
    }

    pub(super) fn step_objects(&mut self, now: Moment, input: Input) {
        if let Input::TookAlong(fetch, Along::Whole(..)) = &input
            && let Some(fetched) = self.fetching.fetches.get(fetch)
        {
            self.queue.push_back(Step::Gossip(gossip::Input::Whole(fetched.ticket)));
        }
        let outputs: Vec<_> = self.objects.handle(now, input).collect();
        for output in outputs {
            self.perform(output);
        }
    }

    fn perform(&mut self, output: Wanted) {
        match output {
            Wanted::Send(peer, message) => self.send_bulk(peer, message),
            Wanted::WakeAt(at) => self.wakes.objects = at,
            Wanted::Plan(way, request) => self.plan(way, request),
            Wanted::Load { way, .. } => self.work_for(way, output),
            Wanted::Close(way) => {
                self.work_for(way, output);
                self.fetching.ways.remove(&way);
            }
            Wanted::Look(fetch, _)
            | Wanted::TakeAlong { fetch, .. }
            | Wanted::Take { fetch, .. }
            | Wanted::Keep { fetch, .. }
            | Wanted::Forget { fetch, .. } => {
                let channel = self.channel_of(fetch);
                self.outbox.extend(channel.map(|channel| Output::Objects(channel, output)));
            }
            Wanted::Fetched(fetch, _) | Wanted::Failed(fetch, _) => self.end(fetch, output),
            Wanted::Blamed(peer, why) => self.blame(peer, why),
            Wanted::Accused(peer) => self.tell(Event::Accused(peer)),
        }
    }

    /// Of which channel a fetch is.
    fn channel_of(&self, fetch: u32) -> Option<ChannelId> {
        let of_entries = self.fetching.fetches.get(&fetch).map(|fetched| fetched.channel);
        of_entries.or_else(|| self.mending.heals.get(&fetch).map(|heal| heal.channel))
    }

    /// A fetch is over. What came is taken in, and the store judges what it is still without.
    fn end(&mut self, fetch: u32, output: Wanted) {
        let Some(Fetched { channel, ticket }) = self.fetching.fetches.remove(&fetch) else {
            return self.end_heal(fetch, output);
        };
        if let Wanted::Failed(_, failure) = &output {
            self.mending.want(channel);
            self.tell(Event::Unfetched(channel, failure.clone()));
        }
        // Until the entries are in, nothing else keeps the objects from being collected.
        self.fetching.over.insert(ticket, (channel, output));
        self.apply(ticket);
    }

    /// The entries are in, as far as they can be.
    pub(super) fn applied(&mut self, ticket: Ticket) {
        let over = self.fetching.over.remove(&ticket);
        self.outbox.extend(over.map(|(channel, output)| Output::Objects(channel, output)));
    }

    /// Somebody wants objects: if the channel is for them.
    fn plan(&mut self, way: Way, request: Request) {
        let channel = request.channel;
        let person = self.up.get(&way.to).map(|up| up.person);
        if person.is_some_and(|person| self.rights.reads(channel, person)) {
            self.fetching.ways.insert(way, channel);
            self.outbox.push(Output::Objects(channel, Wanted::Plan(way, request)));
        } else {
            self.queue.push_back(Step::Objects(Input::Planned(way, None)));
        }
    }

    fn work_for(&mut self, way: Way, output: Wanted) {
        let channel = self.fetching.ways.get(&way);
        self.outbox.extend(channel.map(|channel| Output::Objects(*channel, output)));
    }

    fn blame(&mut self, peer: NodeId, why: Why) {
        self.tell(Event::Blamed(peer, why));
        if why == Why::Lie {
            self.rude(peer);
        }
    }

    /// Ends the session with a peer that does what no honest one does.
    pub(super) fn rude(&mut self, peer: NodeId) {
        let up = self.up.get(&peer);
        self.queue.extend(up.map(|up| Step::Session(session::Input::Rude(up.call))));
    }

    fn send_bulk(&mut self, peer: NodeId, message: Message) {
        let Some(call) = self.up.get(&peer).map(|up| up.call) else { return };
        self.send(call, Lane::Bulk, message.into_bytes());
    }
}
