//! Objects on their way to somebody else.

use std::collections::VecDeque;
use std::time::Duration;

use crate::moment::Moment;
use crate::objects::desk::Desk;
use crate::objects::effect::{Loaded, Output, Way};
use crate::objects::message::{After, Message, PART_LEN_MAX, Part, TAIL_LEN_MAX, Why};
use crate::objects::offer::{Offer, PIECES_MAX, Request};

/// What one node asked for, and how far it is sent: as far as he lets it, and one parcel further in memory.
#[derive(Debug)]
pub(crate) struct Serve {
    way: Way,
    credit: u64,
    offer: Option<Offer>,
    asked: VecDeque<(u32, After)>,
    is_loading: bool,
    parcel: Option<Vec<u8>>,
    /// How much of the parcel went out.
    sent: usize,
    was_heard: bool,
    deadline: Moment,
    pub(crate) is_over: bool,
}

/// Who says nothing for so long gets nothing more.
const IDLE: Duration = Duration::from_secs(60);

/// More is not sent ahead, whatever is granted.
const CREDIT_MAX: u64 = 16 << 20;

/// What a parcel takes that is being loaded, mostly.
const LOADING_LEN: usize = 1 << 20;

/// What an object takes beside its bytes, at most, where it is judged whether all fits.
const LABEL_LEN: u64 = 64;

impl Serve {
    pub(crate) fn new(way: Way, request: Request, credit: u32, desk: &mut Desk) -> Self {
        desk.out.push(Output::Plan(way, request));
        Self {
            way,
            credit: credit.into(),
            offer: None,
            asked: VecDeque::new(),
            is_loading: false,
            parcel: None,
            sent: 0,
            was_heard: false,
            deadline: desk.now + IDLE,
            is_over: false,
        }
    }

    pub(crate) fn wake_at(&self) -> Moment {
        self.deadline
    }

    /// Objects whose places are remembered for it.
    pub(crate) fn planned_count(&self) -> u64 {
        self.offer.as_ref().map_or(0, |offer| offer.objects.into())
    }

    /// Bytes that wait here for credit, or are about to.
    pub(crate) fn held(&self) -> usize {
        let loading = if self.is_loading { LOADING_LEN } else { 0 };
        self.parcel.as_ref().map_or(loading, Vec::len)
    }

    pub(crate) fn planned(&mut self, offer: Option<Offer>, desk: &mut Desk) {
        let Some(offer) = offer else { return self.refuse(Why::Unreadable, desk) };
        let length = offer.bytes + u64::from(offer.objects) * LABEL_LEN;
        let comes = offer.piece_count() == 1 && length <= self.credit;
        if comes {
            self.asked.push_back((0, After::Before));
        }
        let transfer = self.way.transfer;
        desk.say(self.way.to, Message::Offer { transfer, offer: offer.clone(), comes });
        self.offer = Some(offer);
    }

    pub(crate) fn asked(&mut self, piece: u32, after: After, desk: &mut Desk) {
        self.was_heard = true;
        let is_offered = self.offer.as_ref().is_some_and(|offer| piece < offer.piece_count());
        if is_offered && self.asked.len() < PIECES_MAX {
            self.asked.push_back((piece, after));
        } else {
            desk.out.push(Output::Blamed(self.way.to, Why::Lie));
            self.refuse(Why::Lie, desk);
        }
    }

    pub(crate) fn granted(&mut self, bytes: u32, desk: &mut Desk) {
        self.was_heard = true;
        self.credit = (self.credit + u64::from(bytes)).min(CREDIT_MAX);
        self.send(desk);
    }

    /// Whether the next parcel is to be loaded.
    pub(crate) fn wants_more(&self) -> bool {
        let is_idle = !self.is_loading && self.parcel.is_none() && !self.is_over;
        is_idle && self.credit > 0 && !self.asked.is_empty()
    }

    pub(crate) fn load(&mut self, desk: &mut Desk) {
        if let Some((piece, after)) = self.asked.front() {
            self.is_loading = true;
            let (way, piece, bases) = (self.way, *piece, (*after).into());
            desk.out.push(Output::Load { way, piece, bases });
        }
    }

    pub(crate) fn loaded(&mut self, loaded: Loaded, desk: &mut Desk) {
        self.is_loading = false;
        match loaded {
            Loaded::Parcel(parcel) => {
                (self.parcel, self.sent) = (Some(parcel), 0);
                self.send(desk);
            }
            Loaded::End => _ = self.asked.pop_front(),
            Loaded::Unreadable => self.refuse(Why::Unreadable, desk),
        }
    }

    pub(crate) fn tick(&mut self, desk: &mut Desk) {
        if std::mem::take(&mut self.was_heard) {
            self.deadline = desk.now + IDLE;
        }
        if self.deadline <= desk.now {
            self.refuse(Why::Slow, desk);
        }
    }

    /// Ends it without a word.
    pub(crate) fn close(&mut self, desk: &mut Desk) {
        self.is_over = true;
        desk.out.push(Output::Close(self.way));
    }

    /// Ends it, and says why.
    pub(crate) fn refuse(&mut self, why: Why, desk: &mut Desk) {
        desk.say(self.way.to, Message::Refuse { transfer: self.way.transfer, why });
        self.close(desk);
    }

    /// Sends as much of the parcel as may go.
    fn send(&mut self, desk: &mut Desk) {
        let Some(piece) = self.asked.front().map(|(piece, _)| *piece) else { return };
        while let Some(mut parcel) = self.parcel.take() {
            let rest = parcel.len() - self.sent;
            let length = rest.min(PART_LEN_MAX);
            if self.credit < length as u64 {
                self.parcel = Some(parcel);
                return;
            }
            self.credit -= length as u64;
            let bytes = self.cut(&mut parcel, length);
            let left = u32::try_from(rest - length).expect("a parcel is shorter than 4 GiB");
            let part = Part { transfer: self.way.transfer, piece, rest: left, bytes };
            desk.say(self.way.to, Message::Part(part));
            self.parcel = Some(parcel).filter(|_| left > 0);
        }
    }

    /// Takes the next part out of the parcel, with room for its tail.
    fn cut(&mut self, parcel: &mut Vec<u8>, length: usize) -> Vec<u8> {
        if self.sent == 0 && parcel.len() < 2 * length {
            // What is left is less than what goes.
            let left = parcel.split_off(length);
            return std::mem::replace(parcel, left);
        }
        let mut bytes = Vec::with_capacity(length + TAIL_LEN_MAX);
        bytes.extend_from_slice(&parcel[self.sent..self.sent + length]);
        self.sent += length;
        bytes
    }
}
