//! What sessions may take.

use std::time::Duration;

/// How many, and how long.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// Sessions at once.
    pub peers: usize,
    /// Connections of others at once on which no hello came yet.
    pub greeting: usize,
    /// Calls of ours at once that are not answered yet.
    pub calling: usize,
    /// How long a hello may take.
    pub hello: Duration,
    /// After how long a silence a peer is asked whether it is there.
    pub beat: Duration,
    /// After how long a silence it counts as gone.
    pub silence: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            peers: 50,
            greeting: 32,
            calling: 8,
            hello: Duration::from_secs(5),
            beat: Duration::from_secs(15),
            silence: Duration::from_secs(40),
        }
    }
}
