//! What a node tells whoever wants to know.

use std::collections::{BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use selkie_crdt::ActorId;
use selkie_store::{ObjectId, Refusal, ViewError};

use crate::channel_id::ChannelId;
use crate::core::event::Event;
use crate::identity::node_id::NodeId;
use crate::node::care::error::CareError;

/// Something that happened to a node.
#[derive(Clone, Debug)]
pub enum Notice {
    /// The protocol tells this.
    Event(Event),
    /// So many entries of others were taken in.
    TookIn(ChannelId, u64),
    /// Not all that came of this log was taken in, and why not.
    Refused(ChannelId, ActorId, Arc<Refusal>),
    /// Others know more of this node's own log than it does: its memory was lost, and it goes by this name from now on.
    Reborn(ChannelId, ActorId),
    /// Others know more of this node's own log than it does, and it can not take another name: it must not write.
    NotReborn(ChannelId, Arc<std::io::Error>),
    /// The store of a channel can not be read or written.
    Trouble(ChannelId, Arc<ViewError>),
    /// These objects must be here, and are damaged or gone. Peers are asked for them while there are any who have the same entries.
    Broken(ChannelId, Arc<BTreeSet<ObjectId>>),
    /// A peer was asked for what is broken, and this still is. The next one is asked.
    Unhealed(ChannelId, Arc<BTreeSet<ObjectId>>),
    /// Nothing is broken any more.
    Whole(ChannelId),
    /// What is here of a channel is not known.
    Uncared(ChannelId, Arc<CareError>),
    /// A node that knows the channel was heard of at this address in the local network, and not before.
    Appeared(NodeId, ChannelId, SocketAddr),
    /// It is heard of no more.
    Lost(NodeId, ChannelId),
    /// This node can not look around in the local network, or not in all of it.
    Unheard(Arc<std::io::Error>),
    /// So many notices were lost here, since nobody took them in time. Those that are left are the newest.
    Missed(u64),
}

/// Notices, from the moment on when it was asked for. It holds some hundred; of more the oldest are lost, and counted.
///
/// It never holds up the node.
#[derive(Debug)]
pub struct Notices(Arc<Mailbox>);

/// All that want to know.
#[derive(Debug, Default)]
pub(super) struct Subscribers(Mutex<Subscribed>);

#[derive(Debug, Default)]
struct Subscribed {
    boxes: Vec<Weak<Mailbox>>,
    is_over: bool,
}

#[derive(Debug, Default)]
struct Mailbox {
    state: Mutex<Waiting>,
    came: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    notices: VecDeque<Notice>,
    missed: u64,
    is_over: bool,
}

/// Notices that wait for one who wanted them.
const COUNT_MAX: usize = 512;

impl Notices {
    /// The next one, if it comes within this time. None at once when the node is gone and all was told.
    #[must_use]
    pub fn next_within(&self, time: Duration) -> Option<Notice> {
        let until = Instant::now() + time;
        let mut waiting = lock(&self.0.state);
        loop {
            if waiting.missed > 0 {
                return Some(Notice::Missed(std::mem::take(&mut waiting.missed)));
            }
            if let Some(notice) = waiting.notices.pop_front() {
                return Some(notice);
            }
            let left = until.saturating_duration_since(Instant::now());
            if waiting.is_over || left.is_zero() {
                return None;
            }
            let waited = self.0.came.wait_timeout(waiting, left);
            waiting = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Whether the node is gone, so that nothing more will come but what waits.
    #[must_use]
    pub fn is_over(&self) -> bool {
        lock(&self.0.state).is_over
    }
}

impl Subscribers {
    pub(super) fn subscribe(&self) -> Notices {
        let mailbox = Arc::new(Mailbox::default());
        let mut subscribed = lock(&self.0);
        lock(&mailbox.state).is_over = subscribed.is_over;
        subscribed.boxes.push(Arc::downgrade(&mailbox));
        Notices(mailbox)
    }

    pub(super) fn tell(&self, notice: &Notice) {
        lock(&self.0).boxes.retain(|mailbox| {
            let Some(mailbox) = mailbox.upgrade() else { return false };
            let mut waiting = lock(&mailbox.state);
            if waiting.notices.len() == COUNT_MAX {
                waiting.notices.pop_front();
                waiting.missed += 1;
            }
            waiting.notices.push_back(notice.clone());
            mailbox.came.notify_one();
            true
        });
    }

    /// Nothing more will come.
    pub(super) fn end(&self) {
        let mut subscribed = lock(&self.0);
        subscribed.is_over = true;
        for mailbox in subscribed.boxes.iter().filter_map(Weak::upgrade) {
            lock(&mailbox.state).is_over = true;
            mailbox.came.notify_all();
        }
    }
}

/// What is behind these locks is whole after each line, so a thread that panicked left it whole.
fn lock<T>(held: &Mutex<T>) -> MutexGuard<'_, T> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The channel of which a peer gave all that it can give.
pub(super) const fn gave_all(event: &Event) -> Option<ChannelId> {
    match event {
        Event::Compared { channel, lacked: 0, .. }
        | Event::Healed(channel, ..)
        | Event::Unfetched(channel, _) => Some(*channel),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: ChannelId = ChannelId::from_bytes([1; 16]);

    fn counts(notices: &Notices) -> Vec<u64> {
        let next = || match notices.next_within(Duration::ZERO) {
            Some(Notice::TookIn(_, count)) => Some(count),
            Some(Notice::Missed(count)) => Some(count + 1_000_000),
            _ => None,
        };
        std::iter::from_fn(next).collect()
    }

    #[test]
    fn everybody_who_asked_is_told_from_then_on() {
        let subscribers = Subscribers::default();
        let first = subscribers.subscribe();
        subscribers.tell(&Notice::TookIn(HOME, 1));
        let second = subscribers.subscribe();
        subscribers.tell(&Notice::TookIn(HOME, 2));
        assert_eq!(counts(&first), [1, 2]);
        assert_eq!(counts(&second), [2]);
    }

    #[test]
    fn who_does_not_listen_loses_the_oldest_and_learns_how_many() {
        let subscribers = Subscribers::default();
        let notices = subscribers.subscribe();
        (0..600).for_each(|count| subscribers.tell(&Notice::TookIn(HOME, count)));
        let counts = counts(&notices);
        assert_eq!(counts[0], 1_000_088);
        assert_eq!(counts[1..], (88..600).collect::<Vec<_>>());
    }

    #[test]
    fn nobody_waits_for_a_node_that_is_gone() {
        let subscribers = Subscribers::default();
        let before = subscribers.subscribe();
        subscribers.tell(&Notice::TookIn(HOME, 1));
        subscribers.end();
        assert_eq!(counts(&before), [1], "what was told before is still there");
        assert!(before.next_within(Duration::from_secs(600)).is_none());
        assert!(subscribers.subscribe().is_over());
    }

    #[test]
    fn who_left_takes_no_room() {
        let subscribers = Subscribers::default();
        drop(subscribers.subscribe());
        subscribers.tell(&Notice::TookIn(HOME, 1));
        assert_eq!(lock(&subscribers.0).boxes.len(), 0);
    }
}
