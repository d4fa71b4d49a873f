//! What goes over all connections of a node together.

use std::num::NonZeroU64;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::node::bounds::Bounds;
use crate::node::half::Halves;
use crate::node::throttle::Throttle;
use crate::node::toll::Toll;

/// What all connections share: how fast they are, and how much waits on them.
#[derive(Debug)]
pub(super) struct Flow {
    /// For what is sent.
    pub(super) send: Option<Throttle>,
    /// For what is taken.
    pub(super) receive: Option<Throttle>,
    /// Messages that are taken of each peer in a second.
    messages: NonZeroU64,
    /// Bytes that wait to be sent, on all lines.
    pub(super) waiting: AtomicUsize,
    waiting_max: usize,
    /// What is here of messages that are not whole.
    pub(super) halves: Arc<Halves>,
}

/// Such a part of the memory of connections may be what waits to be sent. The rest is for what QUIC holds, in and out,
const WAITING_PART: usize = 4;
/// but for such a part, which is for messages that came and are not whole.
const HALVES_PART: usize = 8;

impl Flow {
    pub(super) fn within(bounds: Bounds) -> Self {
        let Bounds { send, receive, messages, memory } = bounds;
        let [send, receive] = [send, receive].map(|rate| rate.map(Throttle::new));
        let waiting_max = memory / WAITING_PART;
        let halves = Halves::within(memory / HALVES_PART, bounds.receive);
        Self { send, receive, messages, waiting: AtomicUsize::new(0), waiting_max, halves }
    }

    /// What counts the messages of one peer.
    pub(super) fn of_peer(&self) -> Arc<Toll> {
        Arc::new(Toll::new(self.messages))
    }

    /// Whether so much waits on all lines together that only what is short is begun on any.
    pub(super) fn is_full(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > self.waiting_max / 2
    }

    /// Whether there is no room for what waits.
    pub(super) fn is_overfull(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > self.waiting_max
    }
}
