//! What a map's delta is made of.

use alloc::vec::Vec;

use crate::mark::Mark;

/// Children with changes, under their keys, ascending by their first dot.
#[derive(Clone, Debug)]
pub struct MapDelta<K, D> {
    pub(super) children: Vec<(KeyRef<K>, D)>,
}

/// How a delta says which key it means.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum KeyRef<K> {
    Spelled(K),
    /// The key where this dot lay.
    Beside(Mark),
    /// The key where the first dot lay that was ended by the first dot of the child.
    Replaced,
    /// The key in this slot: what the names become when they are checked.
    At(u32),
}

impl<K, D> MapDelta<K, D> {
    /// Visits each child with its key, if that is spelled.
    pub(crate) fn each_child_mut(&mut self, mut visit: impl FnMut(Option<&mut K>, &mut D)) {
        for (key, child) in &mut self.children {
            match key {
                KeyRef::Spelled(key) => visit(Some(key), child),
                KeyRef::Beside(_) | KeyRef::Replaced | KeyRef::At(_) => visit(None, child),
            }
        }
    }
}
