//! The smallest value anybody set.

use crate::lattice::Lattice;

/// A value of which the smaller wins.
///
/// The order decides alone, so it must tell apart all values that differ: of two that compare as
/// equal, each replica would keep its own.
///
/// ```
/// use selkie_crdt::{Lattice, Min};
/// let (mut east, mut west) = (Min(3), Min(8));
/// east.join(&west);
/// west.join(&east);
/// assert_eq!((east, west), (Min(3), Min(3)));
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Min<T>(
    /// The smallest value that was seen.
    pub T,
);

impl<T: Ord + Clone> Lattice for Min<T> {
    fn join(&mut self, other: &Self) {
        if other.0 < self.0 {
            self.0.clone_from(&other.0);
        }
    }
}
