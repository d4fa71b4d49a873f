//! Where in a column of keys a key stands.
//!
//! One `u32` a cell: the low bits hold the place plus one, the bits above them as much of the hash
//! as fits. Eight cells are a group that is compared at once, in one line of the cache, so that
//! nearly every look-up takes one step that a processor foresees. Cells are only ever filled: a
//! column that drops keys is written anew, and its index with it.

use alloc::boxed::Box;
use alloc::vec;
use core::array;
use core::hash::Hash;

use crate::hash::Seed;

/// A hash index over keys that somebody else keeps.
#[derive(Clone, Debug)]
pub(crate) struct Index {
    groups: Box<[Group]>, // at least one
    place_mask: u32,      // the bits of a cell that hold its place
    filled: usize,
    seed: Seed,
}

/// Cells; 0 is empty, and the empty ones of a group stand last.
///
/// Aligned, so that looking at one takes no more than one line of the cache.
#[derive(Clone, Debug)]
#[repr(align(32))]
struct Group([u32; GROUP]);

const GROUP: usize = 8;

/// The bit of each cell. A one would be what a comparison says by itself, and compilers would take that cell apart from the others,
/// which they compare all at once.
const BITS: [u32; GROUP] = [2, 4, 8, 16, 32, 64, 128, 256];

const _: () = assert!(size_of::<Group>() == align_of::<Group>());

impl Index {
    /// An empty index with room for `keys`.
    pub(crate) fn with_room(keys: usize) -> Self {
        let cells = (keys + keys / 4 + 1).next_power_of_two().max(2 * GROUP);
        let groups = vec![Group([0; GROUP]); cells / GROUP].into_boxed_slice();
        let seed = Seed::from_address(&groups[0]);
        Self { groups, place_mask: cells as u32 - 1, filled: 0, seed }
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

    /// The place that holds the key of this hash, if `is_it` recognises one. It is also asked of
    /// places that no key has.
    #[inline]
    pub(crate) fn find(&self, hash: u64, mut is_it: impl FnMut(u32) -> bool) -> Option<u32> {
        let mut at = self.home(hash);
        loop {
            let group = &self.groups[at];
            let mut alike = group.cells_like(hash as u32, !self.place_mask);
            while alike != 0 {
                // An empty cell can look like a print of zero, and holds no place.
                let place = (group.first_of(alike) & self.place_mask).wrapping_sub(1);
                if is_it(place) {
                    return Some(place);
                }
                alike &= alike - 1;
            }
            if group.0[GROUP - 1] == 0 {
                return None;
            }
            at = self.next(at);
        }
    }

    /// Remembers that the key of this hash stands at `place`. It must not be here yet, and
    /// there must be room.
    #[inline]
    pub(crate) fn insert(&mut self, hash: u64, place: u32) {
        let mut at = self.home(hash);
        while self.groups[at].0[GROUP - 1] != 0 {
            at = self.next(at);
        }
        let group = &mut self.groups[at];
        let free = group.cells_like(0, u32::MAX);
        *group.first_of_mut(free) = hash as u32 & !self.place_mask | (place + 1);
        self.filled += 1;
    }

    /// The first group to try: by the upper half of the hash, as prints are of the lower.
    #[inline]
    fn home(&self, hash: u64) -> usize {
        (((hash >> 32) * self.groups.len() as u64) >> 32) as usize
    }

    #[inline]
    fn next(&self, at: usize) -> usize {
        if at + 1 == self.groups.len() { 0 } else { at + 1 }
    }
}

impl Group {
    /// A bit for each cell that has these bits under `mask`, as [`BITS`] gives them out.
    #[inline]
    fn cells_like(&self, bits: u32, mask: u32) -> u32 {
        let bits = bits & mask;
        let own = |at: usize| if self.0[at] & mask == bits { BITS[at] } else { 0 };
        array::from_fn::<u32, GROUP, _>(own).iter().fold(0, |all, one| all | one)
    }

    /// The cell of the lowest bit that is not zero.
    #[inline]
    fn first_of(&self, cells: u32) -> u32 {
        self.0[place_of(cells)]
    }

    #[inline]
    fn first_of_mut(&mut self, cells: u32) -> &mut u32 {
        &mut self.0[place_of(cells)]
    }
}

#[inline]
fn place_of(cells: u32) -> usize {
    (cells.trailing_zeros() as usize).wrapping_sub(1) % GROUP
}
