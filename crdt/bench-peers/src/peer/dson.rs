//! `dson`: delta-state maps over dots.
//!
//! A set is a map from elements to their dots, a register the values at its dots. These stores are
//! what the crate's documents are made of and the best that it has: its documents have only text
//! for keys, and each transaction clones the whole. A batch is made by hand as one delta and
//! joined once, since every join walks the whole store. Bytes are those of `MessagePack` with
//! names: the crate's serde forms leave fields out.

use std::fmt::Debug;
use std::hash::Hash;
use std::mem;

use dson::crdts::mvreg::MvRegValue;
use dson::sentinel::DummySentinel;
use dson::{CausalDotStore, Dot, DotFun, DotMap, DotStore, DotStoreJoin, Identifier, MvReg};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::record::Record;
use crate::replica::Replica;
use crate::set::{Edit, Element, Set};
use crate::workload::b3::{self, Registers};
use crate::workload::b4;
use crate::workload::b5::{self, Attribute, Entities, Entity, Value};
use crate::workload::b6::{self, Gossip};
use crate::workload::{Workload, b1, b2};

const SAMPLED: &str = "twenty edits at full size: one edit takes time by the size of the set";
const OWN_CHANGES: &str =
    "not cut from a version, which leaves removals out: the joined deltas of its own edits";
const MULTI_VALUE: &str = "multi-value registers: it has no last-write register";

/// Does a workload with `dson`.
pub fn run(workload: Workload, record: &mut Record) {
    match workload {
        Workload::B1 => {
            b1::run::<Store<Leaves<u64, ()>>, Store<Leaves<String, ()>>>(record);
            for kind in ["u64", "string"] {
                record.note(&format!("{kind}: add, singly"), SAMPLED);
                record.note(&format!("{kind}: remove, singly"), SAMPLED);
            }
        }
        Workload::B2 => {
            b2::run::<Store<Leaves<u64, ()>>, Store<Leaves<String, ()>>>(record);
            for kind in ["u64", "string"] {
                record.aside(&format!("{kind}: delta, make"), OWN_CHANGES);
            }
        }
        Workload::B3 => {
            b3::run::<Store<Leaves<String, u64>>>(record);
            record.aside("delta, make", OWN_CHANGES);
            record.note("", MULTI_VALUE);
        }
        Workload::B4 => {
            b4::run_register::<CausalDotStore<MvReg>>(record);
            b4::absent("version vector", "its context is a set of intervals", record);
            b4::absent("counter", "has none", record);
            b4::absent("hybrid clock", "has none", record);
        }
        Workload::B5 => {
            b5::run::<Store<DotMap<String, Leaves<String, Value>>>>(record);
            record.aside("delta, make and apply", OWN_CHANGES);
            record.note("", MULTI_VALUE);
        }
        Workload::B6 => {
            b6::run::<Store<Leaves<String, ()>>>(record);
            record.note("bytes crossed", "whole states: its cut deltas leave removals out");
        }
        Workload::Growth => {}
    }
}

/// Values at dots, by key.
type Leaves<K, V> = DotMap<K, DotFun<V>>;

/// A store and who edits it.
struct Store<S> {
    state: CausalDotStore<S>,
    id: Identifier,
    /// What was changed since the fork, kept from then on.
    made: Option<CausalDotStore<S>>,
}

/// What every store here can do.
trait Joins: DotStoreJoin<DummySentinel> + Clone + Default + DeserializeOwned + Serialize {}

impl<S: DotStoreJoin<DummySentinel> + Clone + Default + DeserializeOwned + Serialize> Joins for S {}

impl<S: Joins> Store<S> {
    fn apply(&mut self, delta: CausalDotStore<S>) {
        if let Some(made) = &mut self.made {
            made.join_or_replace_with(delta.store.clone(), &delta.context);
        }
        self.state.join_or_replace_with(delta.store, &delta.context);
    }

    fn next_dot(&self) -> Dot {
        self.state.context.next_dot_for(self.id)
    }
}

impl<S: Joins> Replica for Store<S> {
    type Version = ();

    fn new(actor: u64) -> Self {
        let node = u8::try_from(actor).expect("few actors");
        Self { state: CausalDotStore::new(), id: Identifier::new(node, 0), made: None }
    }

    fn from_bytes(actor: u64, bytes: &[u8]) -> Self {
        let state = rmp_serde::from_slice(bytes).expect("its own bytes");
        Self { state, ..Self::new(actor) }
    }

    fn to_bytes(&mut self) -> Vec<u8> {
        rmp_serde::to_vec_named(&self.state).expect("a state can be written")
    }

    fn fork(&mut self, actor: u64) -> Self {
        self.made = Some(CausalDotStore::new());
        Self { state: self.state.clone(), made: self.made.clone(), ..Self::new(actor) }
    }

    fn version(&mut self) {}

    fn delta_since(&mut self, (): &()) -> Vec<u8> {
        let made = self.made.as_ref().expect("a delta is asked of a fork");
        rmp_serde::to_vec_named(made).expect("a delta can be written")
    }

    fn join(&mut self, delta: &[u8]) {
        let delta: CausalDotStore<S> = rmp_serde::from_slice(delta).expect("its own bytes");
        self.state.join_or_replace_with(delta.store, &delta.context);
    }

    fn merge(&mut self, other: &mut Self) {
        let other = mem::take(&mut other.state);
        self.state.join_or_replace_with(other.store, &other.context);
    }
}

impl<K, V> Store<Leaves<K, V>>
where
    K: Hash + Eq + Debug + Clone + DeserializeOwned + Serialize,
    V: PartialEq + Debug + Clone + DeserializeOwned + Serialize,
{
    /// Writes a value at each key, or removes what is there, in one delta.
    fn write_all(&mut self, writes: impl Iterator<Item = (K, Option<V>)>) {
        let mut delta = CausalDotStore::<Leaves<K, V>>::new();
        let mut dot = self.next_dot();
        for (key, value) in writes {
            // What was seen there is replaced or removed.
            if let Some(held) = self.state.store.get(&key) {
                held.add_dots_to(&mut delta.context);
            }
            if let Some(value) = value {
                delta.store.insert(key, leaf(dot, value));
                delta.context.insert_dot(dot);
                dot = dot.successor();
            } else {
                delta.store.remove(&key);
            }
        }
        self.apply(delta);
    }
}

impl<E: Element + DeserializeOwned + Serialize> Set<E> for Store<Leaves<E, ()>> {
    const SINGLES_MAX: usize = 20;

    fn add(&mut self, element: &E) {
        self.write_all([(element.clone(), Some(()))].into_iter());
    }

    fn remove(&mut self, element: &E) {
        self.write_all([(element.clone(), None)].into_iter());
    }

    fn edit(&mut self, edits: &[Edit<E>]) {
        self.write_all(edits.iter().map(|edit| match edit {
            Edit::Add(element) => (element.clone(), Some(())),
            Edit::Remove(element) => (element.clone(), None),
        }));
    }

    fn count(&self, elements: &[E]) -> usize {
        elements.iter().filter(|element| self.state.store.has(element)).count()
    }

    fn len(&self) -> usize {
        self.state.store.len()
    }
}

impl Gossip for Store<Leaves<String, ()>> {
    fn offer(&mut self, (): &()) -> Vec<u8> {
        self.to_bytes()
    }
}

impl Registers for Store<Leaves<String, u64>> {
    fn write(&mut self, entries: &[(String, u64)]) {
        self.write_all(entries.iter().map(|(key, value)| (key.clone(), Some(*value))));
    }

    fn sum(&self, keys: &[String]) -> u64 {
        let value = |key: &String| self.state.store.get(key)?.values().next();
        keys.iter().map(|key| *value(key).expect("a key that is there")).sum()
    }
}

impl Store<DotMap<String, Leaves<String, Value>>> {
    fn write<'a>(&mut self, writes: impl Iterator<Item = (&'a str, &'a str, &'a Value)>) {
        let mut delta = CausalDotStore::<DotMap<String, Leaves<String, Value>>>::new();
        let mut dot = self.next_dot();
        for (entity, attribute, value) in writes {
            let held = self.state.store.get(entity).and_then(|entity| entity.get(attribute));
            if let Some(held) = held {
                held.add_dots_to(&mut delta.context);
            }
            if !delta.store.has(entity) {
                delta.store.insert(entity.to_owned(), DotMap::default());
            }
            let attributes = delta.store.get_mut_and_invalidate(entity).expect("just inserted");
            attributes.insert(attribute.to_owned(), leaf(dot, value.clone()));
            delta.context.insert_dot(dot);
            dot = dot.successor();
        }
        self.apply(delta);
    }
}

impl Entities for Store<DotMap<String, Leaves<String, Value>>> {
    fn build(&mut self, entities: &[Entity]) {
        self.write(entities.iter().flat_map(|entity| {
            let attributes = entity.attributes.iter();
            attributes.map(|(attribute, value)| (entity.name.as_str(), *attribute, value))
        }));
    }

    fn change(&mut self, attribute: &Attribute) {
        let write = (attribute.entity.as_str(), attribute.name, &attribute.value);
        self.write([write].into_iter());
    }

    fn matching(&self, attributes: &[Attribute]) -> usize {
        let held = |attribute: &Attribute| {
            self.state.store.get(&attribute.entity)?.get(attribute.name)?.values().next()
        };
        attributes.iter().filter(|attribute| held(attribute) == Some(&attribute.value)).count()
    }
}

impl b4::Register for CausalDotStore<MvReg> {
    fn new() -> Self {
        Self::default()
    }

    fn write(&mut self, value: u64) {
        let value = MvRegValue::U64(value);
        let delta = self.store.write(value, &self.context, Identifier::new(1, 0));
        let Ok(()) = self.consume(delta, &mut DummySentinel);
    }

    fn values(&self) -> Vec<u64> {
        let number = |value: &MvRegValue| match value {
            MvRegValue::U64(number) => *number,
            other => panic!("{other:?} was never written"),
        };
        self.store.0.values().map(number).collect()
    }
}

fn leaf<V>(dot: Dot, value: V) -> DotFun<V> {
    let mut leaf = DotFun::default();
    leaf.set(dot, value);
    leaf
}
