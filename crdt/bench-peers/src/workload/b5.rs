//! B5: a domain of 1 000 entities with 20 attributes each.
//!
//! Entities are named as an application's identifiers are, attributes are a person's in a
//! register of members; half of them are short texts, half whole numbers. All are written in one
//! batch; then 200 of them change, each change committed by itself, and go to a second replica.

use crate::heap;
use crate::random::Random;
use crate::record::Record;
use crate::replica::Replica;
use crate::row::Row;

pub const SUMMARY: &str = "B5: 1 000 entities of 20 attributes each, 200 of which change";

const ENTITIES: usize = 1_000;
const COUNT: usize = ENTITIES * (TEXTS.len() + NUMBERS.len());
const CHANGED: usize = 200;

const TEXTS: [&str; 10] = [
    "name", "street", "city", "country", "email", "language", "role", "status", "district", "note",
];
const NUMBERS: [&str; 10] =
    ["born", "postcode", "phone", "visits", "score", "balance", "height", "weight", "rank", "ward"];
const WORDS: [&str; 24] = [
    "anna", "boris", "clara", "dimitri", "elm", "oak", "birch", "harbour", "riga", "porto", "graz",
    "bergen", "member", "guest", "chair", "clerk", "active", "paused", "north", "south", "east",
    "west", "new", "asked",
];

pub const ROWS: &[Row] = &[
    Row::time("build, per attribute", "≤ 90 ns, 3.7x"),
    Row::time("change, committed", "≤ 0.35 us, 4.8x"),
    Row::time("read", "≤ 70 ns, 2x"),
    Row::time("delta, make and apply", "≤ 150 us, 3.7x"),
    Row::bytes("delta", "≤ 3.3 kB, 1.07x"),
    Row::bytes("state", "≤ 250 kB plain, 1.8x plain, ≤ 105 kB compressed"),
    Row::bytes("heap", ""),
    Row::bytes("heap, loaded", "≤ 0.9 MB, 4.5x of the typed"),
];

/// Entities with attributes, which several writers edit.
pub trait Entities: Replica {
    /// Writes all attributes of all these entities and commits them together.
    fn build(&mut self, entities: &[Entity]);

    /// Writes one attribute and commits that.
    fn change(&mut self, attribute: &Attribute);

    /// How many of these attributes have the value told, read one by one.
    fn matching(&self, attributes: &[Attribute]) -> usize;
}

/// An entity with all its attributes.
pub struct Entity {
    pub name: String,
    pub attributes: Vec<(&'static str, Value)>,
}

/// One attribute of one entity.
#[derive(Clone)]
pub struct Attribute {
    pub entity: String,
    pub name: &'static str,
    pub value: Value,
}

/// What an attribute may be.
#[derive(
    Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, serde::Deserialize, serde::Serialize,
)]
pub enum Value {
    Text(String),
    Number(u32),
}

/// Measures one crate.
pub fn run<M: Entities>(record: &mut Record) {
    let mut random = Random::new(5);
    let entities: Vec<_> = (0..ENTITIES).map(|n| entity(&mut random, n)).collect();
    let mut attributes = attributes(&entities);
    random.shuffle(&mut attributes);

    let before = heap::live();
    let mut east = M::new(1);
    record.each("build, per attribute", COUNT, || east.build(&entities));
    record.enter("heap", (heap::live() - before) as f64);
    let found = record.each("read", COUNT, || east.matching(&attributes));
    assert_eq!(found, COUNT);
    let bytes = east.to_bytes();
    record.enter("state", bytes.len() as f64);
    let before = heap::live();
    let loaded = M::from_bytes(3, &bytes);
    record.enter("heap, loaded", (heap::live() - before) as f64);
    drop(loaded);

    let mut west = east.fork(2);
    let changed = &mut attributes[..CHANGED];
    for attribute in changed.iter_mut() {
        attribute.value = other(&mut random, attribute);
    }
    record.each("change, committed", CHANGED, || {
        for attribute in changed.iter() {
            east.change(attribute);
        }
    });
    let seen = west.version();
    let delta = record.once("delta, make and apply", || {
        let delta = east.delta_since(&seen);
        west.join(&delta);
        delta
    });
    record.enter("delta", delta.len() as f64);
    assert_eq!(east.matching(&attributes), COUNT);
    assert_eq!(west.matching(&attributes), COUNT);
}

impl Default for Value {
    fn default() -> Self {
        Self::Number(0)
    }
}

fn entity(random: &mut Random, number: usize) -> Entity {
    let texts = TEXTS.map(|name| (name, text(random)));
    let numbers = NUMBERS.map(|name| (name, amount(random)));
    let attributes = texts.into_iter().zip(numbers).flat_map(|(a, b)| [a, b]).collect();
    Entity { name: format!("entity-{number:06}"), attributes }
}

fn attributes(entities: &[Entity]) -> Vec<Attribute> {
    let of_one = |entity: &Entity| {
        let name = entity.name.clone();
        let of = move |(attribute, value): &(&'static str, Value)| Attribute {
            entity: name.clone(),
            name: attribute,
            value: value.clone(),
        };
        entity.attributes.iter().map(of).collect::<Vec<_>>()
    };
    entities.iter().flat_map(of_one).collect()
}

/// A value of the same kind that is not the old one.
fn other(random: &mut Random, attribute: &Attribute) -> Value {
    loop {
        let value = match attribute.value {
            Value::Text(_) => text(random),
            Value::Number(_) => amount(random),
        };
        if value != attribute.value {
            return value;
        }
    }
}

fn text(random: &mut Random) -> Value {
    Value::Text(format!("{} {}", random.pick(&WORDS), random.below(10_000)))
}

fn amount(random: &mut Random) -> Value {
    Value::Number(random.below(1_000_000_000).try_into().expect("below a milliard"))
}
