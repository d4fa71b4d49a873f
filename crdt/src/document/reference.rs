//! Values that name other entities.

use crate::entity::Name;

/// A reference to an entity that is not there: not there yet, or no longer.
///
/// ```
/// use selkie_crdt::{ActorId, Document, Hlc};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let (mut east, mut west) = (Document::<String>::new(east), Document::<String>::new(west));
/// east.change(Hlc::from_ms(1), |tx| {
///     tx.entity("ann").found("voter");
///     tx.entity("spring").found("ballot").add("voters", "ann".into());
///     Ok::<_, std::convert::Infallible>(())
/// })?;
/// west.merge(&east)?;
/// west.change(Hlc::from_ms(2), |tx| {
///     tx.entity("ann").remove();
///     Ok::<_, std::convert::Infallible>(())
/// })?;
/// east.merge(&west)?;
/// let dangling = east.dangling(|value| Some(value.as_str()));
/// assert_eq!((&**dangling[0].entity, dangling[0].target), ("spring", "ann"));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Dangling<'a> {
    /// The entity that refers to it.
    pub entity: &'a Name,
    /// The attribute or the collection that holds the reference.
    pub name: &'a Name,
    /// The id that nothing has.
    pub target: &'a str,
}
