//! Where an item stands, so that there is always room beside it.
//!
//! A position is a way down a tree whose nodes stand in order: what is left of a node before it,
//! what is right of it after it. On either side of a node each author has a line of their own,
//! numbered in both directions; lines stand by author. To stand between two positions an author
//! takes the shortest place of their lines that does, so
//!
//! - appending and prepending counts on in one line: the way does not grow, the number does;
//! - authors who take turns at one end need no more steps than there are authors;
//! - nobody else has places in a line, so what one author puts one beside the other, forward or
//!   backward, stays together though others put theirs into the same gap at the same time.
//!
//! A gap that is halved again and again from both sides takes a step for every two items. No
//! order that never moves an item can do without growing there: the keys of any would need a bit
//! for each. A way ends at [`STEPS_MAX`], where an item shares the position of its neighbour.
//!
//! Weidner and Kleppmann, *The Art of the Fugue: Minimizing Interleaving in Collaborative Text
//! Editing* (2023), sections 3 and 4: the tree and its sides. The lines at the upper end of a way,
//! which bound it where authors take turns, are ours.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::iter;

use super::cast::Cast;
use crate::actor::ActorId;
use crate::shape::Shape;
use crate::shape::fingerprint;
use crate::value::Value;
use crate::wire::DecodeError;
use crate::wire::Reader;
use crate::wire::Writer;
use crate::wire::unzigzag;
use crate::wire::zigzag;

/// A place in a list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Position(Box<[Step]>); // invariant: 1 to STEPS_MAX steps, the first to the right

/// One step down: to which side, into whose line, to which number there.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Step {
    side: Side,
    line: Line,
    number: i64, // invariant: within NUMBER_MAX either way
}

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Side {
    Left,
    Right,
}

/// Whose line it is: a fingerprint of the author, since 16 bytes in every step were too many.
///
/// Two authors in four thousand millions share one. Then their items may interleave, and ones put
/// into one gap at the same time may share a position; nothing is lost.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Line(u32);

/// More steps than halving a gap five hundred times takes, and few enough for a peer's worst.
const STEPS_MAX: usize = 256;
const NUMBER_MAX: i64 = 1 << 40;

impl Line {
    pub(super) fn of(author: &ActorId) -> Self {
        Self(fingerprint(author.as_bytes()))
    }
}

impl Position {
    /// The shortest position in lines of `line` that is above `lower` and below `upper`, of which
    /// `lower` is the lesser.
    ///
    /// Where ways may go no deeper, the position of a neighbour.
    pub(super) fn between(lower: Option<&Self>, upper: Option<&Self>, line: Line) -> Self {
        let gap = Gap {
            lower: lower.map_or(&[], |lower| &lower.0),
            upper: upper.map(|upper| &*upper.0),
            line,
        };
        let shortest = (0..STEPS_MAX).find_map(|stem| gap.shortest_after(stem));
        shortest.or(lower.or(upper).cloned()).expect("without neighbours there is room")
    }

    #[cfg(test)]
    pub(super) fn spelled_len(&self) -> usize {
        self.to_bytes().len()
    }
}

/// Two neighbours and who wants to stand between them.
struct Gap<'a> {
    lower: &'a [Step], // the root, if there is nobody below
    upper: Option<&'a [Step]>,
    line: Line,
}

impl Gap<'_> {
    /// A position whose last step is the one after `stem` others.
    ///
    /// To count on in a line goes before beginning another, or a run would be torn.
    fn shortest_after(&self, stem: usize) -> Option<Position> {
        let upper = self.upper.unwrap_or_default();
        let next = self.own_step(self.lower, stem).filter(|step| step.number >= 0);
        let next = next.map(|step| Step { number: step.number + 1, ..step });
        let before = self.own_step(upper, stem).filter(|step| step.number <= 0);
        let before = before.map(|step| Step { number: step.number - 1, ..step });
        let counted_on =
            self.fitting(self.lower, stem, next).or_else(|| self.fitting(upper, stem, before));
        let begun = || {
            let [first, second] = if self.upper_goes_on() {
                [(upper, Side::Left), (self.lower, Side::Right)]
            } else {
                [(self.lower, Side::Right), (upper, Side::Left)]
            };
            let begin = |(way, side)| {
                self.fitting(way, stem, Some(Step { side, line: self.line, number: 0 }))
            };
            begin(first).or_else(|| begin(second))
        };
        counted_on.or_else(begun)
    }

    /// The step of `way` after `stem` others, if it is in a line of ours.
    fn own_step(&self, way: &[Step], stem: usize) -> Option<Step> {
        way.get(stem).copied().filter(|step| step.line == self.line)
    }

    /// `step` after the first `stem` of `way`, if that lies in the gap.
    fn fitting(&self, way: &[Step], stem: usize, step: Option<Step>) -> Option<Position> {
        let step = step.filter(|step| step.number.abs() <= NUMBER_MAX)?;
        let stem = way.get(..stem)?;
        if stem.is_empty() && step.side == Side::Left {
            return None;
        }
        let way: Box<[Step]> = stem.iter().copied().chain(iter::once(step)).collect();
        let is_above = order_of(self.lower, &way).is_lt();
        let is_below = self.upper.is_none_or(|upper| order_of(&way, upper).is_lt());
        (is_above && is_below).then_some(Position(way))
    }

    /// Whether the upper one was put after the lower one by counting on in its line: then what
    /// comes between belongs to the upper one, like all that was put before it later.
    fn upper_goes_on(&self) -> bool {
        let Some((last, stem)) = self.lower.split_last() else { return false };
        let Some((begin, next)) = self.upper.and_then(|upper| upper.split_at_checked(stem.len()))
        else {
            return false;
        };
        let in_line = |next: &Step| (next.side, next.line) == (last.side, last.line);
        begin == stem && last.number >= 0 && next.first().is_some_and(in_line)
    }
}

/// In order: what is left of a node, the node, what is right of it.
fn order_of(a: &[Step], b: &[Step]) -> Ordering {
    let side_order = |step: &Step| match step.side {
        Side::Left => Ordering::Less,
        Side::Right => Ordering::Greater,
    };
    let shared = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    match (a.get(shared), b.get(shared)) {
        (None, None) => Ordering::Equal,
        (Some(below_b), None) => side_order(below_b),
        (None, Some(below_a)) => side_order(below_a).reverse(),
        (Some(a), Some(b)) => a.cmp(b),
    }
}

impl Ord for Position {
    fn cmp(&self, other: &Self) -> Ordering {
        order_of(&self.0, &other.0)
    }
}

impl PartialOrd for Position {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// In a column: the authors, then for each position how many steps, and the steps. One takes a
/// byte while its number is below sixteen and its author the one of the step before.
impl Value for Position {
    const SHAPE: Shape = Shape::of("position", &[]);

    fn write(&self, out: &mut Writer) {
        Self::write_column(iter::once(self), out);
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Self::read_column(1, input)?.pop().ok_or(DecodeError::Truncated)
    }

    fn write_column<'a>(positions: impl Iterator<Item = &'a Self> + Clone, out: &mut Writer) {
        let steps = positions.clone().flat_map(|position| &position.0);
        let mut cast = Cast::write(steps.map(|step| step.line.0.to_le_bytes()), out);
        for Self(steps) in positions {
            out.count(steps.len());
            for Step { side, line, number } in steps {
                let is_right = u64::from(*side == Side::Right);
                cast.write_line(zigzag(*number) << 1 | is_right, &line.0.to_le_bytes(), out);
            }
        }
    }

    fn read_column(count: usize, input: &mut Reader<'_>) -> Result<Vec<Self>, DecodeError> {
        let mut cast = Cast::read(input)?;
        let mut positions = Vec::with_capacity(count.min(input.left()));
        for _ in 0..count {
            let len = input.number_below(STEPS_MAX + 1)?;
            let steps: Box<[Step]> =
                (0..len).map(|_| Step::read(&mut cast, input)).collect::<Result<_, _>>()?;
            if steps.first().is_none_or(|first| first.side == Side::Left) {
                return Err(DecodeError::NotCanonical);
            }
            positions.push(Self(steps));
        }
        cast.finish()?;
        Ok(positions)
    }
}

impl Step {
    fn read(cast: &mut Cast<4>, input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (spelled, line) = cast.read_line(input)?;
        let side = if spelled & 1 == 0 { Side::Left } else { Side::Right };
        let number = unzigzag(spelled >> 1);
        let in_range = (-NUMBER_MAX..=NUMBER_MAX).contains(&number);
        let step = Self { side, line: Line(u32::from_le_bytes(line)), number };
        if in_range { Ok(step) } else { Err(DecodeError::Range) }
    }
}

#[cfg(test)]
mod tests;
