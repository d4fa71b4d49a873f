//! Where in a column of keys a key stands.
//!
//! One `u32` a cell: the low bits hold the place plus one, the bits above them as much of the hash
//! as fits. Eight cells are a group that is compared at once, so that nearly every look-up takes
//! one step that a processor foresees. Cells are only ever filled: a column that drops keys is
//! written anew, and its index with it.

use alloc::boxed::Box;
use alloc::vec;
use core::hash::Hash;

use crate::hash::Seed;

/// A hash index over keys that somebody else keeps.
#[derive(Clone, Debug)]
pub(crate) struct Index {
    groups: Box<[Group]>, // a power of two of them
    bits: u32,            // log2 of the number of cells
    filled: usize,
    seed: Seed,
}

/// Cells; 0 is empty, and the empty ones of a group stand last.
type Group = [u32; GROUP];

const GROUP: usize = 8;
const GROUP_BITS: u32 = GROUP.trailing_zeros();

impl Index {
    /// An empty index with room for `keys`.
    pub(crate) fn with_room(keys: usize) -> Self {
        let cells = (keys + keys / 4 + 1).next_power_of_two().max(2 * GROUP);
        let groups = vec![[0; GROUP]; cells / GROUP].into_boxed_slice();
        let seed = Seed::from_address(&groups[0]);
        Self { groups, bits: cells.trailing_zeros(), filled: 0, seed }
    }

    /// Whether `count` more keys want a larger index first.
    pub(crate) fn lacks_room(&self, count: usize) -> bool {
        self.filled + count > self.room()
    }

    /// How many keys it holds before it must grow.
    pub(crate) fn room(&self) -> usize {
        self.groups.len() * GROUP * 4 / 5
    }

    #[inline]
    pub(crate) fn hash<K: Hash + ?Sized>(&self, key: &K) -> u64 {
        self.seed.hash(key)
    }

    /// The place that holds the key of this hash, if `is_it` recognises one.
    #[inline]
    pub(crate) fn find(&self, hash: u64, mut is_it: impl FnMut(u32) -> bool) -> Option<u32> {
        let (mut at, print) = self.home(hash);
        loop {
            let group = &self.groups[at];
            let mut matches = group_mask(group, |cell| cell >> self.bits == print);
            while matches != 0 {
                // An empty cell can look like a print of zero; its place is then none.
                let cell = group[matches.trailing_zeros() as usize];
                let place = (cell & self.mask()).wrapping_sub(1);
                if cell != 0 && is_it(place) {
                    return Some(place);
                }
                matches &= matches - 1;
            }
            if group[GROUP - 1] == 0 {
                return None;
            }
            at = (at + 1) & (self.groups.len() - 1);
        }
    }

    /// Remembers that the key of this hash stands at `place`. It must not be here yet, and
    /// there must be room.
    #[inline]
    pub(crate) fn insert(&mut self, hash: u64, place: u32) {
        let (mut at, print) = self.home(hash);
        let mut free = group_mask(&self.groups[at], |cell| cell == 0);
        while free == 0 {
            at = (at + 1) & (self.groups.len() - 1);
            free = group_mask(&self.groups[at], |cell| cell == 0);
        }
        self.groups[at][free.trailing_zeros() as usize] = print << self.bits | (place + 1);
        self.filled += 1;
    }

    fn mask(&self) -> u32 {
        (1 << self.bits) - 1
    }

    /// The first group to try, and the part of the hash that a cell has room for.
    #[inline]
    fn home(&self, hash: u64) -> (usize, u32) {
        let high = (hash >> 32) as u32;
        ((high >> (32 + GROUP_BITS - self.bits)) as usize, high & (u32::MAX >> self.bits))
    }
}

/// A bit for each cell that `test` holds for.
#[inline]
fn group_mask(group: &Group, test: impl Fn(u32) -> bool) -> u32 {
    let mut mask = 0;
    for (at, cell) in group.iter().enumerate() {
        mask |= u32::from(test(*cell)) << at;
    }
    mask
}
