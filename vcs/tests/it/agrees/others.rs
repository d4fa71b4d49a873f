//! What comes from another replica, beside everything else.

use std::collections::BTreeSet;

use selkie_store::SealId;
use selkie_vcs::bundling::{Names, take};
use selkie_vcs::converge::{Occasion, Place as Went, converge};
use selkie_vcs::keep_up::{Kept, keep_up};
use selkie_vcs::timeline::settle_by;
use selkie_vcs::{Bundle, TimelineStrategy};

use crate::agrees::step::Step;
use crate::agrees::{Twins, doer};
use crate::hearing::hear;
use crate::model::others::Heads;

/// Of which timeline nobody says anything, waits.
const UNSAID: TimelineStrategy = TimelineStrategy::Manual;

impl Twins {
    pub(super) fn meet(&mut self, who: usize, step: Step, command: String, told: &str) {
        let (doer, typed) = (doer(self.now_ms), command.clone());
        let is_done = match step {
            Step::There(deed) => self.elsewhere.act(&self.open[who], deed, &doer),
            Step::Hear => {
                self.hear(who, told);
                return;
            }
            Step::TakeBundle => {
                let Some(bytes) = self.elsewhere.bundle() else { return };
                let brought = self.told_there();
                let mut bundle = Bundle::open(&*bytes).unwrap();
                let real =
                    take(&mut self.open[who], &doer, typed, &mut bundle, &Names::All, |_| ());
                let model = self.model.take_bundle(&brought);
                assert_eq!(model.is_ok(), real.is_ok(), "{told}: {real:?}");
                real.is_ok()
            }
            Step::KeepUp => {
                let to = self.model.keep_up().map(|to| self.model.descent.id(to));
                let real = keep_up(&mut self.open[who], &doer, typed);
                let real = real.unwrap_or_else(|error| panic!("{told}: {error}"));
                let moved = if let Kept::Moved(seal) = real { Some(seal) } else { None };
                assert_eq!(moved, to, "{told}: {real:?}");
                to.is_some()
            }
            Step::Strategy(name, number) => {
                let strategy = Step::strategy(number);
                let real = settle_by(&mut self.open[who], &doer, typed, name, &strategy);
                let model = self.model.set_strategy(name, &strategy.spelled());
                assert_eq!(model.is_ok(), real.is_ok(), "{told}: {real:?}");
                real.is_ok()
            }
            _ => self.settle(who, typed, told),
        };
        self.count(command, is_done);
    }

    /// What others have for the newest is folded elsewhere. What it comes to is believed, if nothing is gone that they made;
    /// nothing else changes.
    fn hear(&mut self, who: usize, told: &str) {
        let there = self.elsewhere.workspace.repository().store().clone();
        hear(&mut self.open[who], &self.elsewhere.workspace, &doer(self.now_ms));
        let all: Vec<(String, BTreeSet<SealId>, Option<String>)> = {
            let shared = self.open[who].repository().shared();
            let told = shared.timelines().map(|(name, timeline)| {
                (name.to_owned(), timeline.heads(), timeline.strategy().map(str::to_owned))
            });
            told.collect()
        };
        let place = &mut self.model.place;
        (place.heads, place.strategies) = Default::default();
        for (name, heads, strategy) in all {
            let heads = heads.into_iter().map(|head| self.learn(&there, head)).collect();
            let place = &mut self.model.place;
            place.strategies.extend(strategy.map(|word| (name.clone(), word)));
            place.heads.insert(name, heads);
        }
        for (name, seal) in std::mem::take(&mut self.elsewhere.untold) {
            let seal = self.learn(&there, seal);
            let leads = |head: &usize| self.model.descent.covers(*head, seal);
            assert!(self.model.place.heads[&name].iter().any(leads), "{name} lost one, {told}");
        }
    }

    /// Where the timelines end that the others have.
    fn told_there(&mut self) -> Heads {
        let there = self.elsewhere.workspace.repository().store().clone();
        let mut told = Heads::new();
        for (name, heads) in self.elsewhere.heads() {
            let heads = heads.into_iter().map(|head| self.learn(&there, head)).collect();
            told.insert(name, self.model.descent.newest(&heads));
        }
        told
    }

    /// What is made of heads is left to other tests: it is believed, if all of them lead to it, and the rest must follow from that.
    fn settle(&mut self, who: usize, typed: String, told: &str) -> bool {
        let before = self.model.place.heads.clone();
        let settled =
            converge(&mut self.open[who], &doer(self.now_ms), typed, Occasion::Asked, &UNSAID);
        let settled = settled.unwrap_or_else(|error| panic!("{told}: {error}"));
        let (store, mut heads, mut to) = (self.store(who), Heads::new(), None);
        for one in settled {
            let word = self.model.place.strategies.get(&one.timeline);
            assert_eq!(one.strategy.spelled(), word.map_or("manual", |word| word), "{told}");
            let Some(last) = one.made else { continue };
            let made = self.learn(&store, last.id);
            let timeline = self.open[who].repository().shared().timeline(&one.timeline).unwrap();
            let after: BTreeSet<usize> = {
                let number = |head| self.model.descent.number(head).unwrap();
                timeline.heads().into_iter().map(number).collect()
            };
            let old = self.model.descent.newest(&before[&one.timeline]);
            assert!(old.len() > 1, "{told}");
            let is_led_to = |old| after.iter().any(|head| self.model.descent.covers(*head, old));
            assert!(old.into_iter().all(is_led_to), "{told}");
            assert_eq!(self.model.descent.newest(&after), [made].into(), "{told}");
            if one.place == Went::Moved {
                let base = self.open[who].repository().desk().bases[0];
                assert_eq!(last.id, base, "{told}");
                to = Some(made);
            }
            heads.insert(one.timeline, after);
        }
        let is_done = !heads.is_empty();
        if is_done {
            self.model.settle(heads, to);
        }
        is_done
    }
}
