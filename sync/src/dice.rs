//! Chance that repeats itself.

use std::time::Duration;

/// A source of choices: the same seed makes the same ones, on every machine.
///
/// It spreads load and breaks ties. Nothing that must be hard to guess comes from it: such bytes are
/// arguments.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// The source that this seed begins. Neighbouring seeds have nothing in common.
    #[must_use]
    pub const fn of(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number, by splitmix64.
    pub const fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`, which is not zero.
    pub fn below(&mut self, limit: u64) -> u64 {
        let wide = u128::from(self.roll()) * u128::from(limit);
        // The upper half of the product, which is below the limit.
        u64::try_from(wide >> 64).unwrap_or(0)
    }

    /// A place in something that is so long, which is not empty.
    pub fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.below(len as u64)).unwrap_or(0) // below a length, so it fits
    }

    /// One of them; none if there is none.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        if from.is_empty() { None } else { from.get(self.index(from.len())) }
    }

    /// True so many times in a million.
    pub fn is_one_of_million(&mut self, share: u32) -> bool {
        self.below(1_000_000) < u64::from(share)
    }

    /// A span from `least` on that is shorter than `most`, to the microsecond.
    pub fn span(&mut self, least: Duration, most: Duration) -> Duration {
        let width = u64::try_from(most.saturating_sub(least).as_micros()).unwrap_or(u64::MAX);
        least + Duration::from_micros(self.below(width.max(1)))
    }

    /// Puts them in any order, each as likely as the others.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.index(last + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_makes_the_same_choices_for_ever() {
        let mut dice = Dice::of(1);
        let rolls = [dice.roll(), dice.roll()];
        // The published sequence of splitmix64 for this seed.
        assert_eq!(rolls, [0x910a_2dec_8902_5cc1, 0xbeeb_8da1_658e_ec67]);
    }

    #[test]
    fn every_place_is_met() {
        let mut dice = Dice::of(7);
        let mut met = [0_u32; 5];
        (0..5_000).for_each(|_| met[dice.index(5)] += 1);
        assert!(met.iter().all(|count| (900..1_100).contains(count)), "{met:?}");
        assert_eq!(dice.pick::<u8>(&[]), None);
    }
}
