//! How long an answer takes.

use std::time::Duration;

/// The round trip to one peer, or to peers in general, as RFC 6298 estimates it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RoundTrip {
    smooth_us: u32, // 0: nothing was measured
    spread_us: u32,
}

impl RoundTrip {
    /// Takes one answer into account. Answers that come too late count like all others: else a path that
    /// became slower would never be known to be.
    pub(crate) fn observe(&mut self, took: Duration) {
        let took = u32::try_from(took.as_micros()).unwrap_or(u32::MAX).max(1);
        if self.smooth_us == 0 {
            *self = Self { smooth_us: took, spread_us: took / 2 };
            return;
        }
        self.spread_us = blend(self.spread_us, self.smooth_us.abs_diff(took), 4);
        self.smooth_us = blend(self.smooth_us, took, 8);
    }

    /// What nearly every answer stays below; none before one was measured.
    pub(crate) fn bound(self) -> Option<Duration> {
        let bound = u64::from(self.smooth_us) + 4 * u64::from(self.spread_us);
        (self.smooth_us > 0).then_some(Duration::from_micros(bound))
    }
}

/// The old value with one part in `parts` of the new one; never nothing.
fn blend(old: u32, new: u32, parts: u64) -> u32 {
    let blended = (u64::from(old) * (parts - 1) + u64::from(new)) / parts;
    u32::try_from(blended).unwrap_or(u32::MAX).max(1) // between two that fit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_follows_what_is_measured() {
        let mut trip = RoundTrip::default();
        assert_eq!(trip.bound(), None);
        trip.observe(Duration::from_millis(100));
        assert_eq!(trip.bound(), Some(Duration::from_millis(300)));
        (0..50).for_each(|_| trip.observe(Duration::from_millis(20)));
        let calm = trip.bound().unwrap();
        assert!((20..30).contains(&calm.as_millis()), "{calm:?}");
        trip.observe(Duration::from_secs(2));
        assert!(trip.bound().unwrap() > Duration::from_secs(2));
    }

    #[test]
    fn no_measurement_is_too_large_or_too_small() {
        let mut trip = RoundTrip::default();
        trip.observe(Duration::ZERO);
        assert!(trip.bound().is_some());
        (0..100).for_each(|_| trip.observe(Duration::MAX));
        assert!(trip.bound().unwrap() > Duration::from_secs(3_600));
    }
}
