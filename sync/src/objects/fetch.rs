//! Objects on their way here.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::identity::node_id::NodeId;
use crate::moment::Moment;
use crate::objects::desk::Desk;
use crate::objects::effect::{Failure, Output};
use crate::objects::intake::{Kept, Taken};
use crate::objects::message::{After, Message, Part, Why};
use crate::objects::offer::{Offer, Request};
use crate::objects::plan::{Counted, Plan};
use crate::objects::seek::Seek;
use crate::objects::source::{Came, PROGRESS_MIN, Source};

mod along;
mod seeking;

/// One fetch: who is asked for what, and what came.
#[derive(Debug)]
pub(crate) struct Fetch {
    number: u32,
    request: Request,
    bytes_max: u64,
    sources: BTreeMap<NodeId, Source>,
    /// Who was not asked yet.
    spare: VecDeque<NodeId>,
    /// Who offered something else than the plan. Either may be right.
    dissent: VecDeque<NodeId>,
    blamed: BTreeSet<NodeId>,
    plan: Option<Plan>,
    seek: Option<Seek>,
    /// Parcels that the store works on, in order.
    taking: VecDeque<Parcel>,
    /// Parcels that wait for the pieces before theirs, in order.
    waiting: VecDeque<(Parcel, Vec<u8>)>,
    /// Work on the store that is done for a plan which was given up: looks, and pieces kept.
    stale_looks: u32,
    stale_keeps: u32,
    is_looking: bool,
    is_keeping: bool,
    /// Whose parcel the store works on that came along.
    along: Option<NodeId>,
    pub(crate) is_over: bool,
}

/// A parcel, without its bytes.
#[derive(Clone, Copy, Debug)]
struct Parcel {
    from: NodeId,
    transfer: u32,
    piece: u32,
    length: u64,
}

/// What may come before anything is asked for: all of a small change.
const UNASKED: u32 = (1 << 20) + (256 << 10);

/// Sources that send at the same time.
const SOURCES_MAX: usize = 4;

/// Pieces that one source is asked for at a time, so that it never waits for the next question.
const ASKED_MAX: usize = 2;

/// Pieces that are open at a time.
const OPEN_MAX: usize = 8;

/// Bytes of long parcels that are put together at a time, from all sources.
const ASSEMBLED_MAX: u64 = 96 << 20;

impl Fetch {
    pub(crate) fn new(number: u32, sources: Vec<NodeId>, request: Request, bytes_max: u64) -> Self {
        let mut spare = VecDeque::new();
        for peer in sources {
            if !spare.contains(&peer) {
                spare.push_back(peer);
            }
        }
        Self {
            number,
            request,
            bytes_max,
            sources: BTreeMap::new(),
            spare,
            dissent: VecDeque::new(),
            blamed: BTreeSet::new(),
            plan: None,
            seek: None,
            taking: VecDeque::new(),
            waiting: VecDeque::new(),
            stale_looks: 0,
            stale_keeps: 0,
            is_looking: false,
            is_keeping: false,
            along: None,
            is_over: false,
        }
    }

    /// When it wants to look again whether somebody is late.
    pub(crate) fn wake_at(&self) -> Moment {
        let sources = self.sources.values().chain(self.seek.as_ref().map(|seek| &seek.source));
        let expected = sources.filter(|source| source.is_expected());
        expected.map(|source| source.deadline).min().unwrap_or(Moment::NEVER)
    }

    /// Whether this transfer is one of its own.
    pub(crate) fn has(&self, from: NodeId, transfer: u32) -> bool {
        self.is_sought(from, transfer)
            || self.sources.get(&from).is_some_and(|source| source.transfer == transfer)
    }

    /// Ends it, and tells all who send.
    pub(crate) fn stop(&mut self, why: Why, desk: &mut Desk) {
        for (peer, source) in std::mem::take(&mut self.sources) {
            desk.say(peer, Message::Stop { transfer: source.transfer, why });
        }
        self.close_seek(why, desk);
        self.is_over = true;
    }

    pub(crate) fn offered(
        &mut self,
        from: NodeId,
        transfer: u32,
        offer: Offer,
        comes: bool,
        desk: &mut Desk,
    ) {
        if self.is_sought(from, transfer) {
            let seek = self.seek.as_mut();
            return match seek.map(|seek| seek.offered(&offer, comes, desk)) {
                Some(true) | None => {}
                Some(false) => self.seek_elsewhere(Why::Unwanted, desk),
            };
        }
        let Some(source) = self.sources.get_mut(&from) else { return };
        if source.has_offered {
            return self.replace(from, Why::Lie, desk);
        }
        source.has_offered = true;
        if offer.bytes > self.bytes_max {
            return self.replace(from, Why::TooMuch, desk);
        }
        if self.plan.as_ref().is_some_and(|plan| plan.offer != offer) {
            self.dissent.push_back(from);
            return self.replace(from, Why::Unwanted, desk);
        }
        if self.plan.is_none() {
            self.adopt(from, offer, comes, desk);
        }
        self.go_on(desk);
    }

    pub(crate) fn looked(&mut self, here: Option<&[bool]>, desk: &mut Desk) {
        if self.stale_looks > 0 {
            self.stale_looks -= 1;
            return;
        }
        self.is_looking = false;
        let Some(here) = here else { return self.fail(Failure::Store, desk) };
        let Some(plan) = &mut self.plan else { return };
        let todo = plan.looked(here);
        // The more there is to come the more may share it.
        while self.sources.len() < SOURCES_MAX.min(todo) && self.ask_another(desk) {}
        self.go_on(desk);
    }

    pub(crate) fn received(&mut self, from: NodeId, part: Part, desk: &mut Desk) {
        let (mut piece, length) = (part.piece, part.bytes.len() as u64);
        let is_sought = self.is_sought(from, part.transfer);
        let assembled: u64 = self.sources.values().map(Source::assembled).sum();
        if is_sought {
            piece = self.seek.as_ref().map_or(piece, |seek| seek.lack.piece);
        } else {
            let plan = self.plan.as_mut();
            let may_come = plan.is_some_and(|plan| plan.may_come(piece, length));
            let was_asked = |source: &Source| source.asked.contains(&piece);
            if !may_come || !self.sources.get(&from).is_some_and(was_asked) {
                return self.replace(from, Why::Lie, desk);
            }
        }
        let Some(source) = self.source(from, is_sought) else { return };
        let transfer = source.transfer;
        match source.receive(part) {
            Came::Unasked => self.lied(from, is_sought, desk),
            Came::Part if assembled > ASSEMBLED_MAX => self.replace(from, Why::TooMuch, desk),
            Came::Part => self.grant(from, is_sought, desk),
            Came::Parcel(bytes) => {
                let length = bytes.len() as u64;
                let parcel = Parcel { from, transfer, piece, length };
                let waits = self.plan.as_ref().is_some_and(|plan| plan.has_to_wait(piece));
                if waits && !is_sought {
                    self.waiting.push_back((parcel, bytes));
                } else {
                    self.take(parcel, bytes, desk);
                }
            }
        }
    }

    pub(crate) fn took(&mut self, taken: Taken, desk: &mut Desk) {
        let Some(Parcel { from, transfer, piece, length }) = self.taking.pop_front() else {
            return;
        };
        if !self.has(from, transfer) {
            // It was replaced meanwhile, and the piece was forgotten with it.
            return;
        }
        let is_sought = self.is_sought(from, transfer);
        if let Some(source) = self.source(from, is_sought) {
            source.release(length);
        }
        match taken {
            Taken::Objects(objects, _) if is_sought => self.sought(from, objects, desk),
            Taken::Objects(objects, bytes) => self.count(from, piece, objects, bytes, desk),
            Taken::NoBase if !is_sought => self.ask_without_bases(from, piece, desk),
            Taken::NoBase | Taken::Lie => self.lied(from, is_sought, desk),
            Taken::Unwritten => self.fail(Failure::Store, desk),
        }
        self.grant(from, is_sought, desk);
    }

    pub(crate) fn kept(&mut self, kept: Kept, desk: &mut Desk) {
        if self.stale_keeps > 0 {
            self.stale_keeps -= 1;
            return;
        }
        self.is_keeping = false;
        let Some(plan) = &mut self.plan else { return };
        let Some((piece, Some(from))) = plan.next_to_keep() else { return };
        match kept {
            Kept::Whole => {
                plan.kept(piece);
                self.close_seek(Why::Done, desk);
                self.keep_next(desk);
                self.take_waiting(desk);
                self.go_on(desk);
            }
            Kept::Unmet(unmet) => self.begin_seek(piece, from, unmet, desk),
            Kept::Other => {
                plan.take_back(piece, After::Nothing);
                self.replace(from, Why::Lie, desk);
            }
            Kept::Unwritten => self.fail(Failure::Store, desk),
        }
    }

    /// A node says that it sends no more of a transfer.
    pub(crate) fn refused(&mut self, from: NodeId, transfer: u32, why: Why, desk: &mut Desk) {
        if self.is_sought(from, transfer) {
            return self.seek_elsewhere(Why::Unwanted, desk);
        }
        if why == Why::Slow {
            // It had nothing to do for us while others sent, and may have later.
            self.dissent.push_back(from);
        }
        self.drop_source(from, desk);
    }

    /// A node sends something of another fetch.
    pub(crate) fn hears_of(&mut self, peer: NodeId) {
        self.sources.get_mut(&peer).into_iter().for_each(Source::stirs);
        let seek = self.seek.as_mut().filter(|seek| seek.from == peer);
        seek.into_iter().for_each(|seek| seek.source.stirs());
    }

    /// A node is gone.
    pub(crate) fn lost(&mut self, peer: NodeId, desk: &mut Desk) {
        self.spare.retain(|spare| *spare != peer);
        self.dissent.retain(|dissent| *dissent != peer);
        if self.seek.as_ref().is_some_and(|seek| seek.from == peer) {
            self.seek_elsewhere(Why::Unwanted, desk);
        }
        if self.sources.contains_key(&peer) && !self.is_over {
            self.drop_source(peer, desk);
        }
    }

    pub(crate) fn tick(&mut self, desk: &mut Desk) {
        // Where no other can be asked any byte will do.
        let is_alone = self.sources.len() == 1 && self.spare.is_empty();
        let least = if is_alone { 1 } else { PROGRESS_MIN };
        // What our store has not taken yet is no fault of theirs.
        let busy: BTreeSet<_> = self.taking.iter().map(|parcel| parcel.from).collect();
        let least_of = |peer: &NodeId| if busy.contains(peer) { 0 } else { least };
        let mut late = Vec::new();
        for (peer, source) in &mut self.sources {
            if source.is_late(desk.now, least_of(peer)) {
                late.push(*peer);
            }
        }
        late.into_iter().for_each(|peer| self.replace(peer, Why::Slow, desk));
        let seek = self.seek.as_mut();
        if seek.is_some_and(|seek| seek.source.is_late(desk.now, least_of(&seek.from).min(1))) {
            self.seek_elsewhere(Why::Slow, desk);
        }
    }

    pub(crate) fn begin(&mut self, desk: &mut Desk) {
        self.plan = None;
        if self.spare.is_empty() {
            self.spare = std::mem::take(&mut self.dissent);
        }
        let Some(peer) = self.spare.pop_front() else {
            return self.fail(Failure::NoSource, desk);
        };
        let source = desk.want(peer, &self.request, UNASKED);
        self.sources.insert(peer, source);
    }

    /// Whether there was one to ask.
    fn ask_another(&mut self, desk: &mut Desk) -> bool {
        let Some(peer) = self.spare.pop_front() else { return false };
        let source = desk.want(peer, &self.request, 0);
        self.sources.insert(peer, source);
        true
    }

    fn adopt(&mut self, from: NodeId, offer: Offer, comes: bool, desk: &mut Desk) {
        let mut plan = Plan::new(offer);
        if comes && plan.offer.piece_count() == 1 {
            plan.give(0, from);
            self.sources.get_mut(&from).into_iter().for_each(|source| source.asked.push(0));
        }
        if !plan.is_looked {
            self.is_looking = true;
            desk.out.push(Output::Look(self.number, plan.samples()));
        }
        self.plan = Some(plan);
    }

    /// Asks whoever is free for what is next, and ends if nothing is.
    fn go_on(&mut self, desk: &mut Desk) {
        let Some(plan) = self.plan.as_mut().filter(|_| !self.is_over) else { return };
        if plan.is_done() {
            let absent = plan.offer.absent.iter().map(|name| name.id()).collect();
            self.stop(Why::Done, desk);
            return desk.out.push(Output::Fetched(self.number, absent));
        }
        while plan.is_looked
            && plan.open().count() < OPEN_MAX
            && let Some(piece) = plan.next_todo()
        {
            // Who has least to do.
            let free = self
                .sources
                .iter_mut()
                .filter(|(_, source)| source.has_offered && source.asked.len() < ASKED_MAX);
            let free = free.min_by_key(|(_, source)| source.asked.len());
            let Some((peer, source)) = free else { return };
            let (transfer, after) = (source.transfer, plan.give(piece, *peer));
            source.asked.push(piece);
            desk.say(*peer, Message::Ask { transfer, piece, after });
            if let Some(bytes) = source.grant() {
                desk.say(*peer, Message::Grant { transfer, bytes });
            }
        }
    }

    fn take(&mut self, parcel: Parcel, bytes: Vec<u8>, desk: &mut Desk) {
        self.taking.push_back(parcel);
        let (fetch, piece) = (self.number, parcel.piece);
        desk.out.push(Output::Take { fetch, piece, parcel: bytes });
    }

    fn take_waiting(&mut self, desk: &mut Desk) {
        for (parcel, bytes) in std::mem::take(&mut self.waiting) {
            let waits = |plan: &Plan| plan.has_to_wait(parcel.piece);
            if self.plan.as_ref().is_some_and(waits) {
                self.waiting.push_back((parcel, bytes));
            } else {
                self.take(parcel, bytes, desk);
            }
        }
    }

    fn count(&mut self, from: NodeId, piece: u32, objects: u32, bytes: u64, desk: &mut Desk) {
        let Some(plan) = &mut self.plan else { return };
        match plan.count(from, piece, objects, bytes) {
            Counted::More | Counted::Stale => {}
            Counted::Wrong => self.replace(from, Why::Lie, desk),
            Counted::Whole => {
                if let Some(source) = self.sources.get_mut(&from) {
                    source.asked.retain(|asked| *asked != piece);
                }
                self.keep_next(desk);
                self.go_on(desk);
            }
        }
    }

    /// Has the next piece made durable, if all of it came.
    fn keep_next(&mut self, desk: &mut Desk) {
        let Some(plan) = self.plan.as_ref().filter(|_| !self.is_keeping) else { return };
        if let Some((piece, Some(_))) = plan.next_to_keep() {
            self.is_keeping = true;
            let check = plan.check(piece);
            desk.out.push(Output::Keep { fetch: self.number, piece, check });
        }
    }

    /// Something is a difference to what is not here. What else of the piece is on its way is left behind with
    /// the transfer.
    fn ask_without_bases(&mut self, from: NodeId, piece: u32, desk: &mut Desk) {
        let Some(source) = self.sources.get(&from) else { return };
        desk.say(from, Message::Stop { transfer: source.transfer, why: Why::Unwanted });
        self.give_back(from, desk);
        self.plan.iter_mut().for_each(|plan| plan.take_back(piece, After::Nothing));
        let source = desk.want(from, &self.request, 0);
        self.sources.insert(from, source);
    }

    fn lied(&mut self, from: NodeId, is_sought: bool, desk: &mut Desk) {
        if is_sought {
            self.blame(from, Why::Lie, desk);
            return self.seek_elsewhere(Why::Lie, desk);
        }
        self.replace(from, Why::Lie, desk);
    }

    /// Tells once who is to blame.
    fn blame(&mut self, peer: NodeId, why: Why, desk: &mut Desk) {
        if self.blamed.insert(peer) {
            desk.out.push(Output::Blamed(peer, why));
        }
    }

    /// Ends the transfer from a source, tells it why, and asks others for what it was asked for.
    fn replace(&mut self, peer: NodeId, why: Why, desk: &mut Desk) {
        if matches!(why, Why::Lie | Why::Slow | Why::TooMuch) {
            self.blame(peer, why, desk);
        }
        let Some(source) = self.sources.get(&peer) else { return self.go_on(desk) };
        desk.say(peer, Message::Stop { transfer: source.transfer, why });
        self.drop_source(peer, desk);
    }

    fn drop_source(&mut self, peer: NodeId, desk: &mut Desk) {
        self.give_back(peer, desk);
        self.sources.remove(&peer);
        let has_todo = |plan: &Plan| !plan.is_looked || plan.next_todo().is_some();
        // What came whole and waits to be kept needs nobody any more.
        let is_needed = self.plan.as_ref().is_none_or(has_todo);
        if self.plan.as_ref().is_some_and(|plan| plan.is_looked) && is_needed {
            self.ask_another(desk);
        }
        if self.sources.is_empty() && is_needed {
            return self.begin_again(desk);
        }
        self.go_on(desk);
    }

    /// Nobody who offers this plan is left. Another one may be offered.
    fn begin_again(&mut self, desk: &mut Desk) {
        for piece in self.plan.iter().flat_map(Plan::open) {
            desk.out.push(Output::Forget { fetch: self.number, piece });
        }
        self.stale_looks += u32::from(std::mem::take(&mut self.is_looking));
        self.stale_keeps += u32::from(std::mem::take(&mut self.is_keeping));
        self.close_seek(Why::Unwanted, desk);
        self.begin(desk);
    }

    /// Takes back what a source was asked for and did not finish.
    fn give_back(&mut self, peer: NodeId, desk: &mut Desk) {
        self.waiting.retain(|(parcel, _)| parcel.from != peer);
        let asked = self.sources.get_mut(&peer).map(|source| std::mem::take(&mut source.asked));
        for piece in asked.into_iter().flatten() {
            desk.out.push(Output::Forget { fetch: self.number, piece });
            self.plan.iter_mut().for_each(|plan| plan.take_back(piece, After::Before));
        }
    }

    fn fail(&mut self, failure: Failure, desk: &mut Desk) {
        self.stop(Why::Unwanted, desk);
        desk.out.push(Output::Failed(self.number, failure));
    }

    fn source(&mut self, from: NodeId, is_sought: bool) -> Option<&mut Source> {
        match &mut self.seek {
            Some(seek) if is_sought => Some(&mut seek.source),
            _ => self.sources.get_mut(&from),
        }
    }

    /// Lets a source send on, if anything is to come from it.
    fn grant(&mut self, from: NodeId, is_sought: bool, desk: &mut Desk) {
        let Some(source) = self.source(from, is_sought) else { return };
        let transfer = source.transfer;
        if !source.asked.is_empty()
            && let Some(bytes) = source.grant()
        {
            desk.say(from, Message::Grant { transfer, bytes });
        }
    }
}
