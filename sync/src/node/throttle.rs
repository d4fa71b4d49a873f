//! How much goes in a second, and what of it goes first.

use std::num::NonZeroU64;
use std::sync::{Mutex as Lock, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex, Notify};
use tokio::time::{Instant, sleep_until};

use crate::wire::lane::Lane;

/// Lets so much pass in a second and no more: heartbeats at once, entries before objects, and what ranks alike in the order in which it came.
#[derive(Debug)]
pub(super) struct Throttle {
    per_second: NonZeroU64,
    // Guards from when on the next may pass, and how many are there that go before objects.
    state: Lock<State>,
    // Who is first in a rank looks at the clock; the others wait here for their turn.
    entries: Mutex<()>,
    objects: Mutex<()>,
    // Told when nothing is there any more that goes before objects.
    is_free: Notify,
}

#[derive(Debug)]
struct State {
    free_at: Instant,
    entries: usize,
}

/// What goes before what.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Rank {
    /// It passes at once; what comes behind it waits the longer.
    Beats,
    Entries,
    Objects,
}

/// Why something has to wait.
enum Wait {
    Until(Instant),
    /// Until nothing is there that goes before it.
    Behind,
}

/// What was not used of the time before is lost, but for so much.
const BURST: Duration = Duration::from_millis(100);

/// What passes in one piece, at most and at least.
const PIECE_MAX: u64 = 16 << 10;
const PIECE_MIN: u64 = 512;
/// And of what passes in a second such a part: so long does an entry wait for the object before it.
const PIECES_A_SECOND: u64 = 16;

/// One that waits and goes before objects, until it passed or is given up.
struct Waiting<'t>(&'t Throttle);

impl Throttle {
    /// So much in a second.
    pub(super) fn new(per_second: NonZeroU64) -> Self {
        Self {
            per_second,
            state: Lock::new(State { free_at: Instant::now(), entries: 0 }),
            entries: Mutex::new(()),
            objects: Mutex::new(()),
            is_free: Notify::new(),
        }
    }

    /// How much is to pass in one piece.
    pub(super) fn piece(&self) -> usize {
        let piece = (self.per_second.get() / PIECES_A_SECOND).clamp(PIECE_MIN, PIECE_MAX);
        usize::try_from(piece).unwrap_or(usize::MAX)
    }

    /// Waits until so much of what is on this lane may pass.
    pub(super) async fn pass(&self, lane: Lane, amount: usize) {
        match Rank::of(lane) {
            Rank::Beats => self.state().charge(self.time_for(amount)),
            Rank::Entries => {
                let _waiting = Waiting::of(self);
                let _turn = self.entries.lock().await;
                self.wait(Rank::Entries, amount).await;
            }
            Rank::Objects => {
                let _turn = self.objects.lock().await;
                self.wait(Rank::Objects, amount).await;
            }
        }
    }

    /// Whether so much may pass at once; then it has.
    pub(super) fn passes(&self, amount: usize) -> bool {
        self.try_pass(Rank::Entries, amount).is_ok()
    }

    async fn wait(&self, rank: Rank, amount: usize) {
        loop {
            // Before it is looked, so that no word of it is missed.
            let is_free = self.is_free.notified();
            match self.try_pass(rank, amount) {
                Ok(()) => return,
                Err(Wait::Until(at)) => sleep_until(at).await,
                Err(Wait::Behind) => is_free.await,
            }
        }
    }

    fn try_pass(&self, rank: Rank, amount: usize) -> Result<(), Wait> {
        let mut state = self.state();
        if rank == Rank::Objects && state.entries > 0 {
            return Err(Wait::Behind);
        }
        if state.free_at > Instant::now() {
            return Err(Wait::Until(state.free_at));
        }
        state.charge(self.time_for(amount));
        Ok(())
    }

    fn time_for(&self, amount: usize) -> Duration {
        let us = (amount as u64).saturating_mul(1_000_000) / self.per_second;
        Duration::from_micros(us)
    }

    /// It is whole after each line, so a thread that panicked left it whole.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn charge(&mut self, time: Duration) {
        let now = Instant::now();
        let earliest = now.checked_sub(BURST).unwrap_or(now);
        self.free_at = self.free_at.max(earliest) + time;
    }
}

impl Rank {
    const fn of(lane: Lane) -> Self {
        match lane {
            Lane::Datagram | Lane::Control => Self::Beats,
            Lane::Members | Lane::Gossip | Lane::Repair => Self::Entries,
            Lane::Bulk => Self::Objects,
        }
    }
}

impl<'t> Waiting<'t> {
    fn of(throttle: &'t Throttle) -> Self {
        throttle.state().entries += 1;
        Self(throttle)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.entries -= 1;
        if state.entries == 0 {
            self.0.is_free.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::runtime::Builder;
    use tokio::task::{JoinSet, yield_now};

    use super::*;

    /// Runs it at a time that passes when nothing else is to be done.
    fn run<T>(story: impl Future<Output = T>) -> T {
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.unwrap().block_on(story)
    }

    fn throttle(per_second: u64) -> Arc<Throttle> {
        Arc::new(Throttle::new(NonZeroU64::new(per_second).unwrap()))
    }

    #[test]
    fn so_much_passes_in_a_second_and_no_more() {
        run(async {
            let throttle = throttle(1_000);
            let began = Instant::now();
            for _ in 0..100 {
                throttle.pass(Lane::Bulk, 100).await;
            }
            let took = began.elapsed();
            // The last one does not wait for itself.
            assert!((9_700..=9_950).contains(&took.as_millis()), "{took:?}");
        });
    }

    #[test]
    fn what_was_not_used_is_not_kept() {
        run(async {
            let throttle = throttle(1_000);
            sleep_until(Instant::now() + Duration::from_secs(60)).await;
            let began = Instant::now();
            for _ in 0..20 {
                throttle.pass(Lane::Gossip, 100).await;
            }
            assert!(began.elapsed() >= Duration::from_millis(1_750), "{:?}", began.elapsed());
        });
    }

    #[test]
    fn heartbeats_go_at_once_and_entries_before_objects() {
        run(async {
            let throttle = throttle(1_000);
            let order = Arc::new(Lock::new(Vec::new()));
            let mut all = JoinSet::new();
            let lanes =
                [Lane::Bulk, Lane::Bulk, Lane::Bulk, Lane::Repair, Lane::Gossip, Lane::Control];
            for lane in lanes {
                let (throttle, order) = (Arc::clone(&throttle), Arc::clone(&order));
                all.spawn(async move {
                    throttle.pass(lane, 500).await;
                    order.lock().unwrap().push(lane);
                });
                // Each is there before the next one comes.
                yield_now().await;
            }
            while all.join_next().await.is_some() {}
            let order = order.lock().unwrap().clone();
            // The first object was alone when it came.
            let expected =
                [Lane::Bulk, Lane::Control, Lane::Repair, Lane::Gossip, Lane::Bulk, Lane::Bulk];
            assert_eq!(order, expected);
        });
    }

    #[test]
    fn who_is_given_up_holds_up_nobody() {
        run(async {
            let throttle = throttle(1_000);
            throttle.pass(Lane::Gossip, 1_000).await;
            let waiting = {
                let throttle = Arc::clone(&throttle);
                tokio::spawn(async move { throttle.pass(Lane::Gossip, 1_000).await })
            };
            yield_now().await;
            waiting.abort();
            throttle.pass(Lane::Bulk, 1).await;
            assert_eq!(throttle.state().entries, 0);
        });
    }
}
