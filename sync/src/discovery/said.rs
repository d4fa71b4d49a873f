//! The times of what one node says.

/// Later is more, also where the clock stands still or was put back a little.
#[derive(Debug, Default)]
pub(super) struct Said(u64);

/// A clock that was put back by more than this is taken as it is now.
const BACK_MS: u64 = 60_000;

impl Said {
    /// The time of what is said next, at this time of the day.
    pub(super) const fn next(&mut self, time_ms: u64) -> u64 {
        let is_back = time_ms <= self.0 && self.0 - time_ms < BACK_MS;
        self.0 = if is_back { self.0 + 1 } else { time_ms };
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_later_bears_a_later_time() {
        let mut said = Said::default();
        let times = [5, 5, 3, 90_000, 89_000, 10].map(|time_ms| said.next(time_ms));
        assert_eq!(times, [5, 6, 7, 90_000, 90_001, 10]);
    }
}
