//! `loro`: a document with its history. A set is the keys of one map.

use std::cmp::Ordering;

use loro::{Container, ExportMode, LoroDoc, LoroMap, LoroValue, ValueOrContainer, VersionVector};

use crate::record::Record;
use crate::replica::Replica;
use crate::set::{Edit, Element, Set};
use crate::workload::b3::{self, Registers};
use crate::workload::b4;
use crate::workload::b5::{self, Attribute, Entities, Entity, Value};
use crate::workload::b6::{self, Gossip};
use crate::workload::{Workload, b1, b2};

const EMULATED: &str =
    "the keys of a map: adding what is there is no operation, so a concurrent removal wins";
const LAZY: &str = "decodes lazily: the first reads pay";
const BY_BYTES: &str = "by the bytes of the whole document: there is no merge in memory";

/// Does a workload with `loro`.
pub fn run(workload: Workload, record: &mut Record) {
    match workload {
        Workload::B1 => {
            b1::run::<Document, Document>(record);
            record.note("", EMULATED);
            for kind in ["u64", "string"] {
                record.note(&format!("{kind}: decode, per element"), LAZY);
                record.note(&format!("{kind}: heap per element, loaded"), LAZY);
            }
        }
        Workload::B2 => {
            b2::run::<Document, Document>(record);
            record.note("", EMULATED);
            record.note("u64: merge, full", BY_BYTES);
            record.note("string: merge, full", BY_BYTES);
        }
        Workload::B3 => {
            b3::run::<Document>(record);
            record.note("decode, per entry", LAZY);
            record.note("heap per entry, loaded", LAZY);
            record.note("merge, full", BY_BYTES);
        }
        Workload::B4 => {
            b4::run_vector::<VersionVector>(record);
            for part in ["counter", "hybrid clock", "multi-value register"] {
                b4::absent(part, "nothing of it stands outside a document", record);
            }
        }
        Workload::B5 => {
            b5::run::<Document>(record);
            record.note("heap, loaded", LAZY);
        }
        Workload::B6 => {
            b6::run::<Document>(record);
            record.note("", EMULATED);
        }
        Workload::Growth => {}
    }
}

/// A document and the one map in it.
struct Document {
    whole: LoroDoc,
    map: LoroMap,
}

impl Document {
    fn of(whole: LoroDoc, actor: u64) -> Self {
        whole.set_peer_id(actor).expect("no edits are pending");
        let map = whole.get_map("m");
        Self { whole, map }
    }

    fn entity(&self, name: &str) -> LoroMap {
        match self.map.get(name) {
            Some(ValueOrContainer::Container(Container::Map(entity))) => entity,
            other => panic!("{other:?} was never written"),
        }
    }

    fn add<E: Element>(&self, element: &E) {
        self.map.insert(&element.text(), true).expect("a map");
    }

    fn remove<E: Element>(&self, element: &E) {
        // Deleting what is not there would be an operation here, other than with its peers.
        if self.map.get(&element.text()).is_some() {
            self.map.delete(&element.text()).expect("a map");
        }
    }
}

impl Replica for Document {
    type Version = VersionVector;

    fn new(actor: u64) -> Self {
        Self::of(LoroDoc::new(), actor)
    }

    fn from_bytes(actor: u64, bytes: &[u8]) -> Self {
        Self::of(LoroDoc::from_snapshot(bytes).expect("its own bytes"), actor)
    }

    fn to_bytes(&mut self) -> Vec<u8> {
        self.whole.export(ExportMode::Snapshot).expect("a document can be written")
    }

    fn fork(&mut self, actor: u64) -> Self {
        Self::of(self.whole.fork(), actor)
    }

    fn version(&mut self) -> VersionVector {
        self.whole.oplog_vv()
    }

    fn delta_since(&mut self, version: &VersionVector) -> Vec<u8> {
        self.whole.export(ExportMode::updates(version)).expect("a document can be written")
    }

    fn join(&mut self, delta: &[u8]) {
        self.whole.import(delta).expect("its own bytes");
    }

    fn merge(&mut self, other: &mut Self) {
        self.join(&other.to_bytes());
    }
}

impl<E: Element> Set<E> for Document {
    fn add(&mut self, element: &E) {
        Document::add(self, element);
        self.whole.commit();
    }

    fn remove(&mut self, element: &E) {
        Document::remove(self, element);
        self.whole.commit();
    }

    fn edit(&mut self, edits: &[Edit<E>]) {
        for edit in edits {
            match edit {
                Edit::Add(element) => Document::add(self, element),
                Edit::Remove(element) => Document::remove(self, element),
            }
        }
        self.whole.commit();
    }

    fn count(&self, elements: &[E]) -> usize {
        elements.iter().filter(|element| self.map.get(&element.text()).is_some()).count()
    }

    fn len(&self) -> usize {
        self.map.len()
    }
}

impl Gossip for Document {}

impl Registers for Document {
    fn write(&mut self, entries: &[(String, u64)]) {
        for (key, value) in entries {
            self.map.insert(key, value.cast_signed()).expect("a map");
        }
        self.whole.commit();
    }

    fn sum(&self, keys: &[String]) -> u64 {
        let value = |key: &String| match self.map.get(key) {
            Some(ValueOrContainer::Value(LoroValue::I64(value))) => value.cast_unsigned(),
            other => panic!("{other:?} was never written"),
        };
        keys.iter().map(value).sum()
    }
}

impl Entities for Document {
    fn build(&mut self, entities: &[Entity]) {
        for entity in entities {
            let held = self.map.insert_container(&entity.name, LoroMap::new()).expect("a map");
            for (attribute, value) in &entity.attributes {
                held.insert(attribute, converted(value)).expect("a map");
            }
        }
        self.whole.commit();
    }

    fn change(&mut self, attribute: &Attribute) {
        let entity = self.entity(&attribute.entity);
        entity.insert(attribute.name, converted(&attribute.value)).expect("a map");
        self.whole.commit();
    }

    fn matching(&self, attributes: &[Attribute]) -> usize {
        let matches = |attribute: &&Attribute| {
            let held = self.entity(&attribute.entity).get(attribute.name);
            let Some(ValueOrContainer::Value(held)) = held else { return false };
            match (held, &attribute.value) {
                (LoroValue::String(held), Value::Text(text)) => *held == *text,
                (LoroValue::I64(held), Value::Number(number)) => held == i64::from(*number),
                _ => false,
            }
        };
        attributes.iter().filter(matches).count()
    }
}

impl b4::Vector for VersionVector {
    const MERGE: b4::Merge = b4::Merge::Reads;

    fn of(counters: impl Iterator<Item = (u64, u64)>) -> Self {
        counters.map(|(actor, counter)| (actor, i32::try_from(counter).expect("small"))).collect()
    }

    fn merge(&mut self, other: &mut Self) {
        VersionVector::merge(self, other);
    }

    fn compare(&self, other: &Self) -> Option<Ordering> {
        self.partial_cmp(other)
    }
}

fn converted(value: &Value) -> LoroValue {
    match value {
        Value::Text(text) => text.as_str().into(),
        Value::Number(number) => i64::from(*number).into(),
    }
}
