//! What the harness knows of a type: how to draw a step, how to take it, and what it means.

use std::fmt::Debug;
use std::hash::Hash;

use selkie_crdt::Causal;
use selkie_crdt::Edit;
use selkie_crdt::Hlc;
use selkie_crdt::Observe;
use selkie_crdt::Value;

use crate::deed::Deed;
use crate::dice::Dice;

mod counter;
mod entity;
mod flag;
mod growing;
mod list;
mod map;
mod pair;
#[cfg(feature = "derive")]
mod record;
mod register;
mod set;

pub(crate) use self::counter::CounterStep;
pub(crate) use self::entity::EntityStep;
pub(crate) use self::flag::FlagStep;
pub(crate) use self::growing::ExtremeStep;
pub(crate) use self::map::MapStep;
pub(crate) use self::map::Way;
#[cfg(feature = "derive")]
pub(crate) use self::record::Trio;
pub(crate) use self::register::RegisterStep;
pub(crate) use self::set::SetStep;

/// A type under test.
pub(crate) trait Subject: Causal + Clone + Observe<Change: Clone + Debug + Eq> {
    /// An operation.
    type Step: Clone + Debug;
    /// The value, in words that both the type and the model speak.
    type Told: Clone + Debug + Eq;
    /// What a screen would show of it, which is drawn anew by what joins tell of themselves.
    type Shown: Clone + Debug + Default + Eq;

    fn draw(dice: &mut Dice) -> Self::Step;

    fn take(edit: Edit<'_, Self>, step: &Self::Step);

    /// What the type says; `None` if there is nothing here.
    fn told(&self) -> Option<Self::Told>;

    /// What the type should say, by its definition.
    fn defined(deeds: &[Deed<'_, Self::Step>]) -> Option<Self::Told>;

    fn shown(&self) -> Self::Shown;

    /// Draws what a join changed.
    fn redraw(shown: &mut Self::Shown, change: Self::Change);
}

/// Keys, elements and contents.
pub(crate) trait Word: Value + Hash + Ord + Debug {
    fn draw(dice: &mut Dice) -> Self {
        Self::nth(dice.key())
    }

    fn nth(n: u64) -> Self;
}

impl Word for u8 {
    fn nth(n: u64) -> Self {
        Self::try_from(n).expect("there are fewer keys than bytes")
    }
}

/// Short and long ones, so that both spellings of a column occur.
impl Word for u64 {
    fn nth(n: u64) -> Self {
        if n.is_multiple_of(3) { n } else { n.wrapping_mul(0x9e37_79b9_7f4a_7c15) }
    }
}

impl Word for String {
    fn nth(n: u64) -> Self {
        match n % 10 {
            0 => "pear".repeat(usize::try_from(n).expect("small")),
            _ => format!("pear {n}"),
        }
    }
}

/// Few moments, so that two writes often carry the same.
fn moment(dice: &mut Dice) -> Hlc {
    Hlc::from_ms(dice.below(4))
}
