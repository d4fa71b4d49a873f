//! A place in the network, with the node that lives there.

use selkie_sync::Moment;

use crate::net::clock::Clock;

/// A node with its clock, and how it is.
#[derive(Debug)]
pub(crate) struct Place<N> {
    pub(crate) node: N,
    pub(crate) clock: Clock,
    pub(crate) is_running: bool,
    /// How often it was started or stopped: what was planned for another run does not happen.
    pub(crate) run: u32,
    /// When it wants a tick, by the network's time.
    pub(crate) wake: Option<Moment>,
    /// Until then it sleeps: ticks wait, datagrams find nobody, streams hold what they carry.
    pub(crate) sleeps_until: Moment,
}

impl<N> Place<N> {
    pub(crate) fn new(node: N, clock: Clock) -> Self {
        let (run, wake, sleeps_until) = (0, None, Moment::START);
        Self { node, clock, is_running: true, run, wake, sleeps_until }
    }
}
