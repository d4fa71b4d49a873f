//! How much of everybody's work a replica has seen.

use alloc::vec::Vec;
use core::cmp::Ordering;

use crate::actor::ActorId;
use crate::dot::Dot;

/// For each actor, how many of its changes were seen: all up to that counter, none beyond.
///
/// Merging takes the larger counter of each actor. An actor at zero is not listed, so equal
/// knowledge has one form.
///
/// ```
/// use selkie_crdt::{ActorId, Causality, VersionVector};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let (mut here, mut there) = (VersionVector::new(), VersionVector::new());
/// here.increment(east);
/// there.increment(west);
/// assert_eq!(here.compare(&there), Causality::Concurrent);
/// here.merge(&there);
/// assert_eq!(here.compare(&there), Causality::After);
/// ```
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct VersionVector {
    // Two columns rather than pairs: vectors that list the same actors, nearly all of them, then
    // merge and compare by plain runs over numbers.
    actors: Vec<ActorId>, // invariant: ascending
    counters: Vec<u64>,   // invariant: as long as `actors`, none zero
}

/// How two version vectors stand to each other.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Causality {
    /// Both saw the same changes.
    Equal,
    /// The first saw less than the second.
    Before,
    /// The first saw more than the second.
    After,
    /// Each saw a change that the other did not.
    Concurrent,
}

impl VersionVector {
    /// The vector of somebody who saw nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self { actors: Vec::new(), counters: Vec::new() }
    }

    /// How many changes of `actor` were seen.
    #[must_use]
    pub fn get(&self, actor: &ActorId) -> u64 {
        self.actors.binary_search(actor).map_or(0, |at| self.counters[at])
    }

    /// Whether the change `dot` was seen.
    #[must_use]
    pub fn contains(&self, dot: &Dot) -> bool {
        dot.counter <= self.get(&dot.actor)
    }

    /// The actors seen, ascending, each with its counter.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (ActorId, u64)> + '_ {
        self.actors.iter().copied().zip(self.counters.iter().copied())
    }

    /// How many actors were seen.
    #[must_use]
    pub fn len(&self) -> usize {
        self.actors.len()
    }

    /// Whether nothing was seen.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.actors.is_empty()
    }

    /// How this vector stands to `other`.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Causality {
        match (other.dominates(self), self.dominates(other)) {
            (true, true) => Causality::Equal,
            (true, false) => Causality::Before,
            (false, true) => Causality::After,
            (false, false) => Causality::Concurrent,
        }
    }

    /// Whether this vector saw all that `other` saw.
    #[must_use]
    pub fn dominates(&self, other: &Self) -> bool {
        other.iter().all(|(actor, counter)| self.get(&actor) >= counter)
    }

    /// Counts one more change of `actor` and names it.
    pub fn increment(&mut self, actor: ActorId) -> Dot {
        let counter = self.get(&actor) + 1;
        self.raise(actor, counter);
        Dot { actor, counter }
    }

    /// Counts all changes of `actor` up to `counter` as seen.
    pub fn raise(&mut self, actor: ActorId, counter: u64) {
        if counter == 0 {
            return;
        }
        match self.actors.binary_search(&actor) {
            Ok(at) => self.counters[at] = self.counters[at].max(counter),
            Err(at) => {
                self.actors.insert(at, actor);
                self.counters.insert(at, counter);
            }
        }
    }

    /// Counts as seen all that `other` saw.
    pub fn merge(&mut self, other: &Self) {
        other.iter().for_each(|(actor, counter)| self.raise(actor, counter));
    }
}

impl PartialOrd for VersionVector {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match self.compare(other) {
            Causality::Equal => Some(Ordering::Equal),
            Causality::Before => Some(Ordering::Less),
            Causality::After => Some(Ordering::Greater),
            Causality::Concurrent => None,
        }
    }
}
