//! What somebody decided so far, and how it is taken back.

use std::collections::BTreeMap;

use crate::verb::settling::new_rule::NewRule;
use crate::verb::settling::part::PartId;
use crate::verb::settling::verdict::Verdict;

/// What somebody decided of open parts and did not put into the files yet. All of it can be taken back and done again,
/// step by step, to the very beginning.
///
/// A draft is the fold of its notes, so it is the same after a restart.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Draft {
    stands: BTreeMap<PartId, Stand>,
    rules: Vec<NewRule>,
    done: Vec<Step>,
    undone: Vec<Step>,
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
    /// These were put off, all in one step: they stay open, and come last.
    PutOff(Vec<PartId>),
    /// This was said, and shall be so from now on.
    Ruled(NewRule, Vec<Change>),
}

/// How a part stands that is not just open.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Stand {
    Decided(Verdict),
    /// Open, and behind all that has a lower number.
    PutOff(u64),
}

/// What is taken back and done again as a whole.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
struct Step {
    swaps: Vec<Swap>,
    rule: Option<NewRule>,
}

/// A part with how it stood before and after.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Swap {
    part: PartId,
    before: Option<Stand>,
    after: Option<Stand>,
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
        match self.stands.get(&part)? {
            Stand::Decided(verdict) => Some(verdict),
            Stand::PutOff(_) => None,
        }
    }

    /// Which place a part has among those that were put off, if it was.
    #[must_use]
    pub fn put_off(&self, part: PartId) -> Option<u64> {
        match self.stands.get(&part)? {
            Stand::PutOff(number) => Some(*number),
            Stand::Decided(_) => None,
        }
    }

    /// Every part of which something was decided.
    pub fn parts(&self) -> impl Iterator<Item = PartId> {
        let is_decided = |(part, stand): (&PartId, &Stand)| match stand {
            Stand::Decided(_) => Some(*part),
            Stand::PutOff(_) => None,
        };
        self.stands.iter().filter_map(is_decided)
    }

    /// The rules that come into their file with what was decided.
    #[must_use]
    pub fn rules(&self) -> &[NewRule] {
        &self.rules
    }

    /// The parts of the step that an undo would take back; none if there is nothing to take back.
    pub fn last(&self) -> impl Iterator<Item = PartId> {
        self.done.last().into_iter().flat_map(|step| &step.swaps).map(|swap| swap.part)
    }

    /// The parts of the step that a redo would do again; none if there is nothing to do again.
    pub fn next(&self) -> impl Iterator<Item = PartId> {
        self.undone.last().into_iter().flat_map(|step| &step.swaps).map(|swap| swap.part)
    }

    /// Does what a note says. Whether that changed anything; if not, the note need not be kept.
    pub fn follow(&mut self, note: Note) -> bool {
        match note {
            Note::Said(changes) => self.step(stands(changes), None),
            Note::Ruled(rule, changes) => self.step(stands(changes), Some(rule)),
            Note::PutOff(parts) => {
                let numbers = self.stands.values().filter_map(|stand| match stand {
                    Stand::PutOff(number) => Some(*number),
                    Stand::Decided(_) => None,
                });
                let last = numbers.max().unwrap_or_default();
                let stand = |(number, part)| (part, Some(Stand::PutOff(number)));
                self.step((last.saturating_add(1)..).zip(parts).map(stand).collect(), None)
            }
            Note::Undone => {
                let Some(step) = self.done.pop() else { return false };
                step.swaps.iter().rev().for_each(|swap| self.set(swap.part, swap.before.clone()));
                // Steps are taken back in their order, so its rule is the last one.
                self.rules.truncate(self.rules.len() - usize::from(step.rule.is_some()));
                self.undone.push(step);
                true
            }
            Note::Redone => {
                let Some(step) = self.undone.pop() else { return false };
                step.swaps.iter().for_each(|swap| self.set(swap.part, swap.after.clone()));
                self.rules.extend(step.rule.clone());
                self.done.push(step);
                true
            }
            Note::Finished => {
                self.rules.clear();
                self.done.clear();
                self.undone.clear();
                true
            }
        }
    }

    fn step(&mut self, stands: Vec<(PartId, Option<Stand>)>, rule: Option<NewRule>) -> bool {
        let mut swaps = Vec::new();
        for (part, after) in stands {
            let before = self.stands.get(&part).cloned();
            if before != after {
                self.set(part, after.clone());
                swaps.push(Swap { part, before, after });
            }
        }
        if swaps.is_empty() && rule.is_none() {
            return false;
        }
        self.rules.extend(rule.clone());
        self.done.push(Step { swaps, rule });
        self.undone.clear();
        true
    }

    fn set(&mut self, part: PartId, stand: Option<Stand>) {
        match stand {
            Some(stand) => self.stands.insert(part, stand),
            None => self.stands.remove(&part),
        };
    }
}

fn stands(changes: Vec<Change>) -> Vec<(PartId, Option<Stand>)> {
    let stand = |change: Change| (change.part, change.verdict.map(Stand::Decided));
    changes.into_iter().map(stand).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strategy::Strategy;
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
    fn what_is_put_off_is_open_and_has_its_place_among_the_others() {
        let mut draft = Draft::of([
            Note::PutOff(vec![part(2)]),
            Note::PutOff(vec![part(1)]),
            says(&[(3, Some(Verdict::Base))]),
        ]);
        let places = |draft: &Draft| [1, 2, 3].map(|n| draft.put_off(part(n)));
        assert_eq!(places(&draft), [Some(2), Some(1), None]);
        assert_eq!(draft.parts().collect::<Vec<_>>(), [part(3)]);
        draft.follow(says(&[(2, Some(Verdict::Nothing))]));
        assert_eq!(places(&draft), [Some(2), None, None]);
        draft.follow(says(&[(1, None)]));
        assert_eq!(places(&draft), [None; 3]);
        assert!(draft.follow(Note::Undone) && draft.follow(Note::Undone));
        assert_eq!(places(&draft), [Some(2), Some(1), None]);
    }

    #[test]
    fn a_rule_comes_and_goes_with_its_step() {
        let rule = NewRule::new("*.lock", Strategy::PreferLocal).unwrap();
        let said = vec![Change { part: part(1), verdict: Some(Verdict::Side(0)) }];
        let mut draft = Draft::of([Note::Ruled(rule.clone(), said)]);
        assert_eq!(draft.rules(), std::slice::from_ref(&rule));
        assert!(draft.follow(Note::Undone));
        assert_eq!((draft.rules(), draft.parts().count()), (&[][..], 0));
        assert!(draft.follow(Note::Redone));
        assert_eq!(draft.rules(), [rule]);
        assert!(draft.follow(Note::Finished) && draft.rules().is_empty());
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
                    ((2, None), (n, _)) => Note::PutOff(vec![part(n), part(2)]),
                    (one, other) => says(&[one, other]),
                };
                if draft.follow(note.clone()) {
                    notes.push(note);
                }
            }
            assert_eq!(Draft::of(notes), draft, "what is kept makes the same draft");
            while draft.follow(Note::Undone) {}
            assert_eq!(draft.parts().count(), 0);
            assert!((0..4).all(|n| draft.put_off(part(n)).is_none()));
        }
    }
}
