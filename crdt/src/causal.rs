//! What it takes to be part of a document.
//!
//! A document is a set of live dots, each at a place and with a content. A change takes a dot of
//! its own, puts it somewhere or not, and ends dots that its author saw. Joining is the union of
//! the dots, less those that were ended. Everything else (which write wins, whether a flag is
//! up) is a way to read the dots of one place, and the types that only hold others are places.

use alloc::vec::Vec;
use core::cell::Cell;
use core::cell::RefCell;

use crate::kills::Kills;
use crate::mark::Mark;
use crate::roster::Roster;
use crate::shape::Shape;
use crate::wire::DecodeError;
use crate::wire::Reader;
use crate::wire::Writer;

/// A type whose state is live dots in places.
///
/// The types of this crate implement it, and `#[derive(Crdt)]` does for a struct of them. The
/// methods are what [`Doc`](crate::Doc) asks of its root and a container of its children; reading
/// and writing are inherent methods of each type and of its [`Edit`](crate::Edit).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a replicated type",
    label = "replicas could not merge this",
    note = "data that is replaced as a whole goes into a register, such as `LwwRegister<{Self}>`",
    note = "a struct of replicated types becomes one by `#[derive(Crdt)]`"
)]
pub trait Causal: Default {
    /// What one replica tells another about a value of this type: its dots beyond some version,
    /// with their places and contents.
    type Delta: Clone;

    /// What tells this type from others, so that a delta of another type is refused.
    const SHAPE: Shape;

    /// Whether no dot lies here. What is bottom equals what was never made.
    fn is_bottom(&self) -> bool;

    /// Visits every dot that lies here.
    fn each_mark(&self, visit: &mut dyn FnMut(Mark));

    /// Whether `mark` lies here.
    fn holds(&self, mark: Mark) -> bool;

    /// Ends `mark`. Tells whether it lay here.
    fn kill(&mut self, mark: Mark) -> bool;

    /// Ends all dots that lie here.
    fn clear(&mut self);

    /// The dots beyond the version of the cut; `None` if there are none.
    fn cut(&self, cut: &Cut<'_>) -> Option<Self::Delta>;

    /// Whether `delta` may be joined, and in what slots. Changes nothing here.
    ///
    /// # Errors
    /// If it names a slot that is not known here, or gives a dot that lies here another content.
    fn check(&self, delta: &mut Self::Delta, join: &Join<'_>) -> Result<(), Refusal>;

    /// Adds the dots of a checked delta that are new here.
    fn join(&mut self, delta: Self::Delta, join: &Join<'_>);

    /// Visits every dot of `delta`.
    fn each_delta_mark(delta: &Self::Delta, visit: &mut dyn FnMut(Mark));

    /// The least dot of `delta`, which has one.
    fn first_mark(delta: &Self::Delta) -> Mark {
        let mut first = None;
        Self::each_delta_mark(delta, &mut |mark| {
            first = Some(first.map_or(mark, |at: Mark| at.min(mark)));
        });
        first.expect("a delta holds at least one dot")
    }

    /// Writes the deltas of many values of this type, in columns.
    fn write_column(deltas: &[&Self::Delta], out: &mut Writer);

    /// Reads as many deltas as [`Causal::write_column`] wrote.
    ///
    /// # Errors
    /// If the bytes are not what that wrote for some deltas.
    fn read_column(count: usize, input: &mut Reader<'_>) -> Result<Vec<Self::Delta>, DecodeError>;
}

/// How a delta tells a peer which keys it speaks of.
///
/// ```
/// use selkie_crdt::{ActorId, AwMap, Counter, Doc, Keys};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let mut east: Doc<AwMap<String, Counter>> = Doc::new(east);
/// let mut west: Doc<AwMap<String, Counter>> = Doc::new(west);
/// let page = "a rather long address of a page";
/// east.edit().entry(page.into()).add(1);
/// west.merge(&east)?;
/// let seen = west.version();
/// east.edit().entry(page.into()).add(1);
/// // West knows the page, so a name of a few bytes will do.
/// let cut = |keys| east.delta_with(&seen, keys).expect("it was visited");
/// assert!(cut(Keys::Named).to_bytes().len() < cut(Keys::Spelled).to_bytes().len());
/// west.join(cut(Keys::Named))?;
/// assert_eq!(west.root().get(page).map(Counter::value), Some(2));
/// # Ok::<_, selkie_crdt::JoinError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Keys {
    /// Every key as it is. Any peer can read it.
    Spelled,
    /// A key that the peer saw is named by a dot that lay there: a few bytes, however long the
    /// key. A peer that has dropped the key meanwhile answers
    /// [`JoinError::Unnamed`](crate::JoinError::Unnamed) and wants it spelled.
    Named,
}

/// Which dots a delta is made of, and how they are numbered in it.
#[derive(Clone, Debug)]
pub struct Cut<'a> {
    pub(crate) since: &'a [u64],
    pub(crate) seen: &'a [u64],
    pub(crate) renumbered: &'a [u32], // from our numbers to the delta's
    pub(crate) numbered: &'a [u32],   // and back
    pub(crate) kills: &'a Kills,
    pub(crate) keys: Keys,
}

impl Cut<'_> {
    /// Whether the receiver lacks this dot.
    pub(crate) fn is_new(&self, mark: Mark) -> bool {
        mark.counter() > self.since[mark.actor() as usize]
    }

    /// The dot as the delta numbers it.
    pub(crate) fn outside(&self, mark: Mark) -> Mark {
        mark.renumbered(self.renumbered)
    }

    /// The dot of the delta as it is numbered here.
    pub(crate) fn inside(&self, mark: Mark) -> Mark {
        mark.renumbered(self.numbered)
    }

    /// The first dot, as the delta numbers them, that the change `by` ended.
    pub(crate) fn first_killed(&self, by: Mark) -> Option<Mark> {
        self.kills.of(by).min_by_key(|dead| self.outside(*dead))
    }

    /// The same cut for what lies in a place of a place: keys there repeat from place to place,
    /// and a column of them is shorter spelled than named.
    pub(crate) fn deeper(&self) -> Self {
        Self { keys: Keys::Spelled, ..self.clone() }
    }
}

/// What a join knows besides the delta of one place.
#[derive(Debug)]
pub struct Join<'a> {
    pub(crate) roster: &'a Roster,
    pub(crate) log: &'a Kills,
    pub(crate) kills: &'a [(Mark, Mark)], // of the delta, in its numbers: by whom, and what
    pub(crate) renumbered: &'a [u32],     // from the delta's numbers to ours
    /// Dots that were seen and do not lie where the delta has them: they have ended, or they lie
    /// elsewhere and mean something else. In our numbers.
    pub(crate) strays: RefCell<Vec<Mark>>,
    /// For each of `kills`, whether the dot lies where the change goes that ended it: it ends as
    /// that is joined, and need not be looked for.
    pub(crate) replaced: RefCell<Vec<bool>>,
    /// Where the last change that was asked for stands in `kills`: most often the next is next.
    pub(crate) asked: Cell<usize>,
}

impl Join<'_> {
    /// The dot as this document numbers it.
    pub(crate) fn inside(&self, mark: Mark) -> Mark {
        mark.renumbered(self.renumbered)
    }

    /// Whether this document has seen the dot, alive or not. The dot is in our numbers.
    pub(crate) fn is_seen(&self, mark: Mark) -> bool {
        self.roster.has_seen(mark)
    }

    /// Remembers that the delta has `mark`, which was seen, where it does not lie.
    pub(crate) fn misses(&self, mark: Mark) {
        self.strays.borrow_mut().push(mark);
    }

    /// The first dot that the change `by` of the delta ended, both in the delta's numbers.
    pub(crate) fn first_killed(&self, by: Mark) -> Option<Mark> {
        let (_, kills) = self.killed_by(by);
        kills.first().map(|kill| kill.1)
    }

    /// The dots that the change `by` of the delta ended. `by` is in the delta's numbers, they are
    /// in ours.
    #[inline]
    pub(crate) fn each_killed(&self, by: Mark, mut visit: impl FnMut(Mark)) {
        let (_, kills) = self.killed_by(by);
        kills.iter().for_each(|(_, dead)| visit(self.inside(*dead)));
    }

    /// Remembers which of the dots that the change `by` of the delta ended lie `here`, where it
    /// goes. `by` is in the delta's numbers, the dots are in ours.
    #[inline]
    pub(crate) fn replaces(&self, by: Mark, here: impl Fn(Mark) -> bool) {
        let (first, kills) = self.killed_by(by);
        for (at, (_, dead)) in kills.iter().enumerate() {
            if here(self.inside(*dead)) {
                self.replaced.borrow_mut()[first + at] = true;
            }
        }
    }

    /// The ends by the change `by`, and where they stand among all.
    #[inline]
    fn killed_by(&self, by: Mark) -> (usize, &[(Mark, Mark)]) {
        let asked = self.asked.get();
        let is_by = |at: &usize| self.kills.get(*at).is_some_and(|kill| kill.0 == by);
        let next = [asked, asked + 1].into_iter().find(is_by);
        let first = next.unwrap_or_else(|| self.kills.partition_point(|kill| kill.0 < by));
        self.asked.set(first);
        let kills = &self.kills[first..];
        let others = kills.iter().position(|kill| kill.0 != by);
        (first, &kills[..others.unwrap_or(kills.len())])
    }
}

/// Why a delta cannot be joined. The dot is in our numbers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Refusal {
    /// A dot lies here with another content.
    Reused(Mark),
    /// A key was named by a dot that tells nothing here.
    Unnamed(Mark),
    /// A key is told of twice, the second time with this dot.
    Repeated(Mark),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::ActorId;

    #[test]
    fn what_a_change_ended_is_told_in_whatever_order_it_is_asked() {
        let mark = |counter| Mark::new(0, counter);
        let kills =
            [(5, 1), (5, 2), (6, 3), (8, 2), (9, 4)].map(|(by, dead)| (mark(by), mark(dead)));
        let mut roster = Roster::default();
        roster.admit(ActorId::from_bytes([1; 16]));
        let log = Kills::keeping(1);
        let join = Join {
            roster: &roster,
            log: &log,
            kills: &kills,
            renumbered: &[0],
            strays: RefCell::default(),
            replaced: RefCell::new(alloc::vec![false; kills.len()]),
            asked: Cell::default(),
        };
        for first in 1..12 {
            for then in 1..12 {
                for by in [first, then, then] {
                    let mut told = Vec::new();
                    join.each_killed(mark(by), |dead| told.push(dead));
                    let ended = kills.iter().filter(|kill| kill.0 == mark(by)).map(|kill| kill.1);
                    assert!(told.iter().copied().eq(ended), "{first}, {then}: {by} ended {told:?}");
                }
            }
        }
        join.replaces(mark(5), |dead| dead == mark(2));
        join.replaces(mark(9), |dead| dead == mark(4));
        assert_eq!(join.replaced.into_inner(), [false, true, false, false, true]);
    }
}
