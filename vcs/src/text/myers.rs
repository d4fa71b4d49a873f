//! Comparing by a shortest path.
//!
//! Myers' algorithm in linear space: paths from both ends grow edit by edit until they meet, and the
//! place where they meet splits both sequences. Where that takes too many edits, the path that came furthest
//! decides, so the time is bounded by the tokens times [`COST_MAX`] and the result need not be the shortest.

use super::marks::{Effort, Marks, Region};

/// Edits that are tried from each end before a split is taken as it comes.
const COST_MAX: usize = 256;

/// Marks what changed in the region.
pub(super) fn myers(marks: &mut Marks, region: Region) {
    let (before, after) = marks.tokens(&region);
    // What the other side lacks can not stay, and without it the paths are short.
    let (befores, before_places) = kept(before, &sorted(after));
    let (afters, after_places) = kept(after, &sorted(before));
    if befores.is_empty() {
        return marks.mark(region);
    }
    let mut inner = Marks::new(&befores, &afters);
    walk(&mut inner);
    write_back(&inner.removed, &before_places, &mut marks.removed[region.before]);
    write_back(&inner.added, &after_places, &mut marks.added[region.after]);
    if inner.effort == Effort::Bounded {
        marks.effort = Effort::Bounded;
    }
}

fn sorted(tokens: &[u32]) -> Vec<u32> {
    let mut kinds = tokens.to_vec();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

/// The tokens that are among `kinds`, and their places.
fn kept(tokens: &[u32], kinds: &[u32]) -> (Vec<u32>, Vec<usize>) {
    let known = |token: &u32| kinds.binary_search(token).is_ok();
    tokens.iter().enumerate().filter(|(_, token)| known(token)).map(|(at, t)| (*t, at)).unzip()
}

fn write_back(changed: &[bool], places: &[usize], marks: &mut [bool]) {
    marks.fill(true);
    for (changed, place) in changed.iter().zip(places) {
        marks[*place] = *changed;
    }
}

fn walk(marks: &mut Marks) {
    let mut paths = Paths::new(marks.before.len(), marks.after.len());
    // A stack of our own: regions may lie in one another as deep as the text is long.
    let mut regions = vec![marks.whole()];
    while let Some(region) = regions.pop() {
        let Some(region) = marks.stripped(region) else { continue };
        let (before, after) = marks.tokens(&region);
        let (split, effort) = paths.split(before, after);
        if effort == Effort::Bounded {
            marks.effort = Effort::Bounded;
        }
        let Region { before, after } = region;
        let middle = (before.start + split.0, after.start + split.1);
        regions.push(Region { before: middle.0..before.end, after: middle.1..after.end });
        regions.push(Region { before: before.start..middle.0, after: after.start..middle.1 });
    }
}

/// How far the paths of so many edits come on each diagonal.
///
/// The diagonal of a place is its distance in `before` less its distance in `after`. A path is kept by its
/// distance in `before`.
#[derive(Debug)]
struct Paths {
    forward: Vec<isize>,
    backward: Vec<isize>,
    zero: usize, // the slot of diagonal 0
}

/// No path from the start reaches the diagonal.
const NO_FORWARD: isize = isize::MIN;

/// No path from the end does.
const NO_BACKWARD: isize = isize::MAX;

impl Paths {
    fn new(before: usize, after: usize) -> Self {
        // One diagonal beyond the furthest path is looked at.
        let reach = COST_MAX.min(before + after) + 1;
        let slots = before + after + 2 * reach + 1;
        let zero = after + reach;
        Self { forward: vec![NO_FORWARD; slots], backward: vec![NO_BACKWARD; slots], zero }
    }

    /// A place on a path through two sequences that neither begin nor end alike: neither their start nor
    /// their end.
    fn split(&mut self, before: &[u32], after: &[u32]) -> ((usize, usize), Effort) {
        let end = before.len().cast_signed() - after.len().cast_signed();
        let is_odd = end & 1 != 0;
        for cost in 0..=COST_MAX.cast_signed() {
            self.reset_beyond(cost, end);
            for diagonal in (-cost..=cost).step_by(2) {
                let place = self.step_forward(before, after, diagonal, cost);
                let other = self.backward[self.slot(diagonal)];
                if is_odd && (diagonal - end).abs() < cost && place >= other {
                    return (point(place, diagonal), Effort::Full);
                }
            }
            for diagonal in (end - cost..=end + cost).step_by(2) {
                let place = self.step_backward(before, after, diagonal, cost);
                let other = self.forward[self.slot(diagonal)];
                if !is_odd && diagonal.abs() <= cost && place <= other {
                    return (point(place, diagonal), Effort::Full);
                }
            }
        }
        (self.furthest(end, before.len() + after.len()), Effort::Bounded)
    }

    /// What earlier splits left on the diagonals that the paths of this cost look at is forgotten.
    fn reset_beyond(&mut self, cost: isize, end: isize) {
        for side in [-cost - 1, cost + 1] {
            let (forward, backward) = (self.slot(side), self.slot(end + side));
            self.forward[forward] = NO_FORWARD;
            self.backward[backward] = NO_BACKWARD;
        }
    }

    fn step_forward(
        &mut self,
        before: &[u32],
        after: &[u32],
        diagonal: isize,
        cost: isize,
    ) -> isize {
        let slot = self.slot(diagonal);
        let (width, height) = (before.len().cast_signed(), after.len().cast_signed());
        let added = Some(self.forward[slot + 1]);
        let added = added.filter(|x| *x != NO_FORWARD && x - diagonal <= height);
        let removed = self.forward[slot - 1].checked_add(1).filter(|x| (0..=width).contains(x));
        let start = if cost == 0 { Some(0) } else { added.max(removed) };
        self.forward[slot] = start.map_or(NO_FORWARD, |x| {
            let (from, to) = point(x, diagonal);
            let pairs = before[from..].iter().zip(&after[to..]);
            x + pairs.take_while(|(one, other)| one == other).count().cast_signed()
        });
        self.forward[slot]
    }

    fn step_backward(
        &mut self,
        before: &[u32],
        after: &[u32],
        diagonal: isize,
        cost: isize,
    ) -> isize {
        let slot = self.slot(diagonal);
        let width = before.len().cast_signed();
        let added = Some(self.backward[slot - 1]);
        let added = added.filter(|x| *x != NO_BACKWARD && x - diagonal >= 0);
        let removed = Some(self.backward[slot + 1]).filter(|x| *x != NO_BACKWARD && *x > 0);
        let removed = removed.map(|x| x - 1);
        let nearest = [added, removed].into_iter().flatten().min();
        let start = if cost == 0 { Some(width) } else { nearest };
        self.backward[slot] = start.map_or(NO_BACKWARD, |x| {
            let (from, to) = point(x, diagonal);
            let pairs = before[..from].iter().rev().zip(after[..to].iter().rev());
            x - pairs.take_while(|(one, other)| one == other).count().cast_signed()
        });
        self.backward[slot]
    }

    /// The place that either end reached and that is furthest from it.
    fn furthest(&self, end: isize, total: usize) -> (usize, usize) {
        let cost = COST_MAX.cast_signed();
        let reached = |paths: &[isize], middle: isize, none: isize| {
            let diagonals = (middle - cost..=middle + cost).step_by(2);
            let places = diagonals.map(|diagonal| (paths[self.slot(diagonal)], diagonal));
            places
                .filter(|(x, _)| *x != none)
                .map(|(x, diagonal)| point(x, diagonal))
                .collect::<Vec<_>>()
        };
        let ahead = reached(&self.forward, 0, NO_FORWARD).into_iter();
        let back = reached(&self.backward, end, NO_BACKWARD).into_iter();
        let ahead = ahead.map(|place| (place.0 + place.1, place));
        let back = back.map(|place| (total - place.0 - place.1, place));
        let furthest = ahead.chain(back).max().expect("a path of each cost lies in the sequences");
        furthest.1
    }

    fn slot(&self, diagonal: isize) -> usize {
        self.zero.checked_add_signed(diagonal).expect("there is a slot for each diagonal in reach")
    }
}

/// The place on a diagonal.
fn point(x: isize, diagonal: isize) -> (usize, usize) {
    let inside = "a path stays inside both sequences";
    (usize::try_from(x).expect(inside), usize::try_from(x - diagonal).expect(inside))
}
