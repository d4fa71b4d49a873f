//! A set where a remove beats a concurrent add of the same element.
//!
//! State: for each element that was ever touched a flag where disabling wins. A removal must be
//! remembered to win, so an element that was removed keeps a dot until it is added again.

use alloc::vec::Vec;
use core::borrow::Borrow;
use core::fmt;
use core::hash::Hash;

use crate::causal::Join;
use crate::contest::never_contested;
use crate::delegate::delegate_causal;
use crate::edit::Edit;
use crate::flag::DwFlag;
use crate::map::AwMap;
use crate::mark::Mark;
use crate::observe::FlagChange;
use crate::observe::Observe;
use crate::observe::SetChange;
use crate::value::Element;
use crate::value::Value;

/// A set where a remove beats a concurrent add.
///
/// ```
/// use selkie_crdt::{ActorId, Doc, RwSet};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let mut east: Doc<RwSet<String>> = Doc::new(east);
/// let mut west: Doc<RwSet<String>> = Doc::new(west);
/// east.edit().add("guest".into());
/// west.merge(&east)?;
/// east.edit().remove("guest".into());
/// west.edit().add("guest".into());
/// east.merge(&west)?;
/// assert!(!east.root().contains("guest"));
/// # Ok::<_, selkie_crdt::JoinError>(())
/// ```
#[derive(Clone)]
pub struct RwSet<T>(AwMap<T, DwFlag>);

delegate_causal!("remove-wins set", RwSet<T: Element>, AwMap<T, DwFlag>);

impl<T: Eq + Hash> RwSet<T> {
    /// Whether `element` is in the set.
    #[must_use]
    pub fn contains<Q: Eq + Hash + ?Sized>(&self, element: &Q) -> bool
    where
        T: Borrow<Q>,
    {
        self.0.get(element).is_some_and(DwFlag::is_enabled)
    }

    /// The elements, in an order that may differ from replica to replica.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter().filter(|(_, flag)| flag.is_enabled()).map(|(element, _)| element)
    }

    /// The elements, ascending.
    #[must_use]
    pub fn sorted(&self) -> Vec<&T>
    where
        T: Ord,
    {
        let mut elements: Vec<_> = self.iter().collect();
        elements.sort_unstable();
        elements
    }

    /// How many elements there are. Looks at all that were ever touched.
    #[must_use]
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Whether there is no element. Looks at all that were ever touched.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }
}

impl<T: Value + Hash> Edit<'_, RwSet<T>> {
    /// Adds `element`.
    pub fn add(&mut self, element: T) {
        self.part(|set| &mut set.0).entry(element).enable();
    }

    /// Removes `element`, also one that is not there: a concurrent add then loses.
    pub fn remove(&mut self, element: T) {
        self.part(|set| &mut set.0).entry(element).disable();
    }
}

impl<T: Eq + Hash + Ord + fmt::Debug> fmt::Debug for RwSet<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.sorted()).finish()
    }
}

impl<T: Eq + Hash> PartialEq for RwSet<T> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().all(|element| other.contains(element)) && self.len() == other.len()
    }
}

impl<T: Eq + Hash> Eq for RwSet<T> {}

impl<T: Value + Hash> Observe for RwSet<T> {
    type Change = SetChange<T>;

    fn change(
        &self,
        delta: Option<&Self::Delta>,
        ended: &[Mark],
        join: &Join<'_>,
    ) -> Option<SetChange<T>> {
        let (mut added, mut removed) = (Vec::new(), Vec::new());
        for entry in self.0.change(delta, ended, join)?.entries {
            match entry.change {
                Some(FlagChange { is_enabled: true }) => added.push(entry.key),
                Some(FlagChange { is_enabled: false }) => removed.push(entry.key),
                None => {}
            }
        }
        (!added.is_empty() || !removed.is_empty()).then_some(SetChange { added, removed })
    }
}

never_contested! { [T: Element] RwSet<T> }
