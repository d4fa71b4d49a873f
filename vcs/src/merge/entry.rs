//! A key of a file that holds keys and values, and where in its text it stands.

use std::ops::Range;

/// A key, and where it stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry<'w> {
    /// The way to it from the top, itself at the end.
    pub(crate) way: &'w [WayStep],
    /// Where it is, from its first letter to the end of its value.
    pub(crate) place: (usize, usize),
    /// Where its value begins; it ends with the place.
    pub(crate) value: usize,
}

/// A step of the way to a key.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) enum WayStep {
    /// To what has this key.
    Key(Vec<u8>),
    /// To the item of a list that is called so.
    Item(Vec<u8>),
}

impl Entry<'_> {
    /// Where its value is.
    pub(crate) const fn value(&self) -> Range<usize> {
        self.value..self.place.1
    }
}
