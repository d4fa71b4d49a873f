//! How many images two sets differ in, roughly.

use crate::repair::cells::mix;

/// Counters of the images of a set, each image counted up or down in one of them.
///
/// What two sets have in common cancels out. The squares of the differences then add up to the number of images
/// that only one has, give or take the square root of two in the number of counters: an eighth for 128, three hundredths
/// for 2048.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Sketch(Vec<i32>);

/// Counters that are kept.
pub(crate) const FINE: usize = 2_048;
/// Counters that are sent first.
pub(crate) const COARSE: usize = 128;

impl Sketch {
    pub(crate) fn of(images: &[u64]) -> Self {
        let mut counters = vec![0_i32; FINE];
        for image in images {
            let mixed = mix(image ^ 0xaf63_bd4c_8601_b7df);
            let counter = &mut counters[usize::from(mixed.to_le_bytes()[7]) << 3
                | usize::from(mixed.to_le_bytes()[6] & 7)];
            *counter = counter.wrapping_add(if mixed & 1 == 0 { 1 } else { -1 });
        }
        Self(counters)
    }

    /// So many counters, each the sum of several.
    pub(crate) fn folded(&self, width: usize) -> Vec<i32> {
        let mut folded = vec![0_i32; width];
        for (at, counter) in self.0.iter().enumerate() {
            let sum = &mut folded[at % width];
            *sum = sum.wrapping_add(*counter);
        }
        folded
    }

    /// How many images differ from those of the other counters.
    pub(crate) fn distance(&self, theirs: &[i32]) -> u64 {
        let ours = self.folded(theirs.len());
        let pairs = ours.iter().zip(theirs);
        let squares = pairs.map(|(ours, theirs)| u128::from(ours.abs_diff(*theirs)).pow(2));
        u64::try_from(squares.sum::<u128>()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Dice;

    #[test]
    fn the_guess_is_near() {
        let mut dice = Dice::of(5);
        let mut images = |count: usize| (0..count).map(|_| dice.roll()).collect::<Vec<_>>();
        let shared = images(20_000);
        for (left, right) in [(50, 50), (1_000, 0), (0, 5_000), (3_000, 2_000)] {
            let ours = Sketch::of(&[&shared[..], &images(left)].concat());
            let theirs = Sketch::of(&[&shared[..], &images(right)].concat());
            let truth = (left + right) as u64;
            for (width, tolerance) in [(COARSE, truth / 3), (FINE, truth / 8)] {
                let guess = ours.distance(&theirs.folded(width));
                assert!(guess.abs_diff(truth) <= tolerance, "{width}: {guess} for {truth}");
            }
        }
    }

    #[test]
    fn counters_that_were_made_up_do_no_harm() {
        let ours = Sketch::of(&[1, 2, 3]);
        assert!(ours.distance(&[i32::MIN; COARSE]) > 1 << 60);
        assert_eq!(ours.distance(&ours.folded(COARSE)), 0);
    }
}
