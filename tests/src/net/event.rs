//! What is going to happen.

use std::cmp::Ordering;

use selkie_sync::{Lane, Moment};

/// Something that happens to one place at one moment; of two at the same, what was caused first.
#[derive(Debug)]
pub(crate) struct Event<M> {
    pub(crate) at: Moment,
    pub(crate) serial: u64,
    pub(crate) place: usize,
    pub(crate) what: What<M>,
}

/// What happens.
#[derive(Debug)]
pub(crate) enum What<M> {
    /// The node wanted to be woken, in this run of it.
    Tick { run: u32 },
    /// A message arrives. On a stream it belongs to one connection.
    Arrival { from: usize, lane: Lane, connection: Option<u32>, message: M },
    /// Both ends of a broken connection are told.
    Lost { peer: usize, connection: u32 },
}

impl<M> Event<M> {
    const fn order(&self) -> (Moment, u64) {
        (self.at, self.serial)
    }
}

impl<M> PartialEq for Event<M> {
    fn eq(&self, other: &Self) -> bool {
        self.order() == other.order()
    }
}

impl<M> Eq for Event<M> {}

impl<M> PartialOrd for Event<M> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<M> Ord for Event<M> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.order().cmp(&other.order())
    }
}
