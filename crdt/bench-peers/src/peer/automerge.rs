//! `automerge`: a document with its history. A set is the keys of the root map.

use automerge::transaction::Transactable;
use automerge::{
    ActorId, AutoCommit, ChangeHash, ObjId, ObjType, ROOT, ReadDoc, ScalarValue, Value as Held,
};

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
const DEFLATED: &str = "its bytes are deflated";

/// Does a workload with `automerge`.
pub fn run(workload: Workload, record: &mut Record) {
    match workload {
        Workload::B1 => {
            b1::run::<AutoCommit, AutoCommit>(record);
            record.note("", EMULATED);
            record.note("u64: encoded per element", DEFLATED);
            record.note("string: encoded per element", DEFLATED);
        }
        Workload::B2 => {
            b2::run::<AutoCommit, AutoCommit>(record);
            record.note("", EMULATED);
        }
        Workload::B3 => {
            b3::run::<AutoCommit>(record);
            record.note("encoded per entry", DEFLATED);
        }
        Workload::B4 => {
            let parts = ["version vector", "counter", "hybrid clock", "multi-value register"];
            for part in parts {
                b4::absent(part, "nothing of it stands outside a document", record);
            }
        }
        Workload::B5 => {
            b5::run::<AutoCommit>(record);
            record.note("state", DEFLATED);
        }
        Workload::B6 => {
            b6::run::<AutoCommit>(record);
            record.note("", EMULATED);
        }
        Workload::Growth => {}
    }
}

impl Replica for AutoCommit {
    type Version = Vec<ChangeHash>;

    fn new(actor: u64) -> Self {
        Self::default().with_actor(named(actor))
    }

    fn from_bytes(actor: u64, bytes: &[u8]) -> Self {
        Self::load(bytes).expect("its own bytes").with_actor(named(actor))
    }

    fn to_bytes(&mut self) -> Vec<u8> {
        self.save()
    }

    fn fork(&mut self, actor: u64) -> Self {
        AutoCommit::fork(self).with_actor(named(actor))
    }

    // All changes, not only the last ones: of those a sender may know none, and would then send
    // everything. The crate's own protocol tells the same by Bloom filters.
    fn version(&mut self) -> Vec<ChangeHash> {
        self.get_changes_meta(&[]).into_iter().map(|change| change.hash).collect()
    }

    fn delta_since(&mut self, version: &Vec<ChangeHash>) -> Vec<u8> {
        let known = |hash: &&ChangeHash| self.get_change_meta_by_hash(hash).is_some();
        let known: Vec<_> = version.iter().filter(known).copied().collect();
        self.save_after(&known)
    }

    fn join(&mut self, delta: &[u8]) {
        self.load_incremental(delta).expect("its own bytes");
    }

    fn merge(&mut self, other: &mut Self) {
        AutoCommit::merge(self, other).expect("a document of its own");
    }
}

impl<E: Element> Set<E> for AutoCommit {
    fn add(&mut self, element: &E) {
        add(self, element);
        self.commit();
    }

    fn remove(&mut self, element: &E) {
        remove(self, element);
        self.commit();
    }

    fn edit(&mut self, edits: &[Edit<E>]) {
        for edit in edits {
            match edit {
                Edit::Add(element) => add(self, element),
                Edit::Remove(element) => remove(self, element),
            }
        }
        self.commit();
    }

    fn count(&self, elements: &[E]) -> usize {
        let held = |element: &&E| self.get(ROOT, &*element.text()).expect("a map").is_some();
        elements.iter().filter(held).count()
    }

    fn len(&self) -> usize {
        self.length(ROOT)
    }
}

impl Gossip for AutoCommit {}

impl Registers for AutoCommit {
    fn write(&mut self, entries: &[(String, u64)]) {
        for (key, value) in entries {
            self.put(ROOT, key, *value).expect("a map");
        }
        self.commit();
    }

    fn sum(&self, keys: &[String]) -> u64 {
        let value = |key: &String| match self.get(ROOT, key) {
            Ok(Some((Held::Scalar(value), _))) => value.as_u64().expect("a number"),
            other => panic!("{other:?} was never written"),
        };
        keys.iter().map(value).sum()
    }
}

impl Entities for AutoCommit {
    fn build(&mut self, entities: &[Entity]) {
        for entity in entities {
            let id = self.put_object(ROOT, &entity.name, ObjType::Map).expect("a map");
            for (attribute, value) in &entity.attributes {
                self.put(&id, *attribute, scalar(value)).expect("a map");
            }
        }
        self.commit();
    }

    fn change(&mut self, attribute: &Attribute) {
        let id = entity(self, &attribute.entity);
        self.put(&id, attribute.name, scalar(&attribute.value)).expect("a map");
        self.commit();
    }

    fn matching(&self, attributes: &[Attribute]) -> usize {
        let matches = |attribute: &&Attribute| {
            let id = entity(self, &attribute.entity);
            let Ok(Some((Held::Scalar(held), _))) = self.get(&id, attribute.name) else {
                return false;
            };
            match (held.as_ref(), &attribute.value) {
                (ScalarValue::Str(held), Value::Text(text)) => held == text.as_str(),
                (ScalarValue::Uint(held), Value::Number(number)) => *held == u64::from(*number),
                _ => false,
            }
        };
        attributes.iter().filter(matches).count()
    }
}

fn named(actor: u64) -> ActorId {
    ActorId::from(u128::from(actor).to_be_bytes())
}

fn add<E: Element>(document: &mut AutoCommit, element: &E) {
    document.put(ROOT, &*element.text(), true).expect("a map");
}

fn remove<E: Element>(document: &mut AutoCommit, element: &E) {
    document.delete(ROOT, &*element.text()).expect("a map");
}

fn entity(document: &AutoCommit, name: &str) -> ObjId {
    document.get(ROOT, name).expect("a map").expect("an entity that is there").1
}

fn scalar(value: &Value) -> ScalarValue {
    match value {
        Value::Text(text) => text.as_str().into(),
        Value::Number(number) => u64::from(*number).into(),
    }
}
