//! A byte of hash for each key of a small table.
//!
//! Keys lie far apart, each beside its value; these lie together, and all are compared at once.
//! So a look-up touches the one key that it is about, and few others by chance.

use core::hash::Hash;

use crate::hash::Seed;

/// The prints of up to [`Prints::ROOM`] keys, by place.
#[derive(Clone, Debug, Default)]
pub(crate) struct Prints([u64; WORDS as usize]); // place `n` is byte `n / WORDS` of word `n % WORDS`

const WORDS: u32 = 4;

/// A one in each byte of a word.
const ONES: u64 = u64::MAX / 0xff;

impl Prints {
    /// How many places there are.
    pub(crate) const ROOM: usize = WORDS as usize * 8;

    /// The print of `key`.
    ///
    /// Of a hash whose seed everybody knows: that all keys of a small table look alike costs it
    /// nothing but the looking.
    #[inline]
    pub(crate) fn of<K: Hash + ?Sized>(key: &K) -> u8 {
        (Seed::KNOWN.hash(key) >> 56) as u8
    }

    /// Remembers that a key of this print stands at `place`, where nothing stood.
    #[inline]
    pub(crate) fn put(&mut self, place: u32, print: u8) {
        self.0[(place % WORDS) as usize] |= u64::from(print) << (place / WORDS * 8);
    }

    /// The place that holds the key of this print, if `is_it` recognises one. It is also asked of
    /// places that no key has.
    #[inline]
    pub(crate) fn find(&self, print: u8, mut is_it: impl FnMut(u32) -> bool) -> Option<u32> {
        let mut alike = self.like(print);
        while alike != 0 {
            let bit = alike.trailing_zeros();
            let place = bit / 8 * WORDS + bit % 8;
            if is_it(place) {
                return Some(place);
            }
            alike &= alike - 1;
        }
        None
    }

    /// Bit `word` of byte `byte`, for each byte of each word that is like `print`, and sometimes
    /// for one above it.
    #[inline]
    fn like(&self, print: u8) -> u64 {
        let mut alike = 0;
        for (at, word) in self.0.iter().enumerate() {
            let apart = word ^ (ONES * u64::from(print));
            // A byte of zero borrows from its highest bit, where nothing else has one.
            let zeros = apart.wrapping_sub(ONES) & !apart & (ONES << 7);
            alike |= zeros >> (7 - at);
        }
        alike
    }
}
