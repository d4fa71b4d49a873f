//! What somebody decided so far, and how it is taken back.

use std::collections::BTreeMap;

use crate::verb::settling::part::PartId;
use crate::verb::settling::verdict::Verdict;

/// What somebody decided of open parts and did not put into the files yet. All of it can be taken back and done again,
/// step by step, to the very beginning.
///
/// A draft is the fold of its notes, so it is the same after a restart.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Draft {
    verdicts: BTreeMap<PartId, Verdict>,
    done: Vec<Vec<Swap>>,
    undone: Vec<Vec<Swap>>,
}

/// What somebody says of a part now; nothing if it shall be open again.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Change {
    /// The part.
    pub part: PartId,
    /// What it shall be.
    pub verdict: Option<Verdict>,
}

/// One step in the making of a draft, as it is kept.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Note {
    /// This was said, all in one step.
    Said(Vec<Change>),
    /// The last step that stands was taken back.
    Undone,
    /// The last step that was taken back was done again.
    Redone,
    /// What was decided came into the files. What came before is not taken back step by step any more.
    Finished,
}

/// A part with what was said of it before and after.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Swap {
    part: PartId,
    before: Option<Verdict>,
    after: Option<Verdict>,
}

impl Draft {
    /// The draft that these notes made.
    #[must_use]
    pub fn of(notes: impl IntoIterator<Item = Note>) -> Self {
        let mut draft = Self::default();
        for note in notes {
            draft.follow(note);
        }
        draft
    }

    /// What was decided of a part.
    #[must_use]
    pub fn verdict(&self, part: PartId) -> Option<&Verdict> {
        self.verdicts.get(&part)
    }

    /// Every part of which something was decided.
    pub fn parts(&self) -> impl Iterator<Item = PartId> {
        self.verdicts.keys().copied()
    }

    /// The parts of the step that an undo would take back; none if there is nothing to take back.
    pub fn last(&self) -> impl Iterator<Item = PartId> {
        self.done.last().into_iter().flatten().map(|swap| swap.part)
    }

    /// The parts of the step that a redo would do again; none if there is nothing to do again.
    pub fn next(&self) -> impl Iterator<Item = PartId> {
        self.undone.last().into_iter().flatten().map(|swap| swap.part)
    }

    /// Does what a note says. Whether that changed anything; if not, the note need not be kept.
    pub fn follow(&mut self, note: Note) -> bool {
        match note {
            Note::Said(changes) => self.say(changes),
            Note::Undone => {
                let Some(step) = self.done.pop() else { return false };
                step.iter().rev().for_each(|swap| self.set(swap.part, swap.before.clone()));
                self.undone.push(step);
                true
            }
            Note::Redone => {
                let Some(step) = self.undone.pop() else { return false };
                step.iter().for_each(|swap| self.set(swap.part, swap.after.clone()));
                self.done.push(step);
                true
            }
            Note::Finished => {
                self.done.clear();
                self.undone.clear();
                true
            }
        }
    }

    fn say(&mut self, changes: Vec<Change>) -> bool {
        let mut step = Vec::new();
        for Change { part, verdict: after } in changes {
            let before = self.verdicts.get(&part).cloned();
            if before != after {
                self.set(part, after.clone());
                step.push(Swap { part, before, after });
            }
        }
        if step.is_empty() {
            return false;
        }
        self.done.push(step);
        self.undone.clear();
        true
    }

    fn set(&mut self, part: PartId, verdict: Option<Verdict>) {
        match verdict {
            Some(verdict) => self.verdicts.insert(part, verdict),
            None => self.verdicts.remove(&part),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::dice::Dice;

    fn part(n: u8) -> PartId {
        PartId::from_bytes([n; PartId::LEN])
    }

    fn says(said: &[(u8, Option<Verdict>)]) -> Note {
        let change = |(n, verdict): &(u8, Option<Verdict>)| Change {
            part: part(*n),
            verdict: verdict.clone(),
        };
        Note::Said(said.iter().map(change).collect())
    }

    #[test]
    fn a_step_is_taken_back_and_done_again_as_a_whole() {
        let both = says(&[(1, Some(Verdict::Base)), (2, Some(Verdict::Nothing))]);
        let one = says(&[(1, Some(Verdict::Side(1)))]);
        let mut draft = Draft::of([both, one]);
        assert_eq!(draft.verdict(part(1)), Some(&Verdict::Side(1)));
        assert!(draft.follow(Note::Undone));
        assert_eq!(draft.verdict(part(1)), Some(&Verdict::Base));
        assert!(draft.follow(Note::Undone));
        assert_eq!(draft.parts().count(), 0);
        assert!(!draft.follow(Note::Undone));
        assert!(draft.follow(Note::Redone));
        assert_eq!(draft.parts().collect::<Vec<_>>(), [part(1), part(2)]);
    }

    #[test]
    fn saying_the_same_again_is_no_step() {
        let say = says(&[(1, Some(Verdict::Base))]);
        let mut draft = Draft::of([say.clone()]);
        assert!(!draft.follow(say));
        assert!(draft.follow(Note::Undone) && !draft.follow(Note::Undone));
    }

    #[test]
    fn what_came_into_the_files_stays_decided_and_is_not_taken_back_here() {
        let mut draft = Draft::of([says(&[(1, Some(Verdict::Base))]), Note::Finished]);
        assert!(!draft.follow(Note::Undone));
        assert_eq!(draft.verdict(part(1)), Some(&Verdict::Base));
    }

    #[test]
    fn any_walk_is_undone_to_its_beginning() {
        let mut dice = Dice(11);
        for _ in 0..300 {
            let mut draft = Draft::default();
            let mut notes = Vec::new();
            for _ in 0..dice.below(30) {
                let verdicts = [None, Some(Verdict::Base), Some(Verdict::Side(1))];
                let mut said = || {
                    let n = u8::try_from(dice.below(4)).unwrap();
                    (n, verdicts[dice.below(3)].clone())
                };
                let note = match (said(), said()) {
                    ((0, None), _) => Note::Undone,
                    ((1, None), _) => Note::Redone,
                    (one, other) => says(&[one, other]),
                };
                if draft.follow(note.clone()) {
                    notes.push(note);
                }
            }
            assert_eq!(Draft::of(notes), draft, "what is kept makes the same draft");
            while draft.follow(Note::Undone) {}
            assert_eq!(draft.parts().count(), 0);
        }
    }
}
