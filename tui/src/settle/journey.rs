//! From conflict to conflict, and up and down in one.

use selkie_vcs::settling::Note;

use crate::settle::action::Action;
use crate::settle::apart::NOT_ASKED;
use crate::settle::message::Effect;
use crate::settle::spot::{Spot, SpotKind};
use crate::settle::words::MERGED;
use crate::settle::{Mode, Settle, Shows};

impl Settle {
    /// The order in which conflicts come: as they stand in the files, and what was put off behind all others.
    pub(super) fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.spots.len()).collect();
        order.sort_by_key(|at| self.draft.put_off(self.spots[*at].part));
        order
    }

    /// Puts what is looked at off, or has it come where it stands.
    pub(super) fn put_off(&mut self) -> Vec<Effect> {
        let part = self.spot().part;
        if self.merged().is_some() {
            return self.tell(MERGED);
        }
        if self.aspect().is_some() {
            return self.tell(NOT_ASKED);
        }
        if self.verdict(self.spot()).is_some() {
            return self.tell("it is decided; o opens it again");
        }
        if self.draft.put_off(part).is_some() {
            let effects = self.say(part, None);
            self.tell("it comes where it stands again");
            return effects;
        }
        let effects = self.follow(Note::PutOff(vec![part]));
        self.tell("put off: it stays open and comes last now; n goes on");
        effects
    }

    /// Goes to another conflict.
    pub(super) fn go(&mut self, action: Action) -> Vec<Effect> {
        let order = self.order();
        let here = order.iter().position(|at| *at == self.at).unwrap_or_default();
        let (before, after) = (&order[..here], &order[here + 1..]);
        let case = self.spot().case;
        let is_elsewhere = |at: &&usize| self.spots[**at].case != case;
        let to = match action {
            Action::NextOpen | Action::PreviousOpen => self.open_one(action, before, after),
            Action::Next => after.first().copied(),
            Action::Previous => before.last().copied(),
            Action::NextFile => after.iter().find(is_elsewhere).copied(),
            Action::PreviousFile => before.iter().rev().find(is_elsewhere).and_then(|last| {
                let case = self.spots[*last].case;
                before.iter().copied().find(|at| self.spots[*at].case == case)
            }),
            Action::First => order.first().copied(),
            _ => order.last().copied(),
        };
        let Some(to) = to else { return self.tell(self.why_not(action)) };
        let wraps = matches!(
            (action, to < self.at),
            (Action::NextOpen, true) | (Action::PreviousOpen, false)
        );
        let is_last_resort = matches!(action, Action::NextOpen | Action::PreviousOpen)
            && self.draft.put_off(self.spots[to].part).is_some();
        if is_last_resort {
            self.tell("only what was put off is open still");
        } else if wraps {
            self.tell("went on at the other end");
        }
        self.look(to)
    }

    /// The next open one as they stand in the files, so that whoever put one off goes on behind it. Those that were put off
    /// come where there is no other, in the order in which that was done.
    fn open_one(&self, action: Action, before: &[usize], after: &[usize]) -> Option<usize> {
        let is_open = |at: &usize| {
            let spot = &self.spots[*at];
            spot.kind == SpotKind::Conflict && self.verdict(spot).is_none()
        };
        let is_put_off = |at: &usize| self.draft.put_off(self.spots[*at].part).is_some();
        let is_next = |at: &usize| is_open(at) && !is_put_off(at);
        let (count, here) = (self.spots.len(), self.at);
        if action == Action::NextOpen {
            let next = (here + 1..count).chain(0..here).find(is_next);
            return next.or_else(|| after.iter().chain(before).copied().find(is_open));
        }
        let next = (0..here).rev().chain((here + 1..count).rev()).find(is_next);
        next.or_else(|| before.iter().rev().chain(after.iter().rev()).copied().find(is_open))
    }

    fn why_not(&self, action: Action) -> &'static str {
        let [open, _] = self.counts();
        match action {
            Action::NextOpen | Action::PreviousOpen if self.counts() == [0, 0] => {
                "nothing is in conflict; what is here was merged, and is worth a look"
            }
            Action::NextOpen | Action::PreviousOpen if open == 0 => {
                "all is decided; W writes it into the files"
            }
            Action::NextOpen | Action::PreviousOpen => "no other conflict is open",
            _ => "there is none further on",
        }
    }

    /// Looks at another conflict.
    pub(super) fn look(&mut self, at: usize) -> Vec<Effect> {
        if at == self.at {
            return Vec::new();
        }
        (self.at, self.scroll, self.aside) = (at, 0, 0);
        self.align();
        if matches!(self.mode, Mode::Lines(_)) {
            self.mode = Mode::Conflicts;
        }
        self.ask()
    }

    /// Asks what the machine offers for what is looked at, unless that is known.
    pub(super) fn ask(&mut self) -> Vec<Effect> {
        let Spot { part, .. } = *self.spot();
        let path = self.case().path.clone();
        let Some(open) = self.open().cloned() else { return Vec::new() };
        if self.merged().is_some() {
            return Vec::new();
        }
        if self.offers.contains_key(&part) {
            return Vec::new();
        }
        self.question += 1;
        vec![Effect::Ask { number: self.question, path, open }]
    }

    /// Scrolls by so many lines.
    pub(super) fn scroll(&mut self, lines: i8) -> Vec<Effect> {
        let lines = isize::from(lines);
        match &mut self.mode {
            Mode::Keys { from } | Mode::Why { from } => *from = from.saturating_add_signed(lines),
            Mode::Sweeping(sweeping) => {
                let before = sweeping.from;
                sweeping.scroll(lines);
                if sweeping.from == before {
                    return self.tell("there is none further on");
                }
            }
            Mode::Conflicts if self.shows == Shows::Table => return self.go_rows(lines),
            Mode::Conflicts => {
                let [above, below] = self.reach();
                self.scroll = (self.scroll + lines).clamp(-above, below);
            }
            Mode::Lines(_) | Mode::Writing(_) | Mode::Searching(_) | Mode::Finishing { .. } => {}
        }
        Vec::new()
    }
}
