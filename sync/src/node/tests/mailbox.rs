//! What came to one place.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};

/// One packet.
#[derive(Clone, Debug, Eq, PartialEq, Ord, PartialOrd)]
pub(super) struct Packet {
    pub(super) from: SocketAddr,
    pub(super) to: SocketAddr,
    /// What routers may change: whether there was a jam.
    pub(super) ecn: Option<u8>,
    pub(super) bytes: Vec<u8>,
}

/// Packets that nobody took yet, and where they came to.
#[derive(Debug)]
pub(super) struct Mailbox {
    // Guards what came; it is held for no longer than a call.
    held: Mutex<Held>,
}

#[derive(Debug)]
struct Held {
    /// Where it is for all others. If that is nowhere, whoever has it reaches nobody.
    stands_at: Option<SocketAddr>,
    came: VecDeque<Packet>,
    waits: Option<Waker>,
}

impl Mailbox {
    /// An empty one.
    pub(super) fn at(at: SocketAddr) -> Self {
        let held = Held { stands_at: Some(at), came: VecDeque::new(), waits: None };
        Self { held: Mutex::new(held) }
    }

    /// Where it is.
    pub(super) fn address(&self) -> Option<SocketAddr> {
        self.held().stands_at
    }

    /// From now on it is there.
    pub(super) fn stands_at(&self, at: Option<SocketAddr>) {
        self.held().stands_at = at;
    }

    /// A packet came.
    pub(super) fn put(&self, packet: Packet) {
        let mut held = self.held();
        held.came.push_back(packet);
        held.waits.take().into_iter().for_each(Waker::wake);
    }

    /// Some of what came, or else whoever asks is told when something does.
    pub(super) fn take(&self, cx: &mut Context<'_>, most: usize) -> Poll<Vec<Packet>> {
        let mut held = self.held();
        if held.came.is_empty() {
            held.waits = Some(cx.waker().clone());
            return Poll::Pending;
        }
        let count = held.came.len().min(most);
        Poll::Ready(held.came.drain(..count).collect())
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap()
    }
}
