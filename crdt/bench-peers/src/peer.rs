//! Who is measured.

mod automerge;
mod crdt_lite;
mod crdts;
mod dson;
mod loro;
mod plain;
mod selkie;
mod uhlc;
mod yrs;

use crate::record::Record;
use crate::workload::Workload;

/// One crate, or one collection of the standard library.
pub struct Peer {
    pub name: &'static str,
    /// The version measured, as `Cargo.toml` pins it.
    pub version: &'static str,
    pub kind: Kind,
    /// Does a workload once and enters the figures, or why there are none.
    pub run: fn(Workload, &mut Record),
}

/// How a column is read.
#[derive(Clone, Copy, Eq, PartialEq)]
pub enum Kind {
    /// Our own: the figures that the others' are divided by.
    Own,
    /// Another crate.
    Other,
    /// A collection that replicates nothing, as a measure of what is possible.
    Plain,
}

/// All of them, in the order of the columns.
pub const PEERS: &[Peer] = &[
    Peer { name: "selkie", version: "0.1.0", kind: Kind::Own, run: selkie::run },
    Peer { name: "crdts", version: "7.3.2", kind: Kind::Other, run: crdts::run },
    Peer { name: "dson", version: "0.3.0", kind: Kind::Other, run: dson::run },
    Peer { name: "automerge", version: "0.12.0", kind: Kind::Other, run: automerge::run },
    Peer { name: "loro", version: "1.17.1", kind: Kind::Other, run: loro::run },
    Peer { name: "yrs", version: "0.28.1", kind: Kind::Other, run: yrs::run },
    Peer { name: "crdt-lite", version: "0.8.0", kind: Kind::Other, run: crdt_lite::run },
    Peer { name: "uhlc", version: "0.9.0", kind: Kind::Other, run: uhlc::run },
    Peer { name: "HashSet", version: "std", kind: Kind::Plain, run: plain::run_hash_set },
    Peer { name: "BTreeSet", version: "std", kind: Kind::Plain, run: plain::run_tree_set },
    Peer { name: "HashMap", version: "std", kind: Kind::Plain, run: plain::run_hash_map },
];

impl Peer {
    /// The peer of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        PEERS.iter().find(|peer| peer.name == name)
    }
}
