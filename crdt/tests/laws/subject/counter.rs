//! The counter.

use std::collections::BTreeSet;

use selkie_crdt::ActorId;
use selkie_crdt::Causal;
use selkie_crdt::Counter;
use selkie_crdt::CounterChange;
use selkie_crdt::Edit;

use super::Subject;
use crate::deed::Act;
use crate::deed::Deed;
use crate::dice::Dice;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum CounterStep {
    Add(i64),
    Reset,
}

/// An actor's count goes on from its count before, unless it saw a reset of that. The counts of
/// all actors that no reset followed are summed.
impl Subject for Counter {
    type Step = CounterStep;
    type Told = i128;
    type Shown = i128;

    fn draw(dice: &mut Dice) -> CounterStep {
        if dice.removes() {
            CounterStep::Reset
        } else {
            CounterStep::Add(i64::try_from(dice.below(9)).expect("small") - 4)
        }
    }

    fn take(mut edit: Edit<'_, Self>, step: &CounterStep) {
        match step {
            CounterStep::Add(amount) => edit.add(*amount),
            CounterStep::Reset => edit.reset(),
        }
    }

    fn told(&self) -> Option<i128> {
        (!self.is_bottom()).then(|| self.value())
    }

    fn defined(deeds: &[Deed<'_, CounterStep>]) -> Option<i128> {
        let authors: BTreeSet<ActorId> = deeds.iter().map(|deed| deed.author).collect();
        let sums: Vec<i128> =
            authors.iter().filter_map(|author| count_of(*author, deeds)).collect();
        (!sums.is_empty()).then(|| sums.iter().sum())
    }

    fn shown(&self) -> i128 {
        self.value()
    }

    fn redraw(shown: &mut i128, change: CounterChange) {
        assert_eq!(*shown, change.before);
        assert_ne!(*shown, change.after);
        *shown = change.after;
    }
}

fn count_of(author: ActorId, deeds: &[Deed<'_, CounterStep>]) -> Option<i128> {
    let added = |deed: &Deed<'_, CounterStep>| match deed.act {
        Act::Step(CounterStep::Add(amount)) => Some(i128::from(amount)),
        Act::Step(CounterStep::Reset) | Act::Wipe => None,
    };
    let mut own: Vec<_> = deeds.iter().filter(|deed| deed.author == author).collect();
    own.sort_by_key(|deed| deed.id);
    let resets = || deeds.iter().filter(|deed| added(deed).is_none());
    let mut count: Option<(i128, &Deed<'_, CounterStep>)> = None;
    for deed in own {
        if let Some(amount) = added(deed) {
            let before = count.filter(|(_, last)| {
                !resets().any(|reset| deed.happened_after(reset) && reset.happened_after(last))
            });
            count = Some((before.map_or(0, |(sum, _)| sum) + amount, deed));
        }
    }
    let (sum, last) = count?;
    (!resets().any(|reset| reset.happened_after(last))).then_some(sum)
}
