//! How far something that takes its time has come, on the last line of the terminal.

use std::io::{Write, stderr};
use std::time::{Duration, Instant};

use crate::config::span::told;

/// A line that tells how far something is, how quickly it goes and how long it will take. It is there only if that
/// takes long enough for somebody to wonder, and goes when it is dropped.
#[derive(Debug)]
pub(crate) struct Meter {
    what: &'static str,
    watcher: Watcher,
    began: Instant,
    /// When the line was written last; none if it never was.
    written: Option<Duration>,
}

/// Who sees the line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Watcher {
    /// Somebody at a terminal.
    Person,
    /// Nobody.
    Nobody,
}

/// What is over sooner needs no line.
const FIRST: Duration = Duration::from_millis(500);

/// Quicker than this nobody reads.
const BETWEEN: Duration = Duration::from_millis(100);

/// Back to the beginning of the line, and all of it gone.
const CLEAR: &str = "\r\x1b[K";

impl Meter {
    /// A line about this, in one or two words that a number follows.
    pub(crate) fn of(what: &'static str, watcher: Watcher) -> Self {
        Self { what, watcher, began: Instant::now(), written: None }
    }

    /// Tells that so many are done, where nobody knows of how many.
    pub(crate) fn so_far(&mut self, done: u64) {
        self.write(|what, now| {
            let rate = u128::from(done) * 1000 / now.as_millis().max(1);
            format!("{what} {done}, {rate} a second")
        });
    }

    /// Tells that so much of it is done.
    pub(crate) fn tell(&mut self, done: usize, total: usize) {
        self.write(|what, now| line(what, done, total, now));
    }

    fn write(&mut self, line: impl FnOnce(&str, Duration) -> String) {
        if self.watcher == Watcher::Nobody {
            return;
        }
        let now = self.began.elapsed();
        if now < self.written.map_or(FIRST, |written| written + BETWEEN) {
            return;
        }
        self.written = Some(now);
        // Where it can not be written, nobody misses it.
        let _ = write!(stderr(), "{CLEAR}{}", line(self.what, now));
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        if self.written.is_some() {
            let _ = write!(stderr(), "{CLEAR}");
        }
    }
}

fn line(what: &str, done: usize, total: usize, passed: Duration) -> String {
    let passed_ms = passed.as_millis().max(1);
    let [done_wide, total_wide] = [done, total].map(|count| count as u128);
    let rate = done_wide * 1000 / passed_ms;
    let start = format!("{what} {done} of {total}, {rate} a second");
    if done == 0 || done >= total {
        return start;
    }
    let left_ms = passed_ms * (total_wide - done_wide) / done_wide;
    let left = Duration::from_millis(u64::try_from(left_ms).unwrap_or(u64::MAX));
    format!("{start}, {} left", told(left))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_the_rate_and_what_is_left() {
        let table = [
            (0, 100, 1_000, "Checking 0 of 100, 0 a second"),
            (25, 100, 1_000, "Checking 25 of 100, 25 a second, 3 seconds left"),
            (1_000, 200_000, 1_000, "Checking 1000 of 200000, 1000 a second, 4 minutes left"),
            (100, 100, 2_000, "Checking 100 of 100, 50 a second"),
        ];
        for (done, total, passed_ms, expected) in table {
            assert_eq!(line("Checking", done, total, Duration::from_millis(passed_ms)), expected);
        }
    }

    #[test]
    fn what_is_quick_or_watched_by_nobody_writes_nothing() {
        for watcher in [Watcher::Person, Watcher::Nobody] {
            let mut meter = Meter::of("Checking", watcher);
            (0..100).for_each(|done| meter.tell(done, 100));
            assert_eq!(meter.written, None);
        }
    }
}
