//! What ties the name of a replica to a key.

use selkie_crdt::ActorId;

use crate::object::key::{PublicKey, SecretKey};

/// Says which key writes the log of a replica. It is the first thing that the log says.
///
/// The name of the replica is made from it, so nobody can begin a log under somebody else's name, even
/// where that log has never been seen.
///
/// ```
/// use selkie_store::{Binding, SecretKey};
/// let key = SecretKey::from_bytes(&[7; 32]).public();
/// let [here, there] = [1, 2].map(|n| Binding { key, nonce: [n; 16] });
/// assert_ne!(here.replica(), there.replica());
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Binding {
    /// Who signs the log.
    pub key: PublicKey,
    /// Drawn at random for each clone.
    pub nonce: [u8; Self::NONCE_LEN],
}

/// Who writes entries: the key of the device, and what was drawn for this clone.
#[derive(Debug)]
pub struct Writer {
    key: SecretKey,
    nonce: [u8; Binding::NONCE_LEN],
}

/// Separates the names of replicas from everything else that is hashed.
const CONTEXT: &str = "selkie 1 replica";

impl Binding {
    /// Bytes in a nonce.
    pub const NONCE_LEN: usize = 16;

    /// The name of the replica: 128 bits of a hash over the key and the nonce.
    #[must_use]
    pub fn replica(&self) -> ActorId {
        let mut hasher = blake3::Hasher::new_derive_key(CONTEXT);
        let mut name = [0; 16];
        hasher.update(self.key.as_bytes()).update(&self.nonce).finalize_xof().fill(&mut name);
        ActorId::from_bytes(name)
    }
}

impl Writer {
    /// The writer with this key in the clone with this nonce.
    #[must_use]
    pub const fn new(key: SecretKey, nonce: [u8; Binding::NONCE_LEN]) -> Self {
        Self { key, nonce }
    }

    /// What ties the replica to the key.
    #[must_use]
    pub fn binding(&self) -> Binding {
        Binding { key: self.key.public(), nonce: self.nonce }
    }

    /// The replica that is written.
    #[must_use]
    pub fn replica(&self) -> ActorId {
        self.binding().replica()
    }

    /// What signs, for another writer.
    pub(crate) fn into_key(self) -> SecretKey {
        self.key
    }

    /// What signs.
    #[must_use]
    pub const fn key(&self) -> &SecretKey {
        &self.key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_what_it_is() {
        let binding = Binding { key: PublicKey::from_bytes([1; 32]), nonce: [2; 16] };
        // Made by another implementation of BLAKE3.
        assert_eq!(binding.replica().to_string(), "ee58a06d96f4f121cae0f5abb7cc8b5f");
    }

    #[test]
    fn a_name_depends_on_the_key_and_the_nonce() {
        let [one, two] = [1, 2].map(|n| SecretKey::from_bytes(&[n; 32]).public());
        let name = |key, nonce| Binding { key, nonce: [nonce; 16] }.replica();
        assert_ne!(name(one, 1), name(two, 1));
        assert_ne!(name(one, 1), name(one, 2));
    }
}
