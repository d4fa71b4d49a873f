//! B2: two replicas of a set that went apart.
//!
//! Both know the same 100 000 elements; then each adds 1 000 new ones and removes 1 000 others,
//! in two batches. One takes in the whole state of the other, or a delta cut from what it has
//! seen. Making a delta ends and taking it in begins with bytes.

use crate::elements::{COUNT, names, numbers, shuffled};
use crate::record::Record;
use crate::row::Row;
use crate::set::{Element, Set, adds, removes};

pub const SUMMARY: &str =
    "B2: two replicas of a set, 100 000 common elements, 1 000 adds and 1 000 removes on each side";

const EDITED: usize = 1_000;

pub const ROWS: &[Row] = &[
    Row::time("u64: merge, full", "≤ 0.8 ms, 38x"),
    Row::time("u64: delta, make", "≤ 220 us, ≤ 60 us with a dot index, 2x"),
    Row::time("u64: delta, apply", "≤ 0.12 ms, 8x"),
    Row::bytes("u64: delta", "≤ 12 kB, 2.2x"),
    Row::time("string: merge, full", "≤ 1.5 ms, 20x"),
    Row::time("string: delta, make", ""),
    Row::time("string: delta, apply", ""),
    Row::bytes("string: delta", "≤ 17 kB, 1.2x"),
];

/// Measures one crate, whose sets of either kind of element are `N` and `S`.
pub fn run<N: Set<u64>, S: Set<String>>(record: &mut Record) {
    run_kind::<u64, N>("u64", &numbers(1, COUNT), &numbers(3, 2 * EDITED), record);
    let new = names(3, COUNT, 2 * EDITED);
    run_kind::<String, S>("string", &names(1, 0, COUNT), &new, record);
}

fn run_kind<E: Element, S: Set<E>>(kind: &str, common: &[E], new: &[E], record: &mut Record) {
    let row = |name: &str| format!("{kind}: {name}");
    let shuffled = shuffled(common);
    let mut base = S::new(1);
    base.edit(&adds(common));
    let mut sides = [base.fork(2), base.fork(3)];
    drop(base);
    for (at, side) in sides.iter_mut().enumerate() {
        let own = at * EDITED..(at + 1) * EDITED;
        side.edit(&adds(&new[own.clone()]));
        side.edit(&removes(&shuffled[own]));
    }
    let [mut east, mut west] = sides;
    let (east_removed, rest) = shuffled.split_at(EDITED);
    let (west_removed, kept) = rest.split_at(EDITED);

    let seen = west.version();
    let delta = record.once(&row("delta, make"), || east.delta_since(&seen));
    record.enter(&row("delta"), delta.len() as f64);

    // East itself, not a copy of it, in which memory might have no room to grow.
    let mut far = west.fork(4);
    record.once(&row("merge, full"), || east.merge(&mut far));
    drop(far);
    assert_eq!(east.count(new), 2 * EDITED, "both sides' adds");
    assert_eq!(east.count(&shuffled), kept.len(), "both sides' removes");
    drop(east);

    record.once(&row("delta, apply"), || west.join(&delta));
    assert_eq!(west.count(new), 2 * EDITED, "the delta's adds");
    assert_eq!(west.count(east_removed), 0, "the delta's removes");
    assert_eq!(west.count(west_removed), 0, "its own removes");
    assert_eq!(west.count(kept), kept.len(), "all the rest");
}
