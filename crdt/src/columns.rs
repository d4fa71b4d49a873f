//! Numbers kept for each actor, side by side.
//!
//! Version vectors and counters are all of this shape: a few numbers for each actor that only
//! grow, merged by taking the larger. Here is the one merge they share.

use alloc::vec::Vec;
use core::array;
use core::iter;

use crate::actor::ActorId;

/// `N` numbers for each actor, all zero for an actor that is not listed.
///
/// The actors stand in a column of their own: two of these that list the same actors, nearly all
/// of them, then merge and compare by plain runs over numbers.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Columns<const N: usize> {
    // Numbers that order as the ids do: slices of these are compared many at once, and two in two
    // steps.
    actors: Vec<u128>,   // invariant: ascending, none twice
    rows: Vec<[u64; N]>, // invariant: as long as `actors`, none all zero, none above VALUE_MAX
}

/// The largest number a row holds. With the top bit free, the sign of a difference tells which of
/// two numbers is larger, which every processor can do for several numbers at once.
pub(crate) const VALUE_MAX: u64 = i64::MAX as u64;

/// Which of two stands above the other anywhere; both may.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Standing {
    /// Somewhere the first has more.
    pub(crate) above: bool,
    /// Somewhere the second has more.
    pub(crate) below: bool,
}

impl<const N: usize> Columns<N> {
    pub(crate) const fn new() -> Self {
        Self { actors: Vec::new(), rows: Vec::new() }
    }

    /// The columns that these rows make; they must ascend by actor and be none all zero.
    pub(crate) fn from_ascending(rows: impl IntoIterator<Item = (ActorId, [u64; N])>) -> Self {
        let rows = rows.into_iter().map(|(actor, row)| (number(&actor), row));
        let (actors, rows): (Vec<_>, Vec<_>) = rows.unzip();
        debug_assert!(actors.is_sorted_by(|a, b| a < b), "rows ascend");
        Self { actors, rows }
    }

    pub(crate) fn len(&self) -> usize {
        self.actors.len()
    }

    /// Where `actor` is, or where it would go.
    pub(crate) fn find(&self, actor: &ActorId) -> Result<usize, usize> {
        self.actors.binary_search(&number(actor))
    }

    /// Whether `actor` stands at `at`.
    #[inline]
    pub(crate) fn is_at(&self, at: usize, actor: &ActorId) -> bool {
        self.actors.get(at) == Some(&number(actor))
    }

    pub(crate) fn row(&self, actor: &ActorId) -> [u64; N] {
        self.find(actor).map_or([0; N], |at| self.rows[at])
    }

    pub(crate) fn row_mut(&mut self, at: usize) -> &mut [u64; N] {
        &mut self.rows[at]
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = (ActorId, [u64; N])> + '_ {
        self.actors.iter().map(|number| named(*number)).zip(self.rows.iter().copied())
    }

    /// The sum of each column.
    pub(crate) fn sums(&self) -> [i128; N] {
        array::from_fn(|n| self.rows.iter().map(|row| i128::from(row[n])).sum())
    }

    /// Puts an actor that is not listed to where [`Columns::find`] said it goes.
    pub(crate) fn insert(&mut self, at: usize, actor: ActorId, row: [u64; N]) {
        self.actors.insert(at, number(&actor));
        self.rows.insert(at, row);
    }

    /// Takes the larger of each number and answers by how much each column grew.
    pub(crate) fn merge(&mut self, other: &Self) -> [i128; N] {
        if self.actors == other.actors {
            self.raise_each(other)
        } else {
            self.merge_by_actor(other)
        }
    }

    /// Takes the smaller of each number.
    pub(crate) fn meet(&mut self, other: &Self) {
        let smaller = |ours: [u64; N], theirs: [u64; N]| array::from_fn(|n| ours[n].min(theirs[n]));
        let rows = self.beside(other).map(|(actor, ours, theirs)| (actor, smaller(ours, theirs)));
        *self = Self::from_ascending(rows.filter(|(_, row)| *row != [0; N]));
    }

    /// Which of the two has more, somewhere.
    pub(crate) fn standing(&self, other: &Self) -> Standing {
        if self.actors == other.actors {
            return standing_of_each(self.rows.as_flattened(), other.rows.as_flattened());
        }
        let mut standing = Standing::default();
        for (_, ours, theirs) in self.beside(other) {
            for n in 0..N {
                standing.above |= ours[n] > theirs[n];
                standing.below |= ours[n] < theirs[n];
            }
            if standing.above && standing.below {
                break;
            }
        }
        standing
    }

    /// The rows of both, by actor, ascending; zeros where one does not list the actor.
    pub(crate) fn beside<'a>(
        &'a self,
        other: &'a Self,
    ) -> impl Iterator<Item = (ActorId, [u64; N], [u64; N])> + 'a {
        let (mut ours, mut theirs) = (0, 0);
        iter::from_fn(move || {
            let next = [self.actors.get(ours), other.actors.get(theirs)];
            let actor = *next.into_iter().flatten().min()?;
            let mut row = (named(actor), [0; N], [0; N]);
            if next[0] == Some(&actor) {
                row.1 = self.rows[ours];
                ours += 1;
            }
            if next[1] == Some(&actor) {
                row.2 = other.rows[theirs];
                theirs += 1;
            }
            Some(row)
        })
    }

    /// Few numbers differ between two that merge often, and asking which does is cheaper than
    /// writing all: so whole runs without a larger number are left alone.
    fn raise_each(&mut self, other: &Self) -> [i128; N] {
        let run = 16 / N;
        let mut growth = [0; N];
        for (ours, theirs) in self.rows.chunks_mut(run).zip(other.rows.chunks(run)) {
            if standing_of_each(ours.as_flattened(), theirs.as_flattened()).below {
                for (ours, theirs) in ours.iter_mut().zip(theirs) {
                    raise(ours, theirs, &mut growth);
                }
            }
        }
        growth
    }

    fn merge_by_actor(&mut self, other: &Self) -> [i128; N] {
        let mut growth = [0; N];
        let missing = other.len() - self.raise_listed(other, &mut growth);
        if missing > 0 {
            self.insert_unlisted(other, missing, &mut growth);
        }
        growth
    }

    /// Raises the rows of actors that both list and answers how many those are.
    fn raise_listed(&mut self, other: &Self, growth: &mut [i128; N]) -> usize {
        let (mut at, mut listed) = (0, 0);
        for (actor, theirs) in other.actors.iter().zip(&other.rows) {
            while self.actors.get(at).is_some_and(|ours| ours < actor) {
                at += 1;
            }
            if self.actors.get(at) == Some(actor) {
                raise(&mut self.rows[at], theirs, growth);
                listed += 1;
            }
        }
        listed
    }

    /// Adds the `missing` actors that only `other` lists, from the back, so that each row moves
    /// once.
    fn insert_unlisted(&mut self, other: &Self, missing: usize, growth: &mut [i128; N]) {
        let mut ours = self.len();
        let mut to = ours + missing;
        self.actors.resize(to, 0);
        self.rows.resize(to, [0; N]);
        for (actor, row) in other.actors.iter().zip(&other.rows).rev() {
            while ours > 0 && self.actors[ours - 1] > *actor {
                (ours, to) = (ours - 1, to - 1);
                self.actors[to] = self.actors[ours];
                self.rows[to] = self.rows[ours];
            }
            if ours > 0 && self.actors[ours - 1] == *actor {
                continue;
            }
            to -= 1;
            self.actors[to] = *actor;
            self.rows[to] = [0; N];
            raise(&mut self.rows[to], row, growth);
            if ours == to {
                break;
            }
        }
    }
}

fn number(actor: &ActorId) -> u128 {
    u128::from_be_bytes(*actor.as_bytes())
}

fn named(number: u128) -> ActorId {
    ActorId::from_bytes(number.to_be_bytes())
}

fn raise<const N: usize>(ours: &mut [u64; N], theirs: &[u64; N], growth: &mut [i128; N]) {
    for n in 0..N {
        let raised = ours[n].max(theirs[n]);
        growth[n] += i128::from(raised - ours[n]);
        ours[n] = raised;
    }
}

fn standing_of_each(ours: &[u64], theirs: &[u64]) -> Standing {
    let (mut above, mut below) = (0, 0);
    for (ours, theirs) in ours.iter().zip(theirs) {
        above |= theirs.wrapping_sub(*ours);
        below |= ours.wrapping_sub(*theirs);
    }
    Standing { above: above > VALUE_MAX, below: below > VALUE_MAX }
}
