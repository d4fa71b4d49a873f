//! Images out of sums.

use std::collections::{BTreeMap, BTreeSet};

use crate::repair::cells::{Cell, Cells, toggle};

/// The images that two sets differ in, as far as they have been found.
///
/// Cells with one image show it; taken out of its other cells, it leaves some of them with one. The work is in
/// proportion to what is found. A cell may show an image by chance. That false image is then one more that is in
/// the sums, and like others it shows itself in one of its cells: taken out a second time, it is gone, and the cell that
/// misled is not asked for it again.
#[derive(Debug, Default)]
pub(crate) struct Peel {
    /// Sums of what is still to be found.
    cells: Vec<Cell>,
    /// Images, and the cells that showed them.
    found: BTreeMap<u64, usize>,
    /// Cells, and what they showed by chance.
    misled: BTreeSet<(usize, u64)>,
}

/// Cells before this part of the row hold so many images at first that what they show is mostly chance.
const CROWDED_SHARE: usize = 8;

impl Peel {
    /// Takes the next cells of both sets, and finds what can be found.
    pub(crate) fn add(&mut self, ours: &[Cell], theirs: &Cells) {
        assert_eq!(theirs.from(), self.cells.len(), "cells follow each other");
        let pairs = ours.iter().zip(theirs.cells());
        self.cells.extend(pairs.map(|(ours, theirs)| ours.difference(*theirs)));
        let new = theirs.from()..self.cells.len();
        for image in self.found.keys() {
            toggle(&mut self.cells, *image, new.clone(), |_| ());
        }
        let crowded = self.cells.len() / CROWDED_SHARE;
        for from in [crowded, 0] {
            if !self.is_complete() {
                self.run(from);
            }
        }
    }

    /// How many cells there are.
    pub(crate) const fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether all has been found.
    pub(crate) fn is_complete(&self) -> bool {
        self.cells.iter().all(|cell| cell.is_empty())
    }

    /// What was found, ascending.
    pub(crate) fn images(&self) -> impl Iterator<Item = u64> + '_ {
        self.found.keys().copied()
    }

    /// Looks at the cells from one on, and at all that change meanwhile.
    fn run(&mut self, from: usize) {
        let mut open: Vec<_> = (from..self.cells.len()).collect();
        // True sums show no more images than there are cells, and few by chance; sums that were made up could
        // go on.
        let mut left = 2 * self.cells.len() + 64;
        while let (Some(at), 1..) = (open.pop(), left) {
            let Some(image) = self.cells[at].lone(at) else { continue };
            if self.misled.contains(&(at, image)) {
                continue;
            }
            left -= 1;
            if let Some(before) = self.found.remove(&image) {
                self.misled.insert((before, image));
            } else {
                self.found.insert(image, at);
            }
            let whole = 0..self.cells.len();
            toggle(&mut self.cells, image, whole, |at| {
                if at >= from {
                    open.push(at);
                }
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Dice;

    fn images(dice: &mut Dice, count: usize) -> Vec<u64> {
        (0..count).map(|_| dice.roll()).collect()
    }

    /// Cells that were needed, and what was found.
    fn needed(ours: &[u64], theirs: &[u64], step: usize) -> (usize, Vec<u64>) {
        let mut peel = Peel::default();
        while peel.len() == 0 || !peel.is_complete() {
            let range = peel.len()..peel.len() + step;
            peel.add(Cells::of(ours, range.clone()).cells(), &Cells::of(theirs, range));
            assert!(peel.len() < 100_000, "it never ends");
        }
        (peel.len(), peel.images().collect())
    }

    #[test]
    fn differences_of_any_size_are_found() {
        let mut dice = Dice::of(1);
        for count in [0, 1, 2, 3, 10, 40, 200, 3_000] {
            let (shared, left, right) =
                (images(&mut dice, 500), images(&mut dice, count), images(&mut dice, count / 3));
            let ours = [&shared[..], &left].concat();
            let theirs = [&shared[..], &right].concat();
            let mut expected = [left, right].concat();
            expected.sort_unstable();
            let (_, found) = needed(&ours, &theirs, (count / 20).max(4));
            assert_eq!(found, expected, "{count}");
        }
    }

    #[test]
    fn a_fifth_more_cells_than_differences_are_enough() {
        let mut dice = Dice::of(2);
        let (cells, found) = needed(&images(&mut dice, 10_000), &[], 100);
        assert_eq!(found.len(), 10_000);
        assert!(cells <= 12_200, "{cells}");
    }

    #[test]
    fn the_image_zero_is_one_like_others() {
        assert_eq!(needed(&[0], &[], 1), (1, vec![0]));
        assert_eq!(needed(&[0, 1], &[1, 2], 8).1, [0, 2]);
    }

    #[test]
    fn sums_that_were_made_up_come_to_an_end() {
        let mut dice = Dice::of(3);
        for _ in 0..200 {
            let bytes: Vec<u8> = (0..640).map(|_| dice.roll().to_le_bytes()[0]).collect();
            let made_up = Cells::from_bytes(0, &bytes).unwrap();
            let mut peel = Peel::default();
            peel.add(Cells::of(&[], 0..64).cells(), &made_up);
            assert!(!peel.is_complete());
        }
    }
}
