//! Entries whose turn has not come.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::mem;

use crate::actor::ActorId;
use crate::dot::Dot;
use crate::log::entry::Entry;

/// How many entries may wait for their turn. Others are dropped, and come again later.
///
/// ```
/// use selkie_crdt::{ActorId, Hlc, Limits, Log};
/// let east = ActorId::from_bytes([1; 16]);
/// let mut here = Log::new();
/// for ms in [10, 20, 30, 40] {
///     here.append(east, Hlc::from_ms(ms), ms)?;
/// }
/// // The first entry is late: of the three that wait for it, two may.
/// let mut there = Log::with_limits(Limits { per_author: 2, total: 10 });
/// there.merge(here.iter().skip(1).cloned());
/// assert_eq!((there.len(), there.waiting()), (0, 2));
/// there.merge(here.iter().take(1).cloned());
/// assert_eq!((there.len(), there.waiting()), (3, 0));
/// # Ok::<(), selkie_crdt::AppendError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// Of one author.
    pub per_author: usize,
    /// Of all authors.
    pub total: usize,
}

impl Limits {
    /// How many entries of one author may wait unless said otherwise.
    pub const PER_AUTHOR: usize = 100;

    /// How many entries of all authors may wait unless said otherwise.
    pub const TOTAL: usize = 10_000;
}

impl Default for Limits {
    /// [`Limits::PER_AUTHOR`] and [`Limits::TOTAL`].
    fn default() -> Self {
        Self { per_author: Self::PER_AUTHOR, total: Self::TOTAL }
    }
}

/// The entries that wait, by author and sequence.
///
/// An entry waits for the one before it, or, when it is the next of its author, for the first of
/// its dependencies that is not here. When that comes, the author is woken: nothing is looked at
/// that cannot have become ready.
#[derive(Clone, Debug)]
pub(crate) struct Waiting<P> {
    limits: Limits,
    entries: BTreeMap<ActorId, BTreeMap<u64, Entry<P>>>, // invariant: none empty
    len: usize,                                          // invariant: of all in `entries`
    // By what is awaited, whose next entry waits for it. Invariant: only of entries that wait.
    pub(super) wakes: BTreeSet<(Dot, ActorId)>,
}

impl<P> Waiting<P> {
    pub(crate) const fn new(limits: Limits) -> Self {
        Self { limits, entries: BTreeMap::new(), len: 0, wakes: BTreeSet::new() }
    }

    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn dots(&self) -> impl Iterator<Item = Dot> + '_ {
        self.entries.values().flat_map(BTreeMap::values).map(Entry::dot)
    }

    pub(crate) fn entry(&self, dot: &Dot) -> Option<&Entry<P>> {
        self.entries.get(&dot.actor)?.get(&dot.counter)
    }

    /// The last entry of `author` that waits.
    pub(crate) fn last_of(&self, author: &ActorId) -> Option<Dot> {
        let (sequence, _) = self.entries.get(author)?.last_key_value()?;
        Some(Dot { actor: *author, counter: *sequence })
    }

    /// The last entry of `author` that waits, if more wait than may.
    pub(crate) fn excess_of(&self, author: &ActorId) -> Option<Dot> {
        let waiting = self.entries.get(author).map_or(0, BTreeMap::len);
        self.last_of(author).filter(|_| waiting > self.limits.per_author)
    }

    /// Whether more entries wait than may.
    pub(crate) const fn is_overfull(&self) -> bool {
        self.len > self.limits.total
    }

    /// Lets `entry` wait, and wakes its author when `awaited` comes.
    pub(crate) fn insert(&mut self, entry: Entry<P>, awaited: Option<Dot>) {
        self.wakes.extend(awaited.map(|awaited| (awaited, entry.author)));
        let of_author = self.entries.entry(entry.author).or_default();
        if of_author.insert(entry.sequence, entry).is_none() {
            self.len += 1;
        }
    }

    /// No longer wakes `author` when `awaited` comes.
    pub(crate) fn forget(&mut self, awaited: Dot, author: ActorId) {
        self.wakes.remove(&(awaited, author));
    }

    pub(crate) fn remove(&mut self, dot: &Dot) -> Option<Entry<P>> {
        let of_author = self.entries.get_mut(&dot.actor)?;
        let entry = of_author.remove(&dot.counter)?;
        self.len -= 1;
        if of_author.is_empty() {
            self.entries.remove(&dot.actor);
        }
        Some(entry)
    }

    /// Whose next entry waited for `dot`.
    pub(crate) fn wake(&mut self, dot: &Dot) -> Vec<ActorId> {
        let ends = [[0; 16], [0xff; 16]].map(|id| (*dot, ActorId::from_bytes(id)));
        let woken: Vec<_> = self.wakes.range(ends[0]..=ends[1]).copied().collect();
        for wake in &woken {
            self.wakes.remove(wake);
        }
        woken.into_iter().map(|(_, author)| author).collect()
    }

    /// All that waits; nothing waits any more.
    pub(crate) fn take(&mut self) -> Vec<Entry<P>> {
        let waiting = mem::replace(self, Self::new(self.limits));
        waiting.entries.into_values().flat_map(BTreeMap::into_values).collect()
    }
}
