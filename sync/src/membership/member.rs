//! What one member knows of another.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::identity::node_id::NodeId;
use crate::identity::signed::Signed;
use crate::membership::round_trip::RoundTrip;
use crate::membership::statement::{Accusation, Life};
use crate::moment::Moment;

/// How a member stands, as this node sees it. Each node judges for itself: nobody is told a verdict, only
/// what it follows from.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum State {
    /// It takes part.
    Here,
    /// Somebody got no answer from it; it has some time to say that it lives.
    Suspected,
    /// It had that time and said nothing.
    Down,
    /// It said goodbye.
    Left,
}

/// A member: its own words, what others say against it, and how it answers.
#[derive(Debug)]
pub(crate) struct Member {
    /// What it said last of itself.
    pub(crate) life: Signed<Life>,
    pub(crate) said: Life,
    pub(crate) state: State,
    /// Since when, as far as this node knows.
    pub(crate) since: Moment,
    /// Before then no verdict falls: this node is looking itself.
    pub(crate) open_until: Moment,
    /// Who accuses the life it is in, in order of name.
    pub(crate) accusers: BTreeMap<NodeId, Signed<Accusation>>,
    pub(crate) trip: RoundTrip,
    /// When it last answered a ping of ours.
    pub(crate) answered: Option<Moment>,
    /// Who first spoke of it, as long as it never spoke itself.
    pub(crate) source: Option<NodeId>,
    /// It was dead when this node first heard of it, so this node tells nobody. Else those who join would
    /// hand the dead on to those who join later, for ever.
    pub(crate) is_hearsay: bool,
    /// Accusations by it that turned out wrong, and since when they are being forgotten.
    cried: u8,
    cried_at: Moment,
}

/// Accusers that are kept and passed on. Three are enough for a verdict; a fourth may be slow to be doubted.
pub(crate) const ACCUSERS_MAX: usize = 4;
/// Distinct accusers whose word makes up for a failed probe of one's own.
pub(crate) const ACCUSERS_ENOUGH: usize = 3;
/// Wrong accusations after which no more are heard from a member, until some are forgotten.
const CRIED_MAX: u8 = 8;

impl Member {
    pub(crate) fn new(now: Moment, life: Signed<Life>, said: Life) -> Self {
        Self {
            life,
            said,
            state: State::Here,
            since: now,
            open_until: now,
            accusers: BTreeMap::new(),
            trip: RoundTrip::default(),
            answered: None,
            source: None,
            is_hearsay: false,
            cried: 0,
            cried_at: now,
        }
    }

    /// Whether it takes part as far as is known.
    pub(crate) const fn is_live(&self) -> bool {
        matches!(self.state, State::Here | State::Suspected)
    }

    /// Whether it answered after the suspicion against it began. What a member hears itself outweighs what
    /// others say.
    pub(crate) fn answered_since_suspected(&self) -> bool {
        self.answered.is_some_and(|answered| answered > self.since)
    }

    /// Notes that an accusation by it was wrong.
    pub(crate) fn cries_wolf(&mut self) {
        self.cried = self.cried.saturating_add(1).min(2 * CRIED_MAX);
    }

    /// Whether its accusations are worth hearing. One in ten periods is forgiven.
    pub(crate) fn is_credible(&mut self, now: Moment, period: Duration) -> bool {
        let forgiven = (now - self.cried_at).as_micros() / (10 * period.as_micros()).max(1);
        if forgiven > 0 {
            self.cried = self.cried.saturating_sub(u8::try_from(forgiven).unwrap_or(u8::MAX));
            self.cried_at = now;
        }
        self.cried < CRIED_MAX
    }
}
