//! The largest value anybody set.

use crate::lattice::Lattice;

/// A value of which the larger wins.
///
/// The order decides alone, so it must tell apart all values that differ: of two that compare as
/// equal, each replica would keep its own.
///
/// ```
/// use selkie_crdt::{Lattice, Max};
/// let (mut east, mut west) = (Max(3), Max(8));
/// east.join(&west);
/// west.join(&east);
/// assert_eq!((east, west), (Max(8), Max(8)));
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Max<T>(
    /// The largest value that was seen.
    pub T,
);

impl<T: Ord + Clone> Lattice for Max<T> {
    fn join(&mut self, other: &Self) {
        if other.0 > self.0 {
            self.0.clone_from(&other.0);
        }
    }
}
