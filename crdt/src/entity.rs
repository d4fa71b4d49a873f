//! A thing of a domain: attributes, collections, and that it exists.
//!
//! State: a dot of each actor that touched the entity, so that one without attributes is there;
//! under each name a register, or a set. Removing an entity ends what its author saw of it. What
//! somebody set meanwhile stays, and that alone: an entity that came back so is
//! [partial](Entity::is_partial).
//!
//! An entity speaks of others by id and never holds them: held, and moved by two people at once,
//! one would stand in two places.

use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::causal::Causal;
use crate::causal::Join;
use crate::contest::Conflict;
use crate::contest::Contested;
use crate::contest::NoRival;
use crate::contest::Step;
use crate::delegate::delegate_causal;
use crate::edit::Edit;
use crate::hlc::Hlc;
use crate::leaf::Leaf;
use crate::map::AwMap;
use crate::mark::Mark;
use crate::observe::EntryChange;
use crate::observe::Observe;
use crate::observe::RegisterChange;
use crate::observe::SetChange;
use crate::register::LwwRegister;
use crate::set::AwSet;
use crate::value::Element;

/// A thing with attributes and collections, which a domain names as it likes.
///
/// ```
/// use selkie_crdt::{ActorId, Doc, Entity, Hlc};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let mut east: Doc<Entity<String>> = Doc::about("voter-17", east);
/// let mut west: Doc<Entity<String>> = Doc::about("voter-17", west);
/// east.edit().set("name", "Ann".into(), Hlc::from_ms(1));
/// west.edit().set("town", "Ghent".into(), Hlc::from_ms(1));
/// west.edit().collection("ballots").add("2026-spring".into());
/// east.merge(&west)?;
/// assert_eq!(east.root().attribute("town").map(String::as_str), Some("Ghent"));
/// assert!(east.root().collection("ballots").is_some_and(|b| b.contains("2026-spring")));
/// # Ok::<_, selkie_crdt::JoinError>(())
/// ```
#[derive(Clone)]
pub struct Entity<V>(Parts<V>);

/// Touches; attributes; collections.
type Parts<V> = (Leaf<()>, (AwMap<Name, LwwRegister<V>>, AwMap<Name, AwSet<V>>));

/// The name of an attribute or a collection, shared: all entities of a kind have the same.
pub type Name = Arc<str>;

delegate_causal!("entity", Entity<V: Element>, Parts<V>);

impl<V: Element> Entity<V> {
    /// The value of the attribute `name`.
    #[must_use]
    #[inline]
    pub fn attribute(&self, name: &str) -> Option<&V> {
        self.register(name)?.read()
    }

    /// The register behind the attribute `name`, with all that was written at the same time.
    #[must_use]
    #[inline]
    pub fn register(&self, name: &str) -> Option<&LwwRegister<V>> {
        self.attributes().get(name)
    }

    /// The attributes, by name.
    #[must_use]
    pub fn attributes(&self) -> &AwMap<Name, LwwRegister<V>> {
        &self.0.1.0
    }

    /// The collection `name`.
    #[must_use]
    pub fn collection(&self, name: &str) -> Option<&AwSet<V>> {
        self.collections().get(name)
    }

    /// The collections, by name.
    #[must_use]
    pub fn collections(&self) -> &AwMap<Name, AwSet<V>> {
        &self.0.1.1
    }

    /// Whether this is only what somebody changed while another removed the entity.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.0.0.is_bottom() && !self.is_bottom()
    }
}

impl<V: Element> Edit<'_, Entity<V>> {
    /// Says that the entity exists, also without attributes, and survives a concurrent removal.
    pub fn touch(&mut self) {
        self.at.0.0.amend_own(|()| {}, self.cx);
    }

    /// Sets the attribute `name` to `value`, at the time `at`.
    #[inline]
    pub fn set(&mut self, name: &str, value: V, at: Hlc) {
        let mut attributes = self.part(|entity| &mut entity.0.1.0);
        if let Some(mut register) = attributes.existing(name) {
            return register.write(value, at);
        }
        attributes.entry(name.into()).write(value, at);
    }

    /// As [`Edit::set`], with a name that is shared with other entities.
    #[inline]
    pub fn set_named(&mut self, name: &Name, value: V, at: Hlc) {
        self.part(|entity| &mut entity.0.1.0).entry(Arc::clone(name)).write(value, at);
    }

    /// Takes the attribute `name` away. Tells whether it was there.
    ///
    /// Leaves a touch, by which the entity's version tells that it changed.
    pub fn unset(&mut self, name: &str) -> bool {
        let was_there = self.part(|entity| &mut entity.0.1.0).remove(name);
        if was_there {
            self.touch();
        }
        was_there
    }

    /// The collection `name`, open for changes.
    pub fn collection(&mut self, name: &str) -> Edit<'_, AwSet<V>> {
        let Edit { at, cx } = self;
        Edit { at: &mut at.0.1.1, cx }.into_entry(name.into())
    }
}

/// What changed in an entity. That it came or went shows in the map that holds it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EntityChange<V> {
    /// Attributes that read differently.
    pub attributes: Vec<EntryChange<Name, RegisterChange<V>>>,
    /// Collections that hold something else.
    pub collections: Vec<EntryChange<Name, SetChange<V>>>,
}

impl<V: Element> Observe for Entity<V> {
    type Change = EntityChange<V>;

    fn change(
        &self,
        delta: Option<&Self::Delta>,
        ended: &[Mark],
        join: &Join<'_>,
    ) -> Option<EntityChange<V>> {
        let delta = delta.and_then(|delta| delta.1.as_ref());
        let (attributes, collections) = self.0.1.change(delta, ended, join)?;
        Some(EntityChange {
            attributes: attributes.map(|change| change.entries).unwrap_or_default(),
            collections: collections.map(|change| change.entries).unwrap_or_default(),
        })
    }
}

impl<V: Element> Contested for Entity<V> {
    fn each_conflict(
        &self,
        within: Option<&Self::Delta>,
        at: &mut Vec<Step>,
        visit: &mut dyn FnMut(Conflict),
    ) {
        self.0.each_conflict(within, at, visit);
    }

    fn settle(edit: Edit<'_, Self>, way: &[Step], chosen: usize, at: Hlc) -> Result<(), NoRival> {
        Parts::settle(edit.into_part(|entity| &mut entity.0), way, chosen, at)
    }
}
