//! What two people say to each other to be sure of their keys.

use crate::identity::node_id::NodeId;

/// Whatever else is hashed is not hashed like this.
const CONTEXT: &str = "selkie 2026-11 two keys compared by voice";

/// How often it is hashed: some hundredths of a second for who compares, and for each key of who looks for two that sound alike.
const ROUNDS: u32 = 1 << 18;

/// A hash of two keys, the same for both, from whose first bytes they make the words that they compare.
///
/// Somebody between them has two keys to show, and needs a pair of which both sides hear the same. With 112 bits spoken he finds one
/// among 2^56 keys for each side if he knows the others' keys beforehand, and each of those costs a hash as slow as this one.
///
/// ```
/// use selkie_sync::{NodeId, spoken};
/// let [ann, bob, eve] = [1, 2, 3].map(|byte| NodeId::from_bytes([byte; 32]));
/// assert_eq!(spoken(ann, bob), spoken(bob, ann));
/// assert_ne!(spoken(ann, bob), spoken(ann, eve));
/// ```
#[must_use]
pub fn spoken(one: NodeId, other: NodeId) -> [u8; 32] {
    let (least, most) = (one.min(other), one.max(other));
    let both = [*least.as_bytes(), *most.as_bytes()].concat();
    let first = blake3::derive_key(CONTEXT, &both);
    (0..ROUNDS).fold(first, |hash, _| *blake3::hash(&hash).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_versions_of_the_program_say_the_same() {
        let [ann, bob] = [1, 2].map(|byte| NodeId::from_bytes([byte; NodeId::LEN]));
        let hash = spoken(ann, bob).map(|byte| format!("{byte:02x}")).concat();
        assert_eq!(hash, "c873137a91d5f3894e918ce4278627b249d06be797b187a3fa01e60c970ca076");
    }
}
