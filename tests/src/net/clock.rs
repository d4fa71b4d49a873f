//! The time as one node has it.

use selkie_sync::Moment;

/// A clock that began at another moment than those of others, and may run fast or slow.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Clock {
    /// What it showed when the network began.
    pub began: Moment,
    /// By how many millionth it runs fast; less than nothing is slow.
    pub drift_ppm: i32,
}

impl Clock {
    /// What it shows at a moment of the network.
    #[must_use]
    pub fn shows(&self, at: Moment) -> Moment {
        let passed = i128::from(at.us()) * i128::from(1_000_000 + self.drift_ppm) / 1_000_000;
        Moment::from_us(self.began.us().saturating_add(u64::try_from(passed).unwrap_or(0)))
    }

    /// The first moment of the network at which it shows `wanted`.
    #[must_use]
    pub fn reaches(&self, wanted: Moment) -> Moment {
        if wanted == Moment::NEVER {
            return wanted;
        }
        let passes = i128::from(wanted.us().saturating_sub(self.began.us())) * 1_000_000;
        let rate = i128::from(1_000_000 + self.drift_ppm);
        Moment::from_us(u64::try_from((passes + rate - 1) / rate).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_shows_what_it_is_asked_to_reach_and_not_before() {
        for drift_ppm in [0, 333, -250_000, 77_777] {
            let clock = Clock { began: Moment::from_us(5_000), drift_ppm };
            for us in [5_000, 5_001, 17_003, 9_999_999] {
                let wanted = Moment::from_us(us);
                let at = clock.reaches(wanted);
                assert!(clock.shows(at) >= wanted, "{clock:?} {us}");
                let before = Moment::from_us(at.us().saturating_sub(1));
                assert!(at == before || clock.shows(before) < wanted, "{clock:?} {us}");
            }
        }
    }
}
