//! What a transaction is about to do to one entity.
//!
//! Only the outcome is kept: an attribute that is set twice is written once, and one that is set
//! and unset again is not written at all.

use super::names::Names;
use super::names::Shared;
use crate::edit::Edit;
use crate::entity::Entities;
use crate::entity::Name;
use crate::hlc::Hlc;
use crate::table::Table;
use crate::table::unmarked;
use crate::value::Element;

/// Changes of one entity, none of them made yet.
#[derive(Clone, Debug)]
pub(super) struct Work<V> {
    /// Whether the entity that is there goes, before anything below comes.
    pub(super) ends: bool,
    pub(super) presence: Presence,
    pub(super) attributes: Table<Shared, Option<V>>,
    pub(super) collections: Table<Shared, Table<V, Membership>>,
}

/// Which entity a work is about.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) enum Target {
    /// The one in this slot of the document, which stays there while the transaction lasts.
    There(u32),
    /// One that is not there, with its id.
    New(Name),
}

/// What is said about the entity as a whole.
#[derive(Clone, Debug)]
pub(super) enum Presence {
    Untold,
    Touched,
    Founded(Shared),
}

/// What becomes of an element.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Membership {
    In,
    Out,
}

impl<V> Default for Work<V> {
    fn default() -> Self {
        Self {
            ends: false,
            presence: Presence::Untold,
            attributes: Table::default(),
            collections: Table::default(),
        }
    }
}

impl<V: Element> Work<V> {
    pub(super) fn put_attribute(&mut self, name: Shared, value: Option<V>) {
        let slot = self.attributes.find_or_add(name, None, &unmarked);
        *self.attributes.value_mut(slot) = value;
    }

    pub(super) fn put_element(&mut self, name: Shared, element: V, membership: Membership) {
        let slot = self.collections.find_or_add(name, Table::default(), &unmarked);
        let elements = self.collections.value_mut(slot);
        let slot = elements.find_or_add(element, membership, &unmarked);
        *elements.value_mut(slot) = membership;
    }

    /// Whether the entity is there for this work alone.
    pub(super) fn makes(&self) -> bool {
        let collections = || self.collections.slots().iter().map(|(_, elements)| elements);
        !matches!(self.presence, Presence::Untold)
            || self.attributes.slots().iter().any(|(_, value)| value.is_some())
            || collections()
                .any(|elements| elements.slots().iter().any(|(_, m)| *m == Membership::In))
    }

    /// Whether this leaves the entity as it is, but for its end.
    fn puts_nothing(&self) -> bool {
        matches!(self.presence, Presence::Untold)
            && self.attributes.slots().is_empty()
            && self.collections.slots().is_empty()
    }

    /// Does it, to the entity `target` of `root`, which is not tidied.
    pub(super) fn apply(
        self,
        root: &mut Edit<'_, Entities<V>>,
        target: Target,
        names: &Names,
        at: Hlc,
    ) {
        if let Target::There(slot) = target
            && self.ends
        {
            root.empty(slot);
        }
        if self.puts_nothing() {
            return;
        }
        let mut entity = match target {
            Target::There(slot) => root.open(slot),
            Target::New(id) => root.entry(id),
        };
        match self.presence {
            Presence::Untold => {}
            Presence::Touched => entity.touch(),
            Presence::Founded(kind) => entity.found(names.name(kind).clone()),
        }
        for (name, value) in self.attributes.into_slots() {
            match value {
                Some(value) => entity.set_named(names.name(name), value, at),
                None => drop(entity.take_away(names.name(name))),
            }
        }
        for (name, elements) in self.collections.into_slots() {
            let mut collection = entity.collection_named(names.name(name));
            for (element, membership) in elements.into_slots() {
                match membership {
                    Membership::In => collection.add(element),
                    Membership::Out => drop(collection.remove(&element)),
                }
            }
        }
    }
}
