//! An entity as a transaction is about to leave it.

use super::names::Names;
use super::work::Membership;
use super::work::Presence;
use super::work::Work;
use crate::entity::Entity;
use crate::value::Element;

/// An entity inside a [`Transaction`](crate::Transaction), which may be there or not.
///
/// Reading sees what the transaction did so far. An entity is made by anything that is put into
/// it; nothing is done to the document before the transaction has succeeded.
///
/// ```
/// use selkie_crdt::{ActorId, Document, Hlc};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let (mut east, mut west) = (Document::<String>::new(east), Document::<String>::new(west));
/// east.change(Hlc::from_ms(1), |tx| {
///     let mut ann = tx.entity("ann");
///     ann.found("voter").set("town", "Ghent".into());
///     // What was done so far is read, though the document does not have it yet.
///     assert_eq!(ann.attribute("town").map(String::as_str), Some("Ghent"));
///     Ok::<_, std::convert::Infallible>(())
/// })?;
/// west.merge(&east)?;
/// assert_eq!(west.entity("ann").and_then(|ann| ann.kind()), Some("voter"));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub struct Draft<'t, V> {
    pub(super) base: Option<&'t Entity<V>>,
    pub(super) names: &'t mut Names,
    pub(super) work: &'t mut Work<V>,
}

/// Reading.
impl<V: Element> Draft<'_, V> {
    /// Whether the entity is there.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.kept().is_some() || self.work.makes()
    }

    /// The kind that the entity was founded with.
    #[must_use]
    pub fn kind(&self) -> Option<&str> {
        match &self.work.presence {
            Presence::Founded(kind) => Some(self.names.name(*kind)),
            Presence::Untold | Presence::Touched => self.kept()?.kind(),
        }
    }

    /// The value of the attribute `name`.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&V> {
        let written = self.names.find(name).and_then(|name| self.work.attributes.find(&name));
        match written {
            Some(slot) => self.work.attributes.value(slot).as_ref(),
            None => self.kept()?.attribute(name),
        }
    }

    /// Whether `element` is in the collection `name`.
    #[must_use]
    pub fn contains(&self, name: &str, element: &V) -> bool {
        self.membership(name, element).unwrap_or_else(|| {
            let collection = self.kept().and_then(|entity| entity.collection(name));
            collection.is_some_and(|collection| collection.contains(element))
        })
    }

    /// The entity of the document, unless this transaction removed it.
    fn kept(&self) -> Option<&Entity<V>> {
        self.base.filter(|_| !self.work.ends)
    }

    /// Whether this transaction put `element` in or out.
    fn membership(&self, name: &str, element: &V) -> Option<bool> {
        let slot = self.work.collections.find(&self.names.find(name)?)?;
        let elements = self.work.collections.value(slot);
        Some(*elements.value(elements.find(element)?) == Membership::In)
    }
}

/// Changing.
impl<V: Element> Draft<'_, V> {
    /// Says that the entity exists and is of this kind.
    pub fn found(&mut self, kind: &str) -> &mut Self {
        self.work.presence = Presence::Founded(self.names.of(kind));
        self
    }

    /// Says that the entity exists, also without attributes, and survives a concurrent removal.
    pub fn touch(&mut self) -> &mut Self {
        if matches!(self.work.presence, Presence::Untold) {
            self.work.presence = Presence::Touched;
        }
        self
    }

    /// Sets the attribute `name` to `value`.
    pub fn set(&mut self, name: &str, value: V) -> &mut Self {
        self.work.put_attribute(self.names.of(name), Some(value));
        self
    }

    /// Takes the attribute `name` away. Tells whether it was there. The entity stays, also
    /// without attributes.
    pub fn unset(&mut self, name: &str) -> bool {
        let was_there = self.attribute(name).is_some();
        if was_there {
            self.work.put_attribute(self.names.of(name), None);
            self.touch();
        }
        was_there
    }

    /// Adds `element` to the collection `name`.
    pub fn add(&mut self, name: &str, element: V) -> &mut Self {
        self.work.put_element(self.names.of(name), element, Membership::In);
        self
    }

    /// Removes `element` from the collection `name`. Tells whether it was there. The entity
    /// stays, also without elements.
    pub fn remove_from(&mut self, name: &str, element: &V) -> bool {
        let was_there = self.contains(name, element);
        if was_there {
            self.work.put_element(self.names.of(name), element.clone(), Membership::Out);
            self.touch();
        }
        was_there
    }

    /// Removes the entity with all that is in it. Tells whether it was there.
    pub fn remove(&mut self) -> bool {
        let was_there = self.exists();
        *self.work = Work { ends: self.base.is_some(), ..Work::default() };
        was_there
    }
}
