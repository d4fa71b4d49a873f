//! How often something may be done.

use std::time::Duration;

use crate::moment::Moment;

/// So much at once, and so much more with each period: a bucket of tokens.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Allowance {
    left: u32,
    most: u32,
    /// What a period adds.
    adds: u32,
    filled: Moment,
}

impl Allowance {
    /// A full one.
    pub(crate) const fn new(most: u32, adds: u32) -> Self {
        Self { left: most, most, adds, filled: Moment::START }
    }

    /// Takes up to `wanted` and tells how much was there.
    pub(crate) fn take(&mut self, now: Moment, period: Duration, wanted: u32) -> u32 {
        let passed = (now - self.filled).as_micros() / period.as_micros().max(1);
        let passed = u32::try_from(passed).unwrap_or(u32::MAX);
        if passed > 0 {
            self.filled += period * passed;
            self.left = self.left.saturating_add(passed.saturating_mul(self.adds)).min(self.most);
        }
        let taken = wanted.min(self.left);
        self.left -= taken;
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_allowance_refills_with_time_up_to_its_most() {
        let period = Duration::from_secs(1);
        let at = |ms| Moment::START + Duration::from_millis(ms);
        let mut pushes = Allowance::new(3, 1);
        let steps = [(0, 5, 3), (900, 1, 0), (1_100, 2, 1), (2_000, 1, 1), (99_000, 9, 3)];
        for (ms, wanted, expected) in steps {
            assert_eq!(pushes.take(at(ms), period, wanted), expected, "at {ms} ms");
        }
    }
}
