//! What a node does by itself, and how often.

use std::time::Duration;

use selkie_vcs::TimelineStrategy;

use crate::config::Config;
use crate::config::key::{Key, SYNC_AUTO, SYNC_INTERVAL, SYNC_STRATEGY, SYNC_TIMEOUT, SYNCS_MAX};
use crate::config::span::span;

/// What the settings say of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Pace {
    /// Whether it calls, tells and settles without being asked.
    pub(crate) by_itself: bool,
    /// Between two looks at who is not connected.
    pub(crate) interval: Duration,
    /// As long as nothing may come of a peer.
    pub(crate) patience: Duration,
    /// How timelines are settled of which nobody said how.
    pub(crate) unsaid: TimelineStrategy,
    /// Syncs that commands asked for, at once.
    pub(crate) syncs_max: usize,
}

impl Pace {
    /// As the settings say. Each has a value by itself, and none that it can not take.
    pub(crate) fn of(config: &Config) -> Self {
        let wait = |key| span(value(config, key)).unwrap_or_default();
        Self {
            by_itself: value(config, &SYNC_AUTO) == "on",
            interval: wait(&SYNC_INTERVAL),
            patience: wait(&SYNC_TIMEOUT),
            unsaid: unsaid(config),
            syncs_max: value(config, &SYNCS_MAX).parse().unwrap_or_default(),
        }
    }
}

/// How a timeline is settled that has no strategy of its own.
pub(crate) fn unsaid(config: &Config) -> TimelineStrategy {
    TimelineStrategy::read(value(config, &SYNC_STRATEGY)).unwrap_or_default()
}

/// As long as nothing may come of a peer.
pub(crate) fn patience(config: &Config) -> Duration {
    span(value(config, &SYNC_TIMEOUT)).unwrap_or_default()
}

fn value<'c>(config: &'c Config, key: &Key) -> &'c str {
    config.value(key).map_or("", |(value, _)| value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::places::Places;

    #[test]
    fn every_setting_of_it_is_read() {
        let by_itself = Pace::of(&Config::default());
        let half_a_minute = Duration::from_secs(30);
        assert_eq!((by_itself.by_itself, by_itself.interval), (true, half_a_minute));
        assert_eq!((by_itself.patience, by_itself.syncs_max), (2 * half_a_minute, 5));
        assert_eq!(by_itself.unsaid, TimelineStrategy::Manual);
        let said = ["auto=off", "interval=2 min", "timeout=3 s", "strategy=last_write"];
        let said = said.iter().map(|text| format!("sync.{text}")).chain(["network.syncs=2".into()]);
        let said: Vec<String> = said.collect();
        let config = Config::read(&Places::default(), [], &said).unwrap();
        let expected = Pace {
            by_itself: false,
            interval: Duration::from_secs(120),
            patience: Duration::from_secs(3),
            unsaid: TimelineStrategy::LastWrite,
            syncs_max: 2,
        };
        assert_eq!(Pace::of(&config), expected);
    }
}
