//! A count that only grows.

use alloc::vec::Vec;

use crate::actor::ActorId;
use crate::lattice::Lattice;
use crate::lattice::tally::{CounterFull, Tally, TallyError};

/// A counter that everybody adds to and nobody takes from.
///
/// For each actor it keeps what that actor added. Only the actor itself raises that, so joining
/// takes the larger of each, and the value is the sum, which never overflows.
///
/// Source: Shapiro, Preguiça and others, "A comprehensive study of Convergent and Commutative
/// Replicated Data Types" (2011), section 3.1.1.
///
/// ```
/// use selkie_crdt::{ActorId, GCounter, Lattice};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let (mut here, mut there) = (GCounter::new(), GCounter::new());
/// here.add(east, 2)?;
/// there.add(west, 3)?;
/// here.join(&there);
/// here.join(&there);
/// assert_eq!(here.value(), 5);
/// # Ok::<(), selkie_crdt::CounterFull>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "Vec<(ActorId, [u64; 1])>", into = "Vec<(ActorId, [u64; 1])>")
)]
pub struct GCounter {
    added: Tally<1>,
    sum: u128, // invariant: of all in `added`
}

impl GCounter {
    /// A counter at zero.
    #[must_use]
    pub const fn new() -> Self {
        Self { added: Tally::new(), sum: 0 }
    }

    /// What all actors added.
    #[must_use]
    pub const fn value(&self) -> u128 {
        self.sum
    }

    /// What `actor` added.
    #[must_use]
    pub fn added_by(&self, actor: &ActorId) -> u64 {
        let [added] = self.added.share(actor);
        added
    }

    /// Adds `amount` in the name of `actor`. Twice in a row by one actor is the fast case.
    ///
    /// # Errors
    ///
    /// Refuses what would raise the total of `actor` above 2^63 - 1.
    #[inline]
    pub fn add(&mut self, actor: ActorId, amount: u64) -> Result<(), CounterFull> {
        self.added.add(actor, 0, amount)?;
        self.sum += u128::from(amount);
        Ok(())
    }
}

impl Lattice for GCounter {
    fn join(&mut self, other: &Self) {
        let [growth] = self.added.merge(&other.added);
        self.sum += growth.unsigned_abs();
    }
}

impl Default for GCounter {
    fn default() -> Self {
        Self::new()
    }
}

impl TryFrom<Vec<(ActorId, [u64; 1])>> for GCounter {
    type Error = TallyError;

    /// Takes the one form in which a counter is written down: what each actor added, ascending by
    /// actor.
    fn try_from(added: Vec<(ActorId, [u64; 1])>) -> Result<Self, TallyError> {
        let added = Tally::try_from(added)?;
        let [sum] = added.sums();
        Ok(Self { added, sum: sum.unsigned_abs() })
    }
}

impl From<GCounter> for Vec<(ActorId, [u64; 1])> {
    fn from(counter: GCounter) -> Self {
        counter.added.iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EAST: ActorId = ActorId::from_bytes([1; 16]);
    const WEST: ActorId = ActorId::from_bytes([2; 16]);

    #[test]
    fn what_both_added_is_counted_once() {
        let (mut east, mut west) = (GCounter::new(), GCounter::new());
        east.add(EAST, 2).expect("two is little");
        west.join(&east);
        west.add(WEST, 3).expect("three is little");
        east.join(&west);
        east.join(&west);
        assert_eq!((east.value(), east.added_by(&EAST), east.added_by(&WEST)), (5, 2, 3));
    }

    #[test]
    fn a_full_share_refuses_more_and_stays() {
        let mut east = GCounter::new();
        east.add(EAST, (1 << 63) - 1).expect("the share is just full");
        assert_eq!(east.add(EAST, 1), Err(CounterFull { actor: EAST }));
        assert_eq!(east.add(WEST, u64::MAX), Err(CounterFull { actor: WEST }));
        assert_eq!(east.value(), (1 << 63) - 1);
    }

    #[test]
    fn the_sum_of_full_shares_does_not_overflow() {
        let mut east = GCounter::new();
        east.add(EAST, (1 << 63) - 1).expect("the share is just full");
        east.add(WEST, (1 << 63) - 1).expect("the share is just full");
        assert_eq!(east.value(), (1 << 64) - 2);
    }

    #[test]
    fn adding_nothing_lists_nobody() {
        let mut east = GCounter::new();
        east.add(EAST, 0).expect("nothing fits");
        assert_eq!(east, GCounter::new());
    }
}
