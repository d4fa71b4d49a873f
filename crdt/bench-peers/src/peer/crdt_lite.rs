//! `crdt-lite`: records of columns, the last write of a column wins. A set is the columns of one
//! record, and so is a map of registers.
//!
//! Its version is a number of the sender's, so each replica remembers one for every other. Bytes
//! of a state are the crate's own, those of changes are made by `bincode`.

use std::collections::BTreeMap;
use std::hash::Hash;

use crdt_lite::{CRDT, Change, DefaultMergeRule};
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

const EMULATED: &str = "the columns of one record: of concurrent edits of one column, one wins";
const BY_CHANGES: &str = "by the list of all that the other holds: there is no merge of states";

/// Does a workload with `crdt-lite`.
pub fn run(workload: Workload, record: &mut Record) {
    match workload {
        Workload::B1 => {
            b1::run::<Table<u8, u64, bool>, Table<u8, String, bool>>(record);
            record.note("", EMULATED);
        }
        Workload::B2 => {
            b2::run::<Table<u8, u64, bool>, Table<u8, String, bool>>(record);
            record.note("", EMULATED);
            record.note("u64: merge, full", BY_CHANGES);
            record.note("string: merge, full", BY_CHANGES);
        }
        Workload::B3 => {
            b3::run::<Table<u8, String, u64>>(record);
            record.note("merge, full", BY_CHANGES);
        }
        Workload::B4 => {
            let parts = ["version vector", "counter", "hybrid clock", "multi-value register"];
            for part in parts {
                b4::absent(part, "has none", record);
            }
        }
        Workload::B5 => b5::run::<Table<String, String, Value>>(record),
        Workload::B6 => {
            b6::run::<Table<u8, String, bool>>(record);
            record.note("", EMULATED);
        }
        Workload::Growth => {}
    }
}

/// The record that a set or a map is in.
const ONLY: u8 = 0;

/// Records of columns.
struct Table<K: Hash + Ord + Clone, C: Hash + Eq + Clone, V: Clone> {
    state: CRDT<K, C, V>,
    actor: u64,
    /// For each other actor, up to which number of its own its changes were taken in.
    heard: BTreeMap<u64, u64>,
}

/// What crosses between replicas: whose changes, up to which number, and the changes.
type Delta<K, C, V> = (u64, u64, Vec<Change<K, C, V>>);

impl<K: Hash + Ord + Clone, C: Hash + Ord + Clone, V: Clone> Table<K, C, V> {
    fn now(&self) -> u64 {
        self.state.get_clock().current_time()
    }
}

impl<K, C, V> Replica for Table<K, C, V>
where
    K: Hash + Ord + Clone + DeserializeOwned + Serialize,
    C: Hash + Ord + Clone + DeserializeOwned + Serialize,
    V: Clone + DeserializeOwned + Serialize,
{
    type Version = BTreeMap<u64, u64>;

    fn new(actor: u64) -> Self {
        Self { state: CRDT::new(actor, None), actor, heard: BTreeMap::new() }
    }

    /// The bytes hold the actor; it cannot be another one.
    fn from_bytes(actor: u64, bytes: &[u8]) -> Self {
        let state = CRDT::from_bytes(bytes).expect("its own bytes");
        Self { state, actor, heard: BTreeMap::new() }
    }

    fn to_bytes(&mut self) -> Vec<u8> {
        self.state.to_bytes().expect("a state can be written")
    }

    fn fork(&mut self, actor: u64) -> Self {
        let state = CRDT::from_changes(actor, self.state.get_changes_since(0));
        // Whatever was forked from one replica at one time stands at the same number.
        let now = self.now();
        self.heard = (1..=5).map(|other| (other, now)).collect();
        Self { state, actor, heard: self.heard.clone() }
    }

    fn version(&mut self) -> BTreeMap<u64, u64> {
        self.heard.clone()
    }

    fn delta_since(&mut self, version: &BTreeMap<u64, u64>) -> Vec<u8> {
        let since = version.get(&self.actor).copied().unwrap_or(0);
        let delta = (self.actor, self.now(), self.state.get_changes_since(since));
        bincode::serialize(&delta).expect("changes can be written")
    }

    fn join(&mut self, delta: &[u8]) {
        let (actor, up_to, changes): Delta<K, C, V> =
            bincode::deserialize(delta).expect("its own bytes");
        self.state.merge_changes(changes, &DefaultMergeRule);
        self.heard.insert(actor, up_to);
    }

    fn merge(&mut self, other: &mut Self) {
        self.state.merge_changes(other.state.get_changes_since(0), &DefaultMergeRule);
    }
}

impl<E: Element + DeserializeOwned + Serialize> Set<E> for Table<u8, E, bool> {
    fn add(&mut self, element: &E) {
        let _ = self.state.insert_or_update(&ONLY, [(element.clone(), true)]);
    }

    fn remove(&mut self, element: &E) {
        let _ = self.state.delete_field(&ONLY, element);
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
        let Some(record) = self.state.get_record(&ONLY) else { return 0 };
        elements.iter().filter(|element| record.fields.contains_key(element)).count()
    }

    fn len(&self) -> usize {
        self.state.get_record(&ONLY).map_or(0, |record| record.fields.len())
    }
}

impl Gossip for Table<u8, String, bool> {}

impl Registers for Table<u8, String, u64> {
    fn write(&mut self, entries: &[(String, u64)]) {
        for (key, value) in entries {
            let _ = self.state.insert_or_update(&ONLY, [(key.clone(), *value)]);
        }
    }

    fn sum(&self, keys: &[String]) -> u64 {
        let record = self.state.get_record(&ONLY).expect("the one record");
        keys.iter().map(|key| record.fields[key]).sum()
    }
}

impl Entities for Table<String, String, Value> {
    fn build(&mut self, entities: &[Entity]) {
        for entity in entities {
            let columns = entity.attributes.iter();
            let columns = columns.map(|(name, value)| ((*name).to_owned(), value.clone()));
            let _ = self.state.insert_or_update(&entity.name, columns);
        }
    }

    fn change(&mut self, attribute: &Attribute) {
        let column = (attribute.name.to_owned(), attribute.value.clone());
        let _ = self.state.insert_or_update(&attribute.entity, [column]);
    }

    fn matching(&self, attributes: &[Attribute]) -> usize {
        let matches = |attribute: &&Attribute| {
            let entity = self.state.get_record(&attribute.entity);
            let held = entity.and_then(|entity| entity.fields.get(attribute.name));
            held == Some(&attribute.value)
        };
        attributes.iter().filter(matches).count()
    }
}
