//! A dot in eight bytes.

use alloc::vec::Vec;
use core::fmt;
use core::num::NonZeroU64;

use crate::dot::Dot;

/// A [`Dot`] inside one document: the actor's place in its roster, and the counter.
///
/// Marks order by actor, then by counter. A mark means something only beside the roster that
/// numbered its actor, so it never leaves a document but inside a delta, which brings a roster.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Mark(NonZeroU64);

const COUNTER_BITS: u32 = 44;
const _: () = assert!(Dot::COUNTER_MAX == (1 << COUNTER_BITS) - 1);

impl Mark {
    /// How many actors one roster can number: 2^18.
    pub const ACTORS_MAX: u32 = 1 << 18;

    pub(crate) fn new(actor: u32, counter: u64) -> Self {
        debug_assert!(actor < Self::ACTORS_MAX && counter <= Dot::COUNTER_MAX);
        let packed = u64::from(actor) << COUNTER_BITS | counter;
        Self(NonZeroU64::new(packed).expect("counters start at one"))
    }

    pub(crate) fn actor(self) -> u32 {
        (self.0.get() >> COUNTER_BITS) as u32
    }

    /// The same dot in another numbering, given by this one's numbers.
    pub(crate) fn renumbered(self, numbers: &[u32]) -> Self {
        Self::new(numbers[self.actor() as usize], self.counter())
    }

    /// Whether `next` is the change of the same actor right after this one.
    pub(crate) fn is_before(self, next: Self) -> bool {
        next.0.get() == self.0.get() + 1 && next.actor() == self.actor()
    }

    pub(crate) fn counter(self) -> u64 {
        self.0.get() & Dot::COUNTER_MAX
    }
}

impl fmt::Debug for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}:{}", self.actor(), self.counter())
    }
}

/// Dots of one actor with consecutive counters.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Run {
    pub(crate) first: Mark,
    pub(crate) last: Mark,
}

impl Run {
    /// `marks`, which ascend, as runs.
    pub(crate) fn all_of(marks: &[Mark]) -> Vec<Self> {
        let runs = marks.chunk_by(|a, b| a.is_before(*b));
        runs.map(|run| Self { first: run[0], last: run[run.len() - 1] }).collect()
    }

    /// Whether one of `runs`, which ascend, contains `mark`.
    pub(crate) fn any_contains(runs: &[Self], mark: Mark) -> bool {
        let upto = runs.partition_point(|run| run.first <= mark);
        runs[..upto].last().is_some_and(|run| mark <= run.last)
    }
}
