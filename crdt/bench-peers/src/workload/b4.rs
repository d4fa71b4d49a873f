//! B4: the small parts.
//!
//! Version vectors list 8, 100 and 1 000 actors. Merged is one that knows as much of half the
//! actors and less of the others, over and over; compared are equal ones. The counter has 100
//! actors. The wall clock under the hybrid clock stands still, so that asking the system for the
//! time is not measured. The register is written again and again by one actor.

use std::cmp::Ordering;
use std::hint::black_box;

use crate::record::Record;
use crate::row::Row;

pub const SUMMARY: &str = "B4: the small parts";

const SIZES: [usize; 3] = [8, 100, 1_000];
const ACTORS: usize = 100;
const ROUNDS: usize = 20;
const TIMES: usize = 10_000;

pub const ROWS: &[Row] = &[
    Row::time("version vector: merge, 8 actors", "≤ 8 ns, 2.7x"),
    Row::time("version vector: merge, 100 actors", "≤ 65 ns, 4x"),
    Row::time("version vector: merge, 1000 actors", "≤ 650 ns, 4x"),
    Row::time("version vector: compare, 8 actors", "≤ 8 ns, 1.8x"),
    Row::time("version vector: compare, 100 actors", "≤ 60 ns, 2.6x"),
    Row::time("version vector: compare, 1000 actors", "≤ 600 ns, 2.7x"),
    Row::time("counter: increment", "≤ 2 ns, 5x"),
    Row::time("counter: read", "≤ 1 ns, 100x"),
    Row::time("counter: merge", "≤ 100 ns, 8x"),
    Row::time("hybrid clock: tick", "≤ 2 ns, 4x"),
    Row::time("hybrid clock: receive", "≤ 3 ns, 4x"),
    Row::time("multi-value register: write", "≤ 20 ns, 2.6x"),
];

/// How a crate merges two values.
#[derive(Clone, Copy)]
pub enum Merge {
    /// It looks at the other one.
    Reads,
    /// It takes the other one, so the measure must hand it a new copy each time.
    Takes,
}

/// For each actor how many of its changes were seen.
pub trait Vector: Clone {
    const MERGE: Merge;

    /// The vector with these counters.
    fn of(counters: impl Iterator<Item = (u64, u64)>) -> Self;

    /// Takes in all that `other` saw; may leave it empty.
    fn merge(&mut self, other: &mut Self);

    /// How the two stand to each other.
    fn compare(&self, other: &Self) -> Option<Ordering>;
}

/// A number that many actors count up and down.
pub trait Counter: Clone {
    const MERGE: Merge;

    /// The counter that nobody has counted.
    fn new() -> Self;

    /// Adds one on behalf of `actor`.
    fn increment(&mut self, actor: u64);

    /// The number.
    fn read(&self) -> i64;

    /// Takes in all that `other` counted; may leave it empty.
    fn merge(&mut self, other: &mut Self);
}

/// A hybrid logical clock above a wall clock that stands still.
pub trait Clock {
    /// The time of one event.
    type Stamp;

    /// The clock of `actor`.
    fn new(actor: u64) -> Self;

    /// The time of an event here.
    fn tick(&mut self) -> Self::Stamp;

    /// Moves past an event elsewhere.
    fn receive(&mut self, stamp: &Self::Stamp);
}

/// A register that keeps all values written concurrently.
pub trait Register {
    /// The register that nobody has written.
    fn new() -> Self;

    /// Replaces all values by `value`, on behalf of one and the same actor.
    fn write(&mut self, value: u64);

    /// All values.
    fn values(&self) -> Vec<u64>;
}

/// Measures the version vector of one crate.
pub fn run_vector<V: Vector>(record: &mut Record) {
    for size in SIZES {
        let actors = || (0..size as u64).map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let full = V::of(actors().map(|actor| (actor, 1_000)));
        let part = V::of(actors().enumerate().map(|(at, actor)| (actor, 1_000 - at as u64 % 2)));
        let times = 100 * TIMES / size;
        let merge = format!("version vector: merge, {size} actors");
        let mut merged = full.clone();
        for _ in 0..ROUNDS {
            let copies = copies(V::MERGE, &part, 32_000 / size);
            run_merge(copies, &merge, times, record, |other| merged.merge(other));
        }
        assert_eq!(merged.compare(&part), Some(Ordering::Greater));

        let equal = full.clone();
        let compare = format!("version vector: compare, {size} actors");
        for _ in 0..ROUNDS {
            let equals = record.each(&compare, times, || {
                let compared = || black_box(&full).compare(black_box(&equal));
                (0..times).filter(|_| compared() == Some(Ordering::Equal)).count()
            });
            assert_eq!(equals, times);
        }
    }
}

/// Measures the counter of one crate.
pub fn run_counter<C: Counter>(record: &mut Record) {
    let mut counter = C::new();
    (0..ACTORS as u64).for_each(|actor| counter.increment(actor));
    for _ in 0..ROUNDS {
        record.each("counter: increment", TIMES, || {
            (0..TIMES).for_each(|_| counter.increment(black_box(7)));
        });
        record.each("counter: read", TIMES, || {
            for _ in 0..TIMES {
                black_box(black_box(&counter).read());
            }
        });
    }
    assert_eq!(usize::try_from(counter.read()), Ok(ACTORS + ROUNDS * TIMES));
    let other = counter.clone();
    for _ in 0..ROUNDS {
        let copies = copies(C::MERGE, &other, 320);
        run_merge(copies, "counter: merge", TIMES, record, |other| counter.merge(other));
    }
    assert_eq!(counter.read(), other.read());
}

/// Measures the hybrid clock of one crate.
pub fn run_clock<C: Clock>(record: &mut Record) {
    for _ in 0..ROUNDS {
        let (mut here, mut there) = (C::new(1), C::new(2));
        record.each("hybrid clock: tick", TIMES, || {
            for _ in 0..TIMES {
                black_box(there.tick());
            }
        });
        let stamps: Vec<_> = (0..TIMES).map(|_| there.tick()).collect();
        record.each("hybrid clock: receive", TIMES, || {
            for stamp in &stamps {
                here.receive(stamp);
            }
        });
    }
}

/// Measures the multi-value register of one crate.
pub fn run_register<R: Register>(record: &mut Record) {
    for _ in 0..ROUNDS {
        let mut register = R::new();
        record.each("multi-value register: write", TIMES, || {
            (0..TIMES as u64).for_each(|value| register.write(black_box(value)));
        });
        assert_eq!(register.values(), [TIMES as u64 - 1]);
    }
}

/// Enters that every row whose name begins with `part` is beyond this crate.
pub fn absent(part: &str, reason: &'static str, record: &mut Record) {
    for row in ROWS.iter().filter(|row| row.name.starts_with(part)) {
        record.absent(row.name, reason);
    }
}

/// What to merge: one value again and again, or a new one each time, of which there are no more
/// than the cache holds.
fn copies<T: Clone>(merge: Merge, value: &T, at_most: usize) -> Vec<T> {
    let count = match merge {
        Merge::Reads => 1,
        Merge::Takes => at_most,
    };
    vec![value.clone(); count]
}

fn run_merge<T>(
    mut others: Vec<T>,
    row: &str,
    times: usize,
    record: &mut Record,
    mut take: impl FnMut(&mut T),
) {
    if let [other] = others.as_mut_slice() {
        record.each(row, times, || (0..times).for_each(|_| take(black_box(other))));
    } else {
        let copies = others.len();
        record.each(row, copies, || others.iter_mut().for_each(|other| take(black_box(other))));
    }
}
