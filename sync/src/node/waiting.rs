//! What waits to be sent on a connection.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use crate::node::flow::Flow;
use crate::node::transport::SEND_WINDOW;
use crate::wire::lane::Lane;

/// Bytes that wait to be sent.
#[derive(Debug)]
pub(super) struct Waiting {
    /// On [`Lane::Bulk`].
    bulk: Pile,
    /// On all others.
    words: Pile,
    /// What QUIC may hold beside those.
    held_max: AtomicU64,
    flow: Arc<Flow>,
}

/// From so many bytes that wait on, whatever can wait is not begun; and from half of it on it may be again.
const WORDS_MAX: usize = 2 << 20;
/// The same for [`Lane::Bulk`]: what is asked for next waits behind all of it.
const BULK_MAX: usize = 512 << 10;
/// And for both, while the lines of all peers together are full.
const FEW: usize = 64 << 10;

/// Whoever lets more wait asks and does not read: what is loaded for eight transfers may be on its way when it becomes too much.
const WAITING_LIMIT: usize = 12 << 20;

impl Waiting {
    /// Nothing yet, on a connection that is one of these.
    pub(super) fn over(flow: Arc<Flow>) -> Self {
        let pile = |max| Pile { bytes: 0.into(), max, is_told: false.into() };
        let (bulk, words) = (pile(BULK_MAX), pile(WORDS_MAX));
        Self { bulk, words, held_max: AtomicU64::new(SEND_WINDOW), flow }
    }

    /// So many bytes wait on this lane, too.
    pub(super) fn more(&self, lane: Lane, len: usize) {
        self.of(lane).bytes.fetch_add(len, Ordering::Relaxed);
        self.flow.waiting.fetch_add(len, Ordering::Relaxed);
    }

    /// So many bytes wait no longer. Tells whether that makes room for somebody who wants to hear of it.
    pub(super) fn less(&self, lane: Lane, len: usize) -> bool {
        self.flow.waiting.fetch_sub(len, Ordering::Relaxed);
        let pile = self.of(lane);
        let left = pile.bytes.fetch_sub(len, Ordering::SeqCst) - len;
        left <= self.most(pile) / 2 && pile.is_told.swap(false, Ordering::SeqCst)
    }

    /// Whether so much waits that nothing more is to be loaded.
    pub(super) fn is_full(&self) -> bool {
        self.is_over(&self.bulk)
    }

    /// Whether so much waits that nothing more is to be said.
    pub(super) fn is_stalled(&self) -> bool {
        self.is_over(&self.words)
    }

    /// Whether more waits than an honest peer lets wait.
    pub(super) fn is_overfull(&self) -> bool {
        self.len() > WAITING_LIMIT
    }

    /// How many bytes wait.
    pub(super) fn len(&self) -> usize {
        self.bulk.len() + self.words.len()
    }

    /// What QUIC may hold of them beside what waits here.
    pub(super) fn held_max(&self) -> u64 {
        self.held_max.load(Ordering::Relaxed)
    }

    /// It may hold so much.
    pub(super) fn holds(&self, bytes: u64) {
        self.held_max.store(bytes, Ordering::Relaxed);
    }

    /// What goes over all connections.
    pub(super) const fn flow(&self) -> &Arc<Flow> {
        &self.flow
    }

    /// Whether more waits there than is good. If so, it is told when it does not.
    fn is_over(&self, pile: &Pile) -> bool {
        let is_over = || pile.len() > self.most(pile);
        if !is_over() {
            return false;
        }
        // What is taken away from here on is told; before, it shows.
        pile.is_told.store(true, Ordering::SeqCst);
        is_over()
    }

    fn most(&self, pile: &Pile) -> usize {
        if self.flow.is_full() { FEW } else { pile.max }
    }

    fn of(&self, lane: Lane) -> &Pile {
        if lane == Lane::Bulk { &self.bulk } else { &self.words }
    }
}

/// What waits on a lane, or some.
#[derive(Debug)]
struct Pile {
    bytes: AtomicUsize,
    max: usize,
    /// Whether somebody was told that it is too much, and wants to hear when it is not.
    is_told: AtomicBool,
}

impl Pile {
    fn len(&self) -> usize {
        self.bytes.load(Ordering::SeqCst)
    }
}

impl Drop for Waiting {
    /// What was not sent waits no longer.
    fn drop(&mut self) {
        self.flow.waiting.fetch_sub(self.len(), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::bounds::Bounds;

    fn two(memory: usize) -> (Arc<Flow>, [Waiting; 2]) {
        let flow = Arc::new(Flow::within(Bounds { memory, ..Bounds::default() }));
        let lines = [(); 2].map(|()| Waiting::over(Arc::clone(&flow)));
        (flow, lines)
    }

    #[test]
    fn who_was_told_that_it_is_too_much_hears_when_it_is_not() {
        let (_flow, [line, _]) = two(64 << 20);
        line.more(Lane::Bulk, BULK_MAX);
        assert!(!line.is_full());
        line.more(Lane::Bulk, 1);
        assert!(line.is_full());
        assert!(!line.less(Lane::Bulk, BULK_MAX / 2));
        assert!(line.less(Lane::Bulk, 1));
        assert!(!line.less(Lane::Bulk, 1), "once is enough");
    }

    #[test]
    fn where_all_lines_are_full_together_only_what_is_short_is_begun_on_any() {
        let (flow, [first, second]) = two(8 << 20);
        first.more(Lane::Gossip, (1 << 20) - FEW);
        second.more(Lane::Gossip, FEW);
        assert!(!first.is_stalled() && !second.is_stalled());
        second.more(Lane::Gossip, 1);
        assert!(first.is_stalled() && second.is_stalled());
        // As soon as one of both has read, there is room for the other.
        first.less(Lane::Gossip, (1 << 20) - FEW);
        assert!(!second.is_stalled());
        assert!(second.less(Lane::Gossip, 1));
        assert!(!flow.is_overfull());
        second.more(Lane::Bulk, 2 << 20);
        assert!(flow.is_overfull());
        drop(second);
        assert!(!flow.is_overfull(), "what was not sent is forgotten");
    }
}
