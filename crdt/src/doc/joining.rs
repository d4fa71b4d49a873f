//! Joining deltas: first all that can fail, then all that cannot.

use alloc::vec;
use alloc::vec::Vec;
use core::cell::RefCell;

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
    ended: Vec<Mark>,  // what is alive here and ends
    actors_met: usize, // before this delta
}

impl<T: Causal> Doc<T> {
    /// Sees to all that can fail. What was done by then, [`Doc::drop_checked`] takes back.
    pub(super) fn check(&mut self, delta: Delta<T>) -> Result<Checked<T>, JoinError> {
        self.check_reach(&delta.span)?;
        let actors_met = self.cx.roster.len();
        let actors = delta.span.actors.iter();
        let renumbered = actors.map(|actor| self.cx.roster.admit(*actor)).collect();
        let Delta { subject: _, span, ends, root } = delta;
        let ended = Vec::new();
        let mut checked = Checked { root, ends, span, renumbered, ended, actors_met };
        let mut root = checked.root.take();
        let refusal = root.as_mut().and_then(|root| self.check_root(root, &checked).err());
        checked.root = root;
        if let Some(refusal) = refusal {
            let error = refusal.told(&self.cx.roster);
            self.drop_checked(&checked);
            return Err(error);
        }
        checked.ended = self.ended_by(&checked);
        Ok(checked)
    }

    fn check_root(&self, root: &mut T::Delta, checked: &Checked<T>) -> Result<(), Refusal> {
        let join = Self::join_with(&self.cx, checked);
        self.root.check(root, &join)?;
        let strays = join.strays.into_inner();
        let reused = strays.into_iter().find(|mark| self.root.holds(*mark));
        reused.map_or(Ok(()), |mark| Err(Refusal::Reused(mark)))
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
        let strays = RefCell::default();
        Join { roster: &cx.roster, log: &cx.kills, ends, renumbered, strays }
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

    /// What is alive here and ends by the delta, ascending.
    fn ended_by(&self, checked: &Checked<T>) -> Vec<Mark> {
        match &checked.ends {
            Ends::Listed(kills) => {
                let roster = &self.cx.roster;
                let inside = |mark: &Mark| mark.renumbered(&checked.renumbered);
                let news = kills.iter().filter(|(by, _)| !roster.has_seen(inside(by)));
                news.map(|(_, dead)| inside(dead)).filter(|dead| roster.has_seen(*dead)).collect()
            }
            Ends::AllBut(alive) => self.ended_but_for(alive, checked),
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
    pub(super) fn change_by(&self, checked: &mut Checked<T>) -> Option<T::Change> {
        checked.ended.sort_unstable();
        let join = Self::join_with(&self.cx, checked);
        self.root.change(checked.root.as_ref(), &checked.ended, &join)
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
