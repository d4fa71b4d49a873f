//! A set where an add survives a concurrent remove of the same element.
//!
//! State: for each element the dots of its adds that nobody ended. An add takes a dot and ends
//! those of the element that its author saw; a remove ends those that its author saw, and no
//! others. So a concurrent add, whose dot the remover never saw, stays.
//!
//! Bieniusa et al., *An optimized conflict-free replicated set* (2012), section 3, with a dot of
//! its own for each removal, without which equal versions could mean different sets.

use alloc::collections::BTreeMap;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use core::borrow::Borrow;
use core::fmt;
use core::hash::Hash;
use core::mem;

use crate::causal::Causal;
use crate::causal::Cut;
use crate::causal::Join;
use crate::causal::Refusal;
use crate::contest::never_contested;
use crate::edit::Cx;
use crate::edit::Edit;
use crate::mark::Mark;
use crate::observe::Observe;
use crate::observe::SetChange;
use crate::shape::Shape;
use crate::table::Table;
use crate::value::Element;
use crate::value::Value;
use crate::wire::DecodeError;
use crate::wire::Reader;
use crate::wire::Writer;

/// A set where an add survives a concurrent remove.
///
/// ```
/// use selkie_crdt::{ActorId, AwSet, Doc};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let mut east: Doc<AwSet<String>> = Doc::new(east);
/// let mut west: Doc<AwSet<String>> = Doc::new(west);
/// east.edit().add("pear".into());
/// west.merge(&east)?;
///
/// east.edit().remove("pear");
/// west.edit().add("pear".into());
/// east.merge(&west)?;
/// west.merge(&east)?;
/// assert!(east.root().contains("pear") && west.root().contains("pear"));
/// # Ok::<_, selkie_crdt::JoinError>(())
/// ```
#[derive(Clone)]
pub struct AwSet<T> {
    table: Table<T, Option<Mark>>,
    live: usize,
    // The other dots of elements that were added concurrently, by slot; never an empty list.
    others: BTreeMap<u32, Vec<Mark>>,
}

/// Adds with the elements they added, ascending by dot.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SetDelta<T> {
    adds: Vec<(Mark, T)>,
}

impl<T> Default for AwSet<T> {
    fn default() -> Self {
        Self { table: Table::default(), live: 0, others: BTreeMap::new() }
    }
}

impl<T: Eq + Hash> AwSet<T> {
    /// How many elements there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.live
    }

    /// Whether there is no element.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.live == 0
    }

    /// Whether `element` is in the set.
    #[must_use]
    #[inline]
    pub fn contains<Q: Eq + Hash + ?Sized>(&self, element: &Q) -> bool
    where
        T: Borrow<Q>,
    {
        self.table.find(element).is_some_and(|slot| self.table.value(slot).is_some())
    }

    /// The elements, in an order that may differ from replica to replica.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.table.slots().iter().filter(|(_, dot)| dot.is_some()).map(|(element, _)| element)
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

    /// Ends all dots in `slot`, by the change `by`.
    #[inline]
    fn end(&mut self, slot: u32, by: Mark, cx: &mut Cx) {
        if let Some(dot) = self.table.value_mut(slot).take() {
            self.live -= 1;
            cx.kill(by, dot);
        }
        if !self.others.is_empty() {
            self.others.remove(&slot).unwrap_or_default().iter().for_each(|dot| cx.kill(by, *dot));
        }
    }

    #[inline]
    fn put(&mut self, slot: u32, mark: Mark) {
        self.table.note(mark, slot);
        match self.table.value_mut(slot) {
            free @ None => {
                *free = Some(mark);
                self.live += 1;
            }
            Some(_) => self.others.entry(slot).or_default().push(mark),
        }
    }

    /// Takes `mark` out of `slot` if it lies there.
    fn take(&mut self, slot: u32, mark: Mark) -> bool {
        let others = self.others.get_mut(&slot);
        let dot = self.table.value_mut(slot);
        match others {
            None if *dot == Some(mark) => {
                *dot = None;
                self.live -= 1;
                return true;
            }
            None => return false,
            Some(others) if *dot == Some(mark) => *dot = others.pop(),
            Some(others) => match others.iter().position(|other| *other == mark) {
                Some(at) => drop(others.swap_remove(at)),
                None => return false,
            },
        }
        if self.others.get(&slot).is_some_and(Vec::is_empty) {
            self.others.remove(&slot);
        }
        true
    }

    fn slot_of(&self, mark: Mark) -> Option<u32> {
        self.table.holders(mark).find(|slot| self.dots(*slot).any(|dot| dot == mark))
    }

    fn dots(&self, slot: u32) -> impl Iterator<Item = Mark> + '_ {
        let others = self.others.get(&slot).into_iter().flatten();
        self.table.value(slot).iter().chain(others).copied()
    }

    /// Drops the ghosts once there are many.
    fn tidy(&mut self) {
        if self.table.wants_sweep(self.live) {
            let mut others = mem::take(&mut self.others);
            self.table.drop_ghosts(Option::is_none, |from, to| {
                self.others.extend(others.remove(&from).map(|dots| (to, dots)));
            });
            self.table.index_anew(&each_dot(&self.others));
        }
    }
}

/// Lists the dots of an element: that in its slot, and the others.
fn each_dot(
    others: &BTreeMap<u32, Vec<Mark>>,
) -> impl Fn(u32, &Option<Mark>, &mut dyn FnMut(Mark)) {
    |slot, dot, visit| {
        dot.iter().chain(others.get(&slot).into_iter().flatten()).copied().for_each(visit);
    }
}

impl<T: Value + Hash> Edit<'_, AwSet<T>> {
    /// Adds `element`. If it is there, the add is renewed, so that a concurrent remove spares it.
    #[inline]
    pub fn add(&mut self, element: T) {
        let slot = self.at.table.find_or_add(element, None, &each_dot(&self.at.others));
        let mark = self.cx.next();
        self.at.end(slot, mark, self.cx);
        self.at.put(slot, mark);
    }

    /// Removes `element`. Tells whether it was there.
    #[inline]
    pub fn remove<Q: Eq + Hash + ?Sized>(&mut self, element: &Q) -> bool
    where
        T: Borrow<Q>,
    {
        let slot = self.at.table.find(element).filter(|slot| self.at.table.value(*slot).is_some());
        let Some(slot) = slot else { return false };
        let by = self.cx.next();
        self.at.end(slot, by, self.cx);
        self.at.tidy();
        true
    }

    /// Removes all elements, by one change.
    pub fn clear(&mut self) {
        if !self.at.is_empty() {
            let by = self.cx.next();
            self.at.each_mark(&mut |dot| self.cx.kill(by, dot));
            Causal::clear(self.at);
        }
    }
}

impl<T: Value + Hash> Causal for AwSet<T> {
    type Delta = SetDelta<T>;
    const SHAPE: Shape = Shape::of("add-wins set", &[T::SHAPE]);

    fn is_bottom(&self) -> bool {
        self.live == 0
    }

    fn each_mark(&self, visit: &mut dyn FnMut(Mark)) {
        let firsts = self.table.slots().iter().filter_map(|(_, dot)| *dot);
        firsts.chain(self.others.values().flatten().copied()).for_each(visit);
    }

    fn holds(&self, mark: Mark) -> bool {
        self.slot_of(mark).is_some()
    }

    fn kill(&mut self, mark: Mark) -> bool {
        self.table.holders(mark).any(|slot| self.take(slot, mark))
    }

    fn clear(&mut self) {
        *self = Self::default();
    }

    fn cut(&self, cut: &Cut<'_>) -> Option<Self::Delta> {
        let mut adds = Vec::new();
        self.table.each_since(cut.since, cut.seen, |slot, _dot, _likely| {
            let new = self.dots(slot).filter(|dot| cut.is_new(*dot));
            adds.extend(new.map(|dot| (cut.outside(dot), self.table.key(slot).clone())));
        });
        if !adds.is_sorted_by_key(|add| add.0) {
            adds.sort_unstable_by_key(|add| add.0);
        }
        (!adds.is_empty()).then_some(SetDelta { adds })
    }

    fn check(&self, delta: &mut Self::Delta, join: &Join<'_>) -> Result<(), Refusal> {
        for (mark, element) in &delta.adds {
            let mark = join.inside(*mark);
            if !join.is_seen(mark) {
                continue;
            }
            match self.slot_of(mark) {
                Some(slot) if self.table.key(slot) == element => {}
                Some(_) => return Err(Refusal::Reused(mark)),
                None => join.misses(mark),
            }
        }
        Ok(())
    }

    fn join(&mut self, delta: Self::Delta, join: &Join<'_>) {
        self.tidy();
        if delta.adds.len() > self.table.slots().len() {
            self.table.reserve(delta.adds.len(), &each_dot(&self.others));
        }
        for (mark, element) in delta.adds {
            let mark = join.inside(mark);
            if !join.is_seen(mark) {
                let slot = self.table.find_or_add(element, None, &each_dot(&self.others));
                self.put(slot, mark);
            }
        }
    }

    fn each_delta_mark(delta: &Self::Delta, visit: &mut dyn FnMut(Mark)) {
        delta.adds.iter().for_each(|(mark, _)| visit(*mark));
    }

    fn first_mark(delta: &Self::Delta) -> Mark {
        delta.adds.first().expect("a delta holds at least one dot").0
    }

    fn write_column(deltas: &[&Self::Delta], out: &mut Writer) {
        deltas.iter().for_each(|delta| out.count(delta.adds.len()));
        for delta in deltas {
            out.marks(delta.adds.iter().map(|(mark, _)| *mark));
        }
        T::write_column(
            deltas.iter().flat_map(|delta| &delta.adds).map(|(_, element)| element),
            out,
        );
    }

    fn read_column(count: usize, input: &mut Reader<'_>) -> Result<Vec<Self::Delta>, DecodeError> {
        let counts = (0..count).map(|_| input.count()).collect::<Result<Vec<_>, _>>()?;
        let total = counts.iter().fold(0, |sum: usize, count| sum.saturating_add(*count));
        // A run of many changes takes a few bytes, but each of them has an element.
        if total > input.left() {
            return Err(DecodeError::Truncated);
        }
        let columns = counts.iter().map(|&count| {
            let marks = input.marks(count)?;
            let ascending = count > 0 && marks.is_sorted_by(|a, b| a < b);
            if ascending { Ok(marks) } else { Err(DecodeError::NotCanonical) }
        });
        let columns = columns.collect::<Result<Vec<_>, _>>()?;
        let mut elements = T::read_column(total, input)?.into_iter();
        let adds =
            |marks: Vec<Mark>| SetDelta { adds: marks.into_iter().zip(&mut elements).collect() };
        Ok(columns.into_iter().map(adds).collect())
    }
}

impl<T: Eq + Hash + Ord + fmt::Debug> fmt::Debug for AwSet<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.sorted()).finish()
    }
}

impl<T: Eq + Hash> PartialEq for AwSet<T> {
    fn eq(&self, other: &Self) -> bool {
        self.live == other.live && self.iter().all(|element| other.contains(element))
    }
}

impl<T: Eq + Hash> Eq for AwSet<T> {}

impl<T: Value + Hash> Observe for AwSet<T> {
    type Change = SetChange<T>;

    fn change(
        &self,
        delta: Option<&SetDelta<T>>,
        ended: &[Mark],
        join: &Join<'_>,
    ) -> Option<SetChange<T>> {
        let adds = delta.map_or(&[][..], |delta| &delta.adds);
        let news = adds.iter().filter(|(mark, _)| !join.is_seen(join.inside(*mark)));
        let (mut added, mut spared) = (Table::<T, Option<Mark>>::default(), BTreeSet::new());
        for (_, element) in news {
            match self.table.find(element).filter(|slot| self.table.value(*slot).is_some()) {
                Some(slot) => drop(spared.insert(slot)),
                None => drop(added.find_or_add(element.clone(), None, &each_dot(&self.others))),
            }
        }
        let holder = |mark: &Mark| {
            let mut slots = self.table.holders(*mark);
            slots.find(|slot| self.dots(*slot).any(|dot| dot == *mark))
        };
        let goes = |slot: &u32| {
            !spared.contains(slot) && self.dots(*slot).all(|dot| ended.binary_search(&dot).is_ok())
        };
        let touched: BTreeSet<u32> = ended.iter().filter_map(holder).collect();
        let key = |slot: u32| self.table.key(slot).clone();
        let removed: Vec<T> = touched.into_iter().filter(goes).map(key).collect();
        let added: Vec<T> = added.into_slots().map(|(element, _)| element).collect();
        (!added.is_empty() || !removed.is_empty()).then_some(SetChange { added, removed })
    }
}

never_contested! { [T: Element] AwSet<T> }

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mark::Run;

    /// A few bytes could claim a long run of adds for each of many sets, and got gigabytes.
    #[test]
    fn sets_that_claim_more_adds_than_bytes_are_left_are_refused() {
        const SETS: u64 = 20_000;
        const ADDS: u64 = 60_000;
        let mut out = Writer::for_actors(1);
        (0..SETS).for_each(|_| out.number(ADDS));
        for set in 0..SETS {
            let [first, last] = [set * ADDS + 1, (set + 1) * ADDS].map(|n| Mark::new(0, n));
            out.runs(&[Run { first, last }]);
        }
        (0..ADDS).for_each(|_| out.byte(7));
        let bytes = out.into_bytes();
        let mut input = Reader::of(&bytes);
        input.expect_actors(alloc::vec![SETS * ADDS]);
        let read = AwSet::<u8>::read_column(20_000, &mut input);
        assert_eq!(read.map(drop), Err(DecodeError::Truncated));
    }
}
