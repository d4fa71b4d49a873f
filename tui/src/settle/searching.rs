//! Looking for a text: in the names of files, in what the sides have, in what was decided, and in the lines between.

use std::ops::Range;

use selkie_vcs::settling::{Open, Piece, Verdict, sought};

use crate::settle::action::Action;
use crate::settle::aligned::{Aligned, Cell};
use crate::settle::hit::{Hit, HitPlace};
use crate::settle::lines::count;
use crate::settle::message::Effect;
use crate::settle::{Mode, Settle, pieces};
use crate::text_box::TextBox;

/// More places are not counted.
const HITS_MAX: usize = 100_000;

impl Settle {
    /// Asks what to look for.
    pub(super) fn search(&mut self) -> Vec<Effect> {
        self.mode = Mode::Searching(TextBox::line(""));
        Vec::new()
    }

    /// Looks for what somebody wrote; for what was looked for before, if that is nothing.
    pub(super) fn find_written(&mut self) -> Vec<Effect> {
        if let Mode::Searching(written) = &self.mode {
            let written = written.lines().concat();
            self.mode = Mode::Conflicts;
            if !written.is_empty() {
                return self.find_text(written);
            }
        }
        self.find(Action::FindNext)
    }

    /// Looks for a text from here on.
    pub(super) fn find_text(&mut self, text: String) -> Vec<Effect> {
        (self.sought, self.hit) = (text, None);
        self.find(Action::FindNext)
    }

    /// Goes to the next place with what was looked for, or to the one before.
    pub(super) fn find(&mut self, action: Action) -> Vec<Effect> {
        if self.sought.is_empty() {
            return self.tell("nothing was looked for; / asks for what");
        }
        let hits = self.hits();
        let here = self.hit.filter(|hit| hit.spot == self.at);
        let here = here.and_then(|hit| hits.iter().position(|other| *other == hit));
        let count = hits.len();
        let next = match (action, here) {
            (Action::FindPrevious, Some(here)) => (here + count - 1).checked_rem(count),
            (Action::FindPrevious, None) => {
                hits.iter().rposition(|hit| hit.spot <= self.at).or_else(|| count.checked_sub(1))
            }
            (_, Some(here)) => (here + 1).checked_rem(count),
            (_, None) => {
                let on = hits.iter().position(|hit| hit.spot >= self.at);
                on.or_else(|| (count > 0).then_some(0))
            }
        };
        let Some(next) = next else {
            let told = format!("nothing here has '{}'", self.sought);
            return self.tell(&told);
        };
        let hit = hits[next];
        let effects = self.look(hit.spot);
        self.hit = Some(hit);
        let rows = self.aligned.rows.len();
        self.scroll = match hit.place {
            HitPlace::Name | HitPlace::Result => 0,
            HitPlace::Above(lines) => -lines.cast_signed(),
            HitPlace::Row(row) => row.cast_signed(),
            HitPlace::Below(lines) => (rows + lines).cast_signed(),
        };
        let more = if count == HITS_MAX { " or more" } else { "" };
        self.tell(&format!("{} of {count}{more} places with '{}'", next + 1, self.sought));
        effects
    }

    /// Where in a line it is what was looked for.
    pub(crate) fn found_in(&self, line: &[u8]) -> Vec<Range<usize>> {
        sought(line, &self.sought).collect()
    }

    /// All places with what was looked for, as the conflicts stand in the files.
    fn hits(&self) -> Vec<Hit> {
        let mut hits = Vec::new();
        let mut first = 0;
        for (number, case) in self.cases.iter().enumerate() {
            let own = self.spots[first..].iter().take_while(|spot| spot.case == number).count();
            if own == 0 {
                continue;
            }
            if self.has(case.name().as_bytes()) {
                hits.push(Hit { spot: first, place: HitPlace::Name });
            }
            self.hits_in_text(pieces(case), first, &mut hits);
            first += own;
            if hits.len() >= HITS_MAX {
                hits.truncate(HITS_MAX);
                break;
            }
        }
        hits
    }

    /// Those in a text of which the first conflict is this one.
    fn hits_in_text(&self, pieces: &[Piece], first: usize, hits: &mut Vec<Hit>) {
        let mut met = 0;
        for piece in pieces {
            match piece {
                Piece::Open(open) | Piece::Merged { open, .. } => {
                    self.hits_in_part(open, first + met, hits);
                    met += 1;
                }
                Piece::Settled(text) => {
                    let height = if met == 0 { count(text) } else { 0 };
                    for (at, line) in text.split_inclusive(|byte| *byte == b'\n').enumerate() {
                        if !self.has(line) {
                            continue;
                        }
                        let (spot, place) = match met.checked_sub(1) {
                            None => (first, HitPlace::Above(height - at)),
                            Some(above) => (first + above, HitPlace::Below(at)),
                        };
                        hits.push(Hit { spot, place });
                    }
                }
            }
            if hits.len() >= HITS_MAX {
                return;
            }
        }
    }

    fn hits_in_part(&self, open: &Open, spot: usize, hits: &mut Vec<Hit>) {
        let versions = &open.versions;
        let texts = [&versions.ours, &versions.theirs];
        if texts.into_iter().chain([&versions.base]).any(|text| self.has(text)) {
            let has = |(side, cell): (usize, &Cell)| match cell {
                Cell::Filler => false,
                Cell::Kept(span, _) | Cell::New(span, ..) => self.has(&texts[side][span.clone()]),
                Cell::Gone(span, ..) => self.has(&versions.base[span.clone()]),
            };
            let rows = Aligned::of(versions).rows.into_iter().enumerate();
            let rows = rows.filter(|(_, cells)| cells.iter().enumerate().any(has));
            hits.extend(rows.map(|(row, _)| Hit { spot, place: HitPlace::Row(row) }));
        }
        if let Some(Verdict::Text(text) | Verdict::Offer { text, .. }) = self.draft.verdict(open.id)
            && self.has(text)
        {
            hits.push(Hit { spot, place: HitPlace::Result });
        }
    }

    fn has(&self, text: &[u8]) -> bool {
        sought(text, &self.sought).next().is_some()
    }
}
