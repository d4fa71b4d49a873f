//! Where in a column of keys a key stands.
//!
//! One `u32` a cell, probed in a line: the low bits hold the place plus one, the bits above them
//! as much of the hash as fits. Cells are only ever filled: a column that drops keys is written
//! anew, and its index with it.

use alloc::boxed::Box;
use alloc::vec;
use core::hash::Hash;

use crate::hash::Seed;

/// A hash index over keys that somebody else keeps.
#[derive(Clone, Debug)]
pub(crate) struct Index {
    cells: Box<[u32]>, // a power of two of them; 0 is empty
    bits: u32,         // log2 of their number
    filled: usize,
    seed: Seed,
}

impl Index {
    /// An empty index with room for `keys`.
    pub(crate) fn with_room(keys: usize) -> Self {
        let cells = (keys + keys / 4 + 1).next_power_of_two().max(16);
        let cells = vec![0; cells].into_boxed_slice();
        let seed = Seed::from_address(&cells[0]);
        Self { bits: cells.len().trailing_zeros(), cells, filled: 0, seed }
    }

    /// Whether `count` more keys want a larger index first.
    pub(crate) fn lacks_room(&self, count: usize) -> bool {
        (self.filled + count) * 5 > self.cells.len() * 4
    }

    /// How many keys it holds before it must grow.
    pub(crate) fn room(&self) -> usize {
        self.cells.len() * 4 / 5
    }

    pub(crate) fn hash<K: Hash + ?Sized>(&self, key: &K) -> u64 {
        self.seed.hash(key)
    }

    /// The place that holds the key of this hash, if `is_it` recognises one.
    #[inline]
    pub(crate) fn find(&self, hash: u64, mut is_it: impl FnMut(u32) -> bool) -> Option<u32> {
        let (mut at, print) = self.home(hash);
        loop {
            let cell = self.cells[at];
            if cell == 0 {
                return None;
            }
            if cell >> self.bits == print {
                let place = (cell & self.mask()) - 1;
                if is_it(place) {
                    return Some(place);
                }
            }
            at = (at + 1) & self.mask() as usize;
        }
    }

    /// Remembers that the key of this hash stands at `place`. It must not be here yet, and
    /// there must be room.
    #[inline]
    pub(crate) fn insert(&mut self, hash: u64, place: u32) {
        let (mut at, print) = self.home(hash);
        while self.cells[at] != 0 {
            at = (at + 1) & self.mask() as usize;
        }
        self.cells[at] = print << self.bits | (place + 1);
        self.filled += 1;
    }

    fn mask(&self) -> u32 {
        (1 << self.bits) - 1
    }

    /// The first cell to try, and the part of the hash that its place does not tell.
    fn home(&self, hash: u64) -> (usize, u32) {
        let high = (hash >> 32) as u32;
        ((high >> (32 - self.bits)) as usize, high & (u32::MAX >> self.bits))
    }
}
