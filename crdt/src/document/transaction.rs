//! Changes that are made together or not at all.
//!
//! They are gathered beside the document and made once the caller's function has succeeded. So
//! there is nothing to roll back, and an error or a panic in that function leaves no trace.

use super::draft::Draft;
use super::names::Names;
use super::work::Target;
use super::work::Work;
use crate::entity::Entities;
use crate::table::Table;
use crate::table::unmarked;
use crate::value::Element;

/// A [`Document`](crate::Document) that is being changed: see
/// [`Document::transact`](crate::Document::transact).
///
/// ```
/// use selkie_crdt::{ActorId, Document, Hlc};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let (mut east, mut west) = (Document::<String>::new(east), Document::<String>::new(west));
/// let half = east.change(Hlc::from_ms(1), |tx| {
///     tx.entity("ann").set("name", "Ann".into());
///     Err::<(), _>("the clerk changed her mind")
/// });
/// assert!(half.is_err() && east.entity("ann").is_none());
/// east.change(Hlc::from_ms(2), |tx| {
///     tx.entity("ann").set("name", "Ann".into());
///     tx.entity("bob").set("name", "Bob".into());
///     Ok::<_, std::convert::Infallible>(())
/// })?;
/// west.merge(&east)?;
/// assert_eq!(west.entities().len(), 2);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub struct Transaction<'d, V> {
    entities: &'d Entities<V>,
    names: &'d mut Names,
    works: Works<V>,
}

/// What is to be done to which entity, in the order in which they were first named.
pub(super) type Works<V> = Table<Target, Work<V>>;

impl<'d, V: Element> Transaction<'d, V> {
    pub(super) fn on(entities: &'d Entities<V>, names: &'d mut Names) -> Self {
        Self { entities, names, works: Table::default() }
    }

    /// The entity `id`, to be read and changed, whether it is there or not.
    pub fn entity(&mut self, id: &str) -> Draft<'_, V> {
        let base = self.entities.find(id);
        let target = base.map_or_else(|| Target::New(id.into()), |(slot, _)| Target::There(slot));
        let slot = self.works.find(&target);
        let add = || self.works.find_or_add(target, Work::default(), &unmarked);
        let slot = slot.unwrap_or_else(add);
        Draft {
            base: base.map(|(_, entity)| entity),
            names: &mut *self.names,
            work: self.works.value_mut(slot),
        }
    }

    /// The entities as they were before this transaction.
    #[must_use]
    pub fn before(&self) -> &'d Entities<V> {
        self.entities
    }

    /// All of it.
    pub(super) fn into_works(self) -> Works<V> {
        self.works
    }
}
