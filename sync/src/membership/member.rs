//! What one member knows of another.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::identity::node_id::NodeId;
use crate::identity::record::NodeRecord;
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
    /// When it is judged, if it is suspected.
    pub(crate) ends: Moment,
    /// Before then no verdict falls: this node is looking itself.
    pub(crate) open_until: Moment,
    /// The number of the ping that was sent because enough others accuse it.
    pub(crate) check: Option<u32>,
    /// Who accuses the life it is in, in order of name.
    pub(crate) accusers: BTreeMap<NodeId, Signed<Accusation>>,
    pub(crate) trip: RoundTrip,
    /// Where it says that it is to be found.
    pub(crate) located: Option<Located>,
    /// When it last answered a ping of ours.
    pub(crate) answered: Option<Moment>,
    /// Who first spoke of it, as long as it never spoke itself.
    pub(crate) source: Option<NodeId>,
    /// It was dead when this node first heard of it, so this node tells nobody. Else those who join would
    /// hand the dead on to those who join later, for ever.
    pub(crate) is_hearsay: bool,
    /// Its accusations that were answered.
    pub(crate) cries: Faults,
    /// Members that it spoke of and that nobody found.
    pub(crate) ghosts: Faults,
}

/// What a member said last of where it is.
#[derive(Debug)]
pub(crate) struct Located {
    pub(crate) record: Signed<NodeRecord>,
    pub(crate) sequence: u64,
}

/// How often somebody was wrong lately. In good faith everybody is now and then; whoever is so again and again
/// is not heard, until some of it is forgotten.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Faults {
    count: u8,
    /// Since when the next one is being forgotten.
    since: Moment,
    /// Periods that this takes.
    lasts: u32,
}

/// Accusers that are kept and passed on. Three are enough for a verdict; a fourth may be slow to be doubted.
pub(crate) const ACCUSERS_MAX: usize = 4;
/// Distinct accusers after whose word a single ping of one's own makes up for a probe with all its steps.
pub(crate) const ACCUSERS_ENOUGH: usize = 3;
/// Faults after which a member is not heard.
const FAULTS_MAX: u8 = 8;
/// Periods after which a wrong accusation is forgotten.
const CRY_LASTS: u32 = 10;
/// And a member that was not found: longer, since the time to look for them is shared by all who speak of some.
const GHOST_LASTS: u32 = 100;

impl Member {
    pub(crate) fn new(now: Moment, life: Signed<Life>, said: Life) -> Self {
        Self {
            life,
            said,
            state: State::Here,
            since: now,
            ends: now,
            open_until: now,
            check: None,
            accusers: BTreeMap::new(),
            trip: RoundTrip::default(),
            located: None,
            answered: None,
            source: None,
            is_hearsay: false,
            cries: Faults { count: 0, since: now, lasts: CRY_LASTS },
            ghosts: Faults { count: 0, since: now, lasts: GHOST_LASTS },
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
}

impl Faults {
    pub(crate) fn add(&mut self) {
        self.count = (self.count + 1).min(2 * FAULTS_MAX);
    }

    /// Whether there are too many to listen.
    pub(crate) fn are_many(&mut self, now: Moment, period: Duration) -> bool {
        let span = (period * self.lasts).as_micros().max(1);
        let forgiven = u32::try_from((now - self.since).as_micros() / span).unwrap_or(u32::MAX);
        if forgiven > 0 {
            self.since += period * self.lasts * forgiven;
            self.count = self.count.saturating_sub(u8::try_from(forgiven).unwrap_or(u8::MAX));
        }
        self.count >= FAULTS_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_forgiven_one_by_one() {
        let period = Duration::from_secs(1);
        let at = |seconds| Moment::START + Duration::from_secs(seconds);
        let mut faults = Faults { count: 0, since: at(0), lasts: CRY_LASTS };
        (0..200).for_each(|_| faults.add());
        let heard: Vec<_> =
            [9, 80, 90, 95].into_iter().filter(|s| !faults.are_many(at(*s), period)).collect();
        assert_eq!(heard, [90, 95], "sixteen are counted at most, and nine forgiven by then");
        faults.add();
        assert!(faults.are_many(at(96), period));
    }
}
