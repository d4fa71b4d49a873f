//! What happened of late, for whoever asks.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::serving::happening::Happening;

/// The newest happenings. Many may follow them; who is too slow misses the oldest, and is told how many.
#[derive(Debug, Default)]
pub(crate) struct Hub {
    told: Mutex<Told>,
    came: Condvar,
}

#[derive(Debug, Default)]
struct Told {
    recent: VecDeque<Happening>,
    /// How many were told in all.
    count: u64,
    is_over: bool,
}

/// How far somebody has followed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor(u64);

/// What somebody hears who follows.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Next {
    Happened(Happening),
    /// So many went by.
    Missed(u64),
    /// Nothing came in this time.
    Nothing,
    /// Nothing will come any more.
    Over,
}

/// Happenings that are remembered.
const RECENT_MAX: usize = 256;

impl Hub {
    pub(crate) fn tell(&self, happening: Happening) {
        let mut told = self.told();
        if told.recent.len() == RECENT_MAX {
            told.recent.pop_front();
        }
        told.recent.push_back(happening);
        told.count += 1;
        self.came.notify_all();
    }

    /// Nothing more will come.
    pub(crate) fn end(&self) {
        self.told().is_over = true;
        self.came.notify_all();
    }

    /// Those that are remembered, the oldest first.
    pub(crate) fn recent(&self) -> Vec<Happening> {
        self.told().recent.iter().cloned().collect()
    }

    /// Before all that is remembered.
    pub(crate) fn oldest(&self) -> Cursor {
        let told = self.told();
        Cursor(told.count - told.recent.len() as u64)
    }

    /// Before all that happens from now on.
    pub(crate) fn now(&self) -> Cursor {
        Cursor(self.told().count)
    }

    /// What happened after what somebody heard last.
    pub(crate) fn next_within(&self, cursor: &mut Cursor, time: Duration) -> Next {
        let until = Instant::now() + time;
        let mut told = self.told();
        loop {
            let first = told.count - told.recent.len() as u64;
            if cursor.0 < first {
                let missed = first - cursor.0;
                cursor.0 = first;
                return Next::Missed(missed);
            }
            let at = usize::try_from(cursor.0 - first).unwrap_or(usize::MAX);
            if let Some(happening) = told.recent.get(at) {
                cursor.0 += 1;
                return Next::Happened(happening.clone());
            }
            if told.is_over {
                return Next::Over;
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Next::Nothing;
            }
            let waited = self.came.wait_timeout(told, left);
            told = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// What is behind the lock is whole after each line, so a thread that panicked left it whole.
    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serving::matter::Matter;

    fn happening(at_ms: u64) -> Happening {
        Happening::of(at_ms, Matter::Received)
    }

    #[test]
    fn who_follows_hears_all_from_then_on() {
        let hub = Hub::default();
        hub.tell(happening(1));
        let mut cursor = hub.now();
        hub.tell(happening(2));
        assert_eq!(hub.next_within(&mut cursor, Duration::ZERO), Next::Happened(happening(2)));
        assert_eq!(hub.next_within(&mut cursor, Duration::ZERO), Next::Nothing);
        hub.end();
        assert_eq!(hub.next_within(&mut cursor, Duration::from_secs(600)), Next::Over);
        assert_eq!(hub.recent(), [happening(1), happening(2)]);
    }

    #[test]
    fn who_is_slow_learns_how_many_went_by() {
        let hub = Hub::default();
        let mut cursor = hub.now();
        (0..300).for_each(|at| hub.tell(happening(at)));
        assert_eq!(hub.next_within(&mut cursor, Duration::ZERO), Next::Missed(44));
        assert_eq!(hub.next_within(&mut cursor, Duration::ZERO), Next::Happened(happening(44)));
    }
}
