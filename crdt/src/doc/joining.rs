//! Joining deltas: first all that can fail, then all that cannot.

use alloc::vec;
use alloc::vec::Vec;
use core::cell::Cell;
use core::cell::RefCell;
use core::iter;

use super::Doc;
use super::JoinError;
use crate::causal::Causal;
use crate::causal::Join;
use crate::causal::Refusal;
use crate::delta::Delta;
use crate::edit::Cx;
use crate::ends::Ends;
use crate::mark::Mark;
use crate::mark::Run;
use crate::observe::Observe;
use crate::roster::Roster;
use crate::span::Span;

/// A delta that may be joined: its keys are slots, its actors have numbers here.
pub(super) struct Checked<T: Causal> {
    root: Option<T::Delta>,
    ends: Ends,
    span: Span,
    renumbered: Vec<u32>,
    ended: Vec<Mark>,    // what is alive here and ends, but for
    replaced: Vec<Mark>, // what ends as the change is joined that ended it
    actors_met: usize,   // before this delta
}

impl<T: Causal> Checked<T> {
    /// Lets `settle` change how what was checked is kept.
    pub(super) fn settle(&mut self, settle: impl FnOnce(&mut T::Delta)) {
        if let Some(root) = &mut self.root {
            settle(root);
        }
    }
}

impl<T: Causal> Doc<T> {
    /// Sees to all that can fail. What was done by then, [`Doc::drop_checked`] takes back.
    pub(super) fn check(&mut self, delta: Delta<T>) -> Result<Checked<T>, JoinError> {
        self.check_reach(&delta.span)?;
        let actors_met = self.cx.roster.len();
        let actors = delta.span.actors.iter();
        let renumbered = actors.map(|actor| self.cx.roster.admit(*actor)).collect();
        let Delta { subject: _, span, ends, root } = delta;
        let (ended, replaced) = (Vec::new(), Vec::new());
        let mut checked = Checked { root, ends, span, renumbered, ended, replaced, actors_met };
        let mut root = checked.root.take();
        let is_replaced = self.check_root(root.as_mut(), &checked);
        checked.root = root;
        match is_replaced {
            Ok(is_replaced) => {
                (checked.replaced, checked.ended) = self.ended_by(&checked, &is_replaced);
                Ok(checked)
            }
            Err(refusal) => {
                let error = refusal.told(&self.cx.roster);
                self.drop_checked(&checked);
                Err(error)
            }
        }
    }

    /// Tells for each end that is listed whether the change that ended it replaces it.
    fn check_root(
        &self,
        root: Option<&mut T::Delta>,
        checked: &Checked<T>,
    ) -> Result<Vec<bool>, Refusal> {
        let join = Self::join_with(&self.cx, checked);
        join.replaced.borrow_mut().resize(checked.ends.listed().len(), false);
        root.map_or(Ok(()), |root| self.root.check(root, &join))?;
        let strays = join.strays.into_inner();
        let reused = strays.into_iter().find(|mark| self.root.holds(*mark));
        reused.map_or(Ok(join.replaced.into_inner()), |mark| Err(Refusal::Reused(mark)))
    }

    /// Joins what was checked.
    pub(super) fn apply(&mut self, mut checked: Checked<T>) {
        for mark in &checked.ended {
            self.root.kill(*mark);
        }
        if let Some(root) = checked.root.take() {
            let join = Self::join_with(&self.cx, &checked);
            self.root.join(root, &join);
        }
        self.remember_ends(&checked);
        for (number, to) in checked.renumbered.iter().zip(&checked.span.to) {
            self.cx.roster.raise(*number, *to);
        }
    }

    fn join_with<'a>(cx: &'a Cx, checked: &'a Checked<T>) -> Join<'a> {
        let Checked { ends, renumbered, .. } = checked;
        Join {
            roster: &cx.roster,
            log: &cx.kills,
            kills: ends.listed(),
            renumbered,
            strays: RefCell::default(),
            replaced: RefCell::default(),
            asked: Cell::default(),
        }
    }

    /// Forgets the actors that only a delta brought that is not joined.
    pub(super) fn drop_checked(&mut self, checked: &Checked<T>) {
        self.cx.roster.dismiss_from(checked.actors_met);
    }

    fn check_reach(&self, span: &Span) -> Result<(), JoinError> {
        let roster = &self.cx.roster;
        let mut actors = roster.len();
        for (actor, from) in span.actors.iter().zip(&span.from) {
            let number = roster.number(actor);
            actors += usize::from(number.is_none());
            let have = number.map_or(0, |number| roster.seen()[number as usize]);
            if have < *from {
                return Err(JoinError::Gap { actor: *actor, have, from: *from });
            }
        }
        if actors > Mark::ACTORS_MAX as usize { Err(JoinError::Crowded) } else { Ok(()) }
    }

    /// What is alive here and ends by the delta: what is replaced, and what else.
    fn ended_by(&self, checked: &Checked<T>, is_replaced: &[bool]) -> (Vec<Mark>, Vec<Mark>) {
        match &checked.ends {
            Ends::Listed(kills) => {
                let roster = &self.cx.roster;
                let inside = |mark: &Mark| mark.renumbered(&checked.renumbered);
                let (mut replaced, mut others) = (Vec::with_capacity(kills.len()), Vec::new());
                for ((by, dead), is_replaced) in iter::zip(kills, is_replaced) {
                    let dead = inside(dead);
                    if *is_replaced {
                        replaced.push(dead);
                    } else if !roster.has_seen(inside(by)) && roster.has_seen(dead) {
                        others.push(dead);
                    }
                }
                (replaced, others)
            }
            Ends::AllBut(alive) => (Vec::new(), self.ended_but_for(alive, checked)),
        }
    }

    /// Every dot here that the sender has seen and does not say to be alive.
    fn ended_but_for(&self, alive: &[Run], checked: &Checked<T>) -> Vec<Mark> {
        let mut told = Vec::new();
        if let Some(root) = &checked.root {
            T::each_delta_mark(root, &mut |mark| told.push(mark));
            told.sort_unstable();
        }
        let mut outside = vec![None; self.cx.roster.len()];
        for (at, number) in checked.renumbered.iter().enumerate() {
            outside[*number as usize] = Some((at as u32, checked.span.to[at]));
        }
        let mut ended = Vec::new();
        self.root.each_mark(&mut |mark| {
            let Some((actor, seen)) = outside[mark.actor() as usize] else { return };
            let outside = Mark::new(actor, mark.counter());
            let is_alive =
                || Run::any_contains(alive, outside) || told.binary_search(&outside).is_ok();
            if mark.counter() <= seen && !is_alive() {
                ended.push(mark);
            }
        });
        ended
    }

    /// Keeps what peers who are further behind will want to know.
    fn remember_ends(&mut self, checked: &Checked<T>) {
        match &checked.ends {
            Ends::Listed(kills) => {
                for (by, dead) in kills {
                    let [by, dead] = [by, dead].map(|mark| mark.renumbered(&checked.renumbered));
                    if !self.cx.roster.has_seen(by) {
                        self.cx.kills.log(by, dead);
                    }
                }
            }
            Ends::AllBut(_) => {
                // Nobody told by which changes the dots ended, so nobody can be told from here.
                let mut seen = vec![0; self.cx.roster.len()];
                for (number, to) in checked.renumbered.iter().zip(&checked.span.to) {
                    seen[*number as usize] = *to;
                }
                self.cx.kills.forget(&seen);
            }
        }
    }
}

impl<T: Observe> Doc<T> {
    /// What `checked` would change here.
    pub(super) fn change_by(&self, checked: &Checked<T>) -> Option<T::Change> {
        let mut ended = [&checked.ended[..], &checked.replaced].concat();
        ended.sort_unstable();
        let join = Self::join_with(&self.cx, checked);
        self.root.change(checked.root.as_ref(), &ended, &join)
    }
}

impl Refusal {
    fn told(self, roster: &Roster) -> JoinError {
        match self {
            Self::Reused(mark) => JoinError::Reused(roster.dot(mark)),
            Self::Unnamed(mark) => JoinError::Unnamed(roster.dot(mark)),
            Self::Repeated(mark) => JoinError::Repeated(roster.dot(mark)),
        }
    }
}
