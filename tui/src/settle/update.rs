//! What a message changes, and what it makes somebody do.

use std::collections::HashSet;
use std::sync::Arc;

use selkie_vcs::Versions;
use selkie_vcs::settling::{Change, First, Note, Open, PartId, Take, Verdict};

use crate::key::Key;
use crate::settle::action::Action;
use crate::settle::binding::{action, written};
use crate::settle::heads::NO_FILE;
use crate::settle::message::{Effect, Message};
use crate::settle::tally::Tally;
use crate::settle::words::{MERGED, TOO_LONG, letter};
use crate::settle::{Mode, Settle};
use crate::text_box::TextBox;

impl Settle {
    /// Takes a message in, and answers with what shall be done now, in this order.
    pub fn update(&mut self, message: Message) -> Vec<Effect> {
        match message {
            Message::Pressed(key) => self.press(key),
            Message::Said(action) => {
                self.notice.clear();
                self.act(action)
            }
            Message::Picked(picked) => {
                self.notice.clear();
                self.choose(picked)
            }
            Message::Sought(text) => {
                self.notice.clear();
                self.find_text(text)
            }
            Message::Swept { pattern, sort, take, is_rule } => {
                self.notice.clear();
                self.sweep_by(&pattern, sort, take, is_rule)
            }
            Message::WouldBe { number, would } => {
                self.would(number, would);
                Vec::new()
            }
            Message::Pasted(text) => self.paste(&text),
            Message::Kept => {
                self.keeping = self.keeping.saturating_sub(1);
                Vec::new()
            }
            Message::NotKept(why) => {
                self.keeping = self.keeping.saturating_sub(1);
                self.unkept = Some(why);
                Vec::new()
            }
            Message::Offered { number, part, offers } => {
                // What was asked about something that nobody looks at any more is asked anew when somebody does.
                if number == self.question {
                    self.offers.insert(part, offers);
                }
                Vec::new()
            }
            Message::Near(Ok(cases)) => {
                self.add(cases);
                Vec::new()
            }
            Message::Foreseen(found) => self.foresee(found),
            Message::Near(Err(why)) => {
                let told = format!("what was merged close to each other can not be told: {why}");
                self.tell(&told)
            }
            Message::Tabulated(Ok(tabulated)) => {
                self.tabulated = Some(tabulated);
                Vec::new()
            }
            Message::Tabulated(Err(why)) => {
                self.tell(&format!("what the files have at their keys can not be told: {why}"))
            }
            Message::Edited { part, outcome } => self.edited(part, outcome),
            Message::Wrote(Ok(_)) => vec![Effect::Leave],
            Message::Wrote(Err(why)) => {
                self.mode = Mode::Conflicts;
                self.notice = format!("nothing was written: {why}");
                Vec::new()
            }
        }
    }

    /// What is to be asked before anything was pressed.
    pub fn begin(&mut self) -> Vec<Effect> {
        self.ask()
    }

    fn press(&mut self, key: Key) -> Vec<Effect> {
        if matches!(self.mode, Mode::Finishing { is_confirmed: true }) {
            return Vec::new();
        }
        self.notice.clear();
        let place = self.place();
        match (action(place, key), &mut self.mode) {
            (Some(action), _) => self.act(action),
            (None, Mode::Writing(_) | Mode::Sweeping(_) | Mode::Searching(_)) => {
                let letter = written(key);
                letter.map(|letter| self.paste(letter.encode_utf8(&mut [0; 4]))).unwrap_or_default()
            }
            (
                None,
                Mode::Conflicts
                | Mode::Lines(_)
                | Mode::Keys { .. }
                | Mode::Why { .. }
                | Mode::Finishing { .. },
            ) => {
                self.notice = format!("{key} does nothing here; ? shows the keys");
                Vec::new()
            }
        }
    }

    /// Writes letters where somebody writes.
    fn paste(&mut self, text: &str) -> Vec<Effect> {
        match &mut self.mode {
            Mode::Writing(written) => written.write(&text.replace('\r', "\n")),
            Mode::Searching(written) => written.write_line(text),
            Mode::Sweeping(sweeping) => {
                sweeping.pattern.write_line(text);
                return self.ask_sweep();
            }
            Mode::Conflicts
            | Mode::Lines(_)
            | Mode::Keys { .. }
            | Mode::Why { .. }
            | Mode::Finishing { .. } => {}
        }
        Vec::new()
    }

    fn act(&mut self, action: Action) -> Vec<Effect> {
        match action {
            Action::Side(_)
            | Action::Base
            | Action::Offer
            | Action::Both
            | Action::BothReversed
            | Action::Nothing
            | Action::Reopen => self.decide(action),
            Action::Undo => self.follow(Note::Undone),
            Action::Redo => self.follow(Note::Redone),
            Action::NextOpen
            | Action::PreviousOpen
            | Action::Next
            | Action::Previous
            | Action::NextFile
            | Action::PreviousFile
            | Action::First
            | Action::Last => self.go(action),
            Action::Scroll(lines) => self.scroll(lines),
            Action::Aside(columns) => {
                self.aside = self.aside.saturating_add_signed(isize::from(columns));
                Vec::new()
            }
            Action::PutOff => self.put_off(),
            Action::Lines => self.pick(),
            Action::Toggle => self.toggle(),
            Action::Line(_) | Action::LinesOf(_) | Action::OtherSide => self.walk(action),
            Action::Sweep => self.sweep(),
            Action::SweepTake(way) => self.sweep_take(way),
            Action::SweepSort => self.sweep_sort(),
            Action::SweepRule => self.sweep_rule(),
            Action::SweepDo => self.sweep_do(),
            Action::Search => self.search(),
            Action::Find => self.find_written(),
            Action::FindNext | Action::FindPrevious => self.find(action),
            Action::Write => self.write(),
            Action::Editor => self.editor(),
            Action::Keep => self.keep_written(),
            Action::InsertSide(_) | Action::InsertBase | Action::Text(_) => self.stroke(action),
            Action::Table => self.show_table(),
            Action::Why | Action::Keys | Action::Back | Action::Finish => self.turn(action),
            Action::Confirm => {
                self.mode = Mode::Finishing { is_confirmed: true };
                vec![Effect::Write(Box::new(self.draft.clone()))]
            }
            Action::Leave => vec![Effect::Leave],
            Action::Suspend => vec![Effect::Suspend],
            Action::Redraw => vec![Effect::Redraw],
        }
    }

    /// Goes to another page, or back.
    fn turn(&mut self, action: Action) -> Vec<Effect> {
        if action == Action::Finish && self.counts()[1] == 0 {
            return self.tell("nothing is decided yet, so there is nothing to write");
        }
        self.mode = match action {
            Action::Why => Mode::Why { from: 0 },
            Action::Keys => Mode::Keys { from: 0 },
            Action::Finish => Mode::Finishing { is_confirmed: false },
            _ => Mode::Conflicts,
        };
        Vec::new()
    }

    /// Says something below the conflicts, until the next key.
    pub(super) fn tell(&mut self, notice: &str) -> Vec<Effect> {
        notice.clone_into(&mut self.notice);
        Vec::new()
    }

    fn decide(&mut self, action: Action) -> Vec<Effect> {
        let spot = *self.spot();
        if self.merged().is_some() {
            return self.tell(MERGED);
        }
        if self.diverged().is_some() && action != Action::Reopen {
            return self.decide_heads(action);
        }
        if let Some(aspect) = self.aspect().cloned() {
            match action {
                Action::Side(side) => return self.decide_apart(&aspect, &Take::Side(side)),
                Action::Base => return self.decide_apart(&aspect, &Take::Base),
                _ => {}
            }
        }
        let is_text = spot.piece.is_some();
        let now = self.verdict(&spot).cloned();
        let verdict = match action {
            Action::Side(side) if usize::from(side) < self.case().sides.len() => {
                Verdict::Side(side)
            }
            Action::Side(side) => {
                return self.tell(&format!("there is no side {} here", letter(usize::from(side))));
            }
            Action::Base => Verdict::Base,
            Action::Reopen if now.is_none() => {
                return self.tell("it is open");
            }
            Action::Reopen => return self.say(spot.part, None),
            _ if !is_text => {
                return self.tell("this is decided as a whole: take a side, or what was before");
            }
            Action::Both => Verdict::Both(First::Ours),
            Action::BothReversed => Verdict::Both(First::Theirs),
            Action::Nothing => Verdict::Nothing,
            _ => {
                let offer = self.next_offer(now.as_ref());
                let Some(offer) = offer else { return self.tell("nothing is offered here") };
                return self.say(spot.part, Some(offer));
            }
        };
        let again = now.as_ref() == Some(&verdict);
        self.say(spot.part, (!again).then_some(verdict))
    }

    /// The offer behind the one that is taken; the first one if none is.
    fn next_offer(&self, now: Option<&Verdict>) -> Option<Verdict> {
        let offers = self.offered();
        let verdicts = offers.iter().map(|offer| Verdict::Offer {
            step: offer.step.name().to_owned(),
            text: offer.text.clone(),
        });
        let verdicts: Vec<Verdict> = verdicts.collect();
        let taken = verdicts.iter().position(|verdict| Some(verdict) == now);
        let next = taken.map_or(0, |taken| (taken + 1) % verdicts.len().max(1));
        verdicts.into_iter().nth(next)
    }

    pub(super) fn say(&mut self, part: PartId, verdict: Option<Verdict>) -> Vec<Effect> {
        self.follow(Note::Said(vec![Change { part, verdict }]))
    }

    /// Takes a note into the draft, has it kept, and goes to what it is about.
    pub(super) fn follow(&mut self, note: Note) -> Vec<Effect> {
        let (about, nothing): (HashSet<PartId>, _) = match &note {
            Note::Said(changes) | Note::Ruled(_, changes) => {
                (changes.iter().map(|change| change.part).collect(), "")
            }
            Note::PutOff(parts) => (parts.iter().copied().collect(), ""),
            Note::Undone => (self.draft.last().collect(), "there is nothing to take back"),
            Note::Redone => (self.draft.next().collect(), "there is nothing to do again"),
            Note::Finished => (HashSet::new(), ""),
        };
        if !note.is_short() {
            return self.tell(TOO_LONG);
        }
        if !self.draft.follow(note.clone()) {
            return self.tell(nothing);
        }
        self.tally = Tally::of(&self.spots, &self.draft);
        self.keeping += 1;
        let is_here = about.contains(&self.spot().part);
        let there = self.spots.iter().position(|spot| about.contains(&spot.part));
        let there = there.filter(|_| !is_here);
        let mut effects = vec![Effect::Keep(note)];
        effects.extend(there.map(|at| self.look(at)).unwrap_or_default());
        effects
    }

    fn write(&mut self) -> Vec<Effect> {
        if self.merged().is_some() {
            return self.tell(MERGED);
        }
        let Some(open) = self.open() else {
            if self.diverged().is_some() {
                return self.tell(NO_FILE);
            }
            return self.tell("this is no text that could be written here");
        };
        let decided = self.draft.verdict(open.id);
        let text = decided.unwrap_or(&Verdict::Side(0)).lines(&open.versions).into_owned();
        match TextBox::of(&text) {
            Some(text) => self.mode = Mode::Writing(text),
            None => return self.tell("this is no UTF-8: write it in your editor, with E"),
        }
        Vec::new()
    }

    fn keep_written(&mut self) -> Vec<Effect> {
        let Mode::Writing(written) = &self.mode else { return Vec::new() };
        let (part, verdict) = (self.spot().part, Some(Verdict::Text(written.text())));
        let note = Note::Said(vec![Change { part, verdict }]);
        // What somebody wrote is not thrown away because it is too long.
        if note.is_short() {
            self.mode = Mode::Conflicts;
        }
        self.follow(note)
    }

    fn stroke(&mut self, action: Action) -> Vec<Effect> {
        let versions = self.open().map(|open| open.versions.clone()).unwrap_or_default();
        let Versions { base, ours, theirs } = &versions;
        if let (Action::Text(stroke), Mode::Searching(text)) = (action, &mut self.mode) {
            text.press(stroke);
            return Vec::new();
        }
        if let (Action::Text(stroke), Mode::Sweeping(sweeping)) = (action, &mut self.mode) {
            let before = sweeping.pattern();
            sweeping.pattern.press(stroke);
            let is_same = sweeping.pattern() == before;
            return if is_same { Vec::new() } else { self.ask_sweep() };
        }
        let Mode::Writing(text) = &mut self.mode else { return Vec::new() };
        let insert = match action {
            Action::Text(stroke) => {
                text.press(stroke);
                return Vec::new();
            }
            Action::InsertSide(0) => ours,
            Action::InsertSide(_) => theirs,
            _ => base,
        };
        match str::from_utf8(insert) {
            Ok(insert) => text.write(insert),
            Err(_) => "those lines are no UTF-8".clone_into(&mut self.notice),
        }
        Vec::new()
    }

    fn editor(&mut self) -> Vec<Effect> {
        if self.merged().is_some() {
            return self.tell(MERGED);
        }
        let Some(open) = self.open() else {
            return self.tell("this is no text that could be written");
        };
        let text = match self.draft.verdict(open.id) {
            Some(verdict) => verdict.lines(&open.versions).into_owned(),
            None => self.sections(open),
        };
        vec![Effect::Edit { path: self.case().path.clone(), part: open.id, text }]
    }

    /// What an editor shows of an open part: each version below a line that says whose it is.
    fn sections(&self, open: &Arc<Open>) -> Vec<u8> {
        let Versions { base, ours, theirs } = &open.versions;
        let named = |side: usize| {
            let note = self.case().sides.get(side).map(|side| side.note.replace(['\n', '\r'], " "));
            format!("{} {}", letter(side), note.unwrap_or_default())
        };
        let mark = marker(&open.versions);
        let mut text = Vec::new();
        for (name, lines) in [(named(0), ours), ("base".to_owned(), base), (named(1), theirs)] {
            text.extend(format!("{mark} {name}\n").as_bytes());
            text.extend(lines);
            if !lines.is_empty() && !lines.ends_with(b"\n") {
                text.push(b'\n');
            }
        }
        text.extend(format!("{mark} leave no line like this one, and it is decided\n").as_bytes());
        text
    }

    fn edited(&mut self, part: PartId, outcome: Result<Vec<u8>, String>) -> Vec<Effect> {
        let open = self.open().filter(|open| open.id == part).cloned();
        match (outcome, open) {
            (Err(why), _) => self.notice = format!("nothing is decided: {why}"),
            (Ok(_), None) => {
                return self.tell("what was written is for nothing that is open here");
            }
            (Ok(text), Some(open)) => {
                let mark = marker(&open.versions);
                let is_mark = |line: &[u8]| line.starts_with(mark.as_bytes());
                if text.split(|byte| *byte == b'\n').any(is_mark) {
                    self.notice = format!("it is open still: lines with {mark} are left");
                } else {
                    return self.say(part, Some(Verdict::Text(text)));
                }
            }
        }
        Vec::new()
    }
}

/// A line between versions begins with this, and no line of theirs does.
fn marker(versions: &Versions) -> String {
    let texts = [&versions.base, &versions.ours, &versions.theirs];
    let lines = texts.into_iter().flat_map(|text| text.split(|byte| *byte == b'\n'));
    let runs = lines.map(|line| line.iter().take_while(|byte| **byte == b'=').count());
    "=".repeat(runs.max().map_or(7, |longest| 7.max(longest + 1)))
}
