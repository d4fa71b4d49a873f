//! Objects that go from those who have them to those who lack them.

use std::collections::BTreeMap;

use crate::identity::node_id::NodeId;
use crate::moment::Moment;
use crate::objects::desk::Desk;
use crate::objects::effect::{Input, Output, Way};
use crate::objects::fetch::Fetch;
use crate::objects::message::{Message, Why};
use crate::objects::offer::{Offer, Request};
use crate::objects::serve::Serve;

mod desk;
pub(crate) mod effect;
mod fetch;
pub(crate) mod intake;
pub(crate) mod message;
pub(crate) mod offer;
pub(crate) mod outlet;
mod plan;
pub(crate) mod porter;
mod seek;
mod serve;
pub(crate) mod source;

/// The part that moves objects: what this node fetches, and what others fetch from it.
///
/// It holds no object but those that are on their way: for each source of a fetch a window of bytes and one long
/// parcel, for each node that fetches one parcel.
#[derive(Debug, Default)]
pub struct Objects {
    fetches: BTreeMap<u32, Fetch>,
    serves: BTreeMap<Way, Serve>,
    next_transfer: u32,
    turns: u64,
    told: Option<Moment>,
    outbox: Vec<Output>,
}

/// Transfers to all nodes at a time.
const SERVES_MAX: usize = 64;

/// Transfers to one node at a time.
const SERVES_OF_ONE_MAX: usize = 8;

/// Objects in all that is planned at a time, 40 MB of places. One alone may be larger.
const PLANNED_MAX: u64 = 2 << 20;

/// Bytes of parcels that wait for their receivers' credit, from where on no more are loaded.
const HELD_MAX: usize = 16 << 20;

impl Objects {
    /// Advances by one event and drains what is to be done now, in order.
    pub fn handle(&mut self, now: Moment, input: Input) -> impl Iterator<Item = Output> {
        let mut out = std::mem::take(&mut self.outbox);
        let mut next_transfer = self.next_transfer;
        let mut desk = Desk { now, next_transfer: &mut next_transfer, out: &mut out };
        self.step(input, &mut desk);
        self.load(&mut desk);
        self.fetches.retain(|_, fetch| !fetch.is_over);
        self.serves.retain(|_, serve| !serve.is_over);
        self.wake(&mut desk);
        self.next_transfer = next_transfer;
        self.outbox = out;
        self.outbox.drain(..)
    }

    fn step(&mut self, input: Input, desk: &mut Desk) {
        match input {
            Input::Fetch { fetch, sources, request, bytes_max, along } => {
                let mut begun = Fetch::new(fetch, sources, request, bytes_max);
                match along {
                    Some((from, parcel)) => begun.begin_along(from, parcel, desk),
                    None => begun.begin(desk),
                }
                self.fetches.insert(fetch, begun);
            }
            Input::Abandon(fetch) => {
                self.with(fetch, |fetch| fetch.stop(Why::Unwanted, desk));
            }
            Input::Lost(peer) => {
                self.fetches.values_mut().for_each(|fetch| fetch.lost(peer, desk));
                let of_peer = self.serves.iter_mut().filter(|(way, _)| way.to == peer);
                of_peer.for_each(|(_, serve)| serve.close(desk));
            }
            Input::Received(from, message) => self.received(from, message, desk),
            Input::Tick => {
                self.fetches.values_mut().for_each(|fetch| fetch.tick(desk));
                self.serves.values_mut().for_each(|serve| serve.tick(desk));
            }
            Input::Looked(fetch, here) => {
                self.with(fetch, |fetch| fetch.looked(here.as_deref(), desk));
            }
            Input::TookAlong(fetch, along) => {
                self.with(fetch, |fetch| fetch.took_along(along, desk));
            }
            Input::Took(fetch, taken) => self.with(fetch, |fetch| fetch.took(taken, desk)),
            Input::Kept(fetch, kept) => self.with(fetch, |fetch| fetch.kept(kept, desk)),
            Input::Planned(way, offer) => self.planned(way, offer, desk),
            Input::Loaded(way, loaded) => {
                if let Some(serve) = self.serves.get_mut(&way) {
                    serve.loaded(loaded, desk);
                }
            }
        }
    }

    fn received(&mut self, from: NodeId, message: Message, desk: &mut Desk) {
        let transfer = message.transfer();
        let (fetches, serves) = (&mut self.fetches, &mut self.serves);
        // What is said of a transfer that is over crossed the word that it is.
        let mut fetch = fetches.values_mut().find(|fetch| fetch.has(from, transfer));
        let way = |turn| Way { to: from, transfer, turn };
        let mut serve = serves.range_mut(way(0)..=way(u64::MAX)).map(|(_, serve)| serve).next();
        match message {
            Message::Want { request, credit, .. } => {
                // Of two that go by one number nobody could tell which is meant.
                if serve.is_some() {
                    return desk.say(from, Message::Refuse { transfer, why: Why::Busy });
                }
                self.wanted(from, transfer, request, credit, desk);
            }
            Message::Ask { piece, after, .. } => {
                if let Some(serve) = &mut serve {
                    serve.asked(piece, after, desk);
                }
            }
            Message::Grant { bytes, .. } => {
                if let Some(serve) = &mut serve {
                    serve.granted(bytes, desk);
                }
            }
            Message::Offer { offer, comes, .. } => {
                if let Some(fetch) = &mut fetch {
                    fetch.offered(from, transfer, offer, comes, desk);
                }
            }
            Message::Part(part) => {
                if let Some(fetch) = &mut fetch {
                    fetch.received(from, part, desk);
                    // All come on one lane, where one waits for the other.
                    self.fetches.values_mut().for_each(|fetch| fetch.hears_of(from));
                }
            }
            Message::Refuse { why, .. } => {
                if let Some(fetch) = &mut fetch {
                    fetch.refused(from, transfer, why, desk);
                }
            }
            Message::Stop { why, .. } => {
                if let Some(serve) = &mut serve {
                    serve.close(desk);
                    if why == Why::Lie {
                        // We did not mean to: the disk may be bad.
                        desk.out.push(Output::Accused(from));
                    }
                }
            }
        }
    }

    fn wanted(
        &mut self,
        to: NodeId,
        transfer: u32,
        request: Request,
        credit: u32,
        desk: &mut Desk,
    ) {
        let of_one = self.serves.keys().filter(|way| way.to == to).count();
        if self.serves.len() >= SERVES_MAX || of_one >= SERVES_OF_ONE_MAX {
            return desk.say(to, Message::Refuse { transfer, why: Why::Busy });
        }
        self.turns += 1;
        let way = Way { to, transfer, turn: self.turns };
        self.serves.insert(way, Serve::new(way, request, credit, desk));
    }

    fn planned(&mut self, way: Way, offer: Option<Offer>, desk: &mut Desk) {
        let others = self.serves.iter().filter(|(other, _)| **other != way);
        let planned: u64 = others.map(|(_, serve)| serve.planned_count()).sum();
        let more = offer.as_ref().map_or(0, |offer| u64::from(offer.objects));
        let Some(serve) = self.serves.get_mut(&way) else { return };
        if planned > 0 && planned + more > PLANNED_MAX {
            return serve.refuse(Why::Busy, desk);
        }
        serve.planned(offer, desk);
    }

    /// Has parcels loaded for whoever may be sent more, as long as not too much waits here.
    fn load(&mut self, desk: &mut Desk) {
        let mut held: usize = self.serves.values().map(Serve::held).sum();
        for serve in self.serves.values_mut() {
            if held < HELD_MAX && serve.wants_more() {
                serve.load(desk);
                held += serve.held();
            }
        }
    }

    /// Tells when to come back, if that is another time than was told.
    fn wake(&mut self, desk: &mut Desk) {
        let fetches = self.fetches.values().map(Fetch::wake_at);
        let at = fetches.chain(self.serves.values().map(Serve::wake_at)).min();
        let at = at.filter(|at| *at != Moment::NEVER);
        if let Some(at) = at.filter(|at| self.told != Some(*at)) {
            desk.out.push(Output::WakeAt(at));
        }
        self.told = at;
    }

    fn with(&mut self, fetch: u32, act: impl FnOnce(&mut Fetch)) {
        // What was still worked on when a fetch ended comes to nothing.
        if let Some(fetch) = self.fetches.get_mut(&fetch) {
            act(fetch);
        }
    }
}
