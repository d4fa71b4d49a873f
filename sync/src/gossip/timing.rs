//! When gossip does what.

use std::time::Duration;

/// How long things take.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Timing {
    /// Between two times that a channel is compared with some peer's.
    pub round: Duration,
    /// How long a peer may take to begin to answer.
    pub answer: Duration,
    /// How long what is new may take to be pushed by one peer before another is asked, who told of it.
    pub graft: Duration,
    /// How long news are gathered before a peer is told of them that is not sent them.
    pub tell: Duration,
    /// Peers of a channel up to which all push to all. Beyond, those that push what is here already are told to stop.
    pub mesh: usize,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            round: Duration::from_secs(30),
            answer: Duration::from_secs(10),
            graft: Duration::from_millis(60),
            tell: Duration::from_millis(10),
            mesh: 8,
        }
    }
}
