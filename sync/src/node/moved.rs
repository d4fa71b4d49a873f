//! How much came and went.

use std::sync::atomic::Ordering;

use crate::node::works::Counters;

/// What moved since a node was started.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Moved {
    /// Entries of others that were taken in.
    pub entries_in: u64,
    /// Entries that were read for others, for each of whom it was read.
    pub entries_out: u64,
    /// Objects that were fetched. What is small goes along with entries, and is not among them.
    pub objects_in: u64,
    /// Their bytes.
    pub object_bytes_in: u64,
    /// Bytes of objects that were sent, as they were packed.
    pub bulk_out: u64,
}

impl Moved {
    pub(super) fn of(counters: &Counters) -> Self {
        Self {
            entries_in: counters.entries_in.load(Ordering::Relaxed),
            entries_out: counters.entries_out.load(Ordering::Relaxed),
            objects_in: counters.objects_in.load(Ordering::Relaxed),
            object_bytes_in: counters.object_bytes_in.load(Ordering::Relaxed),
            bulk_out: counters.bulk_out.load(Ordering::Relaxed),
        }
    }
}
