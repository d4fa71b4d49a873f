//! Two values side by side.

use selkie_crdt::Causal;
use selkie_crdt::Edit;

use super::Subject;
use crate::deed::Act;
use crate::deed::Deed;
use crate::dice::Dice;

#[derive(Clone, Debug)]
pub(crate) enum PairStep<A, B> {
    First(A),
    Second(B),
}

/// Each half is what the steps in it make.
impl<A: Subject, B: Subject> Subject for (A, B) {
    type Step = PairStep<A::Step, B::Step>;
    type Told = (Option<A::Told>, Option<B::Told>);
    type Shown = (A::Shown, B::Shown);

    fn draw(dice: &mut Dice) -> Self::Step {
        if dice.chance(50) {
            PairStep::First(A::draw(dice))
        } else {
            PairStep::Second(B::draw(dice))
        }
    }

    fn take(mut edit: Edit<'_, Self>, step: &Self::Step) {
        match step {
            PairStep::First(step) => A::take(edit.part(|pair| &mut pair.0), step),
            PairStep::Second(step) => B::take(edit.part(|pair| &mut pair.1), step),
        }
    }

    fn told(&self) -> Option<Self::Told> {
        (!self.is_bottom()).then(|| (self.0.told(), self.1.told()))
    }

    fn defined(deeds: &[Deed<'_, Self::Step>]) -> Option<Self::Told> {
        let half = |deeds: &[Deed<'_, Self::Step>]| {
            (A::defined(&first::<A, B>(deeds)), B::defined(&second::<A, B>(deeds)))
        };
        Some(half(deeds)).filter(|halves| halves.0.is_some() || halves.1.is_some())
    }

    fn shown(&self) -> Self::Shown {
        (self.0.shown(), self.1.shown())
    }

    fn redraw(shown: &mut Self::Shown, change: Self::Change) {
        assert!(change.0.is_some() || change.1.is_some());
        change.0.into_iter().for_each(|change| A::redraw(&mut shown.0, change));
        change.1.into_iter().for_each(|change| B::redraw(&mut shown.1, change));
    }
}

fn first<'a, A: Subject, B: Subject>(
    deeds: &[Deed<'a, PairStep<A::Step, B::Step>>],
) -> Vec<Deed<'a, A::Step>> {
    let below = |deed: &Deed<'a, PairStep<A::Step, B::Step>>| match &deed.act {
        Act::Step(PairStep::First(step)) => Some(deed.as_seen_below(Act::Step(step.clone()))),
        Act::Step(PairStep::Second(_)) => None,
        Act::Wipe => Some(deed.as_seen_below(Act::Wipe)),
    };
    deeds.iter().filter_map(below).collect()
}

fn second<'a, A: Subject, B: Subject>(
    deeds: &[Deed<'a, PairStep<A::Step, B::Step>>],
) -> Vec<Deed<'a, B::Step>> {
    let below = |deed: &Deed<'a, PairStep<A::Step, B::Step>>| match &deed.act {
        Act::Step(PairStep::Second(step)) => Some(deed.as_seen_below(Act::Step(step.clone()))),
        Act::Step(PairStep::First(_)) => None,
        Act::Wipe => Some(deed.as_seen_below(Act::Wipe)),
    };
    deeds.iter().filter_map(below).collect()
}
