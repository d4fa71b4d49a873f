//! What a domain of 1 000 entities with 20 attributes each costs: time and bytes.
//!
//! `cargo bench --bench entities`. The heap is measured by the bench beside other crates, which
//! may count what the allocator is asked for.

use std::convert::Infallible;
use std::time::Instant;

use selkie_crdt::{
    ActorId, DecodeError, Delta, Document, Hlc, HlcClock, Keys, Reader, Shape, Value, Writer,
};

const ENTITIES: usize = 1_000;
const CHANGED: usize = 200;
const ROUNDS: usize = 21;
/// A morning in 2026.
const START_MS: u64 = 1_790_000_000_000;

const TEXTS: [&str; 10] = [
    "name", "street", "city", "country", "email", "language", "role", "status", "district", "note",
];
const NUMBERS: [&str; 10] =
    ["born", "postcode", "phone", "visits", "score", "balance", "height", "weight", "rank", "ward"];
const WORDS: [&str; 12] = [
    "anna", "boris", "clara", "dimitri", "harbour", "riga", "porto", "bergen", "member", "guest",
    "chair", "clerk",
];

#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
enum Datum {
    Text(String),
    Number(u32),
}

struct Attribute {
    entity: String,
    name: &'static str,
    value: Datum,
}

fn main() {
    let mut random = Random(5);
    let mut attributes: Vec<Attribute> =
        (0..ENTITIES).flat_map(|n| entity(&mut random, n)).collect();
    let count = attributes.len();
    let mut figures = Figures::default();
    let mut east = built(&attributes);
    for _ in 0..ROUNDS {
        east = figures.time("build, per attribute", count, || built(&attributes));
    }
    shuffle(&mut random, &mut attributes);
    for _ in 0..ROUNDS {
        let found = figures.time("read", count, || matching(&east, &attributes));
        assert_eq!(found, count);
    }
    let bytes = east.to_bytes();
    for _ in 0..ROUNDS {
        figures.time("to bytes, per attribute", count, || east.to_bytes());
        let load = || Document::<Datum>::load(actor(3), &bytes).expect("its own bytes");
        figures.time("load, per attribute", count, load);
    }
    for attribute in &mut attributes[..CHANGED] {
        attribute.value = value(&mut random, matches!(attribute.value, Datum::Text(_)));
    }
    let mut delta_len = 0;
    for _ in 0..ROUNDS {
        delta_len = changed(&east, &attributes, &mut figures);
    }
    figures.print();
    println!("{:34} {:9} B", "state", bytes.len());
    println!("{:34} {:9} B", "delta of 200 changes", delta_len);
}

/// Changes a copy of `east`, tells `west`, and returns how many bytes that took.
fn changed(east: &Document<Datum>, attributes: &[Attribute], figures: &mut Figures) -> usize {
    let (mut west, mut gossiping) = (east.clone(), east.clone());
    let mut east = east.clone();
    west.take_actor(actor(2));
    let seen = west.version();
    let mut clock = HlcClock::default();
    let mut at = 1;
    let mut next = || {
        at += 1;
        clock.tick(START_MS + at)
    };
    figures.time("change, committed", CHANGED, || {
        for attribute in &attributes[..CHANGED] {
            change(&mut east, attribute, next());
        }
    });
    figures.time("change, committed with its delta", CHANGED, || {
        for attribute in &attributes[..CHANGED] {
            let set = gossiping.transact(next(), |tx| {
                tx.entity(&attribute.entity).set(attribute.name, attribute.value.clone());
                Ok::<_, Infallible>(())
            });
            let Ok(((), delta)) = set;
            delta.expect("one change");
        }
    });
    let mut len = 0;
    figures.time("delta of 200, make and apply", 1, || {
        let bytes = east.delta_with(&seen, Keys::Named).expect("changes").to_bytes();
        len = bytes.len();
        west.join(Delta::from_bytes(&bytes).expect("its own bytes")).expect("from what was seen");
    });
    assert_eq!(matching(&west, attributes), attributes.len());
    len
}

fn built(attributes: &[Attribute]) -> Document<Datum> {
    let mut document = Document::about("members", actor(1));
    let built = document.change(Hlc::from_ms(START_MS), |tx| {
        for entity in attributes.chunk_by(|a, b| a.entity == b.entity) {
            let mut draft = tx.entity(&entity[0].entity);
            for attribute in entity {
                draft.set(attribute.name, attribute.value.clone());
            }
        }
        Ok::<_, Infallible>(())
    });
    let Ok(()) = built;
    document
}

fn change(document: &mut Document<Datum>, attribute: &Attribute, at: Hlc) {
    let changed = document.change(at, |tx| {
        tx.entity(&attribute.entity).set(attribute.name, attribute.value.clone());
        Ok::<_, Infallible>(())
    });
    let Ok(()) = changed;
}

/// How many of these attributes have the value told, read one by one.
fn matching(document: &Document<Datum>, attributes: &[Attribute]) -> usize {
    let held = |attribute: &Attribute| {
        let entity = document.entity(&attribute.entity)?;
        (entity.attribute(attribute.name)? == &attribute.value).then_some(())
    };
    attributes.iter().filter_map(held).count()
}

fn entity(random: &mut Random, number: usize) -> Vec<Attribute> {
    let mut attribute = |name, is_text| Attribute {
        entity: format!("entity-{number:06}"),
        name,
        value: value(random, is_text),
    };
    let pairs = TEXTS.into_iter().zip(NUMBERS);
    pairs.flat_map(|(text, number)| [attribute(text, true), attribute(number, false)]).collect()
}

fn value(random: &mut Random, is_text: bool) -> Datum {
    if is_text {
        let word = WORDS[random.below(WORDS.len())];
        Datum::Text(format!("{word} {}", random.below(10_000)))
    } else {
        Datum::Number(random.below(1_000_000_000).try_into().expect("below a milliard"))
    }
}

fn shuffle(random: &mut Random, attributes: &mut [Attribute]) {
    for at in (1..attributes.len()).rev() {
        attributes.swap(at, random.below(at + 1));
    }
}

fn actor(n: u8) -> ActorId {
    ActorId::from_bytes([n; 16])
}

impl Value for Datum {
    const SHAPE: Shape = Shape::of("datum", &[String::SHAPE, u32::SHAPE]);

    fn write(&self, out: &mut Writer) {
        match self {
            Self::Text(text) => {
                out.byte(0);
                text.write(out);
            }
            Self::Number(number) => {
                out.byte(1);
                number.write(out);
            }
        }
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        match input.byte()? {
            0 => Value::read(input).map(Self::Text),
            1 => Value::read(input).map(Self::Number),
            _ => Err(DecodeError::NotCanonical),
        }
    }
}

/// A short generator that gives every machine the same numbers (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).expect("31 bits") % limit
    }
}

/// The least time of each row: what the work takes when nothing else runs.
#[derive(Default)]
struct Figures {
    rows: Vec<(&'static str, f64)>,
}

impl Figures {
    fn time<T>(&mut self, name: &'static str, count: usize, work: impl FnOnce() -> T) -> T {
        let started = Instant::now();
        let result = work();
        let count = f64::from(u32::try_from(count).expect("few"));
        let ns = started.elapsed().as_secs_f64() * 1e9 / count;
        match self.rows.iter_mut().find(|row| row.0 == name) {
            Some(row) => row.1 = row.1.min(ns),
            None => self.rows.push((name, ns)),
        }
        result
    }

    fn print(&self) {
        for (name, ns) in &self.rows {
            println!("{name:34} {ns:9.1} ns");
        }
    }
}
