//! The list, of which the model says nothing: where an item stands is the list's own affair. That
//! replicas agree on it is checked all the same, and that a list does not contradict itself.

use selkie_crdt::Causal;
use selkie_crdt::Edit;
use selkie_crdt::Hlc;
use selkie_crdt::ItemChange;
use selkie_crdt::ItemId;
use selkie_crdt::List;
use selkie_crdt::ListChange;
use selkie_crdt::LwwRegister;
use selkie_crdt::RegisterChange;

use super::Subject;
use super::Word;
use super::moment;
use super::register::redraw_values;
use crate::deed::Deed;
use crate::dice::Dice;

#[derive(Clone, Debug)]
pub(crate) enum ListStep<V> {
    Insert(usize, V, Hlc),
    Write(usize, V, Hlc),
    Move(usize, usize, Hlc),
    Remove(usize),
    Clear,
}

impl<V: Word> Subject for List<LwwRegister<V>> {
    type Step = ListStep<V>;
    type Told = ();
    type Shown = Vec<(ItemId, Vec<V>)>;

    fn draw(dice: &mut Dice) -> ListStep<V> {
        let (index, at) = (dice.index(12), moment(dice));
        match dice.below(4) {
            _ if dice.removes() && dice.chance(4) => ListStep::Clear,
            _ if dice.removes() => ListStep::Remove(index),
            0 => ListStep::Move(index, dice.index(12), at),
            1 => ListStep::Write(index, V::draw(dice), at),
            _ => ListStep::Insert(index, V::draw(dice), at),
        }
    }

    fn take(mut edit: Edit<'_, Self>, step: &ListStep<V>) {
        let id_at = |list: &Self, index: usize| list.id_at(index % list.len().max(1));
        match step {
            ListStep::Insert(index, value, at) => {
                let item = edit.insert(*index, value.clone(), *at);
                assert!(edit.read().index_of(item).is_some());
            }
            ListStep::Write(index, value, at) => {
                if let Some(item) = id_at(edit.read(), *index) {
                    assert!(edit.write(item, value.clone(), *at));
                }
            }
            ListStep::Move(from, to, at) => {
                if let Some(item) = id_at(edit.read(), *from) {
                    assert!(edit.move_to(item, *to, *at));
                }
            }
            ListStep::Remove(index) => {
                if let Some(item) = id_at(edit.read(), *index) {
                    assert!(edit.remove(item));
                    assert_eq!(edit.read().index_of(item), None);
                }
            }
            ListStep::Clear => edit.clear(),
        }
    }

    fn told(&self) -> Option<()> {
        assert_eq!(self.iter().count(), self.len());
        for (index, (item, _)) in self.iter().enumerate() {
            assert_eq!(self.index_of(item), Some(index));
            assert_eq!(self.id_at(index), Some(item));
        }
        assert!(!self.is_bottom() || self.is_empty());
        None
    }

    fn defined(_: &[Deed<'_, ListStep<V>>]) -> Option<()> {
        None
    }

    fn shown(&self) -> Self::Shown {
        self.iter().map(|(item, register)| (item, register.shown())).collect()
    }

    /// Takes out all items that are told of, and puts them where they are now, from the front on.
    fn redraw(shown: &mut Self::Shown, mut change: ListChange<RegisterChange<V>>) {
        assert!(!change.items.is_empty());
        let before = shown.clone();
        change.items.sort_by_key(|change| change.to);
        shown.retain(|(item, _)| change.items.iter().all(|change| change.item != *item));
        for ItemChange { item, from, to, change } in change.items {
            let mut values = from.map_or_else(Vec::new, |from| {
                assert_eq!(before[from].0, item);
                before[from].1.clone()
            });
            change.into_iter().for_each(|change| redraw_values(&mut values, change));
            match to {
                Some(to) => shown.insert(to, (item, values)),
                None => assert!(from.is_some()),
            }
        }
    }
}
