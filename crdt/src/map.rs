//! A map whose values are replicated types themselves, to any depth.
//!
//! State: under each key a child. A key is there while its child holds a dot, so two replicas
//! that make one key at the same time merge their children. Removing a key ends the dots that
//! its author saw below it: what somebody changed meanwhile stays, and only that (reset-remove;
//! Almeida, Shoker, Baquero, *Delta state replicated data types*, 2018, section 7.4).

use alloc::vec::Vec;
use core::borrow::Borrow;
use core::fmt;
use core::hash::Hash;

use crate::causal::Causal;
use crate::causal::Cut;
use crate::causal::Join;
use crate::causal::Keys;
use crate::causal::Refusal;
use crate::edit::Edit;
use crate::mark::Mark;
use crate::shape::Shape;
use crate::table::Table;
use crate::value::Value;
use crate::wire::DecodeError;
use crate::wire::Reader;
use crate::wire::Writer;

mod column;
mod contest;
mod delta;
mod observe;
#[cfg(test)]
mod tests;

use self::delta::KeyRef;
use self::delta::MapDelta;

/// A map of replicated values, where a change below a key survives its concurrent removal.
///
/// ```
/// use selkie_crdt::{ActorId, AwMap, AwSet, Doc};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let mut east: Doc<AwMap<String, AwSet<u32>>> = Doc::new(east);
/// let mut west: Doc<AwMap<String, AwSet<u32>>> = Doc::new(west);
/// east.edit().entry("evens".into()).add(2);
/// west.edit().entry("evens".into()).add(4);
/// east.merge(&west)?;
/// assert_eq!(east.root().get("evens").map(|evens| evens.len()), Some(2));
///
/// east.edit().remove("evens");
/// west.edit().entry("evens".into()).add(6);
/// east.merge(&west)?;
/// assert_eq!(east.root().get("evens").map(|evens| evens.sorted()), Some(vec![&6]));
/// # Ok::<_, selkie_crdt::JoinError>(())
/// ```
#[derive(Clone)]
pub struct AwMap<K, C> {
    table: Table<K, C>,
    live: usize, // but for the slot in `open`, which is counted when it is closed
    open: Option<u32>,
}

impl<K, C> Default for AwMap<K, C> {
    fn default() -> Self {
        Self { table: Table::default(), live: 0, open: None }
    }
}

impl<K: Eq + Hash, C: Causal> AwMap<K, C> {
    /// How many keys there are.
    #[must_use]
    pub fn len(&self) -> usize {
        let open = self.open.is_some_and(|slot| !self.table.value(slot).is_bottom());
        self.live + usize::from(open)
    }

    /// Whether there is no key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The child under `key`.
    #[must_use]
    #[inline]
    pub fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<&C>
    where
        K: Borrow<Q>,
    {
        self.find(key).map(|(_, child)| child)
    }

    /// The slot of `key`, and the child in it.
    #[inline]
    pub(crate) fn find<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<(u32, &C)>
    where
        K: Borrow<Q>,
    {
        let slot = self.table.find(key)?;
        let child = self.table.value(slot);
        (!child.is_bottom()).then_some((slot, child))
    }

    /// Whether `key` is there.
    #[must_use]
    pub fn contains_key<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.get(key).is_some()
    }

    /// Keys and children, in an order that may differ from replica to replica.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &C)> {
        let slots = self.table.slots().iter().map(|(key, child)| (key, child));
        slots.filter(|(_, child)| !child.is_bottom())
    }

    /// The keys, in an order that may differ from replica to replica.
    pub fn keys(&self) -> impl Iterator<Item = &K> {
        self.iter().map(|(key, _)| key)
    }

    /// Keys and children, ascending by key.
    #[must_use]
    pub fn sorted(&self) -> Vec<(&K, &C)>
    where
        K: Ord,
    {
        let mut entries: Vec<_> = self.iter().collect();
        entries.sort_unstable_by_key(|(key, _)| *key);
        entries
    }

    /// Counts the child that was open for changes.
    #[inline]
    fn close(&mut self) {
        if let Some(slot) = self.open.take() {
            self.live += usize::from(!self.table.value(slot).is_bottom());
        }
    }

    /// Stops counting the child in `slot` until it is closed.
    #[inline]
    fn open(&mut self, slot: u32) {
        if self.open == Some(slot) {
            return;
        }
        self.close();
        self.live -= usize::from(!self.table.value(slot).is_bottom());
        self.open = Some(slot);
    }

    fn tidy(&mut self) {
        self.close();
        if self.table.wants_sweep(self.live) {
            self.table.drop_ghosts(C::is_bottom, |_, _| {});
            self.table.index_anew(&each_mark);
        }
    }
}

impl<'a, K: Value + Hash, C: Causal> Edit<'a, AwMap<K, C>> {
    /// The child under `key`, open for changes. A child in which nothing is changed is not made.
    #[inline]
    pub fn entry(&mut self, key: K) -> Edit<'_, C> {
        Edit { at: &mut *self.at, cx: &mut *self.cx }.into_entry(key)
    }

    /// As [`Edit::entry`], for the whole life of this edit.
    #[inline]
    pub fn into_entry(self, key: K) -> Edit<'a, C> {
        let slot = self.at.table.find_or_add(key, C::default(), &each_mark);
        self.into_open(slot)
    }

    /// The child under `key`, open for changes, if it is there.
    #[inline]
    pub fn existing<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<Edit<'_, C>>
    where
        K: Borrow<Q>,
    {
        let (slot, _) = self.at.find(key)?;
        Some(self.open(slot))
    }

    /// As [`Edit::entry`], with a key that is copied only if it is new here.
    #[inline]
    pub(crate) fn entry_of(&mut self, key: &K) -> Edit<'_, C> {
        let slot = self.at.table.find_or_copy(key, C::default(), &each_mark);
        self.open(slot)
    }

    /// The child in `slot`, open for changes. Slots stay what they are until a sweep.
    #[inline]
    pub(crate) fn open(&mut self, slot: u32) -> Edit<'_, C> {
        Edit { at: &mut *self.at, cx: &mut *self.cx }.into_open(slot)
    }

    #[inline]
    fn into_open(self, slot: u32) -> Edit<'a, C> {
        self.at.open(slot);
        self.at.table.open(self.cx.upcoming(), slot, &each_mark);
        Edit { at: self.at.table.value_mut(slot), cx: self.cx }
    }

    /// Removes `key` and what is below it. Tells whether it was there.
    pub fn remove<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        let Some((slot, _)) = self.at.find(key) else { return false };
        self.empty(slot);
        self.at.tidy();
        true
    }

    /// Ends what is in `slot`, where something is. The slot stays until the map is tidied.
    pub(crate) fn empty(&mut self, slot: u32) {
        self.at.close();
        let by = self.cx.next();
        let child = self.at.table.value_mut(slot);
        child.each_mark(&mut |dot| self.cx.kill(by, dot));
        child.clear();
        self.at.live -= 1;
    }

    /// Drops the ghosts once there are many.
    pub(crate) fn tidy(&mut self) {
        self.at.tidy();
    }

    /// Removes all keys, by one change.
    pub fn clear(&mut self) {
        if !self.at.is_empty() {
            let by = self.cx.next();
            self.at.each_mark(&mut |dot| self.cx.kill(by, dot));
            Causal::clear(self.at);
        }
    }
}

impl<K: Value + Hash, C: Causal> Causal for AwMap<K, C> {
    type Delta = MapDelta<K, C::Delta>;
    const SHAPE: Shape = Shape::of("add-wins map", &[K::SHAPE, C::SHAPE]);

    fn is_bottom(&self) -> bool {
        self.is_empty()
    }

    fn each_mark(&self, visit: &mut dyn FnMut(Mark)) {
        self.table.slots().iter().for_each(|(_, child)| child.each_mark(visit));
    }

    fn holds(&self, mark: Mark) -> bool {
        self.table.holders(mark).any(|slot| self.table.value(slot).holds(mark))
    }

    fn kill(&mut self, mark: Mark) -> bool {
        self.close();
        for slot in self.table.holders(mark) {
            let child = self.table.value_mut(slot);
            if child.kill(mark) {
                self.live -= usize::from(child.is_bottom());
                return true;
            }
        }
        false
    }

    fn clear(&mut self) {
        *self = Self::default();
    }

    fn cut(&self, cut: &Cut<'_>) -> Option<Self::Delta> {
        let deeper = cut.deeper();
        let mut children = Vec::new();
        self.table.each_since(cut.since, cut.seen, |slot, child, likely| {
            if let Some(delta) = child.cut(&deeper) {
                self.tell(slot, delta, likely, cut, &mut children);
            }
        });
        if !children.is_sorted_by_key(|(_, delta)| C::first_mark(delta)) {
            children.sort_by_cached_key(|(_, delta)| C::first_mark(delta));
        }
        (!children.is_empty()).then_some(MapDelta { children })
    }

    fn check(&self, delta: &mut Self::Delta, join: &Join<'_>) -> Result<(), Refusal> {
        let absent = C::default();
        for (key, child) in &mut delta.children {
            let slot = self.resolve::<C>(key, child, join)?;
            slot.map_or(&absent, |slot| self.table.value(slot)).check(child, join)?;
        }
        // Joining one child may move what the names in another were settled to.
        let twice = told_twice::<K, C>(delta);
        twice.map_or(Ok(()), |mark| Err(Refusal::Repeated(join.inside(mark))))
    }

    fn join(&mut self, delta: Self::Delta, join: &Join<'_>) {
        self.close();
        let count = delta.children.len();
        if count > self.table.slots().len() {
            self.table.reserve(count, &each_mark);
        }
        let mut marks = Vec::with_capacity(if self.table.is_indexed() { count } else { 0 });
        for (key, child) in delta.children {
            let slot = match key {
                KeyRef::Spelled(key) => self.table.find_or_add(key, C::default(), &each_mark),
                KeyRef::At(slot) => slot,
                KeyRef::Beside(_) | KeyRef::Replaced => unreachable!("names are settled by check"),
            };
            // What lies in a table that grows an index is noted then.
            if self.table.is_indexed() {
                C::each_delta_mark(&child, &mut |mark| {
                    let mark = join.inside(mark);
                    marks.extend((!join.is_seen(mark)).then_some((mark, slot)));
                });
            }
            let value = self.table.value_mut(slot);
            let was_there = !value.is_bottom();
            value.join(child, join);
            self.live += usize::from(!was_there && !value.is_bottom());
        }
        if !marks.is_sorted() {
            marks.sort_unstable();
        }
        marks.iter().for_each(|(mark, slot)| self.table.note(*mark, *slot));
        self.tidy();
    }

    fn each_delta_mark(delta: &Self::Delta, visit: &mut dyn FnMut(Mark)) {
        delta.children.iter().for_each(|(_, child)| C::each_delta_mark(child, visit));
    }

    fn first_mark(delta: &Self::Delta) -> Mark {
        let (_, first) = delta.children.first().expect("a delta holds at least one dot");
        C::first_mark(first)
    }

    fn write_column(deltas: &[&Self::Delta], out: &mut Writer) {
        column::write::<K, C>(deltas, out);
    }

    fn read_column(count: usize, input: &mut Reader<'_>) -> Result<Vec<Self::Delta>, DecodeError> {
        column::read::<K, C>(count, input)
    }
}

/// Names for keys, and what they mean.
impl<K: Value + Hash, C: Causal> AwMap<K, C> {
    /// Puts `delta` of what is in `slot` to the `children`, of whom so many are `likely` to come.
    ///
    /// No part of the loop over slots: most of those have no news.
    #[inline(never)]
    fn tell(
        &self,
        slot: u32,
        delta: C::Delta,
        likely: usize,
        cut: &Cut<'_>,
        children: &mut Vec<(KeyRef<K>, C::Delta)>,
    ) {
        if children.is_empty() {
            children.reserve_exact(likely);
        }
        children.push((self.key_ref(slot, C::first_mark(&delta), cut), delta));
    }

    /// How to tell the receiver of `cut` which key is in `slot`, whose delta begins with `first`.
    fn key_ref(&self, slot: u32, first: Mark, cut: &Cut<'_>) -> KeyRef<K> {
        let named = match cut.keys {
            Keys::Spelled => None,
            Keys::Named => self.name(slot, first, cut),
        };
        named.unwrap_or_else(|| KeyRef::Spelled(self.table.key(slot).clone()))
    }

    fn name(&self, slot: u32, first: Mark, cut: &Cut<'_>) -> Option<KeyRef<K>> {
        let replaced = cut.first_killed(cut.inside(first));
        if replaced.is_some_and(|dead| !cut.is_new(dead)) {
            return Some(KeyRef::Replaced);
        }
        let (mut known, mut ended) = (None, None);
        self.table.value(slot).each_mark(&mut |mark| {
            if !cut.is_new(mark) {
                known = Some(known.map_or(mark, |known: Mark| known.min(mark)));
            } else if ended.is_none() {
                ended = cut.kills.of(mark).find(|dead| !cut.is_new(*dead));
            }
        });
        known.or(ended).map(|mark| KeyRef::Beside(cut.outside(mark)))
    }

    /// Turns whatever tells the key into its slot. `None` if the key is not here.
    fn resolve<D: Causal>(
        &self,
        key: &mut KeyRef<K>,
        child: &D::Delta,
        join: &Join<'_>,
    ) -> Result<Option<u32>, Refusal> {
        let name = match key {
            KeyRef::Spelled(spelled) => {
                let slot = self.table.find(spelled);
                if let Some(slot) = slot {
                    *key = KeyRef::At(slot);
                }
                return Ok(slot);
            }
            KeyRef::At(slot) => return Ok(Some(*slot)),
            KeyRef::Beside(mark) => Some(*mark),
            KeyRef::Replaced => join.first_killed(D::first_mark(child)),
        };
        let name =
            join.inside(name.ok_or_else(|| Refusal::Unnamed(join.inside(D::first_mark(child))))?);
        let slot = self.slot_of(name, join).ok_or(Refusal::Unnamed(name))?;
        *key = KeyRef::At(slot);
        Ok(Some(slot))
    }

    /// The slot where `mark` lies or lay.
    fn slot_of(&self, mut mark: Mark, join: &Join<'_>) -> Option<u32> {
        // What was written over here is found by what was written in its place.
        const OVERWRITES_MAX: usize = 16;
        for _ in 0..OVERWRITES_MAX {
            let holders = self.table.holders(mark);
            // A place that was open for changes as this document left its name seems to hold what
            // a double did next, wherever that went.
            let is_sure = self.table.is_indexed() && !join.roster.may_be_of_a_double(mark);
            if holders.len() == 1 && is_sure {
                return Some(holders.start);
            }
            if let Some(slot) = holders.into_iter().find(|slot| self.table.value(*slot).holds(mark))
            {
                return Some(slot);
            }
            mark = join.log.killer_of(mark)?;
        }
        None
    }

    /// The key below which `mark` lies.
    pub(crate) fn key_of(&self, mark: Mark) -> Option<&K> {
        let slot = self.table.holders(mark).find(|slot| self.table.value(*slot).holds(mark))?;
        Some(self.table.key(slot))
    }

    /// The keys that `delta`, which was checked here, tells of.
    pub(crate) fn keys_in<'a>(
        &'a self,
        delta: &'a MapDelta<K, C::Delta>,
    ) -> impl ExactSizeIterator<Item = &'a K> {
        delta.children.iter().map(|(key, _)| match key {
            KeyRef::Spelled(key) => key,
            KeyRef::At(slot) => self.table.key(*slot),
            KeyRef::Beside(_) | KeyRef::Replaced => unreachable!("names are settled by check"),
        })
    }
}

/// A dot of what a checked delta tells of a key a second time, if there is one: the least of all
/// but the first telling.
fn told_twice<K, C: Causal>(delta: &MapDelta<K, C::Delta>) -> Option<Mark> {
    if delta.children.len() == 1 {
        return None;
    }
    let slot = |(key, _): &(KeyRef<K>, C::Delta)| match key {
        KeyRef::At(slot) => Some(*slot),
        KeyRef::Spelled(_) | KeyRef::Beside(_) | KeyRef::Replaced => None,
    };
    let mut slots: Vec<u32> = delta.children.iter().filter_map(slot).collect();
    if !slots.is_sorted() {
        slots.sort_unstable();
    }
    let twice = slots.windows(2).find(|pair| pair[0] == pair[1])?[0];
    // Children ascend by their first dots.
    let (_, again) = delta.children.iter().filter(|child| slot(child) == Some(twice)).nth(1)?;
    Some(C::first_mark(again))
}

fn each_mark<C: Causal>(_slot: u32, child: &C, visit: &mut dyn FnMut(Mark)) {
    child.each_mark(visit);
}

impl<K: Eq + Hash + Ord + fmt::Debug, C: Causal + fmt::Debug> fmt::Debug for AwMap<K, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.sorted()).finish()
    }
}

impl<K: Eq + Hash, C: Causal + PartialEq> PartialEq for AwMap<K, C> {
    fn eq(&self, other: &Self) -> bool {
        let same = |(key, child): (&K, &C)| other.get(key) == Some(child);
        self.len() == other.len() && self.iter().all(same)
    }
}

impl<K: Eq + Hash, C: Causal + Eq> Eq for AwMap<K, C> {}
