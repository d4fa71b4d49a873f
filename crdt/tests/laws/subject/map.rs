//! Maps.

use std::collections::BTreeMap;

use selkie_crdt::AwMap;
use selkie_crdt::Causal;
use selkie_crdt::Edit;
use selkie_crdt::EntryChange;
use selkie_crdt::Fate;
use selkie_crdt::MapChange;

use super::Subject;
use super::Word;
use crate::deed::Act;
use crate::deed::Deed;
use crate::dice::Dice;

#[derive(Clone, Debug)]
pub(crate) enum MapStep<K, S> {
    Change(K, S, Way),
    Remove(K),
    Clear,
}

/// Which of the two ways to a child a step takes. The second makes none.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Way {
    Entry,
    Existing,
}

/// Under each key the child that the steps below it make, where the removal of the key takes away
/// what its author saw there. A key is there if its child is.
impl<K: Word, C: Subject> Subject for AwMap<K, C> {
    type Step = MapStep<K, C::Step>;
    type Told = BTreeMap<K, C::Told>;
    type Shown = BTreeMap<K, C::Shown>;

    fn draw(dice: &mut Dice) -> Self::Step {
        let key = K::draw(dice);
        match dice.removes() && dice.chance(60) {
            true if dice.chance(4) => MapStep::Clear,
            true => MapStep::Remove(key),
            false => MapStep::Change(key, C::draw(dice), dice.pick(&[Way::Entry, Way::Existing])),
        }
    }

    fn take(mut edit: Edit<'_, Self>, step: &Self::Step) {
        match step {
            MapStep::Change(key, step, Way::Existing) if edit.read().contains_key(key) => {
                C::take(edit.existing(key).expect("the key is there"), step);
            }
            MapStep::Change(key, step, _) => {
                assert_eq!(edit.existing(key).is_some(), edit.read().contains_key(key));
                C::take(edit.entry(key.clone()), step);
            }
            MapStep::Remove(key) => {
                let was_there = edit.read().contains_key(key);
                assert_eq!(edit.remove(key), was_there);
            }
            MapStep::Clear => edit.clear(),
        }
    }

    fn told(&self) -> Option<BTreeMap<K, C::Told>> {
        let told = |(key, child): (&K, &C)| {
            assert_eq!(self.get(key).map(C::told), Some(child.told()));
            (key.clone(), child.told().expect("a child that is there holds something"))
        };
        let map: BTreeMap<K, C::Told> = self.iter().map(told).collect();
        assert_eq!(map.len(), self.len());
        assert_eq!(self.is_empty(), self.is_bottom());
        assert!(map.keys().eq(self.sorted().into_iter().map(|(key, _)| key)));
        (!map.is_empty()).then_some(map)
    }

    fn defined(deeds: &[Deed<'_, Self::Step>]) -> Option<BTreeMap<K, C::Told>> {
        let mut by_key: BTreeMap<&K, Vec<Deed<'_, C::Step>>> = BTreeMap::new();
        for deed in deeds {
            if let Act::Step(MapStep::Change(key, step, _)) = &deed.act {
                let below = deed.as_seen_below(Act::Step(step.clone()));
                by_key.entry(key).or_default().push(below);
            }
        }
        for deed in deeds {
            let wipe = deed.as_seen_below(Act::Wipe);
            match &deed.act {
                Act::Step(MapStep::Change(..)) => {}
                Act::Step(MapStep::Remove(key)) => {
                    by_key.entry(key).and_modify(|deeds| deeds.push(wipe));
                }
                Act::Step(MapStep::Clear) | Act::Wipe => {
                    by_key.values_mut().for_each(|deeds| deeds.push(wipe.clone()));
                }
            }
        }
        let told = |(key, deeds): (&K, Vec<_>)| Some((key.clone(), C::defined(&deeds)?));
        let map: BTreeMap<K, C::Told> = by_key.into_iter().filter_map(told).collect();
        (!map.is_empty()).then_some(map)
    }

    fn shown(&self) -> BTreeMap<K, C::Shown> {
        self.iter().map(|(key, child)| (key.clone(), child.shown())).collect()
    }

    fn redraw(shown: &mut BTreeMap<K, C::Shown>, change: MapChange<K, C::Change>) {
        assert!(!change.entries.is_empty());
        for EntryChange { key, fate, change } in change.entries {
            let before = shown.remove(&key);
            assert_eq!(before.is_some(), fate != Fate::Added);
            assert!(change.is_some() || fate != Fate::Kept);
            let mut child = before.unwrap_or_default();
            change.into_iter().for_each(|change| C::redraw(&mut child, change));
            match fate {
                Fate::Added | Fate::Kept => drop(shown.insert(key, child)),
                Fate::Removed => assert_eq!(child, C::Shown::default()),
            }
        }
    }
}
