//! Growth: what one edit costs in a set of 1 000 to 1 000 000 numbers.
//!
//! Edits are 1 000 at each size, so a set of any size does the same work. Joined is a delta of
//! 500 adds and 500 removes, from bytes. What grows with the set even where the work does not is
//! the part of it that no cache holds.

use crate::elements::{numbers, shuffled};
use crate::record::Record;
use crate::row::Row;
use crate::set::{Set, adds, removes};

pub const SUMMARY: &str = "Growth: one edit of a set of u64, by the size of the set";

pub const SIZES: [(usize, &str); 4] =
    [(1_000, "1 k"), (10_000, "10 k"), (100_000, "100 k"), (1_000_000, "1 M")];
pub const EDITED: usize = 1_000;

pub const ROWS: &[Row] = &[
    Row::time("add, at 1 k", "flat"),
    Row::time("add, at 10 k", ""),
    Row::time("add, at 100 k", ""),
    Row::time("add, at 1 M", ""),
    Row::time("contains, at 1 k", "flat"),
    Row::time("contains, at 10 k", ""),
    Row::time("contains, at 100 k", ""),
    Row::time("contains, at 1 M", ""),
    Row::time("remove, at 1 k", "flat"),
    Row::time("remove, at 10 k", ""),
    Row::time("remove, at 100 k", ""),
    Row::time("remove, at 1 M", ""),
    Row::time("join a delta, at 1 k", "flat"),
    Row::time("join a delta, at 10 k", ""),
    Row::time("join a delta, at 100 k", ""),
    Row::time("join a delta, at 1 M", ""),
];

/// Measures one crate.
pub fn run<S: Set<u64>>(record: &mut Record) {
    for (size, shown) in SIZES {
        let mut set = S::new(1);
        set.edit(&adds(&elements(size)));
        let (new, drawn) = (numbers(3, EDITED), drawn(size));
        // Looked up once before, so that no measure pays for a cold cache.
        assert_eq!(set.count(&drawn), EDITED);
        record.each(&format!("contains, at {shown}"), EDITED, || set.count(&drawn));
        record.each(&format!("add, at {shown}"), EDITED, || {
            for element in &new {
                set.add(element);
            }
        });
        record.each(&format!("remove, at {shown}"), EDITED, || {
            for element in &drawn {
                set.remove(element);
            }
        });
        assert_eq!(set.len(), size);
        run_join::<S>(size, shown, record);
    }
}

fn run_join<S: Set<u64>>(size: usize, shown: &str, record: &mut Record) {
    let mut east = S::new(1);
    east.edit(&adds(&elements(size)));
    let mut west = east.fork(2);
    // West has lived a little: memory that was just copied might have no room to grow.
    let own = numbers(4, 1);
    west.edit(&adds(&own));
    west.edit(&removes(&own));
    east.edit(&adds(&numbers(3, EDITED / 2)));
    east.edit(&removes(&drawn(size)[..EDITED / 2]));
    let delta = east.delta_since(&west.version());
    record.once(&format!("join a delta, at {shown}"), || west.join(&delta));
    assert_eq!(west.len(), size);
}

pub fn elements(size: usize) -> Vec<u64> {
    numbers(1, size)
}

/// As many elements as are edited, from all over the set.
pub fn drawn(size: usize) -> Vec<u64> {
    let mut drawn = shuffled(&elements(size));
    drawn.truncate(EDITED);
    drawn
}
