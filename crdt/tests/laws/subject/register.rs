//! Registers.

use std::cmp::Reverse;

use selkie_crdt::ActorId;
use selkie_crdt::Causal;
use selkie_crdt::Edit;
use selkie_crdt::FwwRegister;
use selkie_crdt::Hlc;
use selkie_crdt::LwwRegister;
use selkie_crdt::MvRegister;
use selkie_crdt::RegisterChange;

use super::Subject;
use super::Word;
use super::moment;
use crate::deed::Act;
use crate::deed::Deed;
use crate::deed::standing;
use crate::dice::Dice;

#[derive(Clone, Debug)]
pub(crate) enum RegisterStep<V> {
    Write(V, Hlc),
    Erase,
}

fn draw<V: Word>(dice: &mut Dice) -> RegisterStep<V> {
    if dice.removes() {
        RegisterStep::Erase
    } else {
        RegisterStep::Write(V::draw(dice), moment(dice))
    }
}

fn written<'d, V>(deed: &'d Deed<'_, RegisterStep<V>>) -> Option<(Hlc, ActorId, &'d V)> {
    match &deed.act {
        Act::Step(RegisterStep::Write(value, at)) => Some((*at, deed.author, value)),
        Act::Step(RegisterStep::Erase) | Act::Wipe => None,
    }
}

fn is_write<V>(act: &Act<RegisterStep<V>>) -> bool {
    matches!(act, Act::Step(RegisterStep::Write(..)))
}

/// Of the writes that nothing followed the one with the last moment, or else the greatest actor.
impl<V: Word> Subject for LwwRegister<V> {
    type Step = RegisterStep<V>;
    type Shown = Vec<V>;
    type Told = Vec<(V, Hlc)>;

    fn draw(dice: &mut Dice) -> RegisterStep<V> {
        draw(dice)
    }

    fn take(mut edit: Edit<'_, Self>, step: &RegisterStep<V>) {
        match step {
            RegisterStep::Write(value, at) => edit.write(value.clone(), *at),
            RegisterStep::Erase => edit.erase(),
        }
    }

    fn told(&self) -> Option<Vec<(V, Hlc)>> {
        let told: Vec<_> = self.concurrent().map(|(value, at)| (value.clone(), at)).collect();
        assert_eq!(self.read(), told.first().map(|first| &first.0));
        assert_eq!(self.written_at(), told.first().map(|first| first.1));
        assert_eq!(self.is_bottom(), told.is_empty());
        (!told.is_empty()).then_some(told)
    }

    fn defined(deeds: &[Deed<'_, RegisterStep<V>>]) -> Option<Vec<(V, Hlc)>> {
        let last = standing(deeds, is_write, |_| true);
        let mut writes: Vec<_> = last.into_iter().filter_map(written).collect();
        writes.sort_by_key(|(at, author, _)| Reverse((*at, *author)));
        let told: Vec<_> = writes.into_iter().map(|(at, _, value)| (value.clone(), at)).collect();
        (!told.is_empty()).then_some(told)
    }

    fn shown(&self) -> Vec<V> {
        self.values().cloned().collect()
    }

    fn redraw(shown: &mut Vec<V>, change: RegisterChange<V>) {
        redraw_values(shown, change);
    }
}

/// All writes that nothing followed, those of the greatest actor first.
impl<V: Word> Subject for MvRegister<V> {
    type Step = RegisterStep<V>;
    type Shown = Vec<V>;
    type Told = Vec<V>;

    fn draw(dice: &mut Dice) -> RegisterStep<V> {
        draw(dice)
    }

    fn take(mut edit: Edit<'_, Self>, step: &RegisterStep<V>) {
        match step {
            RegisterStep::Write(value, _) => edit.write(value.clone()),
            RegisterStep::Erase => edit.erase(),
        }
    }

    fn told(&self) -> Option<Vec<V>> {
        let told: Vec<V> = self.values().cloned().collect();
        let agree = told.windows(2).all(|pair| pair[0] == pair[1]);
        assert_eq!(self.agreed(), told.first().filter(|_| agree));
        assert_eq!(self.is_bottom(), told.is_empty());
        (!told.is_empty()).then_some(told)
    }

    fn defined(deeds: &[Deed<'_, RegisterStep<V>>]) -> Option<Vec<V>> {
        let last = standing(deeds, is_write, |_| true);
        let mut writes: Vec<_> = last.into_iter().filter_map(written).collect();
        writes.sort_by_key(|(_, author, _)| Reverse(*author));
        let told: Vec<V> = writes.into_iter().map(|(_, _, value)| value.clone()).collect();
        (!told.is_empty()).then_some(told)
    }

    fn shown(&self) -> Vec<V> {
        self.values().cloned().collect()
    }

    fn redraw(shown: &mut Vec<V>, change: RegisterChange<V>) {
        redraw_values(shown, change);
    }
}

/// A write counts if its author saw the register empty. Of those that were not erased the one
/// with the first moment, or else the least actor.
impl<V: Word> Subject for FwwRegister<V> {
    type Step = RegisterStep<V>;
    type Shown = Vec<V>;
    type Told = (V, Hlc);

    fn draw(dice: &mut Dice) -> RegisterStep<V> {
        draw(dice)
    }

    fn take(mut edit: Edit<'_, Self>, step: &RegisterStep<V>) {
        match step {
            RegisterStep::Write(value, at) => {
                let was_empty = edit.read().read().is_none();
                assert_eq!(edit.write(value.clone(), *at), was_empty);
            }
            RegisterStep::Erase => edit.erase(),
        }
    }

    fn told(&self) -> Option<(V, Hlc)> {
        assert_eq!(self.is_bottom(), self.read().is_none());
        self.read().cloned().zip(self.written_at())
    }

    fn defined(deeds: &[Deed<'_, RegisterStep<V>>]) -> Option<(V, Hlc)> {
        // Whether a write counts depends on those before it alone, whose authors had seen less.
        let mut counting: Vec<&Deed<'_, _>> = Vec::new();
        let mut in_order: Vec<&Deed<'_, _>> = deeds.iter().collect();
        in_order.sort_by_key(|deed| deed.seen.count());
        let erased = |write: &Deed<'_, _>, by: &dyn Fn(&Deed<'_, _>) -> bool| {
            let ends = |other: &&Deed<'_, _>| !is_write(&other.act) && by(other);
            deeds.iter().filter(ends).any(|other| other.happened_after(write))
        };
        for deed in in_order.into_iter().filter(|deed| is_write(&deed.act)) {
            let stood = |write: &&&Deed<'_, _>| {
                deed.happened_after(write) && !erased(write, &|by| deed.happened_after(by))
            };
            if counting.iter().find(stood).is_none() {
                counting.push(deed);
            }
        }
        let standing = counting.into_iter().filter(|write| !erased(write, &|_| true));
        let first = standing.filter_map(written).min_by_key(|(at, author, _)| (*at, *author))?;
        Some((first.2.clone(), first.0))
    }

    fn shown(&self) -> Vec<V> {
        self.values().cloned().collect()
    }

    fn redraw(shown: &mut Vec<V>, change: RegisterChange<V>) {
        redraw_values(shown, change);
    }
}

/// What was there is what was shown, and what is there now is something else.
pub(super) fn redraw_values<V: Word>(shown: &mut Vec<V>, change: RegisterChange<V>) {
    assert_eq!(*shown, change.before);
    assert_ne!(*shown, change.after);
    *shown = change.after;
}
