//! A run, as one hash.

use selkie_sync::{Lane, Moment};

/// A hash over every delivery: when, from whom, to whom, on which lane, which bytes.
#[derive(Debug)]
pub(crate) struct Trace(blake3::Hasher);

impl Trace {
    pub(crate) fn new() -> Self {
        Self(blake3::Hasher::new_derive_key("selkie 1 simulated deliveries"))
    }

    pub(crate) fn note(&mut self, at: Moment, [from, to]: [usize; 2], lane: Lane, bytes: &[u8]) {
        let mut head = [0; 33];
        head[..8].copy_from_slice(&at.us().to_le_bytes());
        head[8..16].copy_from_slice(&(from as u64).to_le_bytes());
        head[16..24].copy_from_slice(&(to as u64).to_le_bytes());
        head[24..32].copy_from_slice(&(bytes.len() as u64).to_le_bytes());
        head[32] = lane as u8;
        self.0.update(&head).update(bytes);
    }

    pub(crate) fn hash(&self) -> blake3::Hash {
        self.0.finalize()
    }
}
