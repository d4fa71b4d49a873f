//! `crdts`: states and operations, each change by a context that the caller carries.
//!
//! Bytes are made by `bincode`. The crate cuts no deltas: a delta is the operations that this
//! replica made since it was forked, so it never holds what others did.

use std::cmp::Ordering;
use std::fmt::Debug;
use std::mem;

use crdts::lwwreg::LWWReg;
use crdts::pncounter::PNCounter;
use crdts::{CmRDT, CvRDT, MVReg, Map, Orswot, ResetRemove, VClock};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::record::Record;
use crate::replica::Replica;
use crate::set::{Edit, Element, Set};
use crate::workload::b3::{self, Registers};
use crate::workload::b4;
use crate::workload::b5::{self, Attribute, Entities, Entity, Value};
use crate::workload::b6::{self, Gossip};
use crate::workload::{Workload, b1, b2};

const OWN_OPERATIONS: &str = "not cut from a version: the operations that the replica itself made";

/// Does a workload with `crdts`.
pub fn run(workload: Workload, record: &mut Record) {
    match workload {
        Workload::B1 => b1::run::<Held<Orswot<u64, u64>>, Held<Orswot<String, u64>>>(record),
        Workload::B2 => {
            b2::run::<Held<Orswot<u64, u64>>, Held<Orswot<String, u64>>>(record);
            for kind in ["u64", "string"] {
                record.aside(&format!("{kind}: delta, make"), OWN_OPERATIONS);
            }
        }
        Workload::B3 => {
            b3::run::<Held<Map<String, Cell<u64>, u64>>>(record);
            record.aside("delta, make", OWN_OPERATIONS);
            record.note("", "its register cannot stand in its map, so a wrapper stands between");
        }
        Workload::B4 => {
            b4::run_vector::<VClock<u64>>(record);
            b4::run_counter::<PNCounter<u64>>(record);
            b4::run_register::<MVReg<u64, u64>>(record);
            b4::absent("hybrid clock", "has none", record);
        }
        Workload::B5 => {
            b5::run::<Held<Map<String, Map<String, Cell<Value>, u64>, u64>>>(record);
            record.aside("delta, make and apply", OWN_OPERATIONS);
            record.note("", "its register cannot stand in its map, so a wrapper stands between");
        }
        Workload::B6 => {
            b6::run::<Held<Orswot<String, u64>>>(record);
            record.note("bytes crossed", "whole states: it cuts no delta for what others did");
        }
        Workload::Growth => {}
    }
}

/// A state and who edits it.
struct Held<C: CmRDT> {
    state: C,
    actor: u64,
    /// Counts writes, as a clock would.
    time: u64,
    /// The operations since the fork, kept from then on.
    made: Option<Vec<C::Op>>,
}

/// A last-write register that may stand in a map: what a removal does to it is nothing, as the map
/// keeps or drops it whole.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
struct Cell<V>(LWWReg<V, (u64, u64)>);

impl<C: CmRDT> Held<C>
where
    C::Op: Clone,
{
    fn apply(&mut self, operation: C::Op) {
        if let Some(made) = &mut self.made {
            made.push(operation.clone());
        }
        self.state.apply(operation);
    }

    fn marker(&mut self) -> (u64, u64) {
        self.time += 1;
        (self.time, self.actor)
    }
}

impl<C> Replica for Held<C>
where
    C: CmRDT + CvRDT + Clone + Default + DeserializeOwned + Serialize,
    C::Op: Clone + DeserializeOwned + Serialize,
{
    type Version = ();

    fn new(actor: u64) -> Self {
        Self { state: C::default(), actor, time: 0, made: None }
    }

    fn from_bytes(actor: u64, bytes: &[u8]) -> Self {
        let state = bincode::deserialize(bytes).expect("its own bytes");
        // Later than all that others may have written in any of the workloads.
        Self { state, actor, time: 1_000_000, made: None }
    }

    fn to_bytes(&mut self) -> Vec<u8> {
        bincode::serialize(&self.state).expect("a state can be written")
    }

    fn fork(&mut self, actor: u64) -> Self {
        self.made = Some(Vec::new());
        Self { state: self.state.clone(), actor, time: self.time, made: Some(Vec::new()) }
    }

    fn version(&mut self) {}

    fn delta_since(&mut self, (): &()) -> Vec<u8> {
        bincode::serialize(&self.made).expect("operations can be written")
    }

    fn join(&mut self, delta: &[u8]) {
        let made: Option<Vec<C::Op>> = bincode::deserialize(delta).expect("its own bytes");
        made.into_iter().flatten().for_each(|operation| self.state.apply(operation));
    }

    fn merge(&mut self, other: &mut Self) {
        self.state.merge(mem::take(&mut other.state));
    }
}

impl<E> Set<E> for Held<Orswot<E, u64>>
where
    E: Element + DeserializeOwned + Serialize,
{
    fn add(&mut self, element: &E) {
        let context = self.state.read_ctx().derive_add_ctx(self.actor);
        self.apply(self.state.add(element.clone(), context));
    }

    fn remove(&mut self, element: &E) {
        let context = self.state.contains(element).derive_rm_ctx();
        self.apply(self.state.rm(element.clone(), context));
    }

    fn edit(&mut self, edits: &[Edit<E>]) {
        for edit in edits {
            match edit {
                Edit::Add(element) => self.add(element),
                Edit::Remove(element) => self.remove(element),
            }
        }
    }

    fn count(&self, elements: &[E]) -> usize {
        elements.iter().filter(|element| self.state.contains(element).val).count()
    }

    fn len(&self) -> usize {
        self.state.iter().count()
    }
}

impl Gossip for Held<Orswot<String, u64>> {
    fn offer(&mut self, (): &()) -> Vec<u8> {
        self.to_bytes()
    }

    fn take(&mut self, offer: &[u8]) {
        self.state.merge(bincode::deserialize(offer).expect("its own bytes"));
    }
}

impl Registers for Held<Map<String, Cell<u64>, u64>> {
    fn write(&mut self, entries: &[(String, u64)]) {
        for (key, value) in entries {
            let marker = self.marker();
            let context = self.state.read_ctx().derive_add_ctx(self.actor);
            let write = |_: &Cell<u64>, _| LWWReg { val: *value, marker };
            self.apply(self.state.update(key.as_str(), context, write));
        }
    }

    fn sum(&self, keys: &[String]) -> u64 {
        keys.iter().map(|key| self.state.get(key).val.expect("a key that is there").0.val).sum()
    }
}

impl Held<Map<String, Map<String, Cell<Value>, u64>, u64>> {
    fn write(&mut self, entity: &str, attribute: &str, value: &Value) {
        let marker = self.marker();
        let context = self.state.read_ctx().derive_add_ctx(self.actor);
        let operation = self.state.update(entity, context, |attributes, context| {
            let write = |_: &Cell<Value>, _| LWWReg { val: value.clone(), marker };
            attributes.update(attribute, context, write)
        });
        self.apply(operation);
    }
}

impl Entities for Held<Map<String, Map<String, Cell<Value>, u64>, u64>> {
    fn build(&mut self, entities: &[Entity]) {
        for entity in entities {
            for (attribute, value) in &entity.attributes {
                self.write(&entity.name, attribute, value);
            }
        }
    }

    fn change(&mut self, attribute: &Attribute) {
        self.write(&attribute.entity, attribute.name, &attribute.value);
    }

    fn matching(&self, attributes: &[Attribute]) -> usize {
        let matches = |attribute: &&Attribute| {
            let entity = self.state.get(&attribute.entity).val.expect("an entity that is there");
            let held = entity.get(&attribute.name.to_owned()).val.expect("one of its attributes");
            held.0.val == attribute.value
        };
        attributes.iter().filter(matches).count()
    }
}

impl<V> ResetRemove<u64> for Cell<V> {
    fn reset_remove(&mut self, _: &VClock<u64>) {}
}

impl<V: Clone + Debug + PartialEq> CmRDT for Cell<V> {
    type Op = LWWReg<V, (u64, u64)>;
    type Validation = <LWWReg<V, (u64, u64)> as CmRDT>::Validation;

    fn validate_op(&self, operation: &Self::Op) -> Result<(), Self::Validation> {
        self.0.validate_op(operation)
    }

    fn apply(&mut self, operation: Self::Op) {
        self.0.apply(operation);
    }
}

impl<V: Clone + Debug + PartialEq> CvRDT for Cell<V> {
    type Validation = <LWWReg<V, (u64, u64)> as CvRDT>::Validation;

    fn validate_merge(&self, other: &Self) -> Result<(), Self::Validation> {
        self.0.validate_merge(&other.0)
    }

    fn merge(&mut self, other: Self) {
        self.0.merge(other.0);
    }
}

impl b4::Vector for VClock<u64> {
    const MERGE: b4::Merge = b4::Merge::Takes;

    fn of(counters: impl Iterator<Item = (u64, u64)>) -> Self {
        counters.map(|(actor, counter)| crdts::Dot::new(actor, counter)).collect()
    }

    fn merge(&mut self, other: &mut Self) {
        CvRDT::merge(self, mem::take(other));
    }

    fn compare(&self, other: &Self) -> Option<Ordering> {
        self.partial_cmp(other)
    }
}

impl b4::Counter for PNCounter<u64> {
    const MERGE: b4::Merge = b4::Merge::Takes;

    fn new() -> Self {
        Self::default()
    }

    fn increment(&mut self, actor: u64) {
        self.apply(self.inc(actor));
    }

    fn read(&self) -> i64 {
        PNCounter::read(self).try_into().expect("a small number")
    }

    fn merge(&mut self, other: &mut Self) {
        CvRDT::merge(self, mem::take(other));
    }
}

impl b4::Register for MVReg<u64, u64> {
    fn new() -> Self {
        Self::default()
    }

    fn write(&mut self, value: u64) {
        let context = self.read_ctx().derive_add_ctx(1);
        self.apply(MVReg::write(self, value, context));
    }

    fn values(&self) -> Vec<u64> {
        self.read().val
    }
}
