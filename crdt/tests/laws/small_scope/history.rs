//! Histories of three replicas: who took which step, having seen which others.
//!
//! **Why histories and not interleavings.** What a replica tells is all that it knows, and what a
//! telling does to the one who hears depends on nothing but what both know. So between two steps
//! only one thing matters: what the replica knows when it takes the next. That may be any set of
//! steps that holds its own, and with each step all that was known when that was taken: somebody
//! knew just that once, or it is the union of what several knew, who can tell one after the other.
//! Two interleavings in which every step was taken with the same knowledge are one history. The
//! premise, that it does not matter who tells what to whom in which order, is not taken on trust:
//! [`super::explore`] joins any two sets that make up a history, both ways, and compares; in
//! histories of more than six steps the author of the last and whoever knows all the others.
//!
//! **Each history once.** Of the orders in which its steps can be put, a history is made in that
//! one where always the first replica goes that can. So a step of a replica may follow a step of a
//! later one only if it could not have come before it: it knows that step, or one that was put
//! between.
//!
//! **What [`Reach::Essential`] leaves out.** (1) Histories that are another with the replicas
//! renamed: any history can be renamed so that, in the order above, its replicas take their first
//! steps in turn. Names matter to a document by their order alone, in ties and in the order of
//! its bytes. (2) What comes after a step that changed nothing, not even a version: the document
//! goes on as if the step had not been, and the definition does as well, since what such a step
//! ended had ended, for everyone who knows the step. (3) Where letters are [`Letters::Contents`],
//! all but one letter for a step that another has seen: its content ended, nobody who knows both
//! reads it, and no document looked at it meanwhile but to read. [`Reach::All`] leaves out nothing,
//! and two steps of each replica are few enough for it.

use crate::bits::Bits;

pub(crate) const REPLICAS: usize = 3;

/// How many steps of each replica somebody has seen.
pub(crate) type Seen = [usize; REPLICAS];

/// Which histories are visited.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Reach {
    All,
    Essential(Letters),
}

/// In what the letters of an alphabet differ.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Letters {
    /// One writes and one ends.
    Deeds,
    /// All write, and each write ends all that its author saw.
    Contents,
}

/// One step: the `nth` of its author, taken by who had seen `seen`.
#[derive(Clone, Debug)]
pub(crate) struct Taken {
    pub(crate) author: usize,
    pub(crate) step: usize,
    pub(crate) ids_seen: Bits,
    nth: usize,
}

/// Steps, each behind all that its author had seen.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    steps: Vec<Taken>,
    made: Seen,
}

impl History {
    pub(crate) fn len(&self) -> usize {
        self.steps.len()
    }

    pub(crate) fn steps(&self) -> &[Taken] {
        &self.steps
    }

    /// How many steps each replica took.
    pub(crate) fn made(&self) -> Seen {
        self.made
    }

    pub(crate) fn push(&mut self, author: usize, step: usize, seen: Seen) {
        let mut ids_seen = Bits::default();
        let known = self.steps.iter().enumerate().filter(|(_, taken)| taken.is_in(&seen));
        known.for_each(|(id, _)| ids_seen.insert(id));
        self.steps.push(Taken { author, step, ids_seen, nth: self.made[author] });
        self.made[author] += 1;
    }

    pub(crate) fn pop(&mut self) {
        let last = self.steps.pop().expect("what was pushed is popped");
        self.made[last.author] -= 1;
    }

    /// Whether the next step of `author` may be put here, if it is taken with `seen`.
    pub(crate) fn goes_on_with(&self, author: usize, seen: &Seen, reach: Reach) -> bool {
        let later = self.steps.iter().rposition(|taken| taken.author > author);
        let had_to_wait = |from: usize| self.steps[from..].iter().any(|taken| taken.is_in(seen));
        let is_first_of_its_kind = match reach {
            Reach::All => true,
            Reach::Essential(Letters::Deeds) => self.is_turn_of(author),
            Reach::Essential(Letters::Contents) => self.is_turn_of(author) && self.is_plain(seen),
        };
        seen[author] == self.made[author] && later.is_none_or(had_to_wait) && is_first_of_its_kind
    }

    fn is_turn_of(&self, author: usize) -> bool {
        author == 0 || self.made[author - 1] > 0
    }

    /// Whether all that is seen has the one letter that a step at its place has once it is seen.
    fn is_plain(&self, seen: &Seen) -> bool {
        let letter_is_plain =
            |(id, taken): (usize, &Taken)| !taken.is_in(seen) || taken.step == id % 2;
        self.steps.iter().enumerate().all(letter_is_plain)
    }
}

impl Taken {
    fn is_in(&self, seen: &Seen) -> bool {
        seen[self.author] > self.nth
    }
}

pub(crate) fn union(a: &Seen, b: &Seen) -> Seen {
    [0, 1, 2].map(|at| a[at].max(b[at]))
}

/// Whether all of `inner` is in `outer`.
pub(crate) fn covers(outer: &Seen, inner: &Seen) -> bool {
    union(outer, inner) == *outer
}
