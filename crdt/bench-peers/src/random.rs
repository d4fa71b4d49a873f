//! Numbers that look random and are the same in every run.

/// The generator xorshift64* (Vigna 2014): one word of state, never zero.
pub struct Random(u64);

impl Random {
    /// The generator that `seed` starts.
    ///
    /// A seed is first spread over the word by an odd factor, as neighbouring seeds would
    /// otherwise begin alike.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// The next 64 bits.
    pub fn word(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        let wide = u128::from(self.word()) * end as u128;
        usize::try_from(wide >> 64).expect("the high half is below `end`")
    }

    /// One of `choices`.
    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }

    /// Brings `items` into another order (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for end in (2..=items.len()).rev() {
            items.swap(end - 1, self.below(end));
        }
    }
}
