//! A replicated set, as the workloads see it.

use std::borrow::Cow;
use std::fmt::Debug;
use std::hash::Hash;

use crate::replica::Replica;

/// A set that several writers edit.
pub trait Set<E>: Replica {
    /// How many single edits to measure.
    ///
    /// A crate whose single edit takes time by the size of the set says a small number. The rest
    /// is then added before in one batch, so that single edits are measured at full size.
    const SINGLES_MAX: usize = usize::MAX;

    /// Adds `element` and commits that.
    fn add(&mut self, element: &E);

    /// Removes `element` and commits that.
    fn remove(&mut self, element: &E);

    /// Makes all these edits and commits them together.
    fn edit(&mut self, edits: &[Edit<E>]);

    /// How many of `elements` are in the set, looked up one by one.
    fn count(&self, elements: &[E]) -> usize;

    /// How many elements the set has.
    fn len(&self) -> usize;
}

/// One change to a set.
#[derive(Clone, Debug)]
pub enum Edit<E> {
    Add(E),
    Remove(E),
}

/// What a set may hold.
pub trait Element: Clone + Debug + Hash + Ord {
    /// The element as a key, for crates whose keys are text.
    fn text(&self) -> Cow<'_, str>;
}

impl Element for u64 {
    fn text(&self) -> Cow<'_, str> {
        self.to_string().into()
    }
}

impl Element for String {
    fn text(&self) -> Cow<'_, str> {
        self.as_str().into()
    }
}

/// The edits that add all `elements`.
pub fn adds<E: Clone>(elements: &[E]) -> Vec<Edit<E>> {
    elements.iter().cloned().map(Edit::Add).collect()
}

/// The edits that remove all `elements`.
pub fn removes<E: Clone>(elements: &[E]) -> Vec<Edit<E>> {
    elements.iter().cloned().map(Edit::Remove).collect()
}
