//! What this process has used.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::MEMORY;

/// CPU and memory from a moment on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Meter {
    cpu: Duration,
    bytes: usize,
}

impl Meter {
    pub(crate) fn start() -> Self {
        Self { cpu: cpu(), bytes: MEMORY.current_usage() }
    }

    /// CPU since then.
    pub(crate) fn cpu(&self) -> Duration {
        cpu().saturating_sub(self.cpu)
    }

    /// Memory that was taken since then and not given back, in KiB.
    pub(crate) fn kib(&self) -> f64 {
        MEMORY.current_usage().saturating_sub(self.bytes) as f64 / 1024.0
    }
}

fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::try_from(time).expect("a process has used some CPU")
}
