//! Sets.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use selkie_crdt::AwSet;
use selkie_crdt::Causal;
use selkie_crdt::Edit;
use selkie_crdt::RwSet;
use selkie_crdt::SetChange;

use super::Subject;
use super::Word;
use crate::deed::Act;
use crate::deed::Deed;
use crate::deed::standing;
use crate::dice::Dice;

#[derive(Clone, Debug)]
pub(crate) enum SetStep<T> {
    Add(T),
    Remove(T),
    Clear,
}

/// An element is in the set if some add of it was followed by no removal.
impl<T: Word> Subject for AwSet<T> {
    type Step = SetStep<T>;
    type Told = BTreeSet<T>;
    type Shown = BTreeSet<T>;

    fn draw(dice: &mut Dice) -> SetStep<T> {
        match dice.removes() {
            false => SetStep::Add(T::draw(dice)),
            true if dice.chance(4) => SetStep::Clear,
            true => SetStep::Remove(T::draw(dice)),
        }
    }

    fn take(mut edit: Edit<'_, Self>, step: &SetStep<T>) {
        match step {
            SetStep::Add(element) => edit.add(element.clone()),
            SetStep::Remove(element) => {
                let was_there = edit.read().contains(element);
                assert_eq!(edit.remove(element), was_there);
            }
            SetStep::Clear => edit.clear(),
        }
    }

    fn told(&self) -> Option<BTreeSet<T>> {
        let told: BTreeSet<T> = self.iter().cloned().collect();
        assert_eq!(told.len(), self.len());
        assert_eq!(self.is_empty(), self.is_bottom());
        assert!(told.iter().eq(self.sorted()));
        (!told.is_empty()).then_some(told)
    }

    fn defined(deeds: &[Deed<'_, SetStep<T>>]) -> Option<BTreeSet<T>> {
        let is_add = |act: &Act<SetStep<T>>| matches!(act, Act::Step(SetStep::Add(_)));
        let by_element = by_element(deeds);
        let is_in = |deeds: &Vec<Deed<'_, SetStep<T>>>| {
            !standing(deeds, is_add, |act| !is_add(act)).is_empty()
        };
        let elements = by_element.iter().filter(|(_, deeds)| is_in(deeds));
        let set: BTreeSet<T> = elements.map(|(element, _)| (*element).clone()).collect();
        (!set.is_empty()).then_some(set)
    }

    fn shown(&self) -> BTreeSet<T> {
        self.iter().cloned().collect()
    }

    fn redraw(shown: &mut BTreeSet<T>, change: SetChange<T>) {
        redraw_set(shown, change);
    }
}

/// An element is in the set if of the last things done to it none was a removal. An element that
/// was removed last is remembered, though it is not in the set.
impl<T: Word> Subject for RwSet<T> {
    type Step = SetStep<T>;
    type Told = BTreeSet<T>;
    type Shown = BTreeSet<T>;

    fn draw(dice: &mut Dice) -> SetStep<T> {
        let element = T::draw(dice);
        if dice.removes() { SetStep::Remove(element) } else { SetStep::Add(element) }
    }

    fn take(mut edit: Edit<'_, Self>, step: &SetStep<T>) {
        match step {
            SetStep::Add(element) => edit.add(element.clone()),
            SetStep::Remove(element) => edit.remove(element.clone()),
            SetStep::Clear => unreachable!("this set is not cleared"),
        }
    }

    fn told(&self) -> Option<BTreeSet<T>> {
        let told: BTreeSet<T> = self.iter().cloned().collect();
        assert_eq!(told.len(), self.len());
        assert!(told.iter().all(|element| self.contains(element)));
        (!self.is_bottom()).then_some(told)
    }

    fn defined(deeds: &[Deed<'_, SetStep<T>>]) -> Option<BTreeSet<T>> {
        let mut touched = false;
        let mut set = BTreeSet::new();
        for (element, deeds) in by_element(deeds) {
            let last = standing(&deeds, |act| matches!(act, Act::Step(_)), |_| true);
            touched |= !last.is_empty();
            let is_add = |deed: &&Deed<'_, _>| matches!(deed.act, Act::Step(SetStep::Add(_)));
            if !last.is_empty() && last.iter().all(is_add) {
                set.insert(element.clone());
            }
        }
        touched.then_some(set)
    }

    fn shown(&self) -> BTreeSet<T> {
        self.iter().cloned().collect()
    }

    fn redraw(shown: &mut BTreeSet<T>, change: SetChange<T>) {
        redraw_set(shown, change);
    }
}

/// What came was not there, and what went was.
pub(super) fn redraw_set<T: Word>(shown: &mut BTreeSet<T>, change: SetChange<T>) {
    assert!(!change.added.is_empty() || !change.removed.is_empty());
    assert!(change.removed.iter().all(|element| shown.remove(element)));
    assert!(change.added.into_iter().all(|element| shown.insert(element)));
}

/// For each element what was done to it; a clear is done to all.
fn by_element<'d, 'a, T: Word>(
    deeds: &'d [Deed<'a, SetStep<T>>],
) -> BTreeMap<&'d T, Vec<Deed<'a, SetStep<T>>>> {
    let mut by_element: BTreeMap<&T, Vec<_>> = BTreeMap::new();
    for deed in deeds {
        if let Act::Step(SetStep::Add(element) | SetStep::Remove(element)) = &deed.act {
            by_element.entry(element).or_default().push(deed.clone());
        }
    }
    for deed in deeds {
        if matches!(deed.act, Act::Wipe | Act::Step(SetStep::Clear)) {
            by_element.values_mut().for_each(|deeds| deeds.push(deed.as_seen_below(Act::Wipe)));
        }
    }
    by_element
}
