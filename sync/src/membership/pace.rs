//! How fast a membership goes.

use std::time::Duration;

/// The times of a membership. All members of a network have the same.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Pace {
    /// From one ping to the next. Whatever is counted in periods below means this.
    pub period: Duration,
    /// How long others are told of a member that is down or has left. After the same time again it is
    /// forgotten, so that nobody hears of it as news from someone who learned of it later.
    pub told: Duration,
}

/// The share of the difference between the longest and the shortest wait, in thousandths, that so many
/// accusers spare: 0 for one, and from there by the logarithm, as in Lifeguard with two confirmations.
const SPARED: [u32; 3] = [0, 631, 1_000];
/// How many times longer a single accuser waits than several do.
const ALONE: u32 = 6;
/// How much longer than two round trips a probe may take is given to each of its steps.
const STEPS: u32 = 4;

impl Pace {
    /// How long a suspected member has to answer, among `live` members, when so many accuse it.
    ///
    /// Two periods for up to a dozen members, four for a hundred, six for a thousand: that grows as the time
    /// does that its answer takes to reach everybody.
    pub(crate) fn patience(&self, live: usize, accusers: usize) -> Duration {
        let least = self.period * live.max(1).ilog2().max(3) * 2 / 3;
        // Where there are only two of us, no second accuser can come.
        let wanted = live.saturating_sub(1).clamp(1, SPARED.len());
        let accusers = if accusers >= wanted { SPARED.len() } else { accusers.max(1) };
        let spared = SPARED[accusers - 1];
        least + least * (ALONE - 1) * (1_000 - spared) / 1_000
    }

    /// How long to wait for an answer before others are asked, from the round trip that was measured.
    pub(crate) fn first_wait(&self, measured: Option<Duration>) -> Duration {
        let measured = measured.unwrap_or(self.period / 2);
        measured.clamp(self.period / 20, self.period * 10)
    }

    /// How long to wait in all before silence counts.
    pub(crate) fn whole_wait(&self, measured: Option<Duration>) -> Duration {
        self.period.max(self.first_wait(measured) * STEPS)
    }
}

impl Default for Pace {
    /// A ping each second; the dead are told of for a day.
    fn default() -> Self {
        Self { period: Duration::from_secs(1), told: Duration::from_secs(24 * 60 * 60) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_grows_with_the_network_and_shrinks_with_accusers() {
        let seconds = |live, accusers| Pace::default().patience(live, accusers).as_secs();
        let by_size = [2, 8, 100, 1_000, 10_000].map(|live| seconds(live, 3));
        assert_eq!(by_size, [2, 2, 4, 6, 8]);
        let by_accusers = [1, 2, 3, 9].map(|accusers| seconds(1_000, accusers));
        assert_eq!(by_accusers, [36, 17, 6, 6]);
    }

    #[test]
    fn waits_follow_the_round_trip_within_bounds() {
        let pace = Pace::default();
        let waits = |ms: Option<u64>| {
            let measured = ms.map(Duration::from_millis);
            [pace.first_wait(measured), pace.whole_wait(measured)].map(|wait| wait.as_millis())
        };
        let cases = [
            (None, [500, 2_000]),
            (Some(1), [50, 1_000]),
            (Some(200), [200, 1_000]),
            (Some(2_000), [2_000, 8_000]),
            (Some(3_600_000), [10_000, 40_000]),
        ];
        for (measured, expected) in cases {
            assert_eq!(waits(measured), expected, "{measured:?}");
        }
    }
}
