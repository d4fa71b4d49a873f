//! What was seen, also when it came out of order.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::error::Error;
use core::fmt;
use core::ops::RangeInclusive;

use crate::actor::ActorId;
use crate::dot::{Dot, NoDot};
use crate::version::VersionVector;

#[cfg(test)]
mod tests;

/// The dots that were seen: a version vector, and runs of dots beyond it.
///
/// A replica that receives in order never has a run, and then this is a version vector. It is the
/// thing to keep for whoever takes changes in any order and asks "did I see this?" and "what am I
/// missing?": a log tells with one what it received ([`Log::received`](crate::Log::received)).
///
/// A run that the dense part reaches is taken into it at once, so equal knowledge has one form. At
/// most [`Context::RUNS_MAX`] runs are kept: a writer that leaves holes on purpose fills no memory.
///
/// ```
/// use selkie_crdt::{ActorId, Context, Dot};
/// let east = ActorId::from_bytes([1; 16]);
/// let dot = |counter| Dot { actor: east, counter };
/// let (mut here, mut there) = (Context::new(), Context::new());
/// here.insert(dot(1))?;
/// there.insert(dot(2))?;
/// assert!(!there.is_contiguous());
/// there.merge(&here)?;
/// assert!(there.is_contiguous());
/// assert_eq!(there.version().get(&east), 2);
/// # Ok::<(), selkie_crdt::ContextError>(())
/// ```
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(
        try_from = "(VersionVector, Vec<(Dot, u64)>)",
        into = "(VersionVector, Vec<(Dot, u64)>)"
    )
)]
pub struct Context {
    version: VersionVector,
    // By the first dot of a run, its last counter. Invariant: between two runs of an actor, and
    // between its counter in `version` and its first run, at least one dot is missing.
    runs: BTreeMap<Dot, u64>,
}

impl Context {
    /// How many runs a context keeps.
    pub const RUNS_MAX: usize = 10_000;

    /// The context of somebody who saw nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self { version: VersionVector::new(), runs: BTreeMap::new() }
    }

    /// Whether `dot` was seen.
    #[must_use]
    pub fn contains(&self, dot: &Dot) -> bool {
        self.version.contains(dot) || self.run_holds(dot)
    }

    /// The dense part: of each actor the dots up to the first that is missing.
    #[must_use]
    pub const fn version(&self) -> &VersionVector {
        &self.version
    }

    /// Whether nothing is missing below what was seen.
    #[must_use]
    pub fn is_contiguous(&self) -> bool {
        self.runs.is_empty()
    }

    /// The runs beyond the dense part, ascending: whose, and from which counter to which.
    #[must_use]
    pub fn runs(&self) -> impl ExactSizeIterator<Item = (ActorId, RangeInclusive<u64>)> + '_ {
        self.runs.iter().map(|(first, last)| (first.actor, first.counter..=*last))
    }

    /// What is missing below what was seen, ascending: whose, and from which counter to which.
    ///
    /// ```
    /// use selkie_crdt::{ActorId, Context, Dot};
    /// let east = ActorId::from_bytes([1; 16]);
    /// let mut west = Context::new();
    /// for counter in [1, 4, 5, 9] {
    ///     west.insert(Dot { actor: east, counter })?;
    /// }
    /// assert!(west.missing().eq([(east, 2..=3), (east, 6..=8)]));
    /// # Ok::<(), selkie_crdt::ContextError>(())
    /// ```
    pub fn missing(&self) -> impl Iterator<Item = (ActorId, RangeInclusive<u64>)> + '_ {
        let mut before = None;
        self.runs.iter().map(move |(first, last)| {
            let held = match before.replace((first.actor, *last)) {
                Some((actor, held)) if actor == first.actor => held,
                _ => self.version.get(&first.actor),
            };
            (first.actor, held + 1..=first.counter - 1)
        })
    }

    /// Counts `dot` as seen and answers whether it is new.
    ///
    /// # Errors
    ///
    /// Refuses what is no dot, and a run beyond [`Context::RUNS_MAX`]. The context is as it was.
    pub fn insert(&mut self, dot: Dot) -> Result<bool, ContextError> {
        let Dot { actor, counter } = dot;
        let dot = Dot::try_from((actor, counter)).map_err(ContextError::NoDot)?;
        if self.contains(&dot) {
            return Ok(false);
        }
        if self.runs.len() >= Self::RUNS_MAX && !self.touches(dot) {
            return Err(ContextError::TooManyRuns);
        }
        self.take_run(dot, counter);
        Ok(true)
    }

    /// Counts as seen all that `other` saw.
    ///
    /// # Errors
    ///
    /// Refuses when more than [`Context::RUNS_MAX`] runs would be left. The context is as it was.
    pub fn merge(&mut self, other: &Self) -> Result<(), ContextError> {
        if self.is_contiguous() && other.is_contiguous() {
            self.version.merge(&other.version);
            return Ok(());
        }
        let mut merged = Self::new();
        merged.version.clone_from(&self.version);
        merged.version.merge(&other.version);
        for (first, last) in self.runs.iter().chain(&other.runs) {
            merged.take_run(*first, *last);
        }
        // Only what is left counts: a run of one may close a hole of the other.
        if merged.runs.len() > Self::RUNS_MAX {
            return Err(ContextError::TooManyRuns);
        }
        *self = merged;
        Ok(())
    }

    /// Whether a run beyond the dense part holds `dot`.
    fn run_holds(&self, dot: &Dot) -> bool {
        let mut upto = self.runs.range(..=*dot);
        upto.next_back()
            .is_some_and(|(first, last)| first.actor == dot.actor && dot.counter <= *last)
    }

    /// Whether the dense part or a run ends just before `dot`, or a run begins just after it.
    fn touches(&self, dot: Dot) -> bool {
        let beside = |counter| Dot { actor: dot.actor, counter };
        dot.counter == self.version.get(&dot.actor) + 1
            || self.run_holds(&beside(dot.counter - 1))
            || self.run_holds(&beside(dot.counter + 1))
    }

    /// Counts the dots from `first` to `last` as seen. Runs that they touch become one with them,
    /// so each run is taken away at most once after it was put in.
    fn take_run(&mut self, first: Dot, last: u64) {
        let actor = first.actor;
        let dot = |counter| Dot { actor, counter };
        let (mut first, mut last) = (first.counter, last);
        let before = self.runs.range(dot(0)..=dot(first)).next_back();
        if let Some((run, run_last)) = before.filter(|(_, run_last)| first <= **run_last + 1) {
            (first, last) = (run.counter, last.max(*run_last));
        }
        while let Some((run, run_last)) = self.runs.range(dot(first)..=dot(last + 1)).next() {
            let (run, run_last) = (*run, *run_last);
            last = last.max(run_last);
            self.runs.remove(&run);
        }
        if first <= self.version.get(&actor) + 1 {
            self.version.raise(actor, last);
        } else {
            self.runs.insert(dot(first), last);
        }
    }
}

impl From<VersionVector> for Context {
    fn from(version: VersionVector) -> Self {
        Self { version, runs: BTreeMap::new() }
    }
}

impl TryFrom<(VersionVector, Vec<(Dot, u64)>)> for Context {
    type Error = ContextError;

    /// Takes the one form in which a context is written down: the dense part, and the runs beyond
    /// it, ascending, none touching another.
    fn try_from((version, runs): (VersionVector, Vec<(Dot, u64)>)) -> Result<Self, ContextError> {
        if runs.len() > Self::RUNS_MAX {
            return Err(ContextError::TooManyRuns);
        }
        let mut before: Option<(Dot, u64)> = None;
        for &(first, last) in &runs {
            let held = match before.replace((first, last)) {
                Some((run, held)) if run.actor == first.actor => held,
                Some((run, _)) if run.actor > first.actor => Dot::COUNTER_MAX,
                Some(_) | None => version.get(&first.actor),
            };
            let ends_in_range = (first.counter..=Dot::COUNTER_MAX).contains(&last);
            if first.counter <= held + 1 || !ends_in_range {
                return Err(ContextError::Misplaced { first, last });
            }
        }
        Ok(Self { version, runs: runs.into_iter().collect() })
    }
}

impl From<Context> for (VersionVector, Vec<(Dot, u64)>) {
    fn from(context: Context) -> Self {
        (context.version, context.runs.into_iter().collect())
    }
}

/// Why a context did not count something as seen. It is as it was.
///
/// ```
/// use selkie_crdt::{ActorId, Context, Dot};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let mut seen = Context::default();
/// // A hostile peer may name dots with a hole after each: a context keeps only so many.
/// let mut holes = (1..).map(|n| Dot::try_from((east, 2 * n)).expect("it is small"));
/// assert!(holes.any(|dot| seen.insert(dot).is_err()));
/// assert_eq!(seen.insert(Dot::try_from((west, 1)).expect("it is small")), Ok(true));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ContextError {
    /// This names no change.
    NoDot(NoDot),
    /// More than [`Context::RUNS_MAX`] runs would be kept. What is missing between them must come
    /// first.
    TooManyRuns,
    /// In a written form, a run ends before it begins or is not beyond what stands before it.
    Misplaced {
        /// Where the run begins.
        first: Dot,
        /// Where it ends.
        last: u64,
    },
}

impl fmt::Display for ContextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoDot(error) => error.fmt(f),
            Self::TooManyRuns => write!(f, "more than {} runs out of order", Context::RUNS_MAX),
            Self::Misplaced { first, last } => {
                write!(f, "the run {first:?} to {last} is not beyond what stands before it")
            }
        }
    }
}

impl Error for ContextError {}
