//! A counter that can be set back to zero and can live in a map.
//!
//! State: for each actor one dot with the sums it added and took since the last reset that it
//! saw. An actor's next change ends its dot and takes over its sums. A reset ends the dots that
//! its author saw.
//!
//! **What a reset does not undo**: an actor that counts while another resets carries its sums
//! into its new dot, which the reset never saw, so all that this actor counted before stays too.
//! Undoing it would take a dot for every single step (Almeida, Shoker, Baquero, *Delta state
//! replicated data types*, 2018, section 7.3, has the same).

use core::cmp::Ordering;

use crate::causal::Join;
use crate::contest::never_contested;
use crate::delegate::delegate_causal;
use crate::edit::Edit;
use crate::leaf::Content;
use crate::leaf::Leaf;
use crate::mark::Mark;
use crate::observe::CounterChange;
use crate::observe::Observe;
use crate::shape::Shape;
use crate::value::Value;
use crate::wire::DecodeError;
use crate::wire::Reader;
use crate::wire::Writer;

/// A counter of a document, with reset.
///
/// ```
/// use selkie_crdt::{ActorId, Counter, Doc};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let mut east: Doc<Counter> = Doc::new(east);
/// let mut west: Doc<Counter> = Doc::new(west);
/// east.edit().add(5);
/// west.edit().add(-2);
/// east.merge(&west)?;
/// assert_eq!(east.root().value(), 3);
/// east.edit().reset();
/// west.merge(&east)?;
/// assert_eq!(west.root().value(), 0);
/// # Ok::<_, selkie_crdt::JoinError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Counter(Leaf<Tally>);

/// What one actor added and took.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Tally {
    added: u64,
    taken: u64,
}

delegate_causal!("counter", Counter, Leaf<Tally>);

impl Counter {
    /// The sum of all that was added, less all that was taken.
    #[must_use]
    pub fn value(&self) -> i128 {
        let sum = |tally: &Tally| i128::from(tally.added) - i128::from(tally.taken);
        self.0.contents().map(sum).sum()
    }
}

impl Edit<'_, Counter> {
    /// Adds `amount`, which may be negative. The sums of one actor stop at 2^64 - 1 each.
    pub fn add(&mut self, amount: i64) {
        let change = |tally: &mut Tally| {
            let sum = if amount < 0 { &mut tally.taken } else { &mut tally.added };
            *sum = sum.saturating_add(amount.unsigned_abs());
        };
        self.at.0.amend_own(change, self.cx);
    }

    /// Sets the counter back to zero, as far as it was seen.
    pub fn reset(&mut self) {
        self.at.0.erase(self.cx);
    }
}

impl Content for Tally {
    fn rank(&self, _other: &Self) -> Ordering {
        Ordering::Equal
    }
}

impl Value for Tally {
    const SHAPE: Shape = Shape::of("tally", &[]);

    fn write(&self, out: &mut Writer) {
        out.number(self.added);
        out.number(self.taken);
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self { added: input.number()?, taken: input.number()? })
    }
}

impl Observe for Counter {
    type Change = CounterChange;

    fn change(
        &self,
        delta: Option<&Self::Delta>,
        ended: &[Mark],
        join: &Join<'_>,
    ) -> Option<CounterChange> {
        let after = Self(self.0.after(delta, ended, join)?).value();
        let before = self.value();
        (before != after).then_some(CounterChange { before, after })
    }
}

never_contested! { [] Counter }
