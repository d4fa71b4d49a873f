//! What a reconciliation cost.

use std::fmt;
use std::hint::black_box;

use rustix::time::{ClockId, clock_gettime};

/// The cost of one, both sides together.
pub struct Run {
    /// Bytes of all messages, with the length before each.
    pub bytes: usize,
    /// How often the side that opens spoke and was answered.
    pub round_trips: usize,
    /// Processor time, the sets being ready.
    pub spent_ms: f64,
    /// Processor time to make one set ready, which is done once for many reconciliations.
    pub ready_ms: f64,
}

impl Run {
    /// The least of each.
    pub fn least(self, other: Self) -> Self {
        assert_eq!((self.bytes, self.round_trips), (other.bytes, other.round_trips));
        let spent_ms = self.spent_ms.min(other.spent_ms);
        Self { spent_ms, ready_ms: self.ready_ms.min(other.ready_ms), ..self }
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { bytes, round_trips, spent_ms, ready_ms } = self;
        write!(f, "{bytes} | {round_trips} | {spent_ms:.2} ms | {ready_ms:.0} ms")
    }
}

/// Does the work, and tells its processor time in milliseconds. What it returns is handed on, so that its end is not
/// measured.
pub fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let start = thread_ms();
    let done = black_box(work());
    (done, thread_ms() - start)
}

fn thread_ms() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}
