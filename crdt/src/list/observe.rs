//! What a join changes in a list.

use alloc::vec::Vec;

use super::List;
use super::item::ItemId;
use crate::causal::Causal;
use crate::causal::Join;
use crate::mark::Mark;
use crate::observe::Observe;

/// What happened to which items.
///
/// ```
/// use selkie_crdt::{ActorId, Doc, Hlc, List, LwwRegister};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let mut east: Doc<List<LwwRegister<String>>> = Doc::new(east);
/// let mut west: Doc<List<LwwRegister<String>>> = Doc::new(west);
/// east.edit().push("milk".into(), Hlc::from_ms(1));
/// west.merge(&east)?;
/// west.edit().push("bread".into(), Hlc::from_ms(2));
/// let delta = west.delta_since(&east.version()).expect("east lacks the bread");
/// let change = east.join_observed(delta)?.expect("an item came");
/// assert_eq!((change.items.len(), change.items[0].to), (1, Some(1)));
/// # Ok::<_, selkie_crdt::JoinError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ListChange<C> {
    /// Each item once, in no order.
    pub items: Vec<ItemChange<C>>,
}

/// What happened to one item: it came, went, was moved, or changed inside.
///
/// ```
/// use selkie_crdt::{ActorId, Doc, Hlc, List, LwwRegister};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let mut east: Doc<List<LwwRegister<String>>> = Doc::new(east);
/// let mut west: Doc<List<LwwRegister<String>>> = Doc::new(west);
/// east.edit().push("milk".into(), Hlc::from_ms(1));
/// west.merge(&east)?;
/// let bread = west.edit().insert(0, "bread".into(), Hlc::from_ms(2));
/// east.merge(&west)?;
/// west.edit().move_to(bread, 1, Hlc::from_ms(3));
/// let delta = west.delta_since(&east.version()).expect("east lacks the move");
/// let change = east.join_observed(delta)?.expect("an item moved");
/// let moved = change.items.iter().find(|change| change.item == bread).expect("it is the bread");
/// assert_eq!((moved.from, moved.to), (Some(0), Some(1)));
/// # Ok::<_, selkie_crdt::JoinError>(())
/// ```
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
