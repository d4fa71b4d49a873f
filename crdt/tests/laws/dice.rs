//! Chance that repeats itself.

/// A seeded source of choices, and how wide the case at hand makes them.
#[derive(Clone, Debug)]
pub(crate) struct Dice {
    state: u64,
    /// How many keys and elements there are to choose from.
    pub(crate) keys: u64,
    /// How often, in a hundred, a step takes something away.
    pub(crate) removals: u64,
}

impl Dice {
    pub(crate) fn of(seed: u64) -> Self {
        let mut dice = Self { state: spread(seed), keys: 0, removals: 25 };
        dice.keys = dice.pick(&[2, 4, 12, 40, 90, 200]);
        dice
    }

    /// A number below `limit`, which is not zero, by xorshift.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16) % limit
    }

    pub(crate) fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.below(len as u64)).expect("below a length")
    }

    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.index(from.len())]
    }

    /// True so many times in a hundred.
    pub(crate) fn chance(&mut self, in_hundred: u64) -> bool {
        self.below(100) < in_hundred
    }

    pub(crate) fn removes(&mut self) -> bool {
        self.chance(self.removals)
    }

    pub(crate) fn key(&mut self) -> u64 {
        self.below(self.keys)
    }
}

/// Neighbouring seeds must not begin alike, and xorshift must not begin with zero.
fn spread(seed: u64) -> u64 {
    let mixed = (seed ^ seed >> 30).wrapping_add(1).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (mixed ^ mixed >> 27) | 1
}
