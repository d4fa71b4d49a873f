//! Comparing what two members know.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::identity::node_id::NodeId;
use crate::moment::Moment;

/// The comparisons that this node began, and when the next one is due.
///
/// While comparisons find differences they follow each other fast, and else each waits twice as long as the
/// last. So what a partition parted or a flood of rumours dropped is made up for soon, and a calm network
/// pays for a few hashes.
#[derive(Debug)]
pub(crate) struct Exchanges {
    open: BTreeMap<NodeId, Open>,
    /// Where the next one begins: networks that one message can not compare are compared in turns.
    cursor: Option<NodeId>,
    next: Moment,
    pause: u32, // in periods
}

/// One comparison.
#[derive(Debug)]
struct Open {
    /// The last name that is compared.
    last: NodeId,
    until: Moment,
}

/// Comparisons at once that this node began.
pub(crate) const OPEN_MAX: usize = 8;
const PAUSE_MIN: u32 = 4;
const PAUSE_MAX: u32 = 32;
/// Periods after which a comparison that is not answered is over.
const PATIENCE: u32 = 10;

impl Exchanges {
    pub(crate) fn new(now: Moment, period: Duration) -> Self {
        Self {
            open: BTreeMap::new(),
            cursor: None,
            next: now + period * PAUSE_MIN,
            pause: PAUSE_MIN,
        }
    }

    pub(crate) const fn next(&self) -> Moment {
        self.next
    }

    pub(crate) const fn cursor(&self) -> Option<NodeId> {
        self.cursor
    }

    /// Whether one more may begin.
    pub(crate) fn has_room(&mut self, now: Moment) -> bool {
        self.open.retain(|_, open| open.until > now);
        self.open.len() < OPEN_MAX
    }

    /// One begins, which asks about names up to `last`.
    pub(crate) fn begin(&mut self, now: Moment, period: Duration, with: NodeId, last: NodeId) {
        self.open.insert(with, Open { last, until: now + period * PATIENCE });
    }

    /// Sets when the next is due, and where it begins.
    pub(crate) fn turn(&mut self, now: Moment, period: Duration, cursor: Option<NodeId>) {
        self.cursor = cursor;
        self.next = now + period * self.pause;
        self.pause = (self.pause * 2).min(PAUSE_MAX);
    }

    /// Something happened that others may know more of: the next comes soon.
    pub(crate) fn hasten(&mut self, now: Moment, period: Duration) {
        self.pause = PAUSE_MIN;
        self.next = self.next.min(now + period * PAUSE_MIN);
    }

    /// The last name of the comparison with this member, if one is open; its answer came.
    pub(crate) fn answered(&mut self, with: &NodeId) -> Option<NodeId> {
        self.open.remove(with).map(|open| open.last)
    }
}
