//! The largest or the smallest of all values that were offered.
//!
//! State: the dots of the values that nobody surpassed, each with its value. An offer that does
//! not surpass what its author sees changes nothing and takes no dot; one that does ends all that
//! was seen. So only concurrent offers lie side by side, and the best of them is read. A reset
//! ends what its author saw, and thereby what it knew of all that had been surpassed.
//!
//! **What a reset ends with the value**: an offer that changed nothing left nothing. If somebody
//! resets while another offers what is already read, the register is empty afterwards.
//!
//! Almeida, Shoker, Baquero, *Delta state replicated data types* (2018), section 4.1, for the
//! lattices; the dots make them fit to be reset.

use alloc::vec::Vec;
use core::cmp::Ordering;

use crate::causal::Join;
use crate::contest::never_contested;
use crate::delegate::delegate_causal;
use crate::edit::Edit;
use crate::leaf::Content;
use crate::leaf::Leaf;
use crate::mark::Mark;
use crate::observe::Observe;
use crate::observe::RegisterChange;
use crate::shape::Shape;
use crate::value::Value;
use crate::wire::DecodeError;
use crate::wire::Reader;
use crate::wire::Writer;

/// A register that reads the largest value that was offered since it was last reset.
///
/// The order must tell apart all values that differ.
///
/// ```
/// use selkie_crdt::{ActorId, Doc, MaxRegister};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let mut east: Doc<MaxRegister<u32>> = Doc::new(east);
/// let mut west: Doc<MaxRegister<u32>> = Doc::new(west);
/// assert!(east.edit().raise(410));
/// assert!(west.edit().raise(425));
/// east.merge(&west)?;
/// assert_eq!(east.root().read(), Some(&425));
/// assert!(!east.edit().raise(420));
/// # Ok::<_, selkie_crdt::JoinError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MaxRegister<V>(Leaf<Largest<V>>);

/// A register that reads the smallest value that was offered since it was last reset.
///
/// The order must tell apart all values that differ.
///
/// ```
/// use selkie_crdt::{ActorId, Doc, MinRegister};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let mut east: Doc<MinRegister<u32>> = Doc::new(east);
/// let mut west: Doc<MinRegister<u32>> = Doc::new(west);
/// assert!(east.edit().lower(13));
/// assert!(west.edit().lower(12));
/// east.merge(&west)?;
/// assert_eq!(east.root().read(), Some(&12));
/// assert!(!east.edit().lower(14));
/// # Ok::<_, selkie_crdt::JoinError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MinRegister<V>(Leaf<Smallest<V>>);

delegate_causal!("max register", MaxRegister<V: Ordered>, Leaf<Largest<V>>);
delegate_causal!("min register", MinRegister<V: Ordered>, Leaf<Smallest<V>>);

/// A value with a total order.
///
/// ```
/// use selkie_crdt::{ActorId, Doc, MaxRegister};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let (mut east, mut west) = (Doc::<MaxRegister<String>>::new(east), Doc::<MaxRegister<String>>::new(west));
/// east.edit().raise("pear".into());
/// west.edit().raise("plum".into());
/// east.merge(&west)?;
/// assert_eq!(east.root().read().map(String::as_str), Some("plum"));
/// # Ok::<_, selkie_crdt::JoinError>(())
/// ```
pub trait Ordered: Value + Ord {}

impl<V: Value + Ord> Ordered for V {}

impl<V> MaxRegister<V> {
    /// The largest value; `None` if there is none.
    #[must_use]
    pub fn read(&self) -> Option<&V> {
        self.0.best().map(|largest| &largest.0)
    }
}

impl<V: Ordered> Edit<'_, MaxRegister<V>> {
    /// Offers `value`. Tells whether it is larger than what was read.
    pub fn raise(&mut self, value: V) -> bool {
        let surpasses = self.at.read().is_none_or(|read| value > *read);
        if surpasses {
            self.at.0.write(Largest(value), self.cx);
        }
        surpasses
    }

    /// Makes the register empty. A concurrent raise survives.
    pub fn reset(&mut self) {
        self.at.0.erase(self.cx);
    }
}

impl<V> MinRegister<V> {
    /// The smallest value; `None` if there is none.
    #[must_use]
    pub fn read(&self) -> Option<&V> {
        self.0.best().map(|smallest| &smallest.0)
    }
}

impl<V: Ordered> Edit<'_, MinRegister<V>> {
    /// Offers `value`. Tells whether it is smaller than what was read.
    pub fn lower(&mut self, value: V) -> bool {
        let surpasses = self.at.read().is_none_or(|read| value < *read);
        if surpasses {
            self.at.0.write(Smallest(value), self.cx);
        }
        surpasses
    }

    /// Makes the register empty. A concurrent lowering survives.
    pub fn reset(&mut self) {
        self.at.0.erase(self.cx);
    }
}

/// A value of which the largest stands first.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Largest<V>(V);

/// A value of which the smallest stands first.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Smallest<V>(V);

impl<V: Ordered> Content for Largest<V> {
    fn rank(&self, other: &Self) -> Ordering {
        other.0.cmp(&self.0)
    }
}

impl<V: Ordered> Content for Smallest<V> {
    fn rank(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}

macro_rules! spelled_as_the_value {
    ($($content:ident)*) => {$(
        impl<V: Value> Value for $content<V> {
            const SHAPE: Shape = V::SHAPE;

            fn write(&self, out: &mut Writer) {
                self.0.write(out);
            }

            fn read(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
                V::read(input).map(Self)
            }

            fn write_column<'a>(values: impl Iterator<Item = &'a Self> + Clone, out: &mut Writer)
            where
                Self: 'a,
            {
                V::write_column(values.map(|content| &content.0), out);
            }

            fn read_column(
                count: usize,
                input: &mut Reader<'_>,
            ) -> Result<Vec<Self>, DecodeError> {
                Ok(V::read_column(count, input)?.into_iter().map(Self).collect())
            }
        }
    )*};
}

spelled_as_the_value! { Largest Smallest }

macro_rules! observe_extremum {
    ($($register:ident)*) => {$(
        /// Tells the best value alone: what it surpasses was never a rival.
        impl<V: Ordered> Observe for $register<V> {
            type Change = RegisterChange<V>;

            fn change(
                &self,
                delta: Option<&Self::Delta>,
                ended: &[Mark],
                join: &Join<'_>,
            ) -> Option<RegisterChange<V>> {
                let after = Self(self.0.after(delta, ended, join)?);
                let value = |register: &Self| register.read().cloned().into_iter().collect();
                let changes = self.read() != after.read();
                changes.then(|| RegisterChange { before: value(self), after: value(&after) })
            }
        }

        never_contested! { [V: Ordered] $register<V> }
    )*};
}

observe_extremum! { MaxRegister MinRegister }
