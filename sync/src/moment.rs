//! Time as the core knows it.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};
use std::time::Duration;

/// A point of a clock that only goes forward: microseconds since some start that one node chose.
///
/// The core is told what time it is and never asks. Moments of two nodes have nothing to do with each
/// other, so none is ever sent. It goes on for half a million years, and stops there.
///
/// ```
/// use std::time::Duration;
/// use selkie_sync::Moment;
/// let later = Moment::START + Duration::from_millis(30);
/// assert_eq!(later - Moment::START, Duration::from_millis(30));
/// assert_eq!(Moment::START - later, Duration::ZERO);
/// ```
#[derive(Clone, Copy, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Moment(u64);

impl Moment {
    /// Where a clock begins.
    pub const START: Self = Self(0);
    /// Later than anything that will happen.
    pub const NEVER: Self = Self(u64::MAX);

    /// So many microseconds after the start.
    #[must_use]
    pub const fn from_us(us: u64) -> Self {
        Self(us)
    }

    /// Microseconds since the start.
    #[must_use]
    pub const fn us(self) -> u64 {
        self.0
    }
}

impl Add<Duration> for Moment {
    type Output = Self;

    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(span.as_micros()).unwrap_or(u64::MAX)))
    }
}

impl AddAssign<Duration> for Moment {
    fn add_assign(&mut self, span: Duration) {
        *self = *self + span;
    }
}

impl Sub for Moment {
    type Output = Duration;

    /// How long ago `other` was; nothing if it is still to come.
    fn sub(self, other: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(other.0))
    }
}

impl fmt::Debug for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::NEVER {
            return f.write_str("never");
        }
        write!(f, "{}.{:06} s", self.0 / 1_000_000, self.0 % 1_000_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_does_not_wrap() {
        let late = Moment::from_us(u64::MAX - 1);
        assert_eq!(late + Duration::from_secs(1), Moment::NEVER);
        assert_eq!(Moment::START + Duration::MAX, Moment::NEVER);
        assert_eq!(Moment::START - late, Duration::ZERO);
    }

    #[test]
    fn a_moment_is_shown_in_seconds() {
        assert_eq!(format!("{:?}", Moment::from_us(1_030_000)), "1.030000 s");
        assert_eq!(format!("{:?}", Moment::NEVER), "never");
    }
}
