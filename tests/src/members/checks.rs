//! Signatures, each checked once for all nodes of a process.

use std::cell::RefCell;
use std::collections::BTreeMap;

use selkie_store::{PublicKey, Signature};

thread_local! {
    /// What came of the checks that were made, by a hash over all that was checked.
    static CHECKED: RefCell<BTreeMap<[u8; 32], bool>> = const { RefCell::new(BTreeMap::new()) };
}

/// Checks that are remembered, before all are forgotten.
const CHECKED_MAX: usize = 1 << 20;

/// Whether a key signed a message. A thousand nodes of one process that hear the same statement check it a
/// thousand times, and would do nothing else; each answer is the real one all the same.
#[must_use]
pub fn verifies(key: &PublicKey, message: &[u8], signature: &Signature) -> bool {
    let mut hasher = blake3::Hasher::new_derive_key("selkie 1 simulated signature check");
    hasher.update(key.as_bytes()).update(signature.as_bytes()).update(message);
    let hash = *hasher.finalize().as_bytes();
    CHECKED.with_borrow_mut(|checked| {
        if checked.len() >= CHECKED_MAX {
            checked.clear();
        }
        *checked.entry(hash).or_insert_with(|| key.verifies(message, signature))
    })
}
