//! Time that never runs backwards and never contradicts what was seen.
//!
//! Source: Kulkarni, Demirbas and others, "Logical Physical Clocks" (2014), section 3, with both
//! parts in one number as in section 6.

use core::error::Error;
use core::fmt;

#[cfg(test)]
mod tests;

/// A moment of hybrid logical time: 48 bits of milliseconds since 1970 and 16 of counter.
///
/// Moments are ordered by milliseconds, then by counter, as their number is. Two writers may name
/// the same moment, so whoever needs a total order adds the writer's id.
///
/// ```
/// use selkie_crdt::Hlc;
/// let noon = Hlc::from_u64(43_200_000 << 16);
/// assert_eq!((noon.ms(), noon.counter()), (43_200_000, 0));
/// assert!(noon < Hlc::from_u64(noon.to_u64() + 1));
/// ```
#[derive(Clone, Copy, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Hlc(u64);

impl Hlc {
    /// The last millisecond that a clock reads: 2^47 - 1, in the year 6429.
    ///
    /// The upper half of the range is left to counting. A clock that stands at the last
    /// millisecond still has 2^63 moments before it, so it never stops and never repeats one.
    pub const MS_MAX: u64 = (1 << 47) - 1;

    const COUNTER_BITS: u32 = 16;

    /// The moment with this number.
    #[must_use]
    pub const fn from_u64(number: u64) -> Self {
        Self(number)
    }

    /// The first moment of a millisecond. One beyond [`Hlc::MS_MAX`] counts as that.
    #[must_use]
    pub const fn from_ms(ms: u64) -> Self {
        let ms = if ms < Self::MS_MAX { ms } else { Self::MS_MAX };
        Self(ms << Self::COUNTER_BITS)
    }

    /// The number of this moment.
    #[must_use]
    pub const fn to_u64(self) -> u64 {
        self.0
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub const fn ms(self) -> u64 {
        self.0 >> Self::COUNTER_BITS
    }

    /// Which moment of its millisecond this is.
    #[must_use]
    pub const fn counter(self) -> u16 {
        (self.0 & 0xffff) as u16
    }

    /// The moment after this one. A full counter carries into the milliseconds.
    const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Hlc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.ms(), self.counter())
    }
}

impl fmt::Debug for Hlc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hlc({self})")
    }
}

/// A clock that gives each event of one replica a later moment than all it has given or received.
///
/// It reads no time itself: `now_ms` is what the caller's clock says, in milliseconds since 1970.
/// That clock may stand still or run backwards; moments go on by counting. A remote moment that is
/// too far ahead is refused, since a clock that followed it would win every last write from then
/// on and drag all other clocks along.
///
/// To go on after a restart, keep [`HlcClock::last`] and [`HlcClock::resume`] from it.
///
/// ```
/// use selkie_crdt::HlcClock;
/// let (mut east, mut west) = (HlcClock::default(), HlcClock::default());
/// let sent = east.tick(1_000);
/// // West's clock is 30 ms behind, and still names a later moment.
/// let received = west.receive(sent, 970)?;
/// assert!(sent < received);
/// # Ok::<(), selkie_crdt::ClockError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct HlcClock {
    last: Hlc,
    drift_ms_max: u64,
}

impl HlcClock {
    /// How far ahead of the reading a remote moment may be unless said otherwise: five minutes,
    /// for machines that no time server keeps.
    pub const DRIFT_MS_MAX: u64 = 300_000;

    /// A clock that has named no moment and receives none more than `drift_ms_max` ahead.
    #[must_use]
    pub const fn new(drift_ms_max: u64) -> Self {
        Self { last: Hlc(0), drift_ms_max }
    }

    /// A clock that goes on after `last`.
    ///
    /// # Errors
    ///
    /// Refuses a moment beyond [`Hlc::MS_MAX`].
    pub const fn resume(last: Hlc, drift_ms_max: u64) -> Result<Self, ClockError> {
        if last.ms() > Hlc::MS_MAX {
            return Err(ClockError::BeyondEnd { moment: last });
        }
        Ok(Self { last, drift_ms_max })
    }

    /// The latest moment that was named.
    #[must_use]
    pub const fn last(&self) -> Hlc {
        self.last
    }

    /// How far ahead of the reading a remote moment may be.
    #[must_use]
    pub const fn drift_ms_max(&self) -> u64 {
        self.drift_ms_max
    }

    /// The moment of a local event: later than every moment before it, whatever `now_ms` says.
    pub fn tick(&mut self, now_ms: u64) -> Hlc {
        self.last = self.last.next().max(Hlc::from_ms(now_ms));
        self.last
    }

    /// The moment at which the remote moment `remote` was learned: later than it and than every
    /// moment before.
    ///
    /// A remote moment that this clock has already passed is never too far ahead, since following
    /// it changes nothing: so a reading that ran backwards does not cut a replica off.
    ///
    /// # Errors
    ///
    /// Refuses a remote moment more than the allowed drift ahead of `now_ms`, or beyond
    /// [`Hlc::MS_MAX`]. The clock is as it was.
    pub fn receive(&mut self, remote: Hlc, now_ms: u64) -> Result<Hlc, ClockError> {
        if remote > self.last {
            self.check(remote, now_ms)?;
            self.last = remote;
        }
        Ok(self.tick(now_ms))
    }

    const fn check(&self, remote: Hlc, now_ms: u64) -> Result<(), ClockError> {
        if remote.ms() > Hlc::MS_MAX {
            return Err(ClockError::BeyondEnd { moment: remote });
        }
        // Measured from the reading, not from the latest moment: else a peer could drag the clock
        // away step by step, each within the bound.
        let ahead_ms = remote.ms().saturating_sub(now_ms);
        if ahead_ms > self.drift_ms_max {
            return Err(ClockError::Drift { remote, ahead_ms, ahead_ms_max: self.drift_ms_max });
        }
        Ok(())
    }
}

impl Default for HlcClock {
    /// A clock that allows a drift of [`HlcClock::DRIFT_MS_MAX`].
    fn default() -> Self {
        Self::new(Self::DRIFT_MS_MAX)
    }
}

/// Why a clock does not follow a moment. It is as it was.
///
/// ```
/// use selkie_crdt::{ClockError, Hlc, HlcClock};
/// let mut east = HlcClock::default();
/// let west_says = Hlc::from_ms(4_102_444_800_000); // the year 2100
/// assert!(matches!(east.receive(west_says, 1_000), Err(ClockError::Drift { .. })));
/// assert!(east.tick(1_000) < west_says);
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ClockError {
    /// A remote moment is further ahead of the reading than allowed: its writer's clock, or ours,
    /// is wrong.
    Drift {
        /// The remote moment.
        remote: Hlc,
        /// How far ahead it is.
        ahead_ms: u64,
        /// How far ahead it might be.
        ahead_ms_max: u64,
    },
    /// The moment is in the half of the range that is left to counting.
    BeyondEnd {
        /// The moment.
        moment: Hlc,
    },
}

impl fmt::Display for ClockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Drift { remote, ahead_ms, ahead_ms_max } => write!(
                f,
                "time {remote} is {ahead_ms} ms ahead of this clock, allowed are {ahead_ms_max} ms"
            ),
            Self::BeyondEnd { moment } => {
                write!(f, "time {moment} is beyond the last millisecond {}", Hlc::MS_MAX)
            }
        }
    }
}

impl Error for ClockError {}
