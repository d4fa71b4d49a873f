//! Where an item stands, so that there is always room beside it.
//!
//! A position is a way down a tree whose nodes stand in order: what is left of a node before it,
//! what is right of it after it. On either side of a node each author has a line of their own,
//! numbered in both directions; lines stand by author. To stand between two positions an author
//! takes the shortest place of their lines that does, so
//!
//! - appending and prepending counts on in one line: the way does not grow, the number does;
//! - authors who take turns at one end need no more steps than there are authors;
//! - nobody else has places in a line, so what one author puts into a gap, forward, backward or
//!   among their own, stays together though others put theirs into the same gap meanwhile.
//!
//! The last holds of what is put in before the others' arrive; what somebody puts between items
//! of two authors afterwards stands there. It is checked on random histories, not proved.
//!
//! In bytes a way of one step takes 9 or less after ten thousand appends or prepends by one
//! author, 5 of them for who that is, spelled once in a column; 10 after as many inserts at one
//! side of an item. A gap that is halved again and again from both sides takes a step for every
//! two items, a byte each: without moving items none can do with less than a bit. A way ends at
//! 256 steps, where an item shares the position of its neighbour and stands beside it by name.
//!
//! Weidner and Kleppmann, *The Art of the Fugue: Minimizing Interleaving in Collaborative Text
//! Editing* (2023), sections 3 and 4: the tree and its sides. The lines at the upper end of a way,
//! which bound it where authors take turns, are ours.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::fmt;
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
#[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
struct Step {
    side: Side,
    line: Line,
    number: i64, // invariant: within NUMBER_MAX either way
}

#[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
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

/// Enough to halve a gap five hundred times, and few enough for the worst that a peer can send.
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
        let shortest = (gap.shared()..STEPS_MAX).find_map(|trunk| gap.shortest_after(trunk));
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
    /// A position of `trunk` steps and one more.
    ///
    /// To count on in a line goes before beginning another, or a run would be torn.
    fn shortest_after(&self, trunk: usize) -> Option<Position> {
        let lower = self.lower.get(..trunk);
        let upper = self.upper.and_then(|upper| upper.get(..trunk));
        let trunks = match self.parting() {
            Some((Side::Left, after)) => [lower.filter(|lower| lower.len() > after), None],
            Some((Side::Right, after)) => [upper.filter(|upper| upper.len() > after), None],
            None => [lower, upper],
        };
        let ways = || {
            let sides = [Side::Right, Side::Left];
            trunks.into_iter().flatten().flat_map(move |trunk| sides.map(|side| (trunk, side)))
        };
        let counted_on =
            |(trunk, side)| self.fitting(trunk, side, self.number_beside(trunk, side)?);
        let begun = |(trunk, side)| self.fitting(trunk, side, self.first_number(trunk, side)?);
        ways().find_map(counted_on).or_else(|| ways().find_map(begun))
    }

    /// The number that goes on in our line there, away from where it began.
    ///
    /// What is free between two of a line was taken once: whoever takes it again would tear the
    /// run that begins there, since there is no room for the next.
    fn number_beside(&self, trunk: &[Step], side: Side) -> Option<i64> {
        match self.own_numbers(trunk, side) {
            (Some(lower), None) if lower >= 0 => Some(lower + 1),
            (None, Some(upper)) if upper <= 0 => Some(upper - 1),
            _ => None,
        }
    }

    /// Zero, if neither neighbour stands in our line there.
    fn first_number(&self, trunk: &[Step], side: Side) -> Option<i64> {
        (self.own_numbers(trunk, side) == (None, None)).then_some(0)
    }

    /// The numbers by which the neighbours stand in our line there.
    fn own_numbers(&self, trunk: &[Step], side: Side) -> (Option<i64>, Option<i64>) {
        let number = |way: &[Step]| {
            let step = way.strip_prefix(trunk)?.first()?;
            ((step.side, step.line) == (side, self.line)).then_some(step.number)
        };
        (number(self.lower), self.upper.and_then(number))
    }

    /// The place in our line there, if it lies in the gap.
    fn fitting(&self, trunk: &[Step], side: Side, number: i64) -> Option<Position> {
        let below_root = trunk.is_empty() && side == Side::Left;
        if below_root || number.abs() > NUMBER_MAX {
            return None;
        }
        let step = Step { side, line: self.line, number };
        let way: Box<[Step]> = trunk.iter().copied().chain(iter::once(step)).collect();
        let is_above = order_of(self.lower, &way).is_lt();
        let is_below = self.upper.is_none_or(|upper| order_of(&way, upper).is_lt());
        (is_above && is_below).then_some(Position(way))
    }

    /// If the neighbours part in our own line, which of them went on from the other, and after
    /// how many steps. What comes between belongs to that one: it may be where a run began that
    /// now grows towards the other, and others may have put theirs beside the other.
    fn parting(&self) -> Option<(Side, usize)> {
        let shared = self.shared();
        let (lower, upper) = (self.lower.get(shared)?, self.upper?.get(shared)?);
        let in_line = |step: &Step| (step.side, step.line) == (lower.side, self.line);
        let went_on = if lower.number < 0 { Side::Left } else { Side::Right };
        (in_line(lower) && in_line(upper)).then_some((went_on, shared))
    }

    /// How many steps the neighbours have in common, and so everything between them.
    fn shared(&self) -> usize {
        let both = self.lower.iter().zip(self.upper.unwrap_or_default());
        both.take_while(|(lower, upper)| lower == upper).count()
    }
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = match self.side {
            Side::Left => '<',
            Side::Right => '>',
        };
        write!(f, "{side}{:x}:{}", self.line.0, self.number)
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

/// In a column: the authors, then for each position how many steps, and the steps. A step
/// takes a byte while its number is within sixteen of zero and its author that of the one before.
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
