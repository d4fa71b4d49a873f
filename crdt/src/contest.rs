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
use crate::value::Value;

/// A type that can hold places where concurrent writes wait.
///
/// ```
/// use selkie_crdt::{ActorId, Contested, Doc, MvRegister};
/// /// How many places wait for somebody.
/// fn waiting<T: Contested>(replica: &Doc<T>) -> usize {
///     let mut count = 0;
///     replica.root().each_conflict(None, &mut Vec::new(), &mut |_| count += 1);
///     count
/// }
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let (mut east, mut west) = (Doc::<MvRegister<u64>>::new(east), Doc::<MvRegister<u64>>::new(west));
/// east.edit().write(1);
/// west.edit().write(2);
/// assert_eq!(waiting(&east), 0);
/// east.merge(&west)?;
/// assert_eq!(waiting(&east), 1);
/// # Ok::<_, selkie_crdt::JoinError>(())
/// ```
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

    /// Writes the rival that was chosen at the end of `way` over the others.
    ///
    /// # Errors
    /// If there is no such place, the rival no longer waits there, or one waits that was not shown:
    /// nobody decided against it. Nothing is changed then.
    fn settle(
        edit: Edit<'_, Self>,
        way: &[Step],
        choice: Choice<'_>,
        at: Hlc,
    ) -> Result<(), NoRival>;
}

/// A place with several concurrent values.
///
/// ```
/// use selkie_crdt::{ActorId, Doc, Hlc, LwwRegister, Model, Value};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let mut east: Doc<LwwRegister<String>> = Doc::new(east);
/// let mut west: Doc<LwwRegister<String>> = Doc::new(west);
/// east.edit().write("Leuven".into(), Hlc::from_ms(1));
/// west.edit().write("Namur".into(), Hlc::from_ms(2));
/// let bytes = west.changes_since(&east.version()).expect("east lacks Namur");
/// let conflicts = east.apply(&bytes)?;
/// let rivals: Vec<_> = conflicts[0].rivals.iter().map(|rival| String::from_bytes(rival)).collect();
/// assert_eq!(rivals, [Ok("Namur".into()), Ok("Leuven".into())]);
/// east.resolve(&conflicts[0], 1, Hlc::from_ms(3))?;
/// assert_eq!(east.root().read().map(String::as_str), Some("Leuven"));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Conflict {
    /// The way to the place, from the root.
    pub place: Vec<Step>,
    /// The values in bytes, as [`Value::write`](crate::Value::write) spells them, in the order of
    /// reading: the register itself reads the first.
    pub rivals: Vec<Vec<u8>>,
}

/// What somebody chose of what they were shown.
///
/// ```
/// use selkie_crdt::{ActorId, Contested, Doc, Hlc, MvRegister};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let (mut east, mut west) = (Doc::<MvRegister<u64>>::new(east), Doc::<MvRegister<u64>>::new(west));
/// east.edit().write(1);
/// west.edit().write(2);
/// east.merge(&west)?;
/// let mut shown = Vec::new();
/// east.root().each_conflict(None, &mut Vec::new(), &mut |conflict| shown.push(conflict));
/// let choice = shown[0].choice(0);
/// MvRegister::settle(east.edit(), &shown[0].place, choice, Hlc::from_ms(1))?;
/// assert_eq!(east.root().values().count(), 1);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Choice<'a> {
    /// The rivals that were shown.
    rivals: &'a [Vec<u8>],
    /// Which of them it shall be.
    chosen: usize,
}

impl Conflict {
    /// The choice of the rival with this number, from zero.
    #[must_use]
    pub fn choice(&self, chosen: usize) -> Choice<'_> {
        Choice { rivals: &self.rivals, chosen }
    }
}

impl Choice<'_> {
    /// The value among those that wait now, if all of them were shown.
    pub(crate) fn of<'v, V: Value>(
        &self,
        waiting: impl Iterator<Item = &'v V>,
    ) -> Result<&'v V, NoRival> {
        let wanted = self.rivals.get(self.chosen).ok_or(NoRival)?;
        let mut found = Err(NoRival);
        for value in waiting {
            let bytes = value.to_bytes();
            if !self.rivals.contains(&bytes) {
                return Err(NoRival);
            }
            if bytes == *wanted {
                found = Ok(value);
            }
        }
        found
    }
}

/// One step on the way to a place.
///
/// ```
/// use selkie_crdt::{ActorId, AwMap, Doc, MvRegister, Model, Step, Value};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let mut east: Doc<AwMap<u64, MvRegister<u64>>> = Doc::new(east);
/// let mut west: Doc<AwMap<u64, MvRegister<u64>>> = Doc::new(west);
/// east.edit().entry(7).write(1);
/// west.edit().entry(7).write(2);
/// east.merge(&west)?;
/// assert_eq!(east.conflicts()[0].place, [Step::Key(7_u64.to_bytes())]);
/// # Ok::<_, selkie_crdt::JoinError>(())
/// ```
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Step {
    /// Into the part of a struct with this number, from zero.
    Part(u32),
    /// Under the key of a map that these bytes spell.
    Key(Vec<u8>),
}

/// There is no such place, or what waits there is not what was shown. Nothing was changed.
///
/// ```
/// use selkie_crdt::{ActorId, Doc, Hlc, LwwRegister, Model};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let (mut east, mut west) = (Doc::<LwwRegister<u64>>::new(east), Doc::<LwwRegister<u64>>::new(west));
/// east.edit().write(1, Hlc::from_ms(1));
/// west.edit().write(2, Hlc::from_ms(1));
/// let conflicts = east.apply(&west.changes_since(&east.version()).expect("east lacks it"))?;
/// east.edit().write(3, Hlc::from_ms(2)); // somebody else was quicker
/// assert!(east.resolve(&conflicts[0], 0, Hlc::from_ms(3)).is_err());
/// assert_eq!(east.root().read(), Some(&3));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NoRival;

impl fmt::Display for NoRival {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("what waits at this place is not what was shown")
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
                _choice: $crate::contest::Choice<'_>,
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

    fn settle(
        edit: Edit<'_, Self>,
        way: &[Step],
        choice: Choice<'_>,
        at: Hlc,
    ) -> Result<(), NoRival> {
        match way {
            [Step::Part(0), way @ ..] => A::settle(edit.into_part(|p| &mut p.0), way, choice, at),
            [Step::Part(1), way @ ..] => B::settle(edit.into_part(|p| &mut p.1), way, choice, at),
            _ => Err(NoRival),
        }
    }
}
