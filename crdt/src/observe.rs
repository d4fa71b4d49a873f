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
///
/// ```
/// use selkie_crdt::{ActorId, AwSet, Delta, Doc, Observe};
/// /// Joins, and hands on what a screen has to draw anew.
/// fn hear<T: Observe>(replica: &mut Doc<T>, delta: Delta<T>, draw: impl FnOnce(T::Change)) {
///     if let Ok(Some(change)) = replica.join_observed(delta) {
///         draw(change);
///     }
/// }
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let (mut east, mut west) = (Doc::<AwSet<u64>>::new(east), Doc::<AwSet<u64>>::new(west));
/// west.edit().add(1);
/// let delta = west.delta_since(&east.version()).expect("east lacks it");
/// hear(&mut east, delta, |change| assert_eq!(change.added, [1]));
/// ```
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
///
/// ```
/// use selkie_crdt::{ActorId, Doc, Hlc, LwwRegister};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let (mut east, mut west) = (Doc::<LwwRegister<u64>>::new(east), Doc::<LwwRegister<u64>>::new(west));
/// east.edit().write(1, Hlc::from_ms(1));
/// west.edit().write(2, Hlc::from_ms(2));
/// let delta = west.delta_since(&east.version()).expect("east lacks it");
/// let change = east.join_observed(delta)?.expect("another value is read");
/// assert_eq!((change.before, change.after), (vec![1], vec![2, 1]));
/// # Ok::<_, selkie_crdt::JoinError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RegisterChange<V> {
    /// The concurrent values before, in the order of reading; empty if there was none.
    pub before: Vec<V>,
    /// The concurrent values now. Several are a conflict that the register settles by its rule.
    pub after: Vec<V>,
}

/// A flag was raised or lowered.
///
/// ```
/// use selkie_crdt::{ActorId, Doc, EwFlag, FlagChange};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let (mut east, mut west) = (Doc::<EwFlag>::new(east), Doc::<EwFlag>::new(west));
/// west.edit().enable();
/// let delta = west.delta_since(&east.version()).expect("east lacks it");
/// assert_eq!(east.join_observed(delta)?, Some(FlagChange { is_enabled: true }));
/// # Ok::<_, selkie_crdt::JoinError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct FlagChange {
    /// Whether it is up now.
    pub is_enabled: bool,
}

/// A counter counted.
///
/// ```
/// use selkie_crdt::{ActorId, Counter, CounterChange, Doc};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let (mut east, mut west) = (Doc::<Counter>::new(east), Doc::<Counter>::new(west));
/// east.edit().add(2);
/// west.edit().add(5);
/// let delta = west.delta_since(&east.version()).expect("east lacks it");
/// assert_eq!(east.join_observed(delta)?, Some(CounterChange { before: 2, after: 7 }));
/// # Ok::<_, selkie_crdt::JoinError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CounterChange {
    /// The value before.
    pub before: i128,
    /// The value now.
    pub after: i128,
}

/// What came into a set and what went.
///
/// ```
/// use selkie_crdt::{ActorId, AwSet, Doc};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let (mut east, mut west) = (Doc::<AwSet<u64>>::new(east), Doc::<AwSet<u64>>::new(west));
/// east.edit().add(1);
/// west.merge(&east)?;
/// west.edit().remove(&1);
/// west.edit().add(2);
/// let delta = west.delta_since(&east.version()).expect("east lacks both");
/// let change = east.join_observed(delta)?.expect("the set is another");
/// assert_eq!((change.added, change.removed), (vec![2], vec![1]));
/// # Ok::<_, selkie_crdt::JoinError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SetChange<T> {
    /// Elements that were not there.
    pub added: Vec<T>,
    /// Elements that are no longer there.
    pub removed: Vec<T>,
}

/// What happened under which keys of a map.
///
/// ```
/// use selkie_crdt::{ActorId, AwMap, Counter, Doc, Fate};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let mut east: Doc<AwMap<u64, Counter>> = Doc::new(east);
/// let mut west: Doc<AwMap<u64, Counter>> = Doc::new(west);
/// west.edit().entry(7).add(1);
/// west.edit().entry(8).add(1);
/// let delta = west.delta_since(&east.version()).expect("east lacks both");
/// let change = east.join_observed(delta)?.expect("two keys came");
/// assert!(change.entries.iter().all(|entry| entry.fate == Fate::Added));
/// assert_eq!(change.entries.len(), 2);
/// # Ok::<_, selkie_crdt::JoinError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MapChange<K, C> {
    /// Each key once.
    pub entries: Vec<EntryChange<K, C>>,
}

/// What happened under one key.
///
/// ```
/// use selkie_crdt::{ActorId, AwMap, Counter, Doc, Fate};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let mut east: Doc<AwMap<u64, Counter>> = Doc::new(east);
/// let mut west: Doc<AwMap<u64, Counter>> = Doc::new(west);
/// east.edit().entry(7).add(1);
/// west.merge(&east)?;
/// west.edit().entry(7).add(4);
/// let delta = west.delta_since(&east.version()).expect("east lacks four");
/// let change = east.join_observed(delta)?.expect("the count is another");
/// let counted = change.entries[0].change.expect("below the key something changed");
/// assert_eq!((change.entries[0].key, change.entries[0].fate), (7, Fate::Kept));
/// assert_eq!((counted.before, counted.after), (1, 5));
/// # Ok::<_, selkie_crdt::JoinError>(())
/// ```
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
///
/// ```
/// use selkie_crdt::{ActorId, AwMap, Counter, Doc, Fate};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let mut east: Doc<AwMap<u64, Counter>> = Doc::new(east);
/// let mut west: Doc<AwMap<u64, Counter>> = Doc::new(west);
/// east.edit().entry(7).add(1);
/// west.merge(&east)?;
/// west.edit().remove(&7);
/// let delta = west.delta_since(&east.version()).expect("east lacks the removal");
/// let change = east.join_observed(delta)?.expect("the key is gone");
/// assert_eq!(change.entries[0].fate, Fate::Removed);
/// # Ok::<_, selkie_crdt::JoinError>(())
/// ```
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
