//! `selkie-crdt`, ours.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::convert::Infallible;
use std::hash::Hash;

use selkie_crdt::{
    ActorId, AwMap, AwSet, Causal, DecodeError, Delta, Doc, Hlc, HlcClock, Keys, Lattice,
    LwwRegister, MvRegister, PnCounter, Reader, Shape, VersionVector, Writer,
};

use crate::record::Record;
use crate::replica::Replica;
use crate::set::{Edit, Element, Set};
use crate::workload::b3::{self, Registers};
use crate::workload::b4;
use crate::workload::b5::{self, Attribute, Entities, Entity, Value};
use crate::workload::b6::{self, Gossip};
use crate::workload::{Workload, b1, b2, growth};

type Sets<E> = Document<AwSet<E>>;

/// Does a workload with `selkie-crdt`.
pub fn run(workload: Workload, record: &mut Record) {
    match workload {
        Workload::B1 => b1::run::<Sets<u64>, Sets<Box<str>>>(record),
        Workload::B2 => b2::run::<Sets<u64>, Sets<Box<str>>>(record),
        Workload::B3 => b3::run::<Document<AwMap<Box<str>, LwwRegister<u64>>>>(record),
        Workload::B4 => {
            b4::run_vector::<VersionVector>(record);
            b4::run_counter::<PnCounter>(record);
            b4::run_clock::<HlcClock>(record);
            b4::run_register::<Doc<MvRegister<u64>>>(record);
        }
        Workload::B5 => b5::run::<Members>(record),
        Workload::B6 => b6::run::<Sets<Box<str>>>(record),
        Workload::Growth => growth::run::<Sets<u64>>(record),
    }
}

/// A document and the clock of whoever writes to it.
struct Document<T> {
    doc: Doc<T>,
    clock: HlcClock,
    /// What the clock on the wall says: one more at each commit.
    now_ms: u64,
}

/// A morning in 2026.
const START_MS: u64 = 1_790_000_000_000;

/// An element as a set of documents keeps it and as it is asked for.
trait Kept: Element {
    type Kept: selkie_crdt::Value + Hash + Borrow<Self::Asked>;
    type Asked: Eq + Hash + ?Sized;

    fn kept(&self) -> Self::Kept;
    fn asked(&self) -> &Self::Asked;
}

impl<T: Causal + Clone> Replica for Document<T> {
    type Version = VersionVector;

    fn new(actor: u64) -> Self {
        Self { doc: Doc::new(named(actor)), clock: HlcClock::default(), now_ms: START_MS }
    }

    fn from_bytes(actor: u64, bytes: &[u8]) -> Self {
        let doc = Doc::load(named(actor), bytes).expect("its own bytes");
        Self { doc, ..Self::new(actor) }
    }

    fn to_bytes(&mut self) -> Vec<u8> {
        self.doc.to_bytes()
    }

    fn fork(&mut self, actor: u64) -> Self {
        let mut doc = self.doc.clone();
        doc.take_actor(named(actor));
        Self { doc, clock: self.clock.clone(), now_ms: self.now_ms }
    }

    fn version(&mut self) -> VersionVector {
        self.doc.version()
    }

    fn delta_since(&mut self, version: &VersionVector) -> Vec<u8> {
        let delta = self.doc.delta_with(version, Keys::Named);
        delta.map(|delta| delta.to_bytes()).unwrap_or_default()
    }

    fn join(&mut self, delta: &[u8]) {
        if !delta.is_empty() {
            let delta = Delta::from_bytes(delta).expect("its own bytes");
            self.doc.join(delta).expect("a delta from what was seen");
        }
    }

    fn merge(&mut self, other: &mut Self) {
        self.doc.merge(&other.doc).expect("documents of one origin");
    }
}

impl<E: Kept> Set<E> for Document<AwSet<E::Kept>> {
    fn add(&mut self, element: &E) {
        self.doc.edit().add(element.kept());
    }

    fn remove(&mut self, element: &E) {
        self.doc.edit().remove(element.asked());
    }

    fn edit(&mut self, edits: &[Edit<E>]) {
        let mut set = self.doc.edit();
        for edit in edits {
            match edit {
                Edit::Add(element) => set.add(element.kept()),
                Edit::Remove(element) => drop(set.remove(element.asked())),
            }
        }
    }

    fn count(&self, elements: &[E]) -> usize {
        let set = self.doc.root();
        elements.iter().filter(|element| set.contains(element.asked())).count()
    }

    fn len(&self) -> usize {
        self.doc.root().len()
    }
}

impl Gossip for Document<AwSet<Box<str>>> {}

impl Registers for Document<AwMap<Box<str>, LwwRegister<u64>>> {
    fn write(&mut self, entries: &[(String, u64)]) {
        self.now_ms += 1;
        let mut map = self.doc.edit();
        for (key, value) in entries {
            let at = self.clock.tick(self.now_ms);
            // A key that is there need not be copied.
            if let Some(mut register) = map.existing(key.as_str()) {
                register.write(*value, at);
            } else {
                map.entry(key.as_str().into()).write(*value, at);
            }
        }
    }

    fn sum(&self, keys: &[String]) -> u64 {
        let map = self.doc.root();
        let value = |key: &String| map.get(key.as_str())?.read();
        keys.iter().map(|key| *value(key).expect("a key that is there")).sum()
    }
}

/// A document of entities and the clock of whoever writes to it.
struct Members {
    document: selkie_crdt::Document<Datum>,
    clock: HlcClock,
    now_ms: u64,
}

/// A value as a document of entities keeps it: text that is replaced as a whole need not grow.
#[derive(Clone, Eq, Hash, PartialEq)]
enum Datum {
    Text(Box<str>),
    Number(u32),
}

impl Datum {
    fn of(value: &Value) -> Self {
        match value {
            Value::Text(text) => Self::Text(text.as_str().into()),
            Value::Number(number) => Self::Number(*number),
        }
    }

    fn is(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Text(ours), Value::Text(theirs)) => **ours == **theirs,
            (Self::Number(ours), Value::Number(theirs)) => ours == theirs,
            (Self::Text(_) | Self::Number(_), _) => false,
        }
    }
}

impl Members {
    fn tick(&mut self) -> Hlc {
        self.now_ms += 1;
        self.clock.tick(self.now_ms)
    }
}

impl Replica for Members {
    type Version = VersionVector;

    fn new(actor: u64) -> Self {
        let document = selkie_crdt::Document::new(named(actor));
        Self { document, clock: HlcClock::default(), now_ms: START_MS }
    }

    fn from_bytes(actor: u64, bytes: &[u8]) -> Self {
        let document = selkie_crdt::Document::load(named(actor), bytes).expect("its own bytes");
        Self { document, ..Self::new(actor) }
    }

    fn to_bytes(&mut self) -> Vec<u8> {
        self.document.to_bytes()
    }

    fn fork(&mut self, actor: u64) -> Self {
        let mut document = self.document.clone();
        document.take_actor(named(actor));
        Self { document, clock: self.clock.clone(), now_ms: self.now_ms }
    }

    fn version(&mut self) -> VersionVector {
        self.document.version()
    }

    fn delta_since(&mut self, version: &VersionVector) -> Vec<u8> {
        let delta = self.document.delta_with(version, Keys::Named);
        delta.map(|delta| delta.to_bytes()).unwrap_or_default()
    }

    fn join(&mut self, delta: &[u8]) {
        if !delta.is_empty() {
            let delta = Delta::from_bytes(delta).expect("its own bytes");
            self.document.join(delta).expect("a delta from what was seen");
        }
    }

    fn merge(&mut self, other: &mut Self) {
        self.document.merge(&other.document).expect("documents of one origin");
    }
}

impl Entities for Members {
    fn build(&mut self, entities: &[Entity]) {
        let at = self.tick();
        let built = self.document.change(at, |tx| {
            for entity in entities {
                let mut draft = tx.entity(&entity.name);
                for (attribute, value) in &entity.attributes {
                    draft.set(attribute, Datum::of(value));
                }
            }
            Ok::<_, Infallible>(())
        });
        let Ok(()) = built;
    }

    fn change(&mut self, attribute: &Attribute) {
        let at = self.tick();
        let changed = self.document.change(at, |tx| {
            tx.entity(&attribute.entity).set(attribute.name, Datum::of(&attribute.value));
            Ok::<_, Infallible>(())
        });
        let Ok(()) = changed;
    }

    fn matching(&self, attributes: &[Attribute]) -> usize {
        let held = |attribute: &&Attribute| {
            let entity = self.document.entity(&attribute.entity);
            let datum = entity.and_then(|entity| entity.attribute(attribute.name));
            datum.is_some_and(|datum| datum.is(&attribute.value))
        };
        attributes.iter().filter(held).count()
    }
}

impl Kept for u64 {
    type Kept = Self;
    type Asked = Self;

    fn kept(&self) -> Self {
        *self
    }

    fn asked(&self) -> &Self {
        self
    }
}

impl Kept for String {
    type Kept = Box<str>;
    type Asked = str;

    fn kept(&self) -> Box<str> {
        self.as_str().into()
    }

    fn asked(&self) -> &str {
        self
    }
}

impl selkie_crdt::Value for Datum {
    const SHAPE: Shape = Shape::of("datum", &[String::SHAPE, u32::SHAPE]);

    fn write(&self, out: &mut Writer) {
        match self {
            Self::Text(text) => {
                out.byte(0);
                selkie_crdt::Value::write(text, out);
            }
            Self::Number(number) => {
                out.byte(1);
                selkie_crdt::Value::write(number, out);
            }
        }
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        match input.byte()? {
            0 => selkie_crdt::Value::read(input).map(Self::Text),
            1 => selkie_crdt::Value::read(input).map(Self::Number),
            _ => Err(DecodeError::NotCanonical),
        }
    }
}

impl b4::Vector for VersionVector {
    const MERGE: b4::Merge = b4::Merge::Reads;

    fn of(counters: impl Iterator<Item = (u64, u64)>) -> Self {
        let mut vector = Self::new();
        for (actor, counter) in counters {
            vector.raise(named(actor), counter);
        }
        vector
    }

    fn merge(&mut self, other: &mut Self) {
        VersionVector::merge(self, other);
    }

    fn compare(&self, other: &Self) -> Option<Ordering> {
        self.partial_cmp(other)
    }
}

impl b4::Counter for PnCounter {
    const MERGE: b4::Merge = b4::Merge::Reads;

    fn new() -> Self {
        Self::new()
    }

    fn increment(&mut self, actor: u64) {
        self.add(named(actor), 1).expect("a small number");
    }

    fn read(&self) -> i64 {
        self.value().try_into().expect("a small number")
    }

    fn merge(&mut self, other: &mut Self) {
        self.join(other);
    }
}

impl b4::Clock for HlcClock {
    type Stamp = Hlc;

    fn new(_: u64) -> Self {
        Self::default()
    }

    fn tick(&mut self) -> Hlc {
        HlcClock::tick(self, START_MS)
    }

    fn receive(&mut self, stamp: &Hlc) {
        HlcClock::receive(self, *stamp, START_MS).expect("the stamp lies within the bound");
    }
}

impl b4::Register for Doc<MvRegister<u64>> {
    fn new() -> Self {
        Doc::new(named(1))
    }

    fn write(&mut self, value: u64) {
        self.edit().write(value);
    }

    fn values(&self) -> Vec<u64> {
        self.root().values().copied().collect()
    }
}

fn named(actor: u64) -> ActorId {
    ActorId::from_bytes(u128::from(actor).to_be_bytes())
}
