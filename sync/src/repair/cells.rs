//! Sums of images from which the images come back, if two sets of them differ little.
//!
//! A rateless table: each image is added, by exclusive or, to some cells of a row without end. The sums of two
//! sets, added to each other, are the sums of the images that only one of them has, and a cell with
//! one image in it shows it. However many images there are, some start of the row is enough, and a longer one
//! goes on where a shorter one stopped.
//!
//! The row is cut into windows that double: cell 0, cell 1, cells 2 and 3, 4 to 7 and so on. Which cells of a window an
//! image lies in depends on the image and the window alone. In the long windows four of five images lie in one cell
//! on average and every fifth in five. The few heavy ones are found late, in cells that the light
//! ones have left, and so 1.2 cells for each difference suffice where equal images would need 1.4.

use std::ops::Range;

/// The sum of the images that lie in one place.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Cell {
    sum: u64,
    check: u16,
}

impl Cell {
    /// What is in one of the two and not in both.
    pub(crate) const fn difference(self, other: Self) -> Self {
        Self { sum: self.sum ^ other.sum, check: self.check ^ other.check }
    }

    /// Whether the images in it cancel out.
    pub(crate) const fn is_empty(self) -> bool {
        self.sum == 0 && self.check == 0
    }

    /// The image in it, if it seems to be the only one.
    pub(crate) fn lone(self, at: usize) -> Option<u64> {
        let seems = !self.is_empty() && self.check == check(self.sum, at);
        (seems && lies_in(self.sum, at)).then_some(self.sum)
    }
}

/// From here on, cells are sent with half of the check: a sum that came about by chance hardly ever names an image that
/// belongs into just this cell, the less the longer the window.
const SHORT_FROM: usize = 1_024;
/// Windows before this cell are laid out for small differences.
const LONG_FROM: usize = 64;
/// Cells of one window that an image lies in, at most.
const PLACES_MAX: usize = 5;

/// Some cells of the row that a set of images makes.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Cells {
    from: usize,
    cells: Vec<Cell>,
}

impl Cells {
    /// These cells, of these images.
    pub(crate) fn of(images: &[u64], range: Range<usize>) -> Self {
        let mut cells = Self { from: range.start, cells: vec![Cell::default(); range.len()] };
        images.iter().for_each(|image| cells.toggle(*image));
        cells
    }

    /// The cells whose bytes these are, from one on; none if a byte is left over.
    pub(crate) fn from_bytes(from: usize, mut bytes: &[u8]) -> Option<Self> {
        let mut cells = Vec::with_capacity(bytes.len() / width(from));
        while !bytes.is_empty() {
            let (sum, rest) = bytes.split_first_chunk()?;
            let (check, rest) = rest.split_at_checked(check_width(from + cells.len()))?;
            let check = check.iter().rev().fold(0, |check, byte| check << 8 | u16::from(*byte));
            cells.push(Cell { sum: u64::from_le_bytes(*sum), check });
            bytes = rest;
        }
        Some(Self { from, cells })
    }

    /// The number of the first one.
    pub(crate) const fn from(&self) -> usize {
        self.from
    }

    /// The number behind that of the last one.
    pub(crate) const fn end(&self) -> usize {
        self.from + self.cells.len()
    }

    /// The cells in order.
    pub(crate) fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// Adds the cells that follow.
    pub(crate) fn append(&mut self, other: Self) {
        assert_eq!(self.end(), other.from, "cells follow each other");
        self.cells.extend(other.cells);
    }

    /// Some of these.
    pub(crate) fn part(&self, range: Range<usize>) -> Self {
        let cells = self.cells[range.start - self.from..range.end - self.from].to_vec();
        Self { from: range.start, cells }
    }

    /// The bytes of the cells from one on, as many as fit.
    pub(crate) fn bytes(&self, from: usize, len_max: usize) -> (Vec<u8>, usize) {
        let (mut bytes, mut at) = (Vec::new(), from);
        for cell in &self.cells[from - self.from..] {
            if bytes.len() + width(at) > len_max {
                break;
            }
            bytes.extend(cell.sum.to_le_bytes());
            bytes.extend(&cell.check.to_le_bytes()[..check_width(at)]);
            at += 1;
        }
        (bytes, at)
    }

    /// Adds an image, or takes it out.
    fn toggle(&mut self, image: u64) {
        let range = self.from..self.end();
        let (from, whole) = (self.from, check(image, 0));
        lay(image, range, |at| {
            let cell = &mut self.cells[at - from];
            cell.sum ^= image;
            cell.check ^= if at < SHORT_FROM { whole } else { whole & 0xff };
        });
    }
}

/// Takes an image out of cells that begin with the first of the row, or puts it in.
pub(crate) fn toggle(
    cells: &mut [Cell],
    image: u64,
    range: Range<usize>,
    mut met: impl FnMut(usize),
) {
    lay(image, range, |at| {
        cells[at] = cells[at].difference(Cell { sum: image, check: check(image, at) });
        met(at);
    });
}

/// Bytes of a cell.
const fn width(at: usize) -> usize {
    size_of::<u64>() + check_width(at)
}

const fn check_width(at: usize) -> usize {
    if at < SHORT_FROM { 2 } else { 1 }
}

const CHECK_SEED: u64 = 0x6c62_272e_07bb_0142;
// The image zero would be nothing at all without its check.
const _: () = assert!(mix(CHECK_SEED).to_le_bytes()[0] != 0);

/// What must stand beside an image in a cell that holds nothing else.
fn check(image: u64, at: usize) -> u16 {
    let [low, high, ..] = mix(image ^ CHECK_SEED).to_le_bytes();
    if at < SHORT_FROM { u16::from_le_bytes([low, high]) } else { u16::from(low) }
}

/// Each cell of the range that the image lies in.
fn lay(image: u64, range: Range<usize>, mut place: impl FnMut(usize)) {
    let mut window = window_of(range.start);
    while window_start(window) < range.end {
        let (places, count) = places(image, window);
        places[..count].iter().filter(|at| range.contains(at)).for_each(|at| place(*at));
        window += 1;
    }
}

fn lies_in(image: u64, at: usize) -> bool {
    let (places, count) = places(image, window_of(at));
    places[..count].contains(&at)
}

const fn window_of(at: usize) -> u32 {
    usize::BITS - at.leading_zeros()
}

const fn window_start(window: u32) -> usize {
    (1 << window) >> 1
}

/// The different cells of a window that an image lies in, and how many they are.
fn places(image: u64, window: u32) -> ([usize; PLACES_MAX], usize) {
    let mut places = [0; PLACES_MAX];
    if window == 0 {
        return (places, 1);
    }
    let start = window_start(window);
    let mut dice = mix(image.wrapping_add(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(window.into())));
    let wanted = how_many(image, start, dice & 0xff);
    let mut count = 0;
    for _ in 0..wanted {
        // The upper bits of a linear generator are its good ones.
        dice = dice.wrapping_mul(0xd134_2543_de82_ef95).wrapping_add(0x2545_f491_4f6c_dd1d);
        // A window of one cell would shift all bits out.
        let step = dice.checked_shr(u64::BITS - (window - 1)).unwrap_or(0);
        let at = start + usize::try_from(step).expect("a window has fewer cells than memory");
        if !places[..count].contains(&at) {
            places[count] = at;
            count += 1;
        }
    }
    (places, count)
}

/// In how many cells of a window an image lies, by a number below 256.
///
/// The shares were found by trying: what small differences need in the middle and in the worst of a
/// hundred cases before [`LONG_FROM`], and the middle of large ones after it.
fn how_many(image: u64, start: usize, chance: u64) -> usize {
    let shares: &[u64] = match (start < LONG_FROM, image.is_multiple_of(5)) {
        (true, _) => &[51, 154, 218],
        (false, true) => return PLACES_MAX,
        (false, false) => &[77, 205],
    };
    shares.iter().filter(|share| chance >= **share).count()
}

/// The finisher of splitmix64: every bit of the result depends on every bit given. It hides nothing, and need not:
/// images are hard to foretell already.
pub(crate) const fn mix(value: u64) -> u64 {
    let mixed = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_windows_cover_the_row() {
        let windows: Vec<_> = (0..9).map(|at| (at, window_of(at))).collect();
        let expected = [(0, 0), (1, 1), (2, 2), (3, 2), (4, 3), (5, 3), (6, 3), (7, 3), (8, 4)];
        assert_eq!(windows, expected);
        assert!((0..9).all(|window| window_of(window_start(window)) == window));
    }

    #[test]
    fn an_image_lies_where_it_always_lay() {
        let mut met = Vec::new();
        lay(1, 0..256, |at| met.push(at));
        assert_eq!(met, LAID);
        assert!((0..256).all(|at| lies_in(1, at) == met.contains(&at)));
    }

    const LAID: [usize; 9] = [0, 1, 2, 6, 19, 27, 38, 77, 201];

    #[test]
    fn a_part_of_the_row_is_a_part_of_the_whole() {
        let images: Vec<_> = (0..50).map(mix).collect();
        let whole = Cells::of(&images, 0..3_000);
        let (mut start, rest) = (Cells::of(&images, 0..777), Cells::of(&images, 777..3_000));
        start.append(rest);
        assert_eq!(start, whole);
    }

    #[test]
    fn cells_come_back_from_their_bytes() {
        let cells = Cells::of(&[3, 4, 5], 1_020..1_030);
        let (bytes, next) = cells.bytes(1_020, 1_000);
        assert_eq!((bytes.len(), next), (4 * 10 + 6 * 9, 1_030));
        assert_eq!(Cells::from_bytes(1_020, &bytes), Some(cells.clone()));
        assert_eq!(Cells::from_bytes(1_020, &bytes[1..]), None);
        assert_eq!(cells.bytes(1_020, 29).1, 1_022);
    }
}
