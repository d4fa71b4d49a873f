//! What a join changes in a list.

use alloc::vec::Vec;

use super::List;
use super::item::ItemId;
use crate::causal::Causal;
use crate::causal::Join;
use crate::mark::Mark;
use crate::observe::Observe;

/// What happened to which items.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ListChange<C> {
    /// Each item once, in no order.
    pub items: Vec<ItemChange<C>>,
}

/// What happened to one item: it came, went, was moved, or changed inside.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ItemChange<C> {
    /// The item.
    pub item: ItemId,
    /// Its index before; `None` if it was not there.
    pub from: Option<usize>,
    /// Its index now; `None` if it is no longer there.
    pub to: Option<usize>,
    /// What changed inside.
    pub change: Option<C>,
}

/// Takes a copy of the list to compare, so it takes time with the list, not only with the delta.
impl<C: Observe + Clone> Observe for List<C> {
    type Change = ListChange<C::Change>;

    fn change(
        &self,
        delta: Option<&Self::Delta>,
        ended: &[Mark],
        join: &Join<'_>,
    ) -> Option<Self::Change> {
        let told = self.items.change(delta, ended, join)?;
        let mut after = self.clone();
        ended.iter().for_each(|mark| {
            after.kill(*mark);
        });
        if let Some(delta) = delta {
            after.join(delta.clone(), join);
        }
        let mut items = Vec::new();
        for entry in told.entries {
            let item = entry.key;
            let change = entry.change.and_then(|(_, change)| change);
            let stays = self.position(item) == after.position(item);
            if !stays || change.is_some() && after.position(item).is_some() {
                let (from, to) = (self.index_of(item), after.index_of(item));
                items.push(ItemChange { item, from, to, change });
            }
        }
        (!items.is_empty()).then_some(ListChange { items })
    }
}
