//! Making deltas.

use alloc::vec;
use alloc::vec::Vec;
use core::iter;

use super::Doc;
use crate::causal::Causal;
use crate::causal::Cut;
use crate::causal::Keys;
use crate::delta::Delta;
use crate::ends::Ends;
use crate::mark::Mark;
use crate::mark::Run;
use crate::roster::Roster;
use crate::span::Span;

impl<T: Causal> Doc<T> {
    pub(super) fn cut(&self, since: &[u64], keys: Keys) -> Option<Delta<T>> {
        let seen = self.cx.roster.seen();
        // Actors met since `since` was taken are behind its end.
        let since = since.iter().chain(iter::repeat(&0)).zip(seen);
        let since: Vec<u64> = since.map(|(since, seen)| *since.min(seen)).collect();
        if since == seen {
            return None;
        }
        if !self.cx.kills.reach_back_to(&since) {
            return Some(self.whole(&since));
        }
        let numbering = Numbering::of(&self.cx.roster);
        let outside = |(by, dead)| (numbering.outside(by), numbering.outside(dead));
        let mut kills: Vec<_> = self.cx.kills.since(&since).map(outside).collect();
        if !kills.is_sorted() {
            kills.sort_unstable();
        }
        Some(self.delta(&since, &numbering, Ends::Listed(kills), keys))
    }

    /// A delta that tells what is alive instead of what has ended.
    pub(super) fn whole(&self, since: &[u64]) -> Delta<T> {
        let numbering = Numbering::of(&self.cx.roster);
        let mut alive = Vec::new();
        if since.iter().any(|counter| *counter > 0) {
            self.root.each_mark(&mut |mark| {
                if mark.counter() <= since[mark.actor() as usize] {
                    alive.push(numbering.outside(mark));
                }
            });
            alive.sort_unstable();
        }
        self.delta(since, &numbering, Ends::AllBut(Run::all_of(&alive)), Keys::Spelled)
    }

    fn delta(&self, since: &[u64], numbering: &Numbering, ends: Ends, keys: Keys) -> Delta<T> {
        let roster = &self.cx.roster;
        let cut = Cut {
            since,
            seen: roster.seen(),
            renumbered: &numbering.outside,
            numbered: &numbering.actors,
            kills: &self.cx.kills,
            keys,
        };
        let root = self.root.cut(&cut);
        let actors = numbering.actors.iter().map(|number| *roster.actor(*number)).collect();
        let column = |counters: &[u64]| {
            numbering.actors.iter().map(|number| counters[*number as usize]).collect()
        };
        Delta {
            subject: self.subject.clone(),
            span: Span { actors, from: column(since), to: column(roster.seen()) },
            ends,
            root,
        }
    }
}

/// Numbers for the actors of a delta: those who did something, ascending.
struct Numbering {
    actors: Vec<u32>,  // by the delta's number, ours
    outside: Vec<u32>, // by our number, the delta's
}

impl Numbering {
    fn of(roster: &Roster) -> Self {
        let did_something = |number: &u32| roster.seen()[*number as usize] > 0;
        let actors: Vec<u32> = roster.sorted().iter().copied().filter(did_something).collect();
        let mut outside = vec![0; roster.len()];
        for (at, number) in actors.iter().enumerate() {
            outside[*number as usize] = at as u32;
        }
        Self { actors, outside }
    }

    fn outside(&self, mark: Mark) -> Mark {
        Mark::new(self.outside[mark.actor() as usize], mark.counter())
    }
}
