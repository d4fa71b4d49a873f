//! A count that goes up and down.

use alloc::vec::Vec;

use crate::actor::ActorId;
use crate::lattice::Lattice;
use crate::lattice::tally::{CounterFull, Tally, TallyError};

/// A counter that everybody adds to and takes from.
///
/// For each actor it keeps what that actor added and what it took, both of which only grow and
/// only by the actor itself. Joining takes the larger of each, and the value is the difference of
/// the sums, which never overflows.
///
/// Source: Shapiro, Preguiça and others, "A comprehensive study of Convergent and Commutative
/// Replicated Data Types" (2011), section 3.1.3.
///
/// ```
/// use selkie_crdt::{ActorId, Lattice, PnCounter};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let (mut here, mut there) = (PnCounter::new(), PnCounter::new());
/// here.add(east, 2)?;
/// there.subtract(west, 3)?;
/// here.join(&there);
/// assert_eq!(here.value(), -1);
/// # Ok::<(), selkie_crdt::CounterFull>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "Vec<(ActorId, [u64; 2])>", into = "Vec<(ActorId, [u64; 2])>")
)]
pub struct PnCounter {
    changes: Tally<2>,
    value: i128, // invariant: the sum of `ADDED` less the sum of `TAKEN`
}

const ADDED: usize = 0;
const TAKEN: usize = 1;

impl PnCounter {
    /// A counter at zero.
    #[must_use]
    pub const fn new() -> Self {
        Self { changes: Tally::new(), value: 0 }
    }

    /// What all actors added less what all took.
    #[must_use]
    pub const fn value(&self) -> i128 {
        self.value
    }

    /// What `actor` added less what it took.
    #[must_use]
    pub fn change_by(&self, actor: &ActorId) -> i128 {
        let [added, taken] = self.changes.share(actor).map(i128::from);
        added - taken
    }

    /// Adds `amount` in the name of `actor`. Twice in a row by one actor is the fast case.
    ///
    /// # Errors
    ///
    /// Refuses what would raise all that `actor` added above 2^63 - 1.
    #[inline]
    pub fn add(&mut self, actor: ActorId, amount: u64) -> Result<(), CounterFull> {
        self.changes.add(actor, ADDED, amount)?;
        self.value += i128::from(amount);
        Ok(())
    }

    /// Takes `amount` in the name of `actor`. Twice in a row by one actor is the fast case.
    ///
    /// # Errors
    ///
    /// Refuses what would raise all that `actor` took above 2^63 - 1.
    #[inline]
    pub fn subtract(&mut self, actor: ActorId, amount: u64) -> Result<(), CounterFull> {
        self.changes.add(actor, TAKEN, amount)?;
        self.value -= i128::from(amount);
        Ok(())
    }
}

impl Lattice for PnCounter {
    fn join(&mut self, other: &Self) {
        let [added, taken] = self.changes.merge(&other.changes);
        self.value += added - taken;
    }
}

impl Default for PnCounter {
    fn default() -> Self {
        Self::new()
    }
}

impl TryFrom<Vec<(ActorId, [u64; 2])>> for PnCounter {
    type Error = TallyError;

    /// Takes the one form in which a counter is written down: what each actor added and what it
    /// took, ascending by actor.
    fn try_from(changes: Vec<(ActorId, [u64; 2])>) -> Result<Self, TallyError> {
        let changes = Tally::try_from(changes)?;
        let [added, taken] = changes.sums();
        Ok(Self { value: added - taken, changes })
    }
}

impl From<PnCounter> for Vec<(ActorId, [u64; 2])> {
    fn from(counter: PnCounter) -> Self {
        counter.changes.iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EAST: ActorId = ActorId::from_bytes([1; 16]);
    const WEST: ActorId = ActorId::from_bytes([2; 16]);

    #[test]
    fn changes_on_both_sides_add_up() {
        let (mut east, mut west) = (PnCounter::new(), PnCounter::new());
        east.add(EAST, 10).expect("ten is little");
        west.join(&east);
        east.subtract(EAST, 3).expect("three is little");
        west.subtract(WEST, 8).expect("eight is little");
        east.join(&west);
        assert_eq!((east.value(), east.change_by(&EAST), east.change_by(&WEST)), (-1, 7, -8));
    }

    #[test]
    fn who_added_last_is_no_part_of_the_state() {
        let (mut east, mut west) = (PnCounter::new(), PnCounter::new());
        east.add(EAST, 1).expect("one is little");
        east.add(WEST, 1).expect("one is little");
        west.add(WEST, 1).expect("one is little");
        west.add(EAST, 1).expect("one is little");
        assert_eq!(east, west);
    }

    #[test]
    fn an_actor_finds_its_share_after_others_went_before_it() {
        let (mut east, mut west) = (PnCounter::new(), PnCounter::new());
        west.add(WEST, 5).expect("five is little");
        east.add(EAST, 1).expect("one is little");
        west.join(&east);
        west.add(WEST, 5).expect("five is little");
        assert_eq!((west.change_by(&EAST), west.change_by(&WEST)), (1, 10));
    }

    #[test]
    fn a_written_form_that_is_no_counter_is_refused() {
        let cases = [
            (Vec::from([(WEST, [1, 0]), (EAST, [1, 0])]), TallyError::Unsorted { actor: EAST }),
            (Vec::from([(EAST, [1, 0]), (EAST, [1, 0])]), TallyError::Unsorted { actor: EAST }),
            (Vec::from([(EAST, [0, 0])]), TallyError::Zero { actor: EAST }),
            (Vec::from([(EAST, [0, 1 << 63])]), TallyError::TooLarge { actor: EAST }),
        ];
        for (written, error) in cases {
            assert_eq!(PnCounter::try_from(written), Err(error));
        }
    }

    #[test]
    fn the_written_form_reads_as_the_same_counter() {
        let mut east = PnCounter::new();
        east.add(WEST, 7).expect("seven is little");
        east.subtract(EAST, 2).expect("two is little");
        let written = Vec::from(east.clone());
        assert_eq!(written, [(EAST, [0, 2]), (WEST, [7, 0])]);
        assert_eq!(PnCounter::try_from(written), Ok(east));
    }
}
