//! Changes of words that are too near each other to be judged one by one.

use std::ops::Range;

use crate::text::words::TokenChange;

/// Unchanged words that must stand between changes of the two sides.
///
/// Fewer, and one change may have been made in view of the other: a call whose name one side changed and whose only
/// argument the other did. White space is made in view of nothing.
const APART: usize = 4;

/// Where changes lie that belong together, in all three texts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Knot {
    pub(super) base: Range<usize>,
    pub(super) one: Range<usize>,
    pub(super) other: Range<usize>,
}

/// All knots of two lists of changes, from first to last.
pub(super) fn knots(
    texts: [&[&[u8]]; 3],
    ones: &[TokenChange],
    others: &[TokenChange],
) -> Vec<Knot> {
    let mut one = Side { words: texts[1], changes: ones, done: 0, shift: 0 };
    let mut other = Side { words: texts[2], changes: others, done: 0, shift: 0 };
    let mut knots = Vec::new();
    while let Some(start) = one.next_start().into_iter().chain(other.next_start()).min() {
        let mut place = start..start;
        let (mut mine, mut yours) = (Share::default(), Share::default());
        while one.joins(texts[0], &mut place, &mut mine, &yours)
            || other.joins(texts[0], &mut place, &mut yours, &mine)
        {}
        let (one, other) = (one.take(mine.count, &place), other.take(yours.count, &place));
        knots.push(Knot { base: place, one, other });
    }
    knots
}

/// How many words are more than white space.
pub(super) fn shown(words: &[&[u8]]) -> usize {
    words.iter().filter(|word| !word.trim_ascii().is_empty()).count()
}

/// One side and how far its changes are tied up.
#[derive(Debug)]
struct Side<'a> {
    words: &'a [&'a [u8]],
    changes: &'a [TokenChange],
    done: usize,
    shift: isize, // how far this side is behind the base after those that are done
}

/// What one side has in a knot.
#[derive(Clone, Copy, Debug, Default)]
struct Share {
    count: usize,
    is_inked: bool, // whether more than white space changed
}

impl Side<'_> {
    fn next_start(&self) -> Option<usize> {
        self.changes.get(self.done).map(|change| change.before.start)
    }

    /// Ties this side's next change to the knot at `place`, if it is near enough.
    fn joins(
        &self,
        base: &[&[u8]],
        place: &mut Range<usize>,
        own: &mut Share,
        foreign: &Share,
    ) -> bool {
        let Some(change) = self.changes.get(self.done + own.count) else { return false };
        let at = &change.before;
        let is_inked = shown(&base[at.clone()]) + shown(&self.words[change.after.clone()]) > 0;
        let is_first = own.count + foreign.count == 0 && at.start == place.start;
        // Two insertions at one place have no order.
        let are_insertions = at.is_empty() && place.start == place.end && foreign.count > 0;
        let between = base.get(place.end..at.start).unwrap_or_default();
        let is_near = is_first
            || at.start < place.end
            || are_insertions && at.start == place.start
            || is_inked && foreign.is_inked && shown(between) < APART;
        if is_near {
            own.count += 1;
            own.is_inked |= is_inked;
            place.end = place.end.max(at.end);
        }
        is_near
    }

    /// Where this side has what stands at `place` in the base, with its next `count` changes in it.
    fn take(&mut self, count: usize, place: &Range<usize>) -> Range<usize> {
        let start = shifted(place.start, self.shift);
        for change in &self.changes[self.done..self.done + count] {
            self.shift += change.after.len().cast_signed() - change.before.len().cast_signed();
        }
        self.done += count;
        start..shifted(place.end, self.shift)
    }
}

fn shifted(at: usize, shift: isize) -> usize {
    at.checked_add_signed(shift).expect("a side has all that its changes left in place")
}
