//! How far somebody is, counted when something was decided and not for each frame.

use selkie_vcs::settling::Draft;

use crate::settle::spot::{Spot, SpotKind};

/// What there is to decide, and what of it is decided.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    cases: Vec<Count>,
    whole: Count,
    /// Its places among those that were put off, each with the spot.
    later: Vec<(u64, usize)>,
}

/// Of a case, or of all.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Count {
    /// The first spot.
    pub(crate) first: usize,
    /// All spots, which stand one behind the other.
    pub(crate) spots: usize,
    /// Those that somebody has to decide, or to look at.
    pub(crate) asked: usize,
    /// Those of them of which something was decided.
    pub(crate) answered: usize,
    /// Conflicts that nobody decided yet.
    pub(crate) open: usize,
    /// Conflicts that somebody decided.
    pub(crate) settled: usize,
    /// Places that were merged and are worth a look.
    pub(crate) merged: usize,
    /// Open ones that were put off.
    pub(crate) put_off: usize,
}

impl Tally {
    pub(crate) fn of(spots: &[Spot], draft: &Draft) -> Self {
        let mut tally = Self::default();
        for (at, spot) in spots.iter().enumerate() {
            while tally.cases.len() <= spot.case {
                tally.cases.push(Count { first: at, ..Count::default() });
            }
            let put_off = draft.put_off(spot.part);
            tally.later.extend(put_off.map(|number| (number, at)));
            let is_decided = draft.verdict(spot.part).is_some();
            for count in [&mut tally.cases[spot.case], &mut tally.whole] {
                count.spots += 1;
                let is_asked = spot.kind != SpotKind::Apart;
                count.asked += usize::from(is_asked);
                count.answered += usize::from(is_asked && is_decided);
                match (spot.kind, is_decided) {
                    (SpotKind::Conflict, false) => count.open += 1,
                    (SpotKind::Conflict | SpotKind::Apart, true) => count.settled += 1,
                    (SpotKind::Apart, false) => {}
                    (SpotKind::Merged, _) => count.merged += 1,
                }
                count.put_off += usize::from(put_off.is_some());
            }
        }
        tally.later.sort_unstable();
        tally
    }

    /// Of a case; a case without anything to decide may be behind all others.
    pub(crate) fn case(&self, case: usize) -> Count {
        self.cases.get(case).copied().unwrap_or_default()
    }

    pub(crate) const fn whole(&self) -> Count {
        self.whole
    }

    /// The spots that were put off, in their order.
    pub(crate) fn later(&self) -> impl Iterator<Item = usize> {
        self.later.iter().map(|(_, spot)| *spot)
    }
}
