//! `selkie-crdt`, ours.

use std::cmp::Ordering;

use selkie_crdt::{ActorId, VersionVector};

use crate::record::Record;
use crate::workload::{Workload, b4};

/// Does a workload with `selkie-crdt`.
pub fn run(workload: Workload, record: &mut Record) {
    match workload {
        Workload::B4 => b4::run_vector::<VersionVector>(record),
        Workload::B1
        | Workload::B2
        | Workload::B3
        | Workload::B5
        | Workload::B6
        | Workload::Growth => {}
    }
}

impl b4::Vector for VersionVector {
    const MERGE: b4::Merge = b4::Merge::Reads;

    fn of(counters: impl Iterator<Item = (u64, u64)>) -> Self {
        let mut vector = Self::new();
        for (actor, counter) in counters {
            vector.raise(ActorId::from_bytes(u128::from(actor).to_be_bytes()), counter);
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
