//! Many conflicts that are decided at once: which, and by what.
//!
//! Nothing is decided before it was shown what would become of each. It is one step of the draft, so one undo takes it back.

use selkie_vcs::settling::{Change, First, Note, Sort, Swept, Take, Verdict};

use crate::settle::action::Way;
use crate::settle::message::Effect;
use crate::settle::sweeping::Sweeping;
use crate::settle::{Mode, Settle};
use crate::text_box::TextBox;

impl Settle {
    /// Asks what to decide many by. It begins with files like the one that is looked at, and with what was taken there.
    pub(super) fn sweep(&mut self) -> Vec<Effect> {
        if self.diverged().is_some() {
            return self.tell("many at once is about files; this is a timeline that diverged");
        }
        let path = self.case().path.as_str();
        let name = path.rsplit('/').next().unwrap_or_default();
        let pattern = match name.rsplit_once('.') {
            Some((stem, end)) if !stem.is_empty() && !end.is_empty() => format!("*.{end}"),
            Some(_) | None => name.to_owned(),
        };
        let take = match self.verdict(self.spot()) {
            Some(Verdict::Side(side)) => Take::Side(*side),
            Some(Verdict::Base) => Take::Base,
            Some(Verdict::Both(first)) => Take::Both(*first),
            Some(Verdict::Nothing) => Take::Nothing,
            Some(
                Verdict::Lines(_)
                | Verdict::Offer { .. }
                | Verdict::Text(_)
                | Verdict::Fuse
                | Verdict::Apart,
            )
            | None => Take::Side(0),
        };
        self.sweep_by(&pattern, Sort::Any, take, false)
    }

    /// Asks whether to decide many by this.
    pub(super) fn sweep_by(
        &mut self,
        pattern: &str,
        sort: Sort,
        take: Take,
        is_rule: bool,
    ) -> Vec<Effect> {
        // A name that is a pattern by chance means more than itself; the list shows what.
        self.mode = Mode::Sweeping(Box::new(Sweeping {
            pattern: TextBox::line(pattern),
            sort,
            take,
            is_rule,
            would: None,
            from: 0,
            number: 0,
        }));
        self.ask_sweep()
    }

    /// Asks what would become of each.
    pub(super) fn ask_sweep(&mut self) -> Vec<Effect> {
        self.question += 1;
        let number = self.question;
        let Mode::Sweeping(sweeping) = &mut self.mode else { return Vec::new() };
        (sweeping.number, sweeping.would, sweeping.from) = (number, None, 0);
        let (pattern, sort, take) = (sweeping.pattern(), sweeping.sort, sweeping.take.clone());
        vec![Effect::Sweep { number, pattern, sort, take }]
    }

    /// Takes in what would become of each.
    pub(super) fn would(&mut self, number: u64, would: Result<Vec<Swept>, String>) {
        if let Mode::Sweeping(sweeping) = &mut self.mode
            && sweeping.number == number
        {
            sweeping.would = Some(would);
        }
    }

    /// Takes another word.
    pub(super) fn sweep_take(&mut self, way: Way) -> Vec<Effect> {
        let sides = self.cases.iter().map(|case| case.sides.len()).max().unwrap_or_default();
        let sides = (0..u8::try_from(sides.min(9)).unwrap_or(9)).map(Take::Side);
        let words = [
            Take::Base,
            Take::Both(First::Ours),
            Take::Both(First::Theirs),
            Take::Nothing,
            Take::Offer,
        ];
        let words: Vec<Take> = sides.chain(words).collect();
        let Mode::Sweeping(sweeping) = &mut self.mode else { return Vec::new() };
        let at = words.iter().position(|word| *word == sweeping.take).unwrap_or_default();
        let step = if way == Way::Back { words.len() - 1 } else { 1 };
        sweeping.take = words[(at + step) % words.len()].clone();
        self.ask_sweep()
    }

    /// Means another sort.
    pub(super) fn sweep_sort(&mut self) -> Vec<Effect> {
        let Mode::Sweeping(sweeping) = &mut self.mode else { return Vec::new() };
        let at = Sort::ALL.iter().position(|sort| *sort == sweeping.sort).unwrap_or_default();
        sweeping.sort = Sort::ALL[(at + 1) % Sort::ALL.len()];
        self.ask_sweep()
    }

    /// Makes a rule of it as well, or not.
    pub(super) fn sweep_rule(&mut self) -> Vec<Effect> {
        if let Mode::Sweeping(sweeping) = &mut self.mode {
            sweeping.is_rule = !sweeping.is_rule;
        }
        Vec::new()
    }

    /// Those of them that are open, so that something would become of them.
    pub(crate) fn sweep_changes(&self, would: &[Swept]) -> Vec<Change> {
        let open = would.iter().filter(|one| self.draft.verdict(one.part).is_none());
        let change = |one: &Swept| {
            let verdict = Some(one.verdict.clone().ok()?);
            Some(Change { part: one.part, verdict })
        };
        open.filter_map(change).collect()
    }

    /// Decides them.
    pub(super) fn sweep_do(&mut self) -> Vec<Effect> {
        let Mode::Sweeping(sweeping) = &self.mode else { return Vec::new() };
        let changes = match &sweeping.would {
            None => return self.tell("it is not known yet what would become of them"),
            Some(Err(why)) => return self.tell(&why.clone()),
            Some(Ok(would)) => self.sweep_changes(would),
        };
        let rule = match (sweeping.is_rule, sweeping.rule()) {
            (false, _) => None,
            (true, Ok(rule)) => Some(rule),
            (true, Err(why)) => return self.tell(&why),
        };
        if changes.is_empty() && rule.is_none() {
            return self.tell("nothing that is open would be decided by that");
        }
        let count = changes.len();
        let is_ruled = rule.is_some();
        let note = match rule {
            Some(rule) => Note::Ruled(rule, changes),
            None => Note::Said(changes),
        };
        if !note.is_short() {
            return self.tell("a draft does not keep so much in one step: mean fewer at once");
        }
        self.mode = Mode::Conflicts;
        let effects = self.follow(note);
        let rule = if is_ruled { ", and a rule comes with them" } else { "" };
        self.tell(&format!("{count} decided in one step{rule}; u takes it back"));
        effects
    }
}
