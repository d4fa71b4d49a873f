//! Who is let in of those who knock.

use std::net::IpAddr;
use std::sync::Arc;

use quinn::Incoming;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::moment::Moment;
use crate::session::gate::Gate;
use crate::session::limits::Limits;

/// The door of a node, before any handshake, which costs a millisecond.
#[derive(Debug)]
pub(super) struct Door {
    gate: Gate,
    /// Handshakes that others began, at once. Each costs a millisecond.
    handshakes: Arc<Semaphore>,
    /// From so few free ones on, a caller has to show first that it is where it says.
    handshakes_few: usize,
    /// Connections in all that are used.
    lines_max: usize,
}

/// What becomes of somebody who knocks.
#[derive(Debug)]
pub(super) enum Answer {
    /// It learns nothing, and costs one packet.
    Nothing,
    /// It has to show first that it is where it says.
    ShowWhere,
    /// It may begin a handshake, for as long as it holds this.
    Enter(OwnedSemaphorePermit),
}

/// Connections that are used beside those of peers and those on which no hello came yet: their calls, and what a newer one takes the place of.
const LINES_MORE: usize = 14;

/// Connections that QUIC holds beside those, on their way up or down. One whose first packet says that it is over already is held for
/// a minute, costs the caller that packet, and is no handshake that could be counted.
const STRAYS_MAX: usize = 1_024;
/// From so many on, a caller has to show first that it is where it says: then a neighbourhood makes a third of the rest at most.
const STRAYS_FEW: usize = 64;

impl Door {
    /// The door behind this gate, of a node that takes so much.
    pub(super) fn behind(gate: Gate, limits: Limits) -> Self {
        let Limits { peers, greeting, .. } = limits;
        let handshakes = Arc::new(Semaphore::new(greeting.min(Semaphore::MAX_PERMITS)));
        let lines_max = peers.saturating_add(greeting).saturating_add(LINES_MORE);
        Self { gate, handshakes, handshakes_few: greeting.saturating_mul(3).div_ceil(4), lines_max }
    }

    /// Whether there may be a connection with this address at all.
    pub(super) fn allows(&self, ip: IpAddr) -> bool {
        self.gate.allows(ip)
    }

    /// Somebody knocks, while so many lines are there, and so many connections in all.
    pub(super) fn knock(
        &mut self,
        now: Moment,
        caller: &Incoming,
        lines: usize,
        connections: usize,
    ) -> Answer {
        let strays = connections.saturating_sub(lines);
        let is_full = lines >= self.lines_max || strays >= STRAYS_MAX;
        if !self.gate.knock(now, caller.remote_address().ip()) || is_full {
            return Answer::Nothing;
        }
        let is_busy =
            self.handshakes.available_permits() < self.handshakes_few || strays >= STRAYS_FEW;
        if is_busy && caller.may_retry() && !caller.remote_address_validated() {
            return Answer::ShowWhere;
        }
        let permit = Arc::clone(&self.handshakes).try_acquire_owned();
        permit.map_or(Answer::Nothing, Answer::Enter)
    }
}
