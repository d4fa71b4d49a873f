//! Flags.

use selkie_crdt::Causal;
use selkie_crdt::DwFlag;
use selkie_crdt::Edit;
use selkie_crdt::EwFlag;
use selkie_crdt::FlagChange;

use super::Subject;
use crate::deed::Act;
use crate::deed::Deed;
use crate::deed::standing;
use crate::dice::Dice;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum FlagStep {
    Raise,
    Lower,
}

fn draw(dice: &mut Dice) -> FlagStep {
    if dice.removes() { FlagStep::Lower } else { FlagStep::Raise }
}

fn is_raise(act: &Act<FlagStep>) -> bool {
    matches!(act, Act::Step(FlagStep::Raise))
}

/// Up if some raising was followed by no lowering.
impl Subject for EwFlag {
    type Step = FlagStep;
    type Told = bool;
    type Shown = bool;

    fn draw(dice: &mut Dice) -> FlagStep {
        draw(dice)
    }

    fn take(mut edit: Edit<'_, Self>, step: &FlagStep) {
        match step {
            FlagStep::Raise => edit.enable(),
            FlagStep::Lower => edit.disable(),
        }
    }

    fn told(&self) -> Option<bool> {
        assert_eq!(self.is_bottom(), !self.is_enabled());
        self.is_enabled().then_some(true)
    }

    fn defined(deeds: &[Deed<'_, FlagStep>]) -> Option<bool> {
        let up = standing(deeds, is_raise, |act| !is_raise(act));
        (!up.is_empty()).then_some(true)
    }

    fn shown(&self) -> bool {
        self.is_enabled()
    }

    fn redraw(shown: &mut bool, change: FlagChange) {
        assert_ne!(*shown, change.is_enabled);
        *shown = change.is_enabled;
    }
}

/// Up if of the last things done to it none was a lowering.
impl Subject for DwFlag {
    type Step = FlagStep;
    type Told = bool;
    type Shown = bool;

    fn draw(dice: &mut Dice) -> FlagStep {
        draw(dice)
    }

    fn take(mut edit: Edit<'_, Self>, step: &FlagStep) {
        match step {
            FlagStep::Raise => edit.enable(),
            FlagStep::Lower => edit.disable(),
        }
    }

    fn told(&self) -> Option<bool> {
        (!self.is_bottom()).then_some(self.is_enabled())
    }

    fn defined(deeds: &[Deed<'_, FlagStep>]) -> Option<bool> {
        let last = standing(deeds, |act| matches!(act, Act::Step(_)), |_| true);
        (!last.is_empty()).then(|| last.iter().all(|deed| is_raise(&deed.act)))
    }

    fn shown(&self) -> bool {
        self.is_enabled()
    }

    fn redraw(shown: &mut bool, change: FlagChange) {
        assert_ne!(*shown, change.is_enabled);
        *shown = change.is_enabled;
    }
}
