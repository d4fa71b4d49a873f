//! B3: a map of registers, 100 000 keys.
//!
//! Keys are names of 13 characters, values whole numbers below a million, as counts and amounts
//! are. All are written in random order, overwritten in another, and read in the first one; then
//! overwritten in the first order and read in the other, so that either is met both ways. Then
//! two replicas overwrite 1 000 keys each and come together as in B2. Writes are committed in one
//! batch.

use crate::elements::{COUNT, names, per_element, shuffled};
use crate::heap;
use crate::random::Random;
use crate::record::Record;
use crate::replica::Replica;
use crate::row::Row;

pub const SUMMARY: &str =
    "B3: a map of last-write registers, 100 000 keys, 1 000 overwritten on each side";

const OVERWRITTEN: usize = 1_000;

pub const ROWS: &[Row] = &[
    Row::time("write", "≤ 250 ns, 2.5x"),
    Row::time("overwrite", "≤ 80 ns, 4x"),
    Row::time("get", "≤ 45 ns, 1.6x"),
    Row::time("overwrite, in order", "≤ 80 ns, 4x"),
    Row::time("get, in another order", ""),
    Row::time("merge, full", "≤ 2 ms, 25x"),
    Row::time("delta, make", "≤ 0.2 ms, 1.2x"),
    Row::time("delta, apply", "≤ 0.4 ms, 3x"),
    Row::bytes("delta", "≤ 8.5 kB, 1.05x"),
    Row::bytes("heap per entry", ""),
    Row::bytes("heap per entry, loaded", "≤ 75 B, 4.5x of the typed"),
    Row::bytes("encoded per entry", ""),
    Row::time("decode, per entry", ""),
];

/// A map from text to numbers that several writers edit.
pub trait Registers: Replica {
    /// Writes all these values and commits them together.
    fn write(&mut self, entries: &[(String, u64)]);

    /// The sum of the values at `keys`, each of which is there.
    fn sum(&self, keys: &[String]) -> u64;
}

/// Measures one crate.
pub fn run<M: Registers>(record: &mut Record) {
    let mut random = Random::new(4);
    let keys = names(1, 0, COUNT);
    let first = valued(&mut random, &keys);
    let shuffled = shuffled(&keys);
    let second = valued(&mut random, &shuffled);

    let before = heap::live();
    let mut map = M::new(1);
    record.each("write", COUNT, || map.write(&first));
    record.enter("heap per entry", per_element(heap::live() - before));
    record.each("overwrite", COUNT, || map.write(&second));
    let sum = record.each("get", COUNT, || map.sum(&keys));
    assert_eq!(sum, total(&second));
    let third = valued(&mut random, &keys);
    record.each("overwrite, in order", COUNT, || map.write(&third));
    let sum = record.each("get, in another order", COUNT, || map.sum(&shuffled));
    assert_eq!(sum, total(&third));

    let bytes = map.to_bytes();
    record.enter("encoded per entry", per_element(bytes.len()));
    let before = heap::live();
    let loaded = record.each("decode, per entry", COUNT, || M::from_bytes(2, &bytes));
    record.enter("heap per entry, loaded", per_element(heap::live() - before));
    drop(loaded);

    run_apart(map, &shuffled, &mut random, record);
}

fn run_apart<M: Registers>(mut map: M, keys: &[String], random: &mut Random, record: &mut Record) {
    let (mut east, mut west) = (map.fork(2), map.fork(3));
    drop(map);
    let (east_keys, west_keys) = keys[..2 * OVERWRITTEN].split_at(OVERWRITTEN);
    let (east_wrote, west_wrote) = (valued(random, east_keys), valued(random, west_keys));
    east.write(&east_wrote);
    west.write(&west_wrote);

    let seen = west.version();
    let delta = record.once("delta, make", || east.delta_since(&seen));
    record.enter("delta", delta.len() as f64);

    // East itself, not a copy of it, in which memory might have no room to grow.
    let mut far = west.fork(4);
    record.once("merge, full", || east.merge(&mut far));
    assert_eq!(east.sum(east_keys), total(&east_wrote));
    assert_eq!(east.sum(west_keys), total(&west_wrote));
    drop((east, far));

    record.once("delta, apply", || west.join(&delta));
    assert_eq!(west.sum(east_keys), total(&east_wrote));
    assert_eq!(west.sum(west_keys), total(&west_wrote));
}

fn valued(random: &mut Random, keys: &[String]) -> Vec<(String, u64)> {
    keys.iter().map(|key| (key.clone(), random.below(1_000_000) as u64)).collect()
}

fn total(entries: &[(String, u64)]) -> u64 {
    entries.iter().map(|(_, value)| value).sum()
}
