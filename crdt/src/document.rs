//! A domain: entities by id, changed in transactions, agreed on as a whole.
//!
//! State: a map of entities, in one document and so under one version. A transaction is a row of
//! ordinary changes that one replica makes together or not at all. It is not isolated from what
//! others do meanwhile: concurrent transactions merge change by change, as everything here does,
//! so that no replica ever waits for another or takes a change back.
//!
//! Entities name each other by id. A reference may arrive before its target and outlive it, so a
//! dangling one is no error but something to [ask for](Document::dangling).

use alloc::vec::Vec;
use core::fmt;

use crate::actor::ActorId;
use crate::causal::Keys;
use crate::claim::Claim;
use crate::delta::Delta;
use crate::doc::Doc;
use crate::doc::Guard;
use crate::doc::JoinError;
use crate::edit::Edit;
use crate::entity::Entities;
use crate::entity::Entity;
use crate::entity::EntityChange;
use crate::entity::Name;
use crate::hlc::Hlc;
use crate::observe::MapChange;
use crate::rules::Rules;
use crate::rules::Settlement;
use crate::value::Element;
use crate::version::VersionVector;
use crate::wire::DecodeError;

pub(crate) mod draft;
mod model;
mod names;
pub(crate) mod reference;
pub(crate) mod transaction;
mod work;

use self::names::Names;
use self::reference::Dangling;
use self::transaction::Transaction;
use self::transaction::Works;

/// One replica of a domain's entities.
///
/// ```
/// use selkie_crdt::{ActorId, Document, Hlc};
/// use std::convert::Infallible;
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let mut east: Document<String> = Document::about("election 2026", east);
/// let mut west: Document<String> = Document::about("election 2026", west);
/// east.transact(Hlc::from_ms(1), |tx| {
///     tx.entity("ann").found("voter").set("name", "Ann".into());
///     tx.entity("spring").found("ballot").add("voters", "ann".into());
///     Ok::<_, Infallible>(())
/// })?;
/// west.merge(&east)?;
/// assert_eq!(west.of_kind("voter").count(), 1);
///
/// let (_, delta) = west.transact(Hlc::from_ms(2), |tx| {
///     tx.entity("ann").set("town", "Ghent".into());
///     Ok::<_, Infallible>(())
/// })?;
/// east.join(delta.expect("a town was set"))?;
/// let town = east.entity("ann").and_then(|ann| ann.attribute("town"));
/// assert_eq!(town.map(String::as_str), Some("Ghent"));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Document<V> {
    doc: Doc<Entities<V>>,
    names: Names,
}

impl<V: Element> Document<V> {
    /// An empty document that `actor` writes to: see [`Doc::new`].
    #[must_use]
    pub fn new(actor: ActorId) -> Self {
        Self::about("", actor)
    }

    /// An empty document about `subject`: see [`Doc::about`].
    #[must_use]
    pub fn about(subject: &str, actor: ActorId) -> Self {
        Self { doc: Doc::about(subject, actor), names: Names::default() }
    }

    /// The document whose state these bytes hold, for `actor` to write to.
    ///
    /// # Errors
    /// If they are not what [`Document::to_bytes`] makes of some document of this type.
    pub fn load(actor: ActorId, bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut names = Names::default();
        let mut state = Delta::from_bytes(bytes)?;
        if let Some(root) = &mut state.root {
            names.share_all(root);
        }
        Ok(Self { doc: Doc::of_state(actor, state)?, names })
    }

    /// The document below, for all that reads: its [version](Doc::version), the
    /// [claims](Doc::claims) at a register, the [version of a part](Doc::version_of).
    #[must_use]
    pub fn doc(&self) -> &Doc<Entities<V>> {
        &self.doc
    }

    /// The entity `id`.
    #[must_use]
    #[inline]
    pub fn entity(&self, id: &str) -> Option<&Entity<V>> {
        self.entities().get(id)
    }

    /// The entities by id.
    #[must_use]
    #[inline]
    pub fn entities(&self) -> &Entities<V> {
        self.doc.root()
    }

    /// The entities of one kind, in an order that may differ from replica to replica. Looks
    /// through all entities.
    pub fn of_kind(&self, kind: &str) -> impl Iterator<Item = (&Name, &Entity<V>)> {
        self.entities().iter().filter(move |(_, entity)| entity.kind() == Some(kind))
    }

    /// The references to entities that are not there, ascending. `reference` tells which id a
    /// value refers to, if it is a reference.
    pub fn dangling<'a>(
        &'a self,
        reference: impl Fn(&'a V) -> Option<&'a str>,
    ) -> Vec<Dangling<'a>> {
        let mut found = Vec::new();
        for (id, entity) in self.entities().iter() {
            let mut look = |name: &'a Name, value: &'a V| {
                let target = reference(value).filter(|target| self.entity(target).is_none());
                found.extend(target.map(|target| Dangling { entity: id, name, target }));
            };
            for (name, register) in entity.attributes().iter() {
                register.read().into_iter().for_each(|value| look(name, value));
            }
            for (name, collection) in entity.collections().iter() {
                collection.iter().for_each(|value| look(name, value));
            }
        }
        found.sort_unstable();
        found
    }
}

/// Settling.
impl<V: Element> Document<V> {
    /// What `rules` make of the entity `id`. Writes nothing.
    #[must_use]
    pub fn settle(&self, id: &str, rules: &Rules<V>) -> Option<Settlement<'_, V>> {
        self.entity(id).map(|entity| rules.settle(&self.doc, entity))
    }

    /// What `rules` leave to a person: ids and attributes, ascending, with the claims of each. A
    /// person settles one for everyone by setting the attribute.
    #[must_use]
    pub fn open<'a>(&'a self, rules: &Rules<V>) -> Vec<(&'a Name, &'a str, Vec<Claim<'a, V>>)> {
        let mut open = Vec::new();
        for (id, entity) in self.entities().iter().filter(|(_, entity)| entity.is_contested()) {
            let left = rules.settle(&self.doc, entity).open.into_iter();
            open.extend(left.map(|(name, claims)| (id, name, claims)));
        }
        open.sort_unstable_by_key(|(id, name, _)| (*id, *name));
        open
    }
}

/// Changing.
impl<V: Element> Document<V> {
    /// Makes the changes that `work` describes, all at the time `at`, and returns its result and
    /// what a peer lacks who saw all before: `None` if nothing was changed.
    ///
    /// If `work` fails or panics, nothing is changed.
    ///
    /// # Errors
    /// That of `work`.
    pub fn transact<R, E>(
        &mut self,
        at: Hlc,
        work: impl FnOnce(&mut Transaction<'_, V>) -> Result<R, E>,
    ) -> Result<Committed<R, V>, E> {
        let (result, works) = self.gather(work)?;
        Ok((result, self.doc.update(|root| apply(works, root, &self.names, at))))
    }

    /// As [`Document::transact`], without the delta, which costs more than small changes do:
    /// peers get theirs by [`Document::delta_since`].
    ///
    /// # Errors
    /// That of `work`.
    pub fn change<R, E>(
        &mut self,
        at: Hlc,
        work: impl FnOnce(&mut Transaction<'_, V>) -> Result<R, E>,
    ) -> Result<R, E> {
        let (result, works) = self.gather(work)?;
        apply(works, self.doc.edit(), &self.names, at);
        Ok(result)
    }

    /// Goes on under a new name: see [`Doc::take_actor`].
    pub fn take_actor(&mut self, actor: ActorId) {
        self.doc.take_actor(actor);
    }

    fn gather<R, E>(
        &mut self,
        work: impl FnOnce(&mut Transaction<'_, V>) -> Result<R, E>,
    ) -> Result<(R, Works<V>), E> {
        let mut tx = Transaction::on(self.doc.root(), &mut self.names);
        let result = work(&mut tx)?;
        Ok((result, tx.into_works()))
    }
}

/// Agreeing with others.
impl<V: Element> Document<V> {
    /// What this document has seen: see [`Doc::version`].
    #[must_use]
    pub fn version(&self) -> VersionVector {
        self.doc.version()
    }

    /// What somebody lacks who has seen `since`: see [`Doc::delta_since`].
    #[must_use]
    pub fn delta_since(&self, since: &VersionVector) -> Option<Delta<Entities<V>>> {
        self.doc.delta_since(since)
    }

    /// As [`Document::delta_since`], with ids as `keys` says.
    #[must_use]
    pub fn delta_with(&self, since: &VersionVector, keys: Keys) -> Option<Delta<Entities<V>>> {
        self.doc.delta_with(since, keys)
    }

    /// The state in bytes: see [`Doc::to_bytes`].
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.doc.to_bytes()
    }

    /// Joins what a peer has told.
    ///
    /// # Errors
    /// See [`JoinError`]. Nothing is joined then.
    pub fn join(&mut self, delta: Delta<Entities<V>>) -> Result<(), JoinError> {
        self.doc.join_settled(delta, |root| self.names.share_all(root))
    }

    /// As [`Document::join`], if `guard` allows what it changes: see [`Doc::join_guarded`].
    ///
    /// # Errors
    /// See [`JoinError`]. Nothing is joined then.
    pub fn join_guarded(
        &mut self,
        delta: Delta<Entities<V>>,
        guard: impl FnOnce(&EntitiesChange<V>) -> Guard,
    ) -> Result<Option<EntitiesChange<V>>, JoinError> {
        self.doc.join_guarded_settled(delta, |root| self.names.share_all(root), guard)
    }

    /// Joins all that `other` has seen.
    ///
    /// # Errors
    /// See [`JoinError`]. Nothing is joined then.
    pub fn merge(&mut self, other: &Self) -> Result<(), JoinError> {
        other.delta_since(&self.version()).map_or(Ok(()), |delta| self.join(delta))
    }

    /// Forgets what all replicas are known to have seen: see [`Doc::forget_stable`].
    pub fn forget_stable(&mut self, stable: &VersionVector) {
        self.doc.forget_stable(stable);
    }
}

/// The result of a transaction, and what it changed: `None` if nothing.
///
/// ```
/// use selkie_crdt::{ActorId, Committed, Document, Hlc};
/// use std::convert::Infallible;
/// fn enter(voters: &mut Document<String>, name: &str) -> Committed<usize, String> {
///     let entered = voters.transact(Hlc::from_ms(1), |tx| {
///         tx.entity(name).found("voter");
///         Ok::<_, Infallible>(tx.before().len() + 1)
///     });
///     entered.unwrap_or_else(|never| match never {})
/// }
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let (mut east, mut west) = (Document::<String>::new(east), Document::<String>::new(west));
/// let (count, delta) = enter(&mut east, "ann");
/// west.join(delta.expect("a voter was entered"))?;
/// assert_eq!((count, west.entities().len()), (1, 1));
/// # Ok::<_, selkie_crdt::JoinError>(())
/// ```
pub type Committed<R, V> = (R, Option<Delta<Entities<V>>>);

/// What a join changed in a document.
///
/// ```
/// use selkie_crdt::{ActorId, Document, EntitiesChange, Fate, Guard, Hlc, JoinError};
/// use std::convert::Infallible;
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let (mut east, mut west) = (Document::<String>::new(east), Document::<String>::new(west));
/// west.change(Hlc::from_ms(1), |tx| {
///     tx.entity("ann").found("voter");
///     Ok::<_, Infallible>(())
/// })?;
/// let closed = |change: &EntitiesChange<String>| {
///     let enters = change.entries.iter().any(|entry| entry.fate == Fate::Added);
///     if enters { Guard::Forbid } else { Guard::Allow }
/// };
/// let delta = west.delta_since(&east.version()).expect("east lacks Ann");
/// assert_eq!(east.join_guarded(delta, closed), Err(JoinError::Forbidden));
/// # Ok::<_, Infallible>(())
/// ```
pub type EntitiesChange<V> = MapChange<Name, EntityChange<V>>;

fn apply<V: Element>(works: Works<V>, mut root: Edit<'_, Entities<V>>, names: &Names, at: Hlc) {
    let leaves_ghosts = works.slots().iter().any(|(_, work)| work.ends);
    for (target, work) in works.into_slots() {
        work.apply(&mut root, target, names, at);
    }
    // Not before, since works know their entities by slot.
    if leaves_ghosts {
        root.tidy();
    }
}

/// By subject and entities, whatever was seen on the way there.
impl<V: Element> PartialEq for Document<V> {
    fn eq(&self, other: &Self) -> bool {
        self.doc.subject() == other.doc.subject() && self.entities() == other.entities()
    }
}

impl<V: Element> Eq for Document<V> {}

impl<V: Element + Ord + fmt::Debug> fmt::Debug for Document<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.doc.fmt(f)
    }
}
