//! What a join changes under which keys.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::hash::Hash;

use super::AwMap;
use super::delta::KeyRef;
use crate::causal::Join;
use crate::mark::Mark;
use crate::observe::EntryChange;
use crate::observe::Fate;
use crate::observe::MapChange;
use crate::observe::Observe;
use crate::value::Value;

/// What a join brings to one slot.
struct News<'a, D> {
    delta: Option<&'a D>,
    ended: Vec<Mark>,
}

impl<K: Value + Hash, C: Observe> Observe for AwMap<K, C> {
    type Change = MapChange<K, C::Change>;

    fn change(
        &self,
        delta: Option<&Self::Delta>,
        ended: &[Mark],
        join: &Join<'_>,
    ) -> Option<Self::Change> {
        let mut entries = Vec::new();
        let mut by_slot: BTreeMap<u32, News<'_, C::Delta>> = BTreeMap::new();
        for (key, child) in delta.map_or(&[][..], |delta| &delta.children) {
            let slot = match key {
                KeyRef::Spelled(key) => self.table.find(key),
                KeyRef::At(slot) => Some(*slot),
                KeyRef::Beside(_) | KeyRef::Replaced => unreachable!("names are settled by check"),
            };
            let news = || News { delta: Some(child), ended: Vec::new() };
            match (slot, key) {
                (Some(slot), _) => drop(by_slot.entry(slot).or_insert_with(news)),
                (None, KeyRef::Spelled(key)) => {
                    entries.extend(entry_change(key, &C::default(), &news(), join));
                }
                (None, _) => unreachable!("only a spelled key can be new"),
            }
        }
        for mark in ended {
            if let Some(slot) =
                self.table.holders(*mark).find(|slot| self.table.value(*slot).holds(*mark))
            {
                let none = || News { delta: None, ended: Vec::new() };
                by_slot.entry(slot).or_insert_with(none).ended.push(*mark);
            }
        }
        for (slot, news) in &by_slot {
            let (key, child) = (self.table.key(*slot), self.table.value(*slot));
            entries.extend(entry_change(key, child, news, join));
        }
        (!entries.is_empty()).then_some(MapChange { entries })
    }
}

fn entry_change<K: Clone, C: Observe>(
    key: &K,
    child: &C,
    news: &News<'_, C::Delta>,
    join: &Join<'_>,
) -> Option<EntryChange<K, C::Change>> {
    let fate = Fate::of(child, news.delta, &news.ended, join)?;
    let change = child.change(news.delta, &news.ended, join);
    let shows = change.is_some() || fate != Fate::Kept;
    shows.then(|| EntryChange { key: key.clone(), fate, change })
}
