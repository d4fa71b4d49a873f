//! `yrs`: a document of linked blocks. A set is the keys of one map.

use std::cmp::Ordering;
use std::mem;

use yrs::block::ClientID;
use yrs::updates::decoder::Decode;
use yrs::{
    Any, Doc, Map, MapPrelim, MapRef, Out, ReadTxn, StateVector, Transact, TransactionMut, Update,
};

use crate::record::Record;
use crate::replica::Replica;
use crate::set::{Edit, Element, Set};
use crate::workload::b3::{self, Registers};
use crate::workload::b4;
use crate::workload::b5::{self, Attribute, Entities, Entity, Value};
use crate::workload::b6::{self, Gossip};
use crate::workload::{Workload, b1, b2};

const EMULATED: &str = "the keys of a map: of concurrent edits of one key, one wins";
const BY_BYTES: &str = "by the bytes of the whole document: there is no merge in memory";

/// Does a workload with `yrs`.
pub fn run(workload: Workload, record: &mut Record) {
    match workload {
        Workload::B1 => {
            b1::run::<Document, Document>(record);
            record.note("", EMULATED);
        }
        Workload::B2 => {
            b2::run::<Document, Document>(record);
            record.note("", EMULATED);
            record.note("u64: merge, full", BY_BYTES);
            record.note("string: merge, full", BY_BYTES);
        }
        Workload::B3 => {
            b3::run::<Document>(record);
            record.note("merge, full", BY_BYTES);
        }
        Workload::B4 => {
            b4::run_vector::<StateVector>(record);
            for part in ["counter", "hybrid clock", "multi-value register"] {
                b4::absent(part, "has none", record);
            }
        }
        Workload::B5 => b5::run::<Document>(record),
        Workload::B6 => {
            b6::run::<Document>(record);
            record.note("", EMULATED);
        }
        Workload::Growth => {}
    }
}

/// A document and the one map in it.
struct Document {
    whole: Doc,
    map: MapRef,
}

impl Replica for Document {
    type Version = StateVector;

    fn new(actor: u64) -> Self {
        let whole = Doc::with_client_id(actor);
        let map = whole.get_or_insert_map("m");
        Self { whole, map }
    }

    fn from_bytes(actor: u64, bytes: &[u8]) -> Self {
        let mut document = Self::new(actor);
        document.join(bytes);
        document
    }

    fn to_bytes(&mut self) -> Vec<u8> {
        self.delta_since(&StateVector::default())
    }

    fn version(&mut self) -> StateVector {
        self.whole.transact().state_vector()
    }

    fn delta_since(&mut self, version: &StateVector) -> Vec<u8> {
        self.whole.transact().encode_state_as_update_v1(version)
    }

    fn join(&mut self, delta: &[u8]) {
        let update = Update::decode_v1(delta).expect("its own bytes");
        self.whole.transact_mut().apply_update(update).expect("a document of its own");
    }

    fn merge(&mut self, other: &mut Self) {
        self.join(&other.to_bytes());
    }
}

impl<E: Element> Set<E> for Document {
    fn add(&mut self, element: &E) {
        self.map.insert(&mut self.whole.transact_mut(), element.text(), true);
    }

    fn remove(&mut self, element: &E) {
        self.map.remove(&mut self.whole.transact_mut(), &element.text());
    }

    fn edit(&mut self, edits: &[Edit<E>]) {
        let mut transaction = self.whole.transact_mut();
        for edit in edits {
            match edit {
                Edit::Add(element) => {
                    self.map.insert(&mut transaction, element.text(), true);
                }
                Edit::Remove(element) => {
                    self.map.remove(&mut transaction, &element.text());
                }
            }
        }
    }

    fn count(&self, elements: &[E]) -> usize {
        let transaction = self.whole.transact();
        let held = |element: &&E| self.map.contains_key(&transaction, &element.text());
        elements.iter().filter(held).count()
    }

    fn len(&self) -> usize {
        self.map.len(&self.whole.transact()) as usize
    }
}

impl Gossip for Document {}

impl Registers for Document {
    fn write(&mut self, entries: &[(String, u64)]) {
        let mut transaction = self.whole.transact_mut();
        for (key, value) in entries {
            self.map.insert(&mut transaction, key.as_str(), value.cast_signed());
        }
    }

    fn sum(&self, keys: &[String]) -> u64 {
        let transaction = self.whole.transact();
        let value = |key: &String| match self.map.get(&transaction, key) {
            Some(Out::Any(Any::Number(value))) => value.as_i64().expect("whole").cast_unsigned(),
            other => panic!("{other:?} was never written"),
        };
        keys.iter().map(value).sum()
    }
}

impl Entities for Document {
    fn build(&mut self, entities: &[Entity]) {
        let mut transaction = self.whole.transact_mut();
        for entity in entities {
            let held =
                self.map.insert(&mut transaction, entity.name.as_str(), MapPrelim::default());
            for (attribute, value) in &entity.attributes {
                write(&held, &mut transaction, attribute, value);
            }
        }
    }

    fn change(&mut self, attribute: &Attribute) {
        let mut transaction = self.whole.transact_mut();
        let entity = entity(&self.map, &transaction, &attribute.entity);
        write(&entity, &mut transaction, attribute.name, &attribute.value);
    }

    fn matching(&self, attributes: &[Attribute]) -> usize {
        let transaction = self.whole.transact();
        let matches = |attribute: &&Attribute| {
            let entity = entity(&self.map, &transaction, &attribute.entity);
            let Some(Out::Any(held)) = entity.get(&transaction, attribute.name) else {
                return false;
            };
            match (held, &attribute.value) {
                (Any::String(held), Value::Text(text)) => *held == **text,
                (Any::Number(held), Value::Number(number)) => {
                    held.as_i64() == Some(i64::from(*number))
                }
                _ => false,
            }
        };
        attributes.iter().filter(matches).count()
    }
}

impl b4::Vector for StateVector {
    const MERGE: b4::Merge = b4::Merge::Takes;

    fn of(counters: impl Iterator<Item = (u64, u64)>) -> Self {
        let mut vector = Self::default();
        for (actor, counter) in counters {
            // The crate's actors have 53 bits.
            vector.set_max(ClientID::new(actor >> 11), u32::try_from(counter).expect("small"));
        }
        vector
    }

    fn merge(&mut self, other: &mut Self) {
        StateVector::merge(self, mem::take(other));
    }

    fn compare(&self, other: &Self) -> Option<Ordering> {
        self.partial_cmp(other)
    }
}

fn entity<T: ReadTxn>(map: &MapRef, transaction: &T, name: &str) -> MapRef {
    match map.get(transaction, name) {
        Some(Out::YMap(entity)) => entity,
        other => panic!("{other:?} was never written"),
    }
}

fn write(entity: &MapRef, transaction: &mut TransactionMut, attribute: &str, value: &Value) {
    match value {
        Value::Text(text) => entity.insert(transaction, attribute, text.as_str()),
        Value::Number(number) => entity.insert(transaction, attribute, *number),
    };
}
