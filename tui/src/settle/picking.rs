//! Single lines, chosen one by one.
//!
//! Each line that is taken or given up is a decision of its own: it is in the draft at once, and an undo takes it back.

use selkie_vcs::settling::{Picked, PickedLine, Verdict};

use crate::settle::action::{Action, Way};
use crate::settle::cursor::{Cursor, picked_line};
use crate::settle::message::Effect;
use crate::settle::words::MERGED;
use crate::settle::{Mode, Settle};

impl Settle {
    /// The lines of the part that are taken now, as far as its versions have them.
    pub(crate) fn picked(&self) -> Option<Picked> {
        let open = self.open()?;
        match self.verdict(self.spot()) {
            Some(verdict) => verdict.picked(&open.versions),
            None => Some(Picked::default()),
        }
    }

    /// Where somebody is among the lines, if they choose some.
    pub(crate) const fn cursor(&self) -> Option<Cursor> {
        match self.mode {
            Mode::Lines(cursor) => Some(cursor),
            Mode::Conflicts
            | Mode::Writing(_)
            | Mode::Sweeping(_)
            | Mode::Searching(_)
            | Mode::Keys { .. }
            | Mode::Why { .. }
            | Mode::Finishing { .. } => None,
        }
    }

    /// Begins to choose among the lines of the part.
    pub(super) fn pick(&mut self) -> Vec<Effect> {
        if self.merged().is_some() {
            return self.tell(MERGED);
        }
        if self.open().is_none() {
            return self.tell("this is decided as a whole: it has no lines to choose from");
        }
        let first = (0..2).find_map(|side| self.nearest(side, 0));
        match first {
            Some(cursor) => {
                self.mode = Mode::Lines(cursor);
                Vec::new()
            }
            None => self.tell("no side has a line here"),
        }
    }

    /// Goes to another line, or to the other side.
    pub(super) fn walk(&mut self, action: Action) -> Vec<Effect> {
        let Some(cursor) = self.cursor() else { return Vec::new() };
        let Cursor { side, row } = cursor;
        let rows = self.aligned.rows.len();
        let is_line = |row: &usize| picked_line(&self.aligned.rows[*row][side], side).is_some();
        let there = match action {
            Action::Line(Way::On) => (row + 1..rows).find(is_line),
            Action::Line(Way::Back) => (0..row).rev().find(is_line),
            Action::Line(Way::First) => (0..rows).find(is_line),
            Action::Line(Way::Last) => (0..rows).rev().find(is_line),
            _ => Some(row),
        };
        let moved = match action {
            Action::OtherSide => self.nearest(1 - side, row),
            Action::LinesOf(other) => self.nearest(usize::from(other.min(1)), row),
            _ => there.map(|row| Cursor { side, row }),
        };
        match moved {
            Some(moved) if moved == cursor => return self.tell("you are there"),
            Some(moved) => self.mode = Mode::Lines(moved),
            None if matches!(action, Action::Line(_)) => {
                return self.tell("there is none further on");
            }
            None => return self.tell("that side has no line here"),
        }
        Vec::new()
    }

    /// Takes the line, behind those that are taken; or takes it no more.
    pub(super) fn toggle(&mut self) -> Vec<Effect> {
        let Some(line) = self.cursor().and_then(|cursor| self.line_at(cursor)) else {
            return Vec::new();
        };
        let part = self.spot().part;
        let (before, is_new) = match self.picked() {
            Some(picked) => (picked, false),
            // Nothing of what was written is a line of a version.
            None => (Picked::default(), true),
        };
        let Some(picked) = before.toggled(line) else {
            return self.tell("these are more lines than can be chosen one by one");
        };
        if picked.lines().is_empty() {
            let effects = self.say(part, None);
            self.tell("no line is taken any more, so it is open");
            return effects;
        }
        let effects = self.say(part, Some(Verdict::Lines(picked)));
        if is_new {
            self.tell("this line stands in the place of what there was; u brings that back");
        }
        effects
    }

    /// Takes these lines of the part that is looked at.
    pub(super) fn choose(&mut self, picked: Picked) -> Vec<Effect> {
        match self.open() {
            _ if self.merged().is_some() => self.tell(MERGED),
            None => self.tell("this is decided as a whole: it has no lines to choose from"),
            Some(open) if !picked.is_of(&open.versions) => self.tell("it has no such lines"),
            Some(_) => self.say(self.spot().part, Some(Verdict::Lines(picked))),
        }
    }

    /// The line where somebody is.
    fn line_at(&self, Cursor { side, row }: Cursor) -> Option<PickedLine> {
        picked_line(&self.aligned.rows.get(row)?[side], side)
    }

    /// The row of a side with a line that is next to this one.
    fn nearest(&self, side: usize, row: usize) -> Option<Cursor> {
        let is_line = |at: &usize| picked_line(&self.aligned.rows[*at][side], side).is_some();
        let found = (row..self.aligned.rows.len()).find(is_line);
        let found = found.or_else(|| (0..row.min(self.aligned.rows.len())).rev().find(is_line));
        found.map(|row| Cursor { side, row })
    }
}
