//! How a node goes about it.

use std::time::Duration;

use crate::gossip::timing::Timing;
use crate::membership::pace::Pace;
use crate::session::limits::Limits;

/// What may differ from node to node.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Settings {
    /// Of sessions.
    pub limits: Limits,
    /// Of gossip.
    pub timing: Timing,
    /// Of membership. All nodes of a network have the same.
    pub pace: Pace,
    /// Who counts as a member.
    pub circle: Circle,
    /// A node that has fewer sessions than this calls members that it trusts by itself, where it knows where they are.
    pub company: usize,
    /// After how long at the latest what is here of a channel is compared with what another has, though nobody asked for it.
    pub compared: Duration,
}

/// Whom a node takes for a member.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Circle {
    /// Devices that it trusts, and nobody else.
    Trusted,
    /// Whoever is in the network, as far as others tell of them. That lets nobody in: it shows who is there.
    Network,
}

impl Default for Settings {
    /// A ping every five seconds: what a node says of who takes part stays below a kilobyte a minute.
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            timing: Timing::default(),
            pace: Pace { period: Duration::from_secs(5), ..Pace::default() },
            circle: Circle::Trusted,
            company: 8,
            compared: Duration::from_secs(24 * 60 * 60),
        }
    }
}
