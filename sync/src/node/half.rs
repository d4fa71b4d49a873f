//! Messages of which a part is here.

use std::num::NonZeroU64;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::time::Instant;

use crate::wire::lane::Lane;

/// What the messages of all peers hold that are not whole yet, or that nobody took yet.
///
/// A peer that sends a message and never its end holds what came of it. While all together hold more than there is room for, one message
/// after the other is gone on with, so each comes to its end however little room there is; the others are not read, and QUIC holds up
/// their peers.
#[derive(Debug)]
pub(super) struct Halves {
    held: AtomicUsize,
    held_max: usize,
    turn: Arc<Mutex<()>>,
    turn_max: Duration,
}

/// What one lane holds of a message.
#[derive(Debug)]
pub(super) struct Half {
    all: Arc<Halves>,
    len: usize,
    /// Held while it alone goes on; until then it has to be whole.
    turn: Option<(OwnedMutexGuard<()>, Instant)>,
}

/// So much time has a message that alone goes on. With a peer that takes longer, while others wait for room, nothing more is to be had.
const TURN: Duration = Duration::from_secs(60);

impl Halves {
    /// None yet, and so much room, where so many bytes are taken in a second.
    pub(super) fn within(held_max: usize, rate: Option<NonZeroU64>) -> Arc<Self> {
        let longest = 2 * Lane::Gossip.len_max() as u64;
        let turn_max = rate.map_or(TURN, |rate| TURN + Duration::from_secs(longest / rate));
        Arc::new(Self { held: AtomicUsize::new(0), held_max, turn: Arc::default(), turn_max })
    }

    /// Whether all together hold more than there is room for. Whoever reads then reads no message but the one whose turn it is. Lanes
    /// that found room at the same time may each have read a packet more.
    fn is_crowded(&self) -> bool {
        self.held.load(Ordering::Relaxed) >= self.held_max
    }
}

impl Half {
    /// Nothing, on one lane.
    pub(super) fn among(all: &Arc<Halves>) -> Self {
        Self { all: Arc::clone(all), len: 0, turn: None }
    }

    /// So much is here of messages now.
    pub(super) fn holds(&mut self, len: usize) {
        self.all.held.fetch_add(len, Ordering::Relaxed);
        self.all.held.fetch_sub(self.len, Ordering::Relaxed);
        self.len = len;
    }

    /// A message is whole: who goes on alone has had its turn.
    pub(super) fn is_whole(&mut self) {
        self.turn = None;
    }

    /// Waits until more may be read. Tells until when the message has to be whole, if it has to.
    pub(super) async fn may_grow(&mut self) -> Option<Instant> {
        if self.turn.is_none() && self.len > 0 && self.all.is_crowded() {
            let turn = Arc::clone(&self.all.turn).lock_owned().await;
            // It may have become roomy while it waited, and then nobody has to be quick.
            if self.all.is_crowded() {
                self.turn = Some((turn, Instant::now() + self.all.turn_max));
            }
        }
        self.turn.as_ref().map(|(_, until)| *until)
    }
}

impl Drop for Half {
    fn drop(&mut self) {
        self.holds(0);
    }
}

#[cfg(test)]
mod tests {
    use tokio::runtime::Builder;
    use tokio::time::timeout;

    use super::*;

    fn run(test: impl Future<Output = ()>) {
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.unwrap().block_on(test);
    }

    /// Whether it may be read from now on, and whether it has to be quick then.
    async fn grows(half: &mut Half) -> Option<bool> {
        let may = timeout(Duration::from_secs(1), half.may_grow()).await;
        may.ok().map(|until| until.is_some())
    }

    #[test]
    fn while_there_is_room_nobody_waits() {
        run(async {
            let all = Halves::within(100, None);
            let (mut east, mut west) = (Half::among(&all), Half::among(&all));
            east.holds(60);
            west.holds(39);
            assert_eq!(
                (grows(&mut east).await, grows(&mut west).await),
                (Some(false), Some(false))
            );
        });
    }

    #[test]
    fn in_a_crowd_one_message_goes_on_after_the_other() {
        run(async {
            let all = Halves::within(100, None);
            let (mut east, mut west) = (Half::among(&all), Half::among(&all));
            east.holds(60);
            west.holds(60);
            assert_eq!(grows(&mut east).await, Some(true));
            assert_eq!(grows(&mut west).await, None, "it is the other's turn");
            east.holds(500);
            assert_eq!(
                grows(&mut east).await,
                Some(true),
                "a turn lasts until the message is whole"
            );
            assert_eq!(
                grows(&mut Half::among(&all)).await,
                Some(false),
                "to begin is not to go on"
            );
            east.is_whole();
            assert_eq!(grows(&mut west).await, Some(true));
            drop(east);
            west.is_whole();
            assert_eq!(grows(&mut west).await, Some(false), "there is room again");
        });
    }

    #[test]
    fn who_goes_gives_back_what_it_held_and_its_turn() {
        run(async {
            let all = Halves::within(10, None);
            let (mut east, mut west) = (Half::among(&all), Half::among(&all));
            east.holds(20);
            west.holds(20);
            grows(&mut east).await;
            drop(east);
            assert_eq!(all.held.load(Ordering::Relaxed), 20);
            assert_eq!(grows(&mut west).await, Some(true));
        });
    }
}
