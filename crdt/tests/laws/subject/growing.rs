//! What only grows: a set without removal, and the best value of all.

use std::collections::BTreeSet;

use selkie_crdt::Causal;
use selkie_crdt::Edit;
use selkie_crdt::GrowSet;
use selkie_crdt::MaxRegister;
use selkie_crdt::MinRegister;
use selkie_crdt::RegisterChange;
use selkie_crdt::SetChange;

use super::Subject;
use super::Word;
use super::register::redraw_values;
use super::set::redraw_set;
use crate::deed::Act;
use crate::deed::Deed;
use crate::dice::Dice;

/// An element is in the set if an add of it that found it absent was not taken away since.
impl<T: Word> Subject for GrowSet<T> {
    type Step = T;
    type Told = BTreeSet<T>;
    type Shown = BTreeSet<T>;

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

    fn shown(&self) -> BTreeSet<T> {
        self.iter().cloned().collect()
    }

    fn redraw(shown: &mut BTreeSet<T>, change: SetChange<T>) {
        redraw_set(shown, change);
    }
}

#[derive(Clone, Debug)]
pub(crate) enum ExtremeStep<V> {
    Offer(V),
    Reset,
}

macro_rules! extremes {
    ($($register:ident: $offer:ident, $best:ident, $surpasses:expr;)*) => {$(
        /// The best of the values that were better than all that their author saw, and that were
        /// not reset since.
        impl<V: Word> Subject for $register<V> {
            type Step = ExtremeStep<V>;
            type Told = V;
            type Shown = Option<V>;

            fn draw(dice: &mut Dice) -> ExtremeStep<V> {
                if dice.removes() { ExtremeStep::Reset } else { ExtremeStep::Offer(V::draw(dice)) }
            }

            fn take(mut edit: Edit<'_, Self>, step: &ExtremeStep<V>) {
                match step {
                    ExtremeStep::Offer(value) => {
                        let is_better = edit.read().read().is_none_or(|old| $surpasses(value, old));
                        assert_eq!(edit.$offer(value.clone()), is_better);
                    }
                    ExtremeStep::Reset => edit.reset(),
                }
            }

            fn told(&self) -> Option<V> {
                assert_eq!(self.is_bottom(), self.read().is_none());
                self.read().cloned()
            }

            fn defined(deeds: &[Deed<'_, ExtremeStep<V>>]) -> Option<V> {
                let mut offers = Vec::new();
                for deed in deeds {
                    offers.push(deed.as_seen_below(match &deed.act {
                        Act::Step(ExtremeStep::Offer(value)) => Act::Step(value.clone()),
                        Act::Step(ExtremeStep::Reset) | Act::Wipe => Act::Wipe,
                    }));
                }
                counting(&offers, |new, old| !$surpasses(new, old)).into_iter().$best().cloned()
            }

            fn shown(&self) -> Option<V> {
                self.read().cloned()
            }

            fn redraw(shown: &mut Option<V>, change: RegisterChange<V>) {
                let mut values: Vec<V> = shown.take().into_iter().collect();
                redraw_values(&mut values, change);
                assert!(values.len() < 2);
                *shown = values.pop();
            }
        }
    )*};
}

extremes! {
    MaxRegister: raise, max, |new: &V, old: &V| new > old;
    MinRegister: lower, min, |new: &V, old: &V| new < old;
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
