//! The conflict that is looked at, told in lines: for a terminal that shows no screen, and for who has it read out.
//!
//! It says what the screen shows, in words where the screen has a place or a colour.

use selkie_vcs::settling::{About, PartId, Verdict};

use crate::settle::aligned::Cell;
use crate::settle::heads::{comes_of, foreseen, waits};
use crate::settle::lines::Line;
use crate::settle::table::What;
use crate::settle::view::many::{becomes, rule, sum};
use crate::settle::view::pages::prospect;
use crate::settle::view::why::facts;
use crate::settle::words::{decided, letter, seal, who};
use crate::settle::{Mode, Settle};
use crate::visible::without_end;

/// A line that is told. What is in it comes from strangers, and nothing of it is made safe yet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Spoken {
    /// Something that the screen says.
    Sentence(String),
    /// A line of a file that stays, or that nobody disputes.
    Kept(Vec<u8>),
    /// A line of a file that a side takes away.
    Gone(Vec<u8>),
    /// A line of a file that a side adds.
    Come(Vec<u8>),
    /// A line of a file with the name by which somebody can take it.
    Named(String, Vec<u8>),
}

impl Settle {
    /// Which part is looked at.
    #[must_use]
    pub fn part(&self) -> PartId {
        self.spot().part
    }

    /// What somebody should know who did something: why it is not on disk, or why nothing came of it.
    #[must_use]
    pub fn notice(&self) -> Option<String> {
        let unkept = self.unkept.as_ref().map(|why| format!("the draft is not on disk: {why}"));
        unkept.or_else(|| (!self.notice.is_empty()).then(|| self.notice.clone()))
    }

    /// What is looked at: where it is, what is around it, what each side makes of it, and how it stands.
    #[must_use]
    pub fn told(&self) -> Vec<Spoken> {
        let (case, [open, _]) = (self.case(), self.counts());
        let (number, count) = self.standing(self.spot().case);
        let (at, all) = (self.at + 1, self.spots.len());
        let of_file =
            if count > 1 { format!(", {number} of {count} in it") } else { String::new() };
        let what = match self.aspect().map(|aspect| aspect.about) {
            Some(About::Name) => "Name",
            Some(About::Mode) => "Mode",
            None if self.merged().is_some() => "Merged, look",
            None => "Conflict",
        };
        let mut told =
            vec![sentence(format!("{what} {at} of {all}: {}{of_file}. {open} open.", case.name()))];
        let [above, below] = self.around();
        told.extend(above.iter().map(|line| self.told_line(line)));
        if self.open().is_some_and(|open| !open.versions.base.is_empty()) {
            told.push(sentence("Before, there was:".to_owned()));
            let base = self.open().map(|open| &open.versions.base[..]).unwrap_or_default();
            told.extend(lines(base));
        }
        for number in 0..case.sides.len() {
            self.tell_side(number, &mut told);
        }
        if !below.is_empty() {
            told.push(sentence("It goes on with:".to_owned()));
            told.extend(below.iter().map(|line| self.told_line(line)));
        }
        told.extend(self.told_result());
        told
    }

    /// How the part stands that is looked at: what was decided, or what is offered.
    #[must_use]
    pub fn told_result(&self) -> Vec<Spoken> {
        let offer = self.offered().first();
        let is_put_off = self.draft.put_off(self.spot().part).is_some();
        let open = if is_put_off { "It is open, put off." } else { "It is open." };
        if let Some(text) = self.merged() {
            let told = "It was merged without asking. The file has this there:".to_owned();
            return std::iter::once(sentence(told)).chain(lines(text)).collect();
        }
        if let Some(diverged) = self.diverged() {
            let now = self.verdict(self.spot()).map(|verdict| {
                format!("Decided: {}: {}.", decided(verdict), comes_of(diverged, verdict))
            });
            let waits = waits(diverged).map(|why| format!(" But {why}.")).unwrap_or_default();
            let now = now.unwrap_or_else(|| format!("{open}{waits}"));
            let foreseen = format!("{}.", capital(&foreseen(diverged)));
            return vec![sentence(foreseen), sentence(now)];
        }
        if let (Some(aspect), None) = (self.aspect(), self.verdict(self.spot())) {
            let stays = capital(&self.stays(aspect));
            return vec![sentence(format!("{stays}. Nobody has to decide it."))];
        }
        match (self.verdict(self.spot()), self.open(), offer) {
            (Some(verdict), Some(open), _) => {
                let text = verdict.lines(&open.versions);
                let what = if text.is_empty() { "no line there." } else { "this there:" };
                let told = format!("Decided: {}. The file has {what}", decided(verdict));
                std::iter::once(sentence(told)).chain(lines(&text)).collect()
            }
            (Some(Verdict::Side(side)), None, _) => {
                let side = usize::from(*side);
                let did = self.did(side);
                vec![sentence(format!("Decided: as {} has it, which {did}.", letter(side)))]
            }
            (Some(_), None, _) => {
                vec![sentence("Decided: as it was before either side.".to_owned())]
            }
            (None, _, Some(offer)) => {
                let told = format!("{open} Offered: {}.", offer.step.sentence());
                std::iter::once(sentence(told)).chain(lines(&offer.text)).collect()
            }
            (None, _, None) => vec![sentence(open.to_owned())],
        }
    }

    /// All lines of all versions, each with the name by which somebody can take it.
    #[must_use]
    pub fn told_lines(&self) -> Vec<Spoken> {
        let Some(open) = self.open() else {
            return vec![sentence("This is decided as a whole: it has no lines.".to_owned())];
        };
        let versions = &open.versions;
        let all = [("A", &versions.ours), ("B", &versions.theirs), ("base", &versions.base)];
        let named = |(name, text): (&'static str, &'_ Vec<u8>)| -> Vec<Spoken> {
            let lines = text.split_inclusive(|byte| *byte == b'\n').enumerate();
            let named =
                |(at, line)| Spoken::Named(format!("{name}{}", at + 1), without_end(line).to_vec());
            lines.map(named).collect()
        };
        all.into_iter().flat_map(named).collect()
    }

    /// What somebody would decide at once, and what would become of each.
    #[must_use]
    pub fn told_sweep(&self) -> Vec<Spoken> {
        let Mode::Sweeping(sweeping) = &self.mode else { return Vec::new() };
        let mut told = Vec::new();
        if let Some(Ok(would)) = &sweeping.would {
            told.extend(would.iter().map(|one| {
                let (_, _, becomes) = becomes(self, sweeping, one);
                sentence(format!("{}: {becomes}", one.path))
            }));
        }
        if sweeping.is_rule {
            told.push(sentence("A rule comes of it as well:".to_owned()));
        }
        let more = rule(sweeping).into_iter().chain(sum(self, sweeping));
        told.extend(more.map(|(_, line)| sentence(line.trim_start().to_owned())));
        told
    }

    /// All conflicts, each with what it is about, what each version has there, what a rule says, and how it stands.
    #[must_use]
    pub fn told_table(&self) -> Vec<Spoken> {
        let mut told = Vec::new();
        for (number, spot) in (1..).zip(&self.spots) {
            for row in self.rows_of(spot) {
                let what = match &row.what {
                    What::Key(key) => format!(", {key}"),
                    What::Lines(number) => format!(", lines {number}"),
                    What::Apart(about) => format!(", its {}", about.name()),
                    What::Whole | What::Heads => String::new(),
                };
                let path = self.cases[spot.case].name();
                told.push(sentence(format!("{number}. {path}{what}: {}.", self.stands(spot))));
                for (at, value) in row.values.iter().enumerate() {
                    let name = at.checked_sub(1).map_or("base".to_owned(), |at| letter(at).into());
                    told.push(Spoken::Named(name, value.clone()));
                }
                let says =
                    row.says.as_ref().map(|says| format!("  {}.", capital(&says.sentence())));
                told.extend(says.map(sentence));
            }
        }
        told
    }

    /// Why it is a conflict, and who did what when.
    #[must_use]
    pub fn told_why(&self) -> Vec<Spoken> {
        let fact = |(_, name, fact)| match name {
            name if String::is_empty(&name) => sentence(format!("  {fact}")),
            name => sentence(format!("{name}: {fact}")),
        };
        facts(self).into_iter().map(fact).collect()
    }

    /// What finishing would do.
    #[must_use]
    pub fn told_finishing(&self) -> Vec<Spoken> {
        let lines = prospect(self).into_iter().map(|(_, line)| line);
        lines.filter(|line| !line.is_empty()).map(sentence).collect()
    }

    fn tell_side(&self, number: usize, told: &mut Vec<Spoken>) {
        let case = self.case();
        let side = &case.sides[number];
        let who = side.seal.as_ref().map(|(_, of)| {
            let (_, title) = seal(of);
            format!(", \"{title}\" by {}", who(of))
        });
        let who = who.unwrap_or_else(|| ", whose seal is not here".to_owned());
        let did = match (self.open(), self.aligned.counts.get(number)) {
            (Some(_), Some((0, 0))) => "left it alone".to_owned(),
            (Some(_), Some((come, gone))) => format!("adds {come}, takes away {gone}"),
            (_, _) => self.did(number),
        };
        told.push(sentence(format!("{} is {}{who}: {did}.", letter(number), side.note)));
        let Some(open) = self.open() else { return };
        let text = [&open.versions.ours, &open.versions.theirs][number.min(1)];
        let cell = |row: &[Cell; 2]| match &row[number.min(1)] {
            Cell::Filler => None,
            Cell::Kept(span, _) => Some(Spoken::Kept(without_end(&text[span.clone()]).to_vec())),
            Cell::Gone(span, ..) => {
                Some(Spoken::Gone(without_end(&open.versions.base[span.clone()]).to_vec()))
            }
            Cell::New(span, ..) => Some(Spoken::Come(without_end(&text[span.clone()]).to_vec())),
        };
        told.extend(self.aligned.rows.iter().filter_map(cell));
    }

    fn told_line(&self, line: &Line) -> Spoken {
        match line {
            Line::Settled(text) => Spoken::Kept(without_end(text).to_vec()),
            Line::Other(part) => sentence(match self.draft.verdict(*part) {
                Some(verdict) => format!("  (another conflict, decided: {})", decided(verdict)),
                None if self.is_merged() => "  (another place that was merged)".to_owned(),
                None if self.draft.put_off(*part).is_some() => {
                    "  (another conflict, put off)".to_owned()
                }
                None => "  (another conflict)".to_owned(),
            }),
            Line::Outside | Line::Row(_) => sentence(String::new()),
        }
    }
}

/// With a large letter first.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

fn sentence(text: String) -> Spoken {
    Spoken::Sentence(text)
}

fn lines(text: &[u8]) -> impl Iterator<Item = Spoken> + '_ {
    text.split_inclusive(|byte| *byte == b'\n').map(|line| Spoken::Kept(without_end(line).to_vec()))
}
