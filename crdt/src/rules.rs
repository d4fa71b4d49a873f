//! Which strategy settles which attribute.
//!
//! The narrowest rule that fits decides: one for the attribute of a kind, one for the kind, one
//! for the attribute wherever it occurs, the default. A kind's rule stands before an attribute's,
//! because who models a kind knows what its attributes mean, and because names meet by chance:
//! `status` of a ballot is not `status` of a shipment. A rule for a name everywhere is a custom
//! of the house, for kinds that say nothing of their own.
//!
//! Rules are part of the program and not of the document. All replicas must have the same, or
//! they read differently; what they hold stays the same, since rules write nothing.

use alloc::borrow::Cow;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use crate::causal::Causal;
use crate::claim::Claim;
use crate::doc::Doc;
use crate::entity::Entity;
use crate::entity::Name;
use crate::strategy::Strategy;
use crate::strategy::Verdict;
use crate::value::Element;

/// Strategies by kind of entity and by attribute, with a default.
///
/// ```
/// use selkie_crdt::{ActorId, Doc, Entity, Hlc, Rules, Strategy};
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let mut at_east: Doc<Entity<u32>> = Doc::new(east);
/// let mut at_west: Doc<Entity<u32>> = Doc::new(west);
/// for (doc, n) in [(&mut at_east, 1), (&mut at_west, 2)] {
///     let mut account = doc.edit();
///     account.found("account");
///     account.set("visits", n, Hlc::from_ms(1));
///     account.set("balance", n, Hlc::from_ms(1));
/// }
/// at_east.merge(&at_west)?;
///
/// let rules = Rules::new(Strategy::Person)
///     .attribute("account", "visits", Strategy::merge(|all| all.iter().copied().sum()));
/// let settlement = rules.settle(&at_east, at_east.root());
/// assert_eq!(*settlement.settled["visits"], 3);
/// assert_eq!(settlement.open["balance"].len(), 2);
/// # Ok::<_, selkie_crdt::JoinError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Rules<V> {
    kinds: BTreeMap<Name, KindRules<V>>,
    attributes: BTreeMap<Name, Strategy<V>>,
    default: Strategy<V>,
}

/// The rules of one kind.
#[derive(Clone, Debug)]
struct KindRules<V> {
    attributes: BTreeMap<Name, Strategy<V>>,
    default: Option<Strategy<V>>,
}

/// What rules make of all attributes of one entity.
///
/// ```
/// use selkie_crdt::{ActorId, Document, Hlc, Rules, Strategy};
/// use std::convert::Infallible;
/// let [east, west] = [1, 2].map(|n| ActorId::from_bytes([n; 16]));
/// let (mut east, mut west) = (Document::<u64>::new(east), Document::<u64>::new(west));
/// for (replica, at_ms, count) in [(&mut east, 1, 3), (&mut west, 2, 4)] {
///     replica.change(Hlc::from_ms(at_ms), |tx| {
///         tx.entity("tea").found("good").set("price", count).set("stock", count);
///         Ok::<_, Infallible>(())
///     })?;
/// }
/// east.merge(&west)?;
/// let rules = Rules::new(Strategy::LastWrite).attribute("good", "price", Strategy::Person);
/// let tea = east.settle("tea", &rules).expect("it is there");
/// assert_eq!((*tea.settled["stock"], tea.open["price"].len()), (4, 2));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Settlement<'a, V: Clone> {
    /// The values by attribute, also of those that nobody contests.
    pub settled: BTreeMap<&'a str, Cow<'a, V>>,
    /// What is left for a person: the claims by attribute, the earliest first.
    pub open: BTreeMap<&'a str, Vec<Claim<'a, V>>>,
}

impl<V: Element> Rules<V> {
    /// Rules that settle everything by `default`.
    #[must_use]
    pub fn new(default: Strategy<V>) -> Self {
        Self { kinds: BTreeMap::new(), attributes: BTreeMap::new(), default }
    }

    /// These rules, with `strategy` for the attribute `name` of entities of `kind`.
    #[must_use]
    pub fn attribute(mut self, kind: &str, name: &str, strategy: Strategy<V>) -> Self {
        self.kind_mut(kind).attributes.insert(name.into(), strategy);
        self
    }

    /// These rules, with `strategy` for all attributes of entities of `kind`.
    #[must_use]
    pub fn kind(mut self, kind: &str, strategy: Strategy<V>) -> Self {
        self.kind_mut(kind).default = Some(strategy);
        self
    }

    /// These rules, with `strategy` for the attribute `name` of entities of any kind or none.
    #[must_use]
    pub fn anywhere(mut self, name: &str, strategy: Strategy<V>) -> Self {
        self.attributes.insert(name.into(), strategy);
        self
    }

    /// The strategy for the attribute `name` of an entity of `kind`.
    #[must_use]
    pub fn strategy(&self, kind: Option<&str>, name: &str) -> &Strategy<V> {
        let of_kind = kind.and_then(|kind| self.kinds.get(kind));
        of_kind
            .and_then(|rules| rules.attributes.get(name).or(rules.default.as_ref()))
            .or_else(|| self.attributes.get(name))
            .unwrap_or(&self.default)
    }

    /// What becomes of `entity`, which is in `doc`. Writes nothing: every replica computes the
    /// same from the same state.
    #[must_use]
    pub fn settle<'a, T: Causal>(&self, doc: &Doc<T>, entity: &'a Entity<V>) -> Settlement<'a, V> {
        let mut settlement = Settlement { settled: BTreeMap::new(), open: BTreeMap::new() };
        for (name, register) in entity.attributes().iter() {
            let strategy = self.strategy(entity.kind(), name);
            match strategy.settle(doc.claims(register)) {
                Some(Verdict::Settled(value)) => drop(settlement.settled.insert(name, value)),
                Some(Verdict::Open(claims)) => drop(settlement.open.insert(name, claims)),
                None => {}
            }
        }
        settlement
    }

    fn kind_mut(&mut self, kind: &str) -> &mut KindRules<V> {
        let empty = || KindRules { attributes: BTreeMap::new(), default: None };
        self.kinds.entry(kind.into()).or_insert_with(empty)
    }
}
