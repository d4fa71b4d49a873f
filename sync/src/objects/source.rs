//! Somebody who sends, as who receives sees him.

use std::time::Duration;

use crate::moment::Moment;
use crate::objects::message::Part;

/// One source of a fetch: what was asked of it, what it may send, and what it is late with.
#[derive(Debug)]
pub(crate) struct Source {
    /// The number of the transfer from it.
    pub(crate) transfer: u32,
    /// Whether it offers what the others do.
    pub(crate) has_offered: bool,
    /// Pieces that it was asked for, in that order.
    pub(crate) asked: Vec<u32>,
    /// Bytes that it may still send.
    credit: u64,
    /// Bytes that it sent and the store has not taken.
    pub(crate) held: u64,
    parcel: Vec<u8>,
    rest: u32,
    came: u64,
    pub(crate) deadline: Moment,
}

/// What became of a part.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Came {
    /// More of the parcel has to come.
    Part,
    /// A whole parcel.
    Parcel(Vec<u8>),
    /// What nobody asked for: too much, or of another parcel.
    Unasked,
}

/// Bytes that may be on their way, or in memory and not yet in the store.
pub(crate) const WINDOW: u32 = 4 << 20;

/// Who brings less in the time of [`STALL`] is replaced where another can be asked.
pub(crate) const PROGRESS_MIN: u64 = 64 << 10;

/// Who is silent for so long is replaced.
pub(crate) const STALL: Duration = Duration::from_secs(10);

/// Bytes in the longest parcel: the longest object that there is, and its label.
pub(crate) const PARCEL_LEN_MAX: u64 = (64 << 20) + (1 << 20);

impl Source {
    pub(crate) fn new(now: Moment, transfer: u32, credit: u32) -> Self {
        Self {
            transfer,
            has_offered: false,
            asked: Vec::new(),
            credit: credit.into(),
            held: 0,
            parcel: Vec::new(),
            rest: 0,
            came: 0,
            deadline: now + STALL,
        }
    }

    /// Takes in a part.
    pub(crate) fn receive(&mut self, part: Part) -> Came {
        let length = part.bytes.len() as u64;
        let total = self.parcel.len() as u64 + length + u64::from(part.rest);
        let follows = self.rest == 0 || u64::from(self.rest) == length + u64::from(part.rest);
        // An empty part could be sent for ever.
        if length == 0 || length > self.credit || total > PARCEL_LEN_MAX || !follows {
            return Came::Unasked;
        }
        self.credit -= length;
        self.came += length;
        self.rest = part.rest;
        if self.parcel.is_empty() {
            self.parcel = part.bytes;
        } else {
            self.parcel.extend(part.bytes);
        }
        if self.rest > 0 {
            return Came::Part;
        }
        let parcel = std::mem::take(&mut self.parcel);
        self.held += parcel.len() as u64;
        Came::Parcel(parcel)
    }

    /// Bytes of a parcel whose parts still come.
    pub(crate) const fn assembled(&self) -> u64 {
        self.parcel.len() as u64
    }

    /// Notes that the store took a parcel.
    pub(crate) const fn release(&mut self, length: u64) {
        self.held = self.held.saturating_sub(length);
    }

    /// Bytes to grant now: not each crumb by itself. What waits for the rest of its parcel does not count, or a
    /// parcel longer than the window would wait for ever.
    pub(crate) fn grant(&mut self) -> Option<u32> {
        let used = u32::try_from(self.credit + self.held).unwrap_or(u32::MAX);
        let bytes = WINDOW.saturating_sub(used);
        if bytes < WINDOW / 4 {
            return None;
        }
        self.credit += u64::from(bytes);
        Some(bytes)
    }

    /// It is not silent, though nothing came of this.
    pub(crate) fn stirs(&mut self) {
        self.came = self.came.max(1);
    }

    /// Whether it owes something.
    pub(crate) fn is_expected(&self) -> bool {
        !self.has_offered || !self.asked.is_empty()
    }

    /// Looks whether it comes along: whether at least so many bytes came in the time it has.
    pub(crate) fn is_late(&mut self, now: Moment, least: u64) -> bool {
        if !self.is_expected() || self.came >= least {
            self.came = 0;
            self.deadline = now + STALL;
        }
        self.deadline <= now
    }
}
