//! A thing of a domain: attributes, collections, and that it exists.
//!
//! State: a dot of each actor that touched the entity, so that one without attributes is there,
//! with the kind if the touch was a founding; under each name a register, or a set. Removing an entity ends what its author saw of it. What
//! somebody set meanwhile stays, and that alone: an entity that came back so is
//! [partial](Entity::is_partial).
//!
//! An entity speaks of others by id and never holds them: held, and moved by two people at once,
//! one would stand in two places.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use crate::causal::Causal;
use crate::causal::Join;
use crate::contest::Choice;
use crate::contest::Conflict;
use crate::contest::Contested;
use crate::contest::NoRival;
use crate::contest::Step;
use crate::delegate::delegate_causal;
use crate::edit::Edit;
use crate::hlc::Hlc;
use crate::leaf::Few;
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

mod kind;

use self::kind::Kind;

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
type Parts<V> = (Leaf<Kind>, (AwMap<Name, LwwRegister<V>>, AwMap<Name, AwSet<V>>));

/// The name of an attribute or a collection, shared: all entities of a kind have the same.
///
/// ```
/// use selkie_crdt::{ActorId, Doc, Entity, Hlc, Name};
/// let town: Name = "town".into(); // made once, shared by every entity that has one
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let (mut east, mut west) = (Doc::<Entity<u64>>::new(east), Doc::<Entity<u64>>::new(west));
/// east.edit().set_named(&town, 9000, Hlc::from_ms(1));
/// west.edit().set_named(&town, 5000, Hlc::from_ms(2));
/// east.merge(&west)?;
/// assert_eq!(east.root().attribute(&town), Some(&5000));
/// # Ok::<_, selkie_crdt::JoinError>(())
/// ```
pub type Name = Arc<str>;

/// Entities by id.
///
/// ```
/// use selkie_crdt::{ActorId, Doc, Entities, Hlc};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let (mut east, mut west) = (Doc::<Entities<u64>>::new(east), Doc::<Entities<u64>>::new(west));
/// east.edit().entry("tea".into()).set("price", 3, Hlc::from_ms(1));
/// west.edit().entry("tea".into()).set("stock", 40, Hlc::from_ms(1));
/// east.merge(&west)?;
/// assert_eq!(east.root().get("tea").map(|tea| tea.attributes().len()), Some(2));
/// # Ok::<_, selkie_crdt::JoinError>(())
/// ```
pub type Entities<V> = AwMap<Name, Entity<V>>;

delegate_causal!("entity", Entity<V: Element>, Parts<V>);

impl<V: Element> Entity<V> {
    /// The kind that the entity was [founded](Edit::found) with.
    ///
    /// An entity that is [partial](Entity::is_partial) has none: it ended with the touches.
    #[must_use]
    pub fn kind(&self) -> Option<&str> {
        self.0.0.best()?.0.as_deref()
    }

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

    /// Whether several concurrent writes lie at an attribute.
    #[must_use]
    pub fn is_contested(&self) -> bool {
        self.attributes().iter().any(|(_, register)| register.values().nth(1).is_some())
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
        self.at.0.0.amend_own(|_kind| {}, self.cx);
    }

    /// Says that the entity exists and is of this kind. Of concurrent foundings with several
    /// kinds, all replicas read the first in the order of names.
    pub fn found(&mut self, kind: impl Into<Name>) {
        self.at.0.0.write(Kind(Some(kind.into())), self.cx);
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
        self.part(|entity| &mut entity.0.1.0).entry_of(name).write(value, at);
    }

    /// Takes the attribute `name` away. Tells whether it was there.
    ///
    /// Leaves a touch, by which the entity's version tells that it changed.
    pub fn unset(&mut self, name: &str) -> bool {
        let was_there = self.take_away(name);
        if was_there {
            self.touch();
        }
        was_there
    }

    /// As [`Edit::unset`], without the touch: the caller leaves one.
    pub(crate) fn take_away(&mut self, name: &str) -> bool {
        self.part(|entity| &mut entity.0.1.0).remove(name)
    }

    /// The collection `name`, open for changes.
    pub fn collection(&mut self, name: &str) -> Edit<'_, AwSet<V>> {
        self.collection_named(&name.into())
    }

    /// As [`Edit::collection`], with a name that is shared with other entities.
    pub fn collection_named(&mut self, name: &Name) -> Edit<'_, AwSet<V>> {
        let Edit { at, cx } = self;
        Edit { at: &mut at.0.1.1, cx }.into_entry(Arc::clone(name))
    }
}

impl<V: Element> Entity<V> {
    /// Lets `share` put shared names in the place of those in a delta.
    pub(crate) fn share_names(
        delta: &mut <Entities<V> as Causal>::Delta,
        share: &mut impl FnMut(&mut Name),
    ) {
        delta.each_child_mut(|_id, (touches, parts)| {
            let touches = touches.iter_mut().flat_map(Few::as_mut_slice);
            touches.filter_map(|touch| touch.content.0.as_mut()).for_each(&mut *share);
            let Some((attributes, collections)) = parts else { return };
            if let Some(attributes) = attributes {
                attributes.each_child_mut(|name, _| name.into_iter().for_each(&mut *share));
            }
            if let Some(collections) = collections {
                collections.each_child_mut(|name, _| name.into_iter().for_each(&mut *share));
            }
        });
    }
}

/// What changed in an entity. That it came or went shows in the map that holds it.
///
/// ```
/// use selkie_crdt::{ActorId, Doc, Entity, Hlc};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let (mut east, mut west) = (Doc::<Entity<String>>::new(east), Doc::<Entity<String>>::new(west));
/// west.edit().set("town", "Ghent".into(), Hlc::from_ms(1));
/// let delta = west.delta_since(&east.version()).expect("east lacks the town");
/// let change = east.join_observed(delta)?.expect("a town is to be seen");
/// assert_eq!(&*change.attributes[0].key, "town");
/// # Ok::<_, selkie_crdt::JoinError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EntityChange<V> {
    /// The kind, if it reads differently: at most one before, and one now.
    pub kind: Option<RegisterChange<Name>>,
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
        let (touches, parts) =
            delta.map_or((None, None), |delta| (delta.0.as_ref(), delta.1.as_ref()));
        let kind = kind_change(&self.0.0, touches, ended, join);
        let parts = self.0.1.change(parts, ended, join);
        if kind.is_none() && parts.is_none() {
            return None;
        }
        let (attributes, collections) = parts.unwrap_or_default();
        Some(EntityChange {
            kind,
            attributes: attributes.map(|change| change.entries).unwrap_or_default(),
            collections: collections.map(|change| change.entries).unwrap_or_default(),
        })
    }
}

fn kind_change(
    touches: &Leaf<Kind>,
    delta: Option<&<Leaf<Kind> as Causal>::Delta>,
    ended: &[Mark],
    join: &Join<'_>,
) -> Option<RegisterChange<Name>> {
    let after = touches.after(delta, ended, join)?;
    let kind = |touches: &Leaf<Kind>| touches.best().and_then(|kind| kind.0.clone());
    let [before, after] = [touches, &after].map(|touches| kind(touches).into_iter().collect());
    (before != after).then_some(RegisterChange { before, after })
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

    fn settle(
        edit: Edit<'_, Self>,
        way: &[Step],
        choice: Choice<'_>,
        at: Hlc,
    ) -> Result<(), NoRival> {
        Parts::settle(edit.into_part(|entity| &mut entity.0), way, choice, at)
    }
}

/// By what can be read, as its parts.
impl<V: Element> PartialEq for Entity<V> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<V: Element> Eq for Entity<V> {}

impl<V: Element + Ord + fmt::Debug> fmt::Debug for Entity<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self((_, (attributes, collections))) = self;
        f.debug_struct("Entity")
            .field("kind", &self.kind())
            .field("attributes", attributes)
            .field("collections", collections)
            .finish()
    }
}
