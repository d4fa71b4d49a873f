//! A set that only grows.

use alloc::collections::BTreeSet;
use alloc::collections::btree_set;
use alloc::vec::Vec;
use core::error::Error;
use core::fmt;

use crate::lattice::Lattice;

/// A set from which nothing is removed: it holds what anybody added.
///
/// ```
/// use selkie_crdt::{GSet, Lattice};
/// let (mut east, mut west) = (GSet::from_iter(["pear"]), GSet::new());
/// west.insert("plum");
/// east.join(&west);
/// assert!(east.iter().eq(&["pear", "plum"]));
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(
        try_from = "Vec<T>",
        into = "Vec<T>",
        bound(
            serialize = "T: serde::Serialize + Clone",
            deserialize = "T: serde::Deserialize<'de> + Ord"
        )
    )
)]
pub struct GSet<T> {
    elements: BTreeSet<T>,
}

impl<T> GSet<T> {
    /// The empty set.
    #[must_use]
    pub const fn new() -> Self {
        Self { elements: BTreeSet::new() }
    }

    /// The elements, ascending.
    pub fn iter(&self) -> btree_set::Iter<'_, T> {
        self.elements.iter()
    }

    /// How many elements there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.elements.len()
    }

    /// Whether nothing was added.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.elements.is_empty()
    }
}

impl<T: Ord> GSet<T> {
    /// Whether anybody added `element`.
    #[must_use]
    pub fn contains(&self, element: &T) -> bool {
        self.elements.contains(element)
    }

    /// Adds `element` and answers whether it is new.
    pub fn insert(&mut self, element: T) -> bool {
        self.elements.insert(element)
    }
}

impl<T: Ord + Clone> Lattice for GSet<T> {
    fn join(&mut self, other: &Self) {
        for element in &other.elements {
            if !self.elements.contains(element) {
                self.elements.insert(element.clone());
            }
        }
    }
}

impl<T> Default for GSet<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Ord> FromIterator<T> for GSet<T> {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Self {
        Self { elements: elements.into_iter().collect() }
    }
}

impl<'a, T> IntoIterator for &'a GSet<T> {
    type Item = &'a T;
    type IntoIter = btree_set::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T: Ord> TryFrom<Vec<T>> for GSet<T> {
    type Error = Unsorted;

    /// Takes the one form in which a set is written down: ascending, no element twice.
    fn try_from(elements: Vec<T>) -> Result<Self, Unsorted> {
        let ascending = elements.iter().zip(elements.iter().skip(1));
        match ascending.enumerate().find(|(_, (before, element))| before >= element) {
            Some((at, _)) => Err(Unsorted { at: at + 1 }),
            None => Ok(elements.into_iter().collect()),
        }
    }
}

impl<T> From<GSet<T>> for Vec<T> {
    fn from(set: GSet<T>) -> Self {
        set.elements.into_iter().collect()
    }
}

/// A list of elements is not the written form of a set, which ascends. No set was made.
///
/// ```
/// use selkie_crdt::{GSet, Unsorted};
/// assert_eq!(GSet::try_from(vec!["plum", "pear"]), Err(Unsorted { at: 1 }));
/// assert!(GSet::try_from(vec!["pear", "plum"]).is_ok());
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Unsorted {
    /// The place of the first element that is not above the one before it, counted from zero.
    pub at: usize,
}

impl fmt::Display for Unsorted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "element {} is not above the one before it", self.at)
    }
}

impl Error for Unsorted {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_what_anybody_added() {
        let mut east = GSet::from_iter(["pear"]);
        let west = GSet::from_iter(["plum", "pear"]);
        east.join(&west);
        assert!(east.iter().eq(&["pear", "plum"]));
        assert_eq!(east, west);
    }

    #[test]
    fn a_written_form_that_does_not_ascend_is_refused() {
        assert_eq!(GSet::try_from(Vec::from([1, 3, 2])), Err(Unsorted { at: 2 }));
        assert_eq!(GSet::try_from(Vec::from([1, 1])), Err(Unsorted { at: 1 }));
    }
}
