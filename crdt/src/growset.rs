//! A set that only grows.
//!
//! State: that of an add-wins set, of which this offers no remove. An add of an element that is
//! there takes no dot, since there is no removal it would have to survive, and changes nothing.
//!
//! **What can still end elements**: removing the key or the item of a container that the set lies
//! in. That ends what its author saw of the set, also an element that somebody else added once
//! more at the same time.

use alloc::vec::Vec;
use core::borrow::Borrow;
use core::fmt;
use core::hash::Hash;

use crate::causal::Join;
use crate::contest::never_contested;
use crate::delegate::delegate_causal;
use crate::edit::Edit;
use crate::mark::Mark;
use crate::observe::Observe;
use crate::observe::SetChange;
use crate::set::AwSet;
use crate::value::Element;

/// A set to which elements are added and from which none is removed.
///
/// ```
/// use selkie_crdt::{ActorId, Doc, GrowSet};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let mut east: Doc<GrowSet<String>> = Doc::new(east);
/// let mut west: Doc<GrowSet<String>> = Doc::new(west);
/// assert!(east.edit().add("pear".into()));
/// assert!(west.edit().add("plum".into()));
/// east.merge(&west)?;
/// assert_eq!(east.root().sorted(), ["pear", "plum"]);
/// assert!(!east.edit().add("plum".into()));
/// # Ok::<_, selkie_crdt::JoinError>(())
/// ```
#[derive(Clone)]
pub struct GrowSet<T>(AwSet<T>);

delegate_causal!("grow-only set", GrowSet<T: Element>, AwSet<T>);

impl<T: Eq + Hash> GrowSet<T> {
    /// How many elements there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no element.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `element` is in the set.
    #[must_use]
    pub fn contains<Q: Eq + Hash + ?Sized>(&self, element: &Q) -> bool
    where
        T: Borrow<Q>,
    {
        self.0.contains(element)
    }

    /// The elements, in an order that may differ from replica to replica.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter()
    }

    /// The elements, ascending.
    #[must_use]
    pub fn sorted(&self) -> Vec<&T>
    where
        T: Ord,
    {
        self.0.sorted()
    }
}

impl<T: Element> Edit<'_, GrowSet<T>> {
    /// Adds `element`. Tells whether it is new; if not, nothing changes.
    pub fn add(&mut self, element: T) -> bool {
        let is_new = !self.at.contains(&element);
        if is_new {
            self.part(|set| &mut set.0).add(element);
        }
        is_new
    }
}

impl<T: Eq + Hash + Ord + fmt::Debug> fmt::Debug for GrowSet<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T: Eq + Hash> PartialEq for GrowSet<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<T: Eq + Hash> Eq for GrowSet<T> {}

impl<T: Element> Observe for GrowSet<T> {
    type Change = SetChange<T>;

    fn change(
        &self,
        delta: Option<&Self::Delta>,
        ended: &[Mark],
        join: &Join<'_>,
    ) -> Option<SetChange<T>> {
        self.0.change(delta, ended, join)
    }
}

never_contested! { [T: Element] GrowSet<T> }
