//! How many messages a peer may say in a second.

use std::num::NonZeroU64;

use crate::node::throttle::Throttle;
use crate::wire::lane::Lane;

/// Counts the messages of one peer. Those that come faster wait, and with them the peer.
#[derive(Debug)]
pub(super) struct Toll(Throttle);

/// A message counts for so much,
const ONE: u64 = 16;
/// but for one if it is long and on [`Lane::Bulk`]: there is little to do for it but to keep it, and what is kept was asked for.
const LONG: u64 = 1;

/// What has so many bytes is long.
const LONG_LEN: usize = 4 << 10;

impl Toll {
    /// So many in a second.
    pub(super) fn new(messages: NonZeroU64) -> Self {
        let ones = NonZeroU64::new(ONE).expect("a message counts for something");
        Self(Throttle::new(messages.saturating_mul(ones)))
    }

    /// Waits until a message of so many bytes may come. On all lanes alike: heartbeats that come so fast are none.
    pub(super) async fn pass(&self, lane: Lane, len: usize) {
        self.0.pass(Lane::Gossip, Self::count(lane, len)).await;
    }

    /// Whether a datagram may come at once; then it has.
    pub(super) fn passes(&self) -> bool {
        self.0.passes(Self::count(Lane::Datagram, 0))
    }

    fn count(lane: Lane, len: usize) -> usize {
        let count = if lane == Lane::Bulk && len >= LONG_LEN { LONG } else { ONE };
        usize::try_from(count).unwrap_or(usize::MAX)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::runtime::Builder;
    use tokio::time::Instant;

    use super::*;

    /// Milliseconds until as many messages as may come in two seconds came.
    fn waits(lane: Lane, len: usize) -> u128 {
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.unwrap().block_on(async {
            let toll = Toll::new(NonZeroU64::new(1_000).unwrap());
            let began = Instant::now();
            for _ in 0..2_000 {
                toll.pass(lane, len).await;
            }
            began.elapsed().as_millis()
        })
    }

    #[test]
    fn what_is_long_and_in_bulk_counts_for_a_sixteenth() {
        for lane in [Lane::Control, Lane::Members, Lane::Gossip, Lane::Repair] {
            assert!((1_950..=2_050).contains(&waits(lane, LONG_LEN)), "{lane:?}");
        }
        assert!((1_950..=2_050).contains(&waits(Lane::Bulk, LONG_LEN - 1)));
        let long = waits(Lane::Bulk, LONG_LEN);
        assert!((100..=200).contains(&long), "{long}");
    }

    #[test]
    fn a_datagram_too_many_is_lost() {
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.unwrap().block_on(async {
            let toll = Toll::new(NonZeroU64::new(10).unwrap());
            assert!(toll.passes());
            assert!(!toll.passes());
            tokio::time::advance(Duration::from_millis(101)).await;
            assert!(toll.passes());
        });
    }
}
