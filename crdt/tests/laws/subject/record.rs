//! A derived struct: its meaning is that of pairs of its fields.

use selkie_crdt::Causal;
use selkie_crdt::Crdt;
use selkie_crdt::Edit;

use super::Subject;
use super::pair::PairStep;
use crate::deed::Deed;
use crate::dice::Dice;

#[derive(Clone, Crdt)]
pub(crate) struct Trio<A, B, C> {
    first: A,
    second: B,
    third: C,
}

type Pairs<A, B, C> = (A, (B, C));

impl<A: Subject, B: Subject, C: Subject> Subject for Trio<A, B, C> {
    type Step = <Pairs<A, B, C> as Subject>::Step;
    type Told = <Pairs<A, B, C> as Subject>::Told;
    type Shown = <Pairs<A, B, C> as Subject>::Shown;

    fn draw(dice: &mut Dice) -> Self::Step {
        Pairs::<A, B, C>::draw(dice)
    }

    fn take(mut edit: Edit<'_, Self>, step: &Self::Step) {
        match step {
            PairStep::First(step) => A::take(edit.first(), step),
            PairStep::Second(PairStep::First(step)) => B::take(edit.second(), step),
            PairStep::Second(PairStep::Second(step)) => C::take(edit.third(), step),
        }
    }

    fn told(&self) -> Option<Self::Told> {
        let rest = (self.second.told(), self.third.told());
        let rest = Some(rest).filter(|rest| rest.0.is_some() || rest.1.is_some());
        (!self.is_bottom()).then(|| (self.first.told(), rest))
    }

    fn defined(deeds: &[Deed<'_, Self::Step>]) -> Option<Self::Told> {
        Pairs::<A, B, C>::defined(deeds)
    }

    fn shown(&self) -> Self::Shown {
        (self.first.shown(), (self.second.shown(), self.third.shown()))
    }

    fn redraw(shown: &mut Self::Shown, change: TrioChange<A, B, C>) {
        let TrioChange { first, second, third } = change;
        let rest = Some((second, third)).filter(|rest| rest.0.is_some() || rest.1.is_some());
        Pairs::<A, B, C>::redraw(shown, (first, rest));
    }
}
