//! What tests leave to chance, from a seed.

/// A seeded source of numbers: `SplitMix64`, of which every seed, even 0, gives a good sequence.
pub(crate) struct Lots(pub(crate) u64);

impl Lots {
    /// A number less than `bound`; 0 if there is none.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let bound = bound.max(1) as u64;
        usize::try_from((mixed ^ (mixed >> 31)) % bound).expect("less than a usize")
    }
}
