//! Places where concurrent writes wait for somebody to decide.
//!
//! A register settles them for readers by its rule. Whoever wants more asks for the conflicts,
//! shows each with its place and rivals, and writes the one that was chosen: an ordinary write,
//! which ends all it saw, so that it settles the place for everyone.

use alloc::vec::Vec;
use core::fmt;

use crate::causal::Causal;
use crate::edit::Edit;
use crate::hlc::Hlc;

/// A type that can hold places where concurrent writes wait.
pub trait Contested: Causal {
    /// Visits each conflict in `within`, which was joined here; of none, in all of this value.
    ///
    /// `at` is the way here, and is again when this returns.
    fn each_conflict(
        &self,
        within: Option<&Self::Delta>,
        at: &mut Vec<Step>,
        visit: &mut dyn FnMut(Conflict),
    );

    /// Writes the rival number `chosen` of the conflict at the end of `way` over the others.
    ///
    /// # Errors
    /// If there is no such place or no such rival (any more). Nothing is changed then.
    fn settle(edit: Edit<'_, Self>, way: &[Step], chosen: usize, at: Hlc) -> Result<(), NoRival>;
}

/// A place with several concurrent values.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Conflict {
    /// The way to the place, from the root.
    pub place: Vec<Step>,
    /// The values in bytes, as [`Value::write`](crate::Value::write) spells them, in the order of
    /// reading: the register itself reads the first.
    pub rivals: Vec<Vec<u8>>,
}

/// One step on the way to a place.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Step {
    /// Into the part of a struct with this number, from zero.
    Part(u32),
    /// Under the key of a map that these bytes spell.
    Key(Vec<u8>),
}

/// There is no such place, or no such rival at it. Nothing was changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NoRival;

impl fmt::Display for NoRival {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no such value waits at this place")
    }
}

impl core::error::Error for NoRival {}

/// Makes a type [`Contested`] in which nothing ever waits: it settles all by itself.
macro_rules! never_contested {
    ($([$($param:ident: $bound:path)?] $name:ty),*) => {$(
        impl$(<$param: $bound>)? $crate::contest::Contested for $name {
            fn each_conflict(
                &self,
                _within: Option<&Self::Delta>,
                _at: &mut alloc::vec::Vec<$crate::contest::Step>,
                _visit: &mut dyn FnMut($crate::contest::Conflict),
            ) {
            }

            fn settle(
                _edit: $crate::edit::Edit<'_, Self>,
                _way: &[$crate::contest::Step],
                _chosen: usize,
                _at: $crate::hlc::Hlc,
            ) -> Result<(), $crate::contest::NoRival> {
                Err($crate::contest::NoRival)
            }
        }
    )*};
}

pub(crate) use never_contested;

impl<A: Contested, B: Contested> Contested for (A, B) {
    fn each_conflict(
        &self,
        within: Option<&Self::Delta>,
        at: &mut Vec<Step>,
        visit: &mut dyn FnMut(Conflict),
    ) {
        let halves = within.map(|(first, second)| (first.as_ref(), second.as_ref()));
        if halves.is_none_or(|halves| halves.0.is_some()) {
            at.push(Step::Part(0));
            self.0.each_conflict(halves.and_then(|halves| halves.0), at, visit);
            at.pop();
        }
        if halves.is_none_or(|halves| halves.1.is_some()) {
            at.push(Step::Part(1));
            self.1.each_conflict(halves.and_then(|halves| halves.1), at, visit);
            at.pop();
        }
    }

    fn settle(edit: Edit<'_, Self>, way: &[Step], chosen: usize, at: Hlc) -> Result<(), NoRival> {
        match way {
            [Step::Part(0), way @ ..] => A::settle(edit.into_part(|p| &mut p.0), way, chosen, at),
            [Step::Part(1), way @ ..] => B::settle(edit.into_part(|p| &mut p.1), way, chosen, at),
            _ => Err(NoRival),
        }
    }
}
