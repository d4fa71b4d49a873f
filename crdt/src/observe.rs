//! What a join changes, before it does.
//!
//! A user interface wants to know what to draw anew, a guard whether to let it happen. Both get
//! the same value, computed from the delta and the state it meets: what can be read differently
//! afterwards, and nothing that only changed inside.

use alloc::vec::Vec;

use crate::causal::Causal;
use crate::causal::Join;
use crate::mark::Mark;

/// A type that can tell what a delta would change.
pub trait Observe: Causal {
    /// What changes for a reader.
    type Change;

    /// What joining `delta` and ending those of `ended` that lie here changes; `None` if nothing
    /// that can be read. The delta was checked; `ended` ascends.
    fn change(
        &self,
        delta: Option<&Self::Delta>,
        ended: &[Mark],
        join: &Join<'_>,
    ) -> Option<Self::Change>;
}

/// What happened to the contents of a register.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RegisterChange<V> {
    /// The concurrent values before, in the order of reading; empty if there was none.
    pub before: Vec<V>,
    /// The concurrent values now. Several are a conflict that the register settles by its rule.
    pub after: Vec<V>,
}

/// A flag was raised or lowered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct FlagChange {
    /// Whether it is up now.
    pub is_enabled: bool,
}

/// A counter counted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CounterChange {
    /// The value before.
    pub before: i128,
    /// The value now.
    pub after: i128,
}

/// What came into a set and what went.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SetChange<T> {
    /// Elements that were not there.
    pub added: Vec<T>,
    /// Elements that are no longer there.
    pub removed: Vec<T>,
}

/// What happened under which keys of a map.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MapChange<K, C> {
    /// Each key once.
    pub entries: Vec<EntryChange<K, C>>,
}

/// What happened under one key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EntryChange<K, C> {
    /// The key.
    pub key: K,
    /// Whether the key came or went.
    pub fate: Fate,
    /// What changed below it; `None` if only the key is to be seen.
    pub change: Option<C>,
}

/// Whether a key came, went or stayed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fate {
    /// It was not there.
    Added,
    /// It is no longer there.
    Removed,
    /// It was there and is.
    Kept,
}

impl Fate {
    /// What becomes of `place` when `delta` is joined and `ended` end; `None` if it is not there
    /// before or after.
    pub(crate) fn of<C: Causal>(
        place: &C,
        delta: Option<&C::Delta>,
        ended: &[Mark],
        join: &Join<'_>,
    ) -> Option<Self> {
        let mut is_there = false;
        place.each_mark(&mut |mark| is_there |= ended.binary_search(&mark).is_err());
        if let Some(delta) = delta {
            C::each_delta_mark(delta, &mut |mark| is_there |= !join.is_seen(join.inside(mark)));
        }
        match (!place.is_bottom(), is_there) {
            (false, false) => None,
            (false, true) => Some(Self::Added),
            (true, false) => Some(Self::Removed),
            (true, true) => Some(Self::Kept),
        }
    }
}

impl<A: Observe, B: Observe> Observe for (A, B) {
    type Change = (Option<A::Change>, Option<B::Change>);

    fn change(
        &self,
        delta: Option<&Self::Delta>,
        ended: &[Mark],
        join: &Join<'_>,
    ) -> Option<Self::Change> {
        let first = self.0.change(delta.and_then(|delta| delta.0.as_ref()), ended, join);
        let second = self.1.change(delta.and_then(|delta| delta.1.as_ref()), ended, join);
        (first.is_some() || second.is_some()).then_some((first, second))
    }
}
