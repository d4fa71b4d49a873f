//! Splitting a region at what stands once in each of its parts.
//!
//! For regions that are too large or too uniform for anything better: the tokens that occur once on
//! both sides, the longest ascending row of them, and between two of them the shortest path as far as it is cheap.

use std::collections::HashMap;

use super::marks::{Marks, Region};
use super::myers;

/// Marks what changed in the region. Linear but for a logarithm, and for what [`myers`] may spend.
pub(super) fn split(marks: &mut Marks, region: &Region) {
    let mut start = (region.before.start, region.after.start);
    let end = (region.before.end, region.after.end);
    let anchors = longest_ascent(&once_in_both(marks, region));
    for (before, after) in anchors.into_iter().chain([end]) {
        let between = Region { before: start.0..before, after: start.1..after };
        if let Some(between) = marks.stripped(between) {
            myers::myers(marks, between);
        }
        start = (before + 1, after + 1);
    }
}

/// The places of tokens that stand once in each part, ascending by the first.
fn once_in_both(marks: &Marks, region: &Region) -> Vec<(usize, usize)> {
    let mut after: HashMap<u32, Option<usize>> = HashMap::new();
    for at in region.after.clone() {
        after.entry(marks.after[at]).and_modify(|place| *place = None).or_insert(Some(at));
    }
    let mut before: HashMap<u32, bool> = HashMap::new();
    for at in region.before.clone() {
        before.entry(marks.before[at]).and_modify(|once| *once = false).or_insert(true);
    }
    let pairs = region.before.clone().filter_map(|at| {
        let token = marks.before[at];
        let once = *before.get(&token)?;
        Some((at, after.get(&token).copied().flatten()?)).filter(|_| once)
    });
    pairs.collect()
}

/// The longest row of pairs in which both places ascend, for pairs ascending by the first.
fn longest_ascent(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    // `ends[n]` is the pair with the least second place that ends a row of n + 1.
    let mut ends: Vec<usize> = Vec::new();
    let mut previous = vec![None; pairs.len()];
    for (at, (_, place)) in pairs.iter().enumerate() {
        let length = ends.partition_point(|end| pairs[*end].1 < *place);
        previous[at] = length.checked_sub(1).map(|shorter| ends[shorter]);
        if length == ends.len() {
            ends.push(at);
        } else {
            ends[length] = at;
        }
    }
    let mut row: Vec<_> = std::iter::successors(ends.last().copied(), |at| previous[*at])
        .map(|at| pairs[at])
        .collect();
    row.reverse();
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_ascent_leaves_out_what_crosses() {
        let pairs = [(0, 5), (1, 1), (2, 2), (3, 9), (4, 3), (6, 8)];
        assert_eq!(longest_ascent(&pairs), [(1, 1), (2, 2), (4, 3), (6, 8)]);
        assert_eq!(longest_ascent(&[]), []);
    }

    #[test]
    fn a_region_is_split_at_what_stands_once() {
        let before = [1, 7, 1, 8, 1];
        let after = [2, 7, 2, 2, 8, 2];
        let mut marks = Marks::new(&before, &after);
        let whole = marks.whole();
        split(&mut marks, &whole);
        assert_eq!(marks.removed, [true, false, true, false, true]);
        assert_eq!(marks.added, [true, false, true, true, false, true]);
    }
}
