//! States of which any two join into one.

use alloc::collections::BTreeMap;

pub(crate) mod gcounter;
pub(crate) mod gset;
pub(crate) mod max;
pub(crate) mod min;
pub(crate) mod pncounter;
pub(crate) mod tally;

/// A state that joins with another by itself: no history, no context, no order of messages.
///
/// `join` answers the least state that holds both. For all states `a`, `b` and `c`, written with
/// `|` for `join`:
///
/// - it does not matter who asks: `a | b == b | a`,
/// - it does not matter who comes first: `(a | b) | c == a | (b | c)`,
/// - it does not matter how often: `a | a == a`.
///
/// So replicas that received the same states, in whatever order and however often, are equal. A
/// local change must only ever grow the state: `before | after == after`.
///
/// Lattices compose: a tuple joins part by part, a map key by key, and an `Option` holds `None`
/// below everything.
///
/// ```
/// use std::collections::BTreeMap;
/// use selkie_crdt::{Lattice, Max, Min};
/// // For each runner the best time and the longest jump.
/// let mut east = BTreeMap::from([("ann", (Min(12), Max(410))), ("bob", (Min(15), Max(390)))]);
/// let west = BTreeMap::from([("ann", (Min(13), Max(425)))]);
/// east.join(&west);
/// assert_eq!(east["ann"], (Min(12), Max(425)));
/// ```
pub trait Lattice {
    /// Takes in all that `other` holds.
    // Not `merge`: the maps of the standard library are about to have a method of that name.
    fn join(&mut self, other: &Self);
}

impl Lattice for () {
    fn join(&mut self, (): &Self) {}
}

impl<L: Lattice + Clone> Lattice for Option<L> {
    fn join(&mut self, other: &Self) {
        match (self, other) {
            (Some(ours), Some(theirs)) => ours.join(theirs),
            (ours @ None, Some(_)) => ours.clone_from(other),
            (_, None) => {}
        }
    }
}

impl<K: Ord + Clone, L: Lattice + Clone> Lattice for BTreeMap<K, L> {
    fn join(&mut self, other: &Self) {
        for (key, theirs) in other {
            match self.get_mut(key) {
                Some(ours) => ours.join(theirs),
                None => drop(self.insert(key.clone(), theirs.clone())),
            }
        }
    }
}

macro_rules! join_part_by_part {
    ($($part:ident $at:tt),*) => {
        impl<$($part: Lattice),*> Lattice for ($($part,)*) {
            fn join(&mut self, other: &Self) {
                $(self.$at.join(&other.$at);)*
            }
        }
    };
}

join_part_by_part!(A 0);
join_part_by_part!(A 0, B 1);
join_part_by_part!(A 0, B 1, C 2);
join_part_by_part!(A 0, B 1, C 2, D 3);
join_part_by_part!(A 0, B 1, C 2, D 3, E 4);
join_part_by_part!(A 0, B 1, C 2, D 3, E 4, F 5);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lattice::max::Max;

    #[test]
    fn nothing_stands_below_everything() {
        let (mut east, mut west) = (None, Some(Max(1)));
        east.join(&west);
        west.join(&None);
        assert_eq!((east, west), (Some(Max(1)), Some(Max(1))));
    }

    #[test]
    fn a_map_joins_the_children_of_one_key() {
        let mut east = BTreeMap::from([("both", Max(1)), ("east", Max(2))]);
        east.join(&BTreeMap::from([("both", Max(3)), ("west", Max(4))]));
        assert_eq!(east, BTreeMap::from([("both", Max(3)), ("east", Max(2)), ("west", Max(4))]));
    }
}
