//! The entries that were taken in.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;
use core::ops::Bound;

use crate::actor::ActorId;
use crate::dot::Dot;
use crate::hlc::Hlc;
use crate::log::base::Base;
use crate::log::entry::{Entry, Position};
use crate::log::error::{Compacted, RestoreError};
use crate::version::VersionVector;

/// The entries that were taken in and not cut off, each author's without a hole, found by position
/// and by name.
#[derive(Clone, Debug)]
pub(crate) struct Kept<P> {
    base: Base,
    version: VersionVector,
    entries: BTreeMap<Position, Entry<P>>,
    // Of each author the times of its entries here, from the first after the base: with these an
    // entry is found by author and sequence. Invariant: none empty, none descending.
    times: BTreeMap<ActorId, VecDeque<Hlc>>,
}

impl<P> Kept<P> {
    pub(crate) const fn new() -> Self {
        Self {
            base: Base::new(),
            version: VersionVector::new(),
            entries: BTreeMap::new(),
            times: BTreeMap::new(),
        }
    }

    pub(crate) const fn version(&self) -> &VersionVector {
        &self.version
    }

    pub(crate) const fn base(&self) -> &Base {
        &self.base
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Entry<P>> + ExactSizeIterator {
        self.entries.values()
    }

    pub(crate) fn positions(&self) -> impl ExactSizeIterator<Item = &Position> + Clone {
        self.entries.keys()
    }

    pub(crate) fn iter_after(&self, position: Option<Position>) -> impl Iterator<Item = &Entry<P>> {
        let from = position.map_or(Bound::Unbounded, Bound::Excluded);
        self.entries.range((from, Bound::Unbounded)).map(|(_, entry)| entry)
    }

    pub(crate) fn entry(&self, dot: &Dot) -> Option<&Entry<P>> {
        self.entries.get(&self.position(dot)?)
    }

    pub(crate) fn position(&self, dot: &Dot) -> Option<Position> {
        let &Dot { actor: author, counter: sequence } = dot;
        let before = sequence.checked_sub(self.base.version().get(&author) + 1)?;
        let time = *self.times.get(&author)?.get(usize::try_from(before).ok()?)?;
        Some(Position { time, author, sequence })
    }

    /// The entries beyond `version`, in the order in which they are folded.
    pub(crate) fn since<'a>(
        &'a self,
        version: &VersionVector,
    ) -> Result<impl ExactSizeIterator<Item = &'a Entry<P>> + use<'a, P>, Compacted> {
        if !version.dominates(self.base.version()) {
            return Err(Compacted { base: self.base.version().clone() });
        }
        let mut lacking = Vec::new();
        for ahead in self.version.diff(version) {
            let author = ahead.actor;
            let dots = (ahead.after + 1..=ahead.upto).map(|counter| Dot { actor: author, counter });
            lacking.extend(dots.filter_map(|dot| self.position(&dot)));
        }
        lacking.sort_unstable();
        Ok(lacking.into_iter().map(|position| &self.entries[&position]))
    }

    /// The time of the author's newest entry, also if that was cut off.
    pub(crate) fn last_time(&self, author: &ActorId) -> Option<Hlc> {
        let here = self.times.get(author).and_then(VecDeque::back).copied();
        here.or_else(|| self.base.time(author))
    }

    /// Takes in the next entry of its author, which is not before that author's last.
    pub(crate) fn push(&mut self, entry: Entry<P>) {
        self.version.raise(entry.author, entry.sequence);
        self.times.entry(entry.author).or_default().push_back(entry.time);
        self.entries.insert(entry.position(), entry);
    }

    /// Cuts off the first entry in the order of folding, if it `may_go`.
    pub(crate) fn cut_first(&mut self, may_go: impl FnOnce(&Entry<P>) -> bool) -> Option<Entry<P>> {
        let first = self.entries.first_entry().filter(|first| may_go(first.get()))?.remove();
        self.base.extend_by(&first);
        let times = self.times.get_mut(&first.author).expect("the times of all entries are kept");
        times.pop_front();
        if times.is_empty() {
            self.times.remove(&first.author);
        }
        Some(first)
    }

    /// Puts `base` in place of all that it covers.
    pub(crate) fn restore(&mut self, base: &Base) -> Result<(), RestoreError> {
        if !base.version().dominates(self.base.version()) {
            return Err(RestoreError::Behind { base: self.base.version().clone() });
        }
        self.check_times_after(base)?;
        self.entries.retain(|_, entry| !base.version().contains(&entry.dot()));
        for (author, times) in &mut self.times {
            let covered = base.version().get(author) - self.base.version().get(author);
            let covered = usize::try_from(covered).unwrap_or(usize::MAX);
            times.drain(..covered.min(times.len()));
        }
        self.times.retain(|_, times| !times.is_empty());
        self.base = base.clone();
        self.version.merge(base.version());
        Ok(())
    }

    fn check_times_after(&self, base: &Base) -> Result<(), RestoreError> {
        for (author, upto) in base.version().iter() {
            let next = self.position(&Dot { actor: author, counter: upto + 1 });
            if next.is_some_and(|next| base.time(&author).is_some_and(|last| last > next.time)) {
                return Err(RestoreError::Contradicted { author });
            }
        }
        Ok(())
    }
}
