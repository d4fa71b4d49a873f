//! What only grows: a set without removal, and the largest value of all.

use std::collections::BTreeSet;

use selkie_crdt::Causal;
use selkie_crdt::Edit;
use selkie_crdt::GrowSet;
use selkie_crdt::MaxRegister;

use super::Subject;
use super::Word;
use crate::deed::Act;
use crate::deed::Deed;
use crate::dice::Dice;

/// An element is in the set if an add of it that found it absent was not taken away since.
impl<T: Word> Subject for GrowSet<T> {
    type Step = T;
    type Told = BTreeSet<T>;

    fn draw(dice: &mut Dice) -> T {
        T::draw(dice)
    }

    fn take(mut edit: Edit<'_, Self>, element: &T) {
        let was_absent = !edit.read().contains(element);
        assert_eq!(edit.add(element.clone()), was_absent);
    }

    fn told(&self) -> Option<BTreeSet<T>> {
        let told: BTreeSet<T> = self.iter().cloned().collect();
        assert_eq!(told.len(), self.len());
        (!told.is_empty()).then_some(told)
    }

    fn defined(deeds: &[Deed<'_, T>]) -> Option<BTreeSet<T>> {
        let counting = counting(deeds, |new, old| new == old);
        let set: BTreeSet<T> = counting.into_iter().cloned().collect();
        (!set.is_empty()).then_some(set)
    }
}

#[derive(Clone, Debug)]
pub(crate) enum MaxStep<V> {
    Raise(V),
    Reset,
}

/// The largest of the values that were larger than all that their author saw, and that were not
/// reset since.
impl<V: Word> Subject for MaxRegister<V> {
    type Step = MaxStep<V>;
    type Told = V;

    fn draw(dice: &mut Dice) -> MaxStep<V> {
        if dice.removes() { MaxStep::Reset } else { MaxStep::Raise(V::draw(dice)) }
    }

    fn take(mut edit: Edit<'_, Self>, step: &MaxStep<V>) {
        match step {
            MaxStep::Raise(value) => {
                let surpasses = edit.read().read().is_none_or(|old| value > old);
                assert_eq!(edit.raise(value.clone()), surpasses);
            }
            MaxStep::Reset => edit.reset(),
        }
    }

    fn told(&self) -> Option<V> {
        assert_eq!(self.is_bottom(), self.read().is_none());
        self.read().cloned()
    }

    fn defined(deeds: &[Deed<'_, MaxStep<V>>]) -> Option<V> {
        let mut raises = Vec::new();
        for deed in deeds {
            raises.push(deed.as_seen_below(match &deed.act {
                Act::Step(MaxStep::Raise(value)) => Act::Step(value.clone()),
                Act::Step(MaxStep::Reset) | Act::Wipe => Act::Wipe,
            }));
        }
        counting(&raises, |new, old| new <= old).into_iter().max().cloned()
    }
}

/// The values that changed something when they were given, and that nothing took away since. One
/// changes nothing if its author saw another that makes it `idle`.
fn counting<'d, V>(deeds: &'d [Deed<'_, V>], idle: impl Fn(&V, &V) -> bool) -> Vec<&'d V> {
    let mut in_order: Vec<_> = deeds.iter().collect();
    in_order.sort_by_key(|deed| deed.seen.count());
    let is_wipe = |deed: &&Deed<'_, V>| matches!(deed.act, Act::Wipe);
    let wiped = |deed: &Deed<'_, V>, before: Option<&Deed<'_, V>>| {
        let known = |wipe: &Deed<'_, V>| before.is_none_or(|before| before.happened_after(wipe));
        deeds.iter().filter(is_wipe).any(|wipe| known(wipe) && wipe.happened_after(deed))
    };
    let mut counting: Vec<(&Deed<'_, V>, &V)> = Vec::new();
    for deed in in_order {
        let Act::Step(value) = &deed.act else { continue };
        let stood = |old: &Deed<'_, V>| deed.happened_after(old) && !wiped(old, Some(deed));
        if !counting.iter().any(|(old, before)| idle(value, before) && stood(old)) {
            counting.push((deed, value));
        }
    }
    let left = counting.into_iter().filter(|(deed, _)| !wiped(deed, None));
    left.map(|(_, value)| value).collect()
}
