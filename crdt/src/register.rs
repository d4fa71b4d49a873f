//! One value that is written as a whole.
//!
//! State: the dots of the writes that nobody overwrote, each with its value and time. A write
//! ends all that its author saw. Concurrent writes all stay, and the three registers differ only
//! in which of them they read, so a removal needs no tombstone and a loser is not lost before
//! somebody wrote after seeing it.
//!
//! Shapiro et al., *A comprehensive study of convergent and commutative replicated data types*
//! (2011), section 3.2.

use alloc::vec::Vec;

use crate::causal::Causal;
use crate::causal::Join;
use crate::contest::Choice;
use crate::contest::Conflict;
use crate::contest::Contested;
use crate::contest::NoRival;
use crate::contest::Step;
use crate::delegate::delegate_causal;
use crate::edit::Edit;
use crate::hlc::Hlc;
use crate::leaf::Content;
use crate::leaf::Leaf;
use crate::mark::Mark;
use crate::observe::Observe;
use crate::observe::RegisterChange;
use crate::value::Value;

mod stamped;
mod times;

use self::stamped::Plain;
use self::stamped::Stamped;

/// A register where the last write wins: by hybrid time, and where that is equal by actor.
///
/// ```
/// use selkie_crdt::{ActorId, Doc, Hlc, LwwRegister};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let mut east: Doc<LwwRegister<String>> = Doc::new(east);
/// let mut west: Doc<LwwRegister<String>> = Doc::new(west);
/// east.edit().write("early".into(), Hlc::from_ms(10));
/// west.edit().write("late".into(), Hlc::from_ms(20));
/// east.merge(&west)?;
/// assert_eq!(east.root().read().map(String::as_str), Some("late"));
/// # Ok::<_, selkie_crdt::JoinError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LwwRegister<V>(Leaf<Stamped<V>>);

/// A register where the first write wins: by hybrid time, and where that is equal by actor.
///
/// A write to a register that holds a value changes nothing, so only concurrent first writes
/// compete.
///
/// ```
/// use selkie_crdt::{ActorId, Doc, FwwRegister, Hlc};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let mut east: Doc<FwwRegister<String>> = Doc::new(east);
/// let mut west: Doc<FwwRegister<String>> = Doc::new(west);
/// assert!(east.edit().write("early".into(), Hlc::from_ms(10)));
/// assert!(!east.edit().write("second thoughts".into(), Hlc::from_ms(15)));
/// assert!(west.edit().write("late".into(), Hlc::from_ms(20)));
/// west.merge(&east)?;
/// assert_eq!(west.root().read().map(String::as_str), Some("early"));
/// # Ok::<_, selkie_crdt::JoinError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FwwRegister<V>(Leaf<Stamped<V>>);

/// A register that keeps all concurrent writes, for somebody who can decide.
///
/// ```
/// use selkie_crdt::{ActorId, Doc, MvRegister};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let mut east: Doc<MvRegister<u32>> = Doc::new(east);
/// let mut west: Doc<MvRegister<u32>> = Doc::new(west);
/// east.edit().write(10);
/// west.edit().write(20);
/// east.merge(&west)?;
/// assert_eq!(east.root().values().collect::<Vec<_>>(), [&20, &10]);
/// east.edit().write(30);
/// west.merge(&east)?;
/// assert_eq!(west.root().values().collect::<Vec<_>>(), [&30]);
/// # Ok::<_, selkie_crdt::JoinError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MvRegister<V>(Leaf<Plain<V>>);

delegate_causal!("last-write register", LwwRegister<V: Value>, Leaf<Stamped<V>>);
delegate_causal!("first-write register", FwwRegister<V: Value>, Leaf<Stamped<V>>);
delegate_causal!("multi-value register", MvRegister<V: Value>, Leaf<Plain<V>>);

impl<V> LwwRegister<V> {
    /// The value of the last write; `None` if there is none or it was erased.
    #[must_use]
    #[inline]
    pub fn read(&self) -> Option<&V> {
        self.0.best().map(|stamped| &stamped.value)
    }

    /// When the value was written.
    #[must_use]
    pub fn written_at(&self) -> Option<Hlc> {
        self.0.best().map(|stamped| stamped.at)
    }

    /// The values of all concurrent writes, the last one first.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.0.contents().map(|stamped| &stamped.value)
    }

    /// The values of all concurrent writes with their times, the last one first.
    pub fn concurrent(&self) -> impl Iterator<Item = (&V, Hlc)> {
        self.0.contents().map(|stamped| (&stamped.value, stamped.at))
    }

    /// All concurrent writes: which change, when, and what.
    pub(crate) fn writes(&self) -> impl Iterator<Item = (Mark, Hlc, &V)> {
        let versions = self.0.versions().iter();
        versions.map(|version| (version.mark, version.content.at, &version.content.value))
    }
}

impl<V: Value> Edit<'_, LwwRegister<V>> {
    /// Writes `value` over all that was seen, at the time `at`.
    #[inline]
    pub fn write(&mut self, value: V, at: Hlc) {
        self.at.0.write(Stamped { at, value }, self.cx);
    }

    /// Makes the register empty. A concurrent write survives.
    pub fn erase(&mut self) {
        self.at.0.erase(self.cx);
    }
}

impl<V> FwwRegister<V> {
    /// The value of the first write; `None` if there is none or it was erased.
    #[must_use]
    pub fn read(&self) -> Option<&V> {
        self.0.last().map(|stamped| &stamped.value)
    }

    /// The values of all concurrent first writes, the first one first.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.0.contents().rev().map(|stamped| &stamped.value)
    }

    /// When the value was written.
    #[must_use]
    pub fn written_at(&self) -> Option<Hlc> {
        self.0.last().map(|stamped| stamped.at)
    }
}

impl<V: Value> Edit<'_, FwwRegister<V>> {
    /// Writes `value` at the time `at`, if the register is empty. Tells whether it was.
    pub fn write(&mut self, value: V, at: Hlc) -> bool {
        let is_empty = self.at.0.is_bottom();
        if is_empty {
            self.at.0.write(Stamped { at, value }, self.cx);
        }
        is_empty
    }

    /// Makes the register empty, for another first write. A concurrent write survives.
    pub fn erase(&mut self) {
        self.at.0.erase(self.cx);
    }
}

impl<V> MvRegister<V> {
    /// The values of all concurrent writes, those of the greatest actor first.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.0.contents().map(|plain| &plain.0)
    }

    /// The value, if all writers agree.
    #[must_use]
    pub fn agreed(&self) -> Option<&V>
    where
        V: Eq,
    {
        let mut values = self.values();
        let first = values.next()?;
        values.all(|value| value == first).then_some(first)
    }
}

impl<V: Value> Edit<'_, MvRegister<V>> {
    /// Writes `value` over all that was seen.
    #[inline]
    pub fn write(&mut self, value: V) {
        self.at.0.write(Plain(value), self.cx);
    }

    /// Makes the register empty. A concurrent write survives.
    pub fn erase(&mut self) {
        self.at.0.erase(self.cx);
    }
}

/// What lies in a register before and after, if a reader can tell.
fn change_of<S: Content, V: Value>(
    leaf: &Leaf<S>,
    after: Option<Leaf<S>>,
    values: impl Fn(&Leaf<S>) -> Vec<V>,
) -> Option<RegisterChange<V>> {
    let (before, after) = (values(leaf), values(&after?));
    (before != after).then_some(RegisterChange { before, after })
}

macro_rules! observe_register {
    ($($register:ident: $values:expr;)*) => {$(
        impl<V: Value> Observe for $register<V> {
            type Change = RegisterChange<V>;

            fn change(
                &self,
                delta: Option<&Self::Delta>,
                ended: &[Mark],
                join: &Join<'_>,
            ) -> Option<Self::Change> {
                change_of(&self.0, self.0.after(delta, ended, join), $values)
            }
        }
    )*};
}

observe_register! {
    LwwRegister: |leaf| leaf.contents().map(|stamped| stamped.value.clone()).collect();
    FwwRegister: |leaf| leaf.contents().rev().map(|stamped| stamped.value.clone()).collect();
    MvRegister: |leaf| leaf.contents().map(|plain| plain.0.clone()).collect();
}

macro_rules! contested_register {
    ($($register:ident: $rivals:ident, $write:expr;)*) => {$(
        impl<V: Value> Contested for $register<V> {
            fn each_conflict(
                &self,
                _within: Option<&Self::Delta>,
                at: &mut Vec<Step>,
                visit: &mut dyn FnMut(Conflict),
            ) {
                let rivals: Vec<_> = self.$rivals().map(Value::to_bytes).collect();
                if rivals.len() > 1 {
                    visit(Conflict { place: at.clone(), rivals });
                }
            }

            fn settle(
                mut edit: Edit<'_, Self>,
                way: &[Step],
                choice: Choice<'_>,
                at: Hlc,
            ) -> Result<(), NoRival> {
                if !way.is_empty() {
                    return Err(NoRival);
                }
                let value = choice.of(edit.at.$rivals())?.clone();
                let write: fn(&mut Edit<'_, Self>, V, Hlc) = $write;
                write(&mut edit, value, at);
                Ok(())
            }
        }
    )*};
}

contested_register! {
    LwwRegister: values, |edit, value, at| edit.write(value, at);
    FwwRegister: values, |edit, value, at| edit.at.0.write(Stamped { at, value }, edit.cx);
    MvRegister: values, |edit, value, _at| edit.write(value);
}
