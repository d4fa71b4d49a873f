//! Keys and what stands beside them, found by key and by change.
//!
//! Slots are only ever added; one whose value is gone stays as a ghost, so that a peer can still
//! name its key by a change that once lay there. When ghosts outnumber the living, a sweep
//! writes the column anew.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::borrow::Borrow;
use core::hash::Hash;

use crate::index::Index;
use crate::mark::Mark;
use crate::order::Order;
use crate::prints::Prints;

/// Slots of a key and a value each, in the order in which the keys came.
#[derive(Debug)]
pub(crate) struct Table<K, V> {
    slots: Vec<(K, V)>,
    prints: Prints,          // what only a table of `FEW` to `SMALL` slots needs
    more: Option<Box<More>>, // what only a table of more than `SMALL` slots needs
}

#[derive(Clone, Debug)]
struct More {
    index: Index,
    order: Order,
    runs_min: usize, // of the order, when it was made: no sweep brings it far below that
}

/// Up to this many slots a look at all keys is quicker than a hash.
const FEW: usize = 4;

/// Up to this many slots a look at all prints is quicker than an index.
const SMALL: usize = Prints::ROOM;

/// Ghosts that are never worth a sweep.
const GHOSTS_MIN: usize = 32;

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self { slots: Vec::new(), prints: Prints::default(), more: None }
    }
}

impl<K: Eq + Hash, V> Table<K, V> {
    pub(crate) fn slots(&self) -> &[(K, V)] {
        &self.slots
    }

    pub(crate) fn into_slots(self) -> impl Iterator<Item = (K, V)> {
        self.slots.into_iter()
    }

    #[inline]
    pub(crate) fn key(&self, slot: u32) -> &K {
        &self.slots[slot as usize].0
    }

    #[inline]
    pub(crate) fn value(&self, slot: u32) -> &V {
        &self.slots[slot as usize].1
    }

    #[inline]
    pub(crate) fn value_mut(&mut self, slot: u32) -> &mut V {
        &mut self.slots[slot as usize].1
    }

    #[inline]
    pub(crate) fn find<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<u32>
    where
        K: Borrow<Q>,
    {
        self.find_hashed(key, self.hash(key))
    }

    /// The slot of `key`, made now with `value` if there is none.
    ///
    /// `marks` lists the changes that lie in a slot.
    #[inline]
    pub(crate) fn find_or_add(&mut self, key: K, value: V, marks: &impl Marks<V>) -> u32 {
        let hash = self.hash(&key);
        self.find_hashed(&key, hash).unwrap_or_else(|| self.add(key, value, hash, marks))
    }

    /// As [`Table::find_or_add`], with a key that is copied only if it is new.
    #[inline]
    pub(crate) fn find_or_copy(&mut self, key: &K, value: V, marks: &impl Marks<V>) -> u32
    where
        K: Clone,
    {
        let hash = self.hash(key);
        self.find_hashed(key, hash).unwrap_or_else(|| self.add(key.clone(), value, hash, marks))
    }

    /// What a table of this size finds `key` by.
    #[inline]
    fn hash<Q: Hash + ?Sized>(&self, key: &Q) -> u64 {
        match &self.more {
            Some(more) => more.index.hash(key),
            None if self.slots.len() <= FEW => 0,
            None => u64::from(Prints::of(key)),
        }
    }

    #[inline]
    fn find_hashed<Q: Eq + ?Sized>(&self, key: &Q, hash: u64) -> Option<u32>
    where
        K: Borrow<Q>,
    {
        match &self.more {
            Some(more) => more.index.find(hash, is_key(&self.slots, key)),
            None => self.find_among_few(key, hash),
        }
    }

    /// As [`Table::find_hashed`] of a table without an index. In a function of its own, so that the other way is short enough to
    /// become part of whoever asks.
    #[inline(never)]
    fn find_among_few<Q: Eq + ?Sized>(&self, key: &Q, hash: u64) -> Option<u32>
    where
        K: Borrow<Q>,
    {
        let is_it = is_key(&self.slots, key);
        if self.slots.len() > FEW {
            return self.prints.find(hash as u8, is_it);
        }
        (0..self.slots.len() as u32).find(|slot| is_it(*slot))
    }

    /// Makes a slot of `key`, which was not found by `hash`.
    #[inline]
    fn add(&mut self, key: K, value: V, hash: u64, marks: &impl Marks<V>) -> u32 {
        let slot = self.slots.len() as u32;
        match &mut self.more {
            Some(more) => {
                let hash = if more.index.lacks_room(1) {
                    more.reserve(&self.slots, 1);
                    more.index.hash(&key)
                } else {
                    hash
                };
                more.index.insert(hash, slot);
            }
            None if self.slots.len() < FEW => {}
            None if self.slots.len() == FEW => {
                self.prints = prints_of(&self.slots);
                self.prints.put(slot, Prints::of(&key));
            }
            None if self.slots.len() < SMALL => self.prints.put(slot, hash as u8),
            None => {
                let mut more = Box::new(More::of(&self.slots, 2 * SMALL, marks));
                more.index.insert(more.index.hash(&key), slot);
                self.more = Some(more);
            }
        }
        self.make_room();
        self.slots.push((key, value));
        slot
    }

    /// Makes room for `count` more slots at once.
    pub(crate) fn reserve(&mut self, count: usize, marks: &impl Marks<V>) {
        let room = self.slots.len() + count;
        self.slots.reserve_exact(count + slack(room));
        if room > SMALL {
            match &mut self.more {
                Some(more) => more.reserve(&self.slots, count),
                None => self.more = Some(Box::new(More::of(&self.slots, room, marks))),
            }
        }
    }

    /// Remembers that the change `mark` went to `slot`.
    #[inline]
    pub(crate) fn note(&mut self, mark: Mark, slot: u32) {
        if let Some(more) = &mut self.more {
            more.order.note(mark, slot);
        }
    }

    /// Remembers that the changes from `mark` on go to `slot`, until told otherwise.
    #[inline]
    pub(crate) fn open(&mut self, mark: Mark, slot: u32, marks: &impl Marks<V>) {
        if let Some(more) = &mut self.more {
            // Whoever writes the same keys over and over must not fill memory with where.
            if more.order.len_of(mark.actor()) > 3 * self.slots.len() + 4 * GHOSTS_MIN {
                more.order = order_of(&self.slots, marks);
                more.runs_min = more.order.len();
            }
            more.order.open(mark, slot);
        }
    }

    /// The slots that can hold the change `mark`: one that is known, or else all of a small table.
    pub(crate) fn holders(&self, mark: Mark) -> core::ops::Range<u32> {
        match &self.more {
            Some(more) => more.order.find(mark).map_or(0..0, |slot| slot..slot + 1),
            None => 0..self.slots.len() as u32,
        }
    }

    /// Whether a change is known by its slot, dead or alive.
    pub(crate) fn is_indexed(&self) -> bool {
        self.more.is_some()
    }

    /// Visits the slots that can hold changes beyond `since`, at least those, ascending; with each
    /// its value, and how many are likely to hold some from there on.
    #[inline]
    pub(crate) fn each_since(
        &self,
        since: &[u64],
        seen: &[u64],
        mut visit: impl FnMut(u32, &V, usize),
    ) {
        if let Some(more) = &self.more {
            let slots = more.order.slots_since(since, seen);
            for (at, slot) in slots.iter().enumerate() {
                visit(*slot, self.value(*slot), slots.len() - at);
            }
        } else {
            for (slot, (_, value)) in self.slots.iter().enumerate() {
                visit(slot as u32, value, 1);
            }
        }
    }

    /// Whether a sweep is due, with `live` slots that hold something.
    #[inline]
    pub(crate) fn wants_sweep(&self, live: usize) -> bool {
        let ghosts = self.slots.len() - live;
        ghosts > live + GHOSTS_MIN
            || self
                .more
                .as_ref()
                .is_some_and(|more| more.order.len() > 2 * live.max(more.runs_min) + 4 * GHOSTS_MIN)
    }

    /// Drops all slots that hold no change, and all memory of what lay in them. Tells of each
    /// slot that stays where it was and where it is now.
    ///
    /// The table cannot be asked for changes before [`Table::index_anew`].
    pub(crate) fn drop_ghosts(
        &mut self,
        is_ghost: impl Fn(&V) -> bool,
        mut moved: impl FnMut(u32, u32),
    ) {
        let (mut from, mut to) = (0, 0);
        self.slots.retain(|(_, value)| {
            let stays = !is_ghost(value);
            if stays {
                moved(from, to);
                to += 1;
            }
            from += 1;
            stays
        });
        self.slots.shrink_to(self.slots.len() + self.slots.len() / 8);
        self.more = None;
    }

    /// Finds keys and changes by an index again, if there are enough.
    pub(crate) fn index_anew(&mut self, marks: &impl Marks<V>) {
        if self.slots.len() > SMALL {
            self.more = Some(Box::new(More::of(&self.slots, self.slots.len(), marks)));
        } else {
            self.prints = prints_of(&self.slots);
        }
    }

    fn make_room(&mut self) {
        let (len, room) = (self.slots.len(), self.slots.capacity());
        if len == room && len >= 4096 {
            // An eighth at a time: doubling would leave a quarter of a large table empty on
            // average, and large blocks grow in place.
            self.slots.reserve_exact(len / 8);
        }
    }
}

/// Room for a few more slots beside so many: whoever loads or copies a large table often goes on
/// to change it, and must not copy it again for the first new slot.
fn slack(slots: usize) -> usize {
    if slots < 4096 { 0 } else { slots / 16 }
}

impl<K: Clone, V: Clone> Clone for Table<K, V> {
    fn clone(&self) -> Self {
        let mut slots = Vec::with_capacity(self.slots.len() + slack(self.slots.len()));
        slots.extend_from_slice(&self.slots);
        Self { slots, prints: self.prints.clone(), more: self.more.clone() }
    }
}

/// How to list the changes that lie in a slot, some of them perhaps beside its value.
pub(crate) trait Marks<V> {
    fn each(&self, slot: u32, value: &V, visit: &mut dyn FnMut(Mark));
}

impl<V, F: Fn(u32, &V, &mut dyn FnMut(Mark))> Marks<V> for F {
    fn each(&self, slot: u32, value: &V, visit: &mut dyn FnMut(Mark)) {
        self(slot, value, visit);
    }
}

/// Lists nothing, for a table that holds no changes.
pub(crate) fn unmarked<V>(_slot: u32, _value: &V, _visit: &mut dyn FnMut(Mark)) {}

/// Whether `key` stands in a slot, which may not be there.
#[inline]
fn is_key<K, V, Q>(slots: &[(K, V)], key: &Q) -> impl Fn(u32) -> bool
where
    K: Borrow<Q>,
    Q: Eq + ?Sized,
{
    move |slot| slots.get(slot as usize).is_some_and(|(k, _)| k.borrow() == key)
}

/// The prints of the keys in `slots`, which are few enough to have some.
fn prints_of<K: Hash, V>(slots: &[(K, V)]) -> Prints {
    let mut prints = Prints::default();
    for (slot, (key, _)) in slots.iter().enumerate() {
        prints.put(slot as u32, Prints::of(key));
    }
    prints
}

/// Where the changes lie that lie in `slots`.
fn order_of<K, V>(slots: &[(K, V)], marks: &impl Marks<V>) -> Order {
    let mut all = Vec::with_capacity(slots.len());
    for (slot, (_, value)) in slots.iter().enumerate() {
        let slot = slot as u32;
        marks.each(slot, value, &mut |mark| all.push((mark, slot)));
    }
    all.sort_unstable();
    let mut order = Order::default();
    all.iter().for_each(|&(mark, slot)| order.note(mark, slot));
    order
}

impl More {
    fn of<K: Hash, V>(slots: &[(K, V)], room: usize, marks: &impl Marks<V>) -> Self {
        let order = order_of(slots, marks);
        let mut more = Self { index: Index::with_room(room), runs_min: order.len(), order };
        more.fill(slots);
        more
    }

    fn reserve<K: Hash, V>(&mut self, slots: &[(K, V)], count: usize) {
        if self.index.lacks_room(count) {
            let room = (slots.len() + count).max(self.index.room() + 1);
            self.index = Index::with_room(room);
            self.fill(slots);
        }
    }

    fn fill<K: Hash, V>(&mut self, slots: &[(K, V)]) {
        for (slot, (key, _)) in slots.iter().enumerate() {
            self.index.insert(self.index.hash(key), slot as u32);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where many scattered changes lay in few slots, each join and each removal swept the whole
    /// table, and found nothing to drop.
    #[test]
    fn a_sweep_is_not_due_again_right_after_it() {
        const SLOTS: u32 = 100;
        let mut marks: Vec<Vec<Mark>> = (0..SLOTS).map(|_| Vec::new()).collect();
        let mut table = Table::<u32, ()>::default();
        for slot in 0..SLOTS {
            table.find_or_add(slot, (), &|_, (): &(), _: &mut dyn FnMut(Mark)| {});
        }
        for counter in 1..1_000_u64 {
            let slot = (counter * 7 % u64::from(SLOTS)) as u32;
            table.note(Mark::new(0, counter), slot);
            marks[slot as usize].push(Mark::new(0, counter));
        }
        assert!(table.wants_sweep(SLOTS as usize));
        table.drop_ghosts(|()| false, |_, _| {});
        table.index_anew(&|slot: u32, (): &(), visit: &mut dyn FnMut(Mark)| {
            marks[slot as usize].iter().for_each(|mark| visit(*mark));
        });
        assert!(!table.wants_sweep(SLOTS as usize));
    }
}
