//! The search for a bad seal, beside everything else.

use selkie_vcs::Unfinished;
use selkie_vcs::bisect::{BisectError, Progress, mark, reset, start};

use crate::agrees::step::Step;
use crate::agrees::{Twins, doer};
use crate::model::Model;

impl Twins {
    /// Which seal is to be looked at is believed, if it is one of those that may be the one; the rest must follow from that.
    pub(super) fn search(&mut self, who: usize, step: Step, command: String, told: &str) {
        let (doer, typed) = (doer(self.now_ms), command.clone());
        let (workspace, fate) = (&mut self.open[who], Unfinished::CarryOrShelve);
        let (said, real) = match step {
            Step::Search => {
                let said = self.model.search();
                let descent = &self.model.descent;
                let home = self.model.place.base;
                let good = home.map(|home| descent.id(descent.root(home)));
                let known = (home.map(|home| descent.id(home)), good.into_iter().collect());
                (said, start(workspace, &doer, typed, known, fate))
            }
            Step::Mark(what) => {
                (self.model.marked(what), mark(workspace, &doer, typed, (what, &[]), fate))
            }
            _ => {
                let Some(model) = self.foresee(Model::end_search) else { return };
                let real = reset(&mut self.open[who], &doer, typed, fate);
                assert_eq!(model.is_ok(), real.is_ok(), "{told}: {real:?}");
                return self.count(command, real.is_ok());
            }
        };
        self.count(command, real.is_ok());
        let step = match real {
            // Where it would go next nobody knows, so nobody knows what was in the way.
            Err(BisectError::Work(_)) => return,
            Err(error) => return assert!(said.is_err(), "{told}: {error}"),
            Ok(step) => step,
        };
        let search = said.unwrap_or_else(|_| panic!("{told}: {step:?}"));
        let suspects = self.model.suspects(&search);
        let at = match step.progress {
            Progress::Look { seal, left } => {
                assert_eq!(left, suspects.len(), "{told}");
                self.model.descent.number(seal)
            }
            Progress::Found(seal) => {
                let found = self.model.descent.number(seal).unwrap();
                assert_eq!(suspects, [found].into(), "{told}");
                None
            }
            Progress::Unclear(seals) => {
                let seals = seals.into_iter().map(|seal| self.model.descent.number(seal).unwrap());
                assert_eq!(suspects, seals.collect(), "{told}");
                None
            }
            Progress::Waits { .. } => panic!("both are known, {told}"),
        };
        let is_new = |at: &usize| !search.skipped.contains(at) && Some(*at) != search.bad;
        assert!(at.iter().all(|at| suspects.contains(at) && is_new(at)), "{told}");
        let model = self.foresee(|model| model.look(search.clone(), at));
        assert!(model.is_none_or(|model| model.is_ok()), "{told}");
    }
}
