//! Values that name other entities.

use crate::entity::Name;

/// A reference to an entity that is not there: not there yet, or no longer.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Dangling<'a> {
    /// The entity that refers to it.
    pub entity: &'a Name,
    /// The attribute or the collection that holds the reference.
    pub name: &'a Name,
    /// The id that nothing has.
    pub target: &'a str,
}
