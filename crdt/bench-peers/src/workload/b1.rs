//! B1: one replica of a set, 100 000 elements.
//!
//! Elements are numbers of 64 random bits and names of 13 characters. They are added, looked up in
//! another order and in that of adding, and half of them removed: singly, each edit committed by
//! itself, and in one batch. The bytes and the heap are those of the set that one batch made.

use crate::elements::{COUNT, names, numbers, per_element, shuffled};
use crate::heap;
use crate::record::Record;
use crate::row::Row;
use crate::set::{Element, Set, adds, removes};

pub const SUMMARY: &str = "B1: one replica of a set, 100 000 elements";

pub const ROWS: &[Row] = &[
    Row::time("u64: add, singly", "≤ 45 ns, 6x"),
    Row::time("u64: add, one batch", ""),
    Row::time("u64: contains", "≤ 8 ns, 2x"),
    Row::time("u64: contains, in order", "≤ 8 ns, 2x"),
    Row::time("u64: remove, singly", "≤ 40 ns, 10x"),
    Row::time("u64: remove, one batch", ""),
    Row::bytes("u64: heap per element", "≤ 24 B, 3.5x of the typed"),
    Row::bytes("u64: heap per element, loaded", "≤ 24 B, 1.2x"),
    Row::bytes("u64: encoded per element", "≤ 9.1 B, 1.1x"),
    Row::time("u64: encode, per element", ""),
    Row::time("u64: decode, per element", "≤ 40 ns, 5x"),
    Row::time("string: add, singly", "≤ 140 ns, 3.4x"),
    Row::time("string: add, one batch", ""),
    Row::time("string: contains", ""),
    Row::time("string: contains, in order", ""),
    Row::time("string: remove, singly", ""),
    Row::time("string: remove, one batch", ""),
    Row::bytes("string: heap per element", ""),
    Row::bytes("string: heap per element, loaded", ""),
    Row::bytes("string: encoded per element", "≤ 15.1 B plain, ≤ 4.5 B compressed"),
    Row::time("string: encode, per element", ""),
    Row::time("string: decode, per element", ""),
];

/// Measures one crate, whose sets of either kind of element are `N` and `S`.
pub fn run<N: Set<u64>, S: Set<String>>(record: &mut Record) {
    run_kind::<u64, N>("u64", &numbers(1, COUNT), record);
    run_kind::<String, S>("string", &names(1, 0, COUNT), record);
}

fn run_kind<E: Element, S: Set<E>>(kind: &str, elements: &[E], record: &mut Record) {
    let row = |name: &str| format!("{kind}: {name}");
    let shuffled = shuffled(elements);
    singly::<E, S>(kind, elements, &shuffled[..COUNT / 2], record);

    let edits = adds(elements);
    let before = heap::live();
    let mut set = S::new(1);
    record.each(&row("add, one batch"), COUNT, || set.edit(&edits));
    record.enter(&row("heap per element"), per_element(heap::live() - before));
    let found = record.each(&row("contains"), COUNT, || set.count(&shuffled));
    assert_eq!(found, COUNT);
    let found = record.each(&row("contains, in order"), COUNT, || set.count(elements));
    assert_eq!(found, COUNT);

    let bytes = record.each(&row("encode, per element"), COUNT, || set.to_bytes());
    record.enter(&row("encoded per element"), per_element(bytes.len()));
    let before = heap::live();
    let loaded = record.each(&row("decode, per element"), COUNT, || S::from_bytes(2, &bytes));
    record.enter(&row("heap per element, loaded"), per_element(heap::live() - before));
    assert_eq!(loaded.count(elements), COUNT);
    drop(loaded);

    let edits = removes(&shuffled[..COUNT / 2]);
    record.each(&row("remove, one batch"), COUNT / 2, || set.edit(&edits));
    assert_eq!(set.count(&shuffled), COUNT / 2);
}

fn singly<E: Element, S: Set<E>>(kind: &str, all: &[E], removed: &[E], record: &mut Record) {
    let (first, single) = all.split_at(COUNT - S::SINGLES_MAX.min(COUNT));
    let mut set = S::new(1);
    if !first.is_empty() {
        set.edit(&adds(first));
    }
    record.each(&format!("{kind}: add, singly"), single.len(), || {
        for element in single {
            set.add(element);
        }
    });
    let removed = &removed[..removed.len().min(S::SINGLES_MAX)];
    record.each(&format!("{kind}: remove, singly"), removed.len(), || {
        for element in removed {
            set.remove(element);
        }
    });
    assert_eq!(set.len(), COUNT - removed.len());
}
