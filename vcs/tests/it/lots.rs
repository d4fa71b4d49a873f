//! A seeded source of numbers: `SplitMix64`.

use std::ops::Range;

pub(crate) struct Lots(pub(crate) u64);

impl Lots {
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let bound = u64::try_from(bound).unwrap();
        usize::try_from((mixed ^ (mixed >> 31)) % bound).unwrap()
    }

    pub(crate) fn of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }
}

/// Seeds of walks: as many as `MODEL_WALKS` says, else so many, from `MODEL_SEED` on.
pub(crate) fn seeds(walks: u64) -> Range<u64> {
    let said = |name| std::env::var(name).ok().and_then(|said| said.parse().ok());
    let first = said("MODEL_SEED").unwrap_or(1);
    first..first + said("MODEL_WALKS").unwrap_or(walks)
}
