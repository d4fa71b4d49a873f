//! Keys and what they sign.

use std::fmt;

use ed25519_dalek::{Signer, SigningKey, VerifyingKey};

use crate::hex;

/// The secret half of an ed25519 key. It is wiped from memory when dropped and never printed.
pub struct SecretKey(SigningKey);

/// The public half of an ed25519 key.
///
/// Any 32 bytes can stand here; bytes that are no key verify nothing.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct PublicKey([u8; Self::LEN]);

/// An ed25519 signature.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct Signature([u8; Self::LEN]);

impl SecretKey {
    /// Bytes in a secret key.
    pub const LEN: usize = 32;

    /// The key that these bytes spell. They must come from a good random source.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; Self::LEN]) -> Self {
        Self(SigningKey::from_bytes(bytes))
    }

    /// The other half.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }

    /// Signs `message`. The same key and message give the same signature.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Signature {
        Signature(self.0.sign(message).to_bytes())
    }

    /// Bytes that only the owner of the key knows, others for each purpose. Of them nothing can be learned of the key, nor of those
    /// for another purpose.
    #[must_use]
    pub fn derived(&self, purpose: &str) -> [u8; 32] {
        blake3::derive_key(purpose, self.0.as_bytes())
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey(of {:?})", self.public())
    }
}

impl PublicKey {
    /// Bytes in a public key.
    pub const LEN: usize = 32;

    /// The key that these bytes spell.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// The key that is shown so: 64 hexadecimal digits, lower case.
    #[must_use]
    pub fn spelled(text: &str) -> Option<Self> {
        hex::parse(text).map(Self)
    }

    /// The bytes that spell this key.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }

    /// Whether the secret half of this key signed `message`.
    ///
    /// Strict: weak keys and signatures with a second spelling verify nothing, so all
    /// implementations agree on the answer.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &Signature) -> bool {
        let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
        VerifyingKey::from_bytes(&self.0)
            .is_ok_and(|key| key.verify_strict(message, &signature).is_ok())
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex::write(&self.0, f)
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Signature {
    /// Bytes in a signature.
    pub const LEN: usize = 64;

    /// The signature that these bytes spell.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// The bytes that spell this signature.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex::write(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_speaks_for_one_message_and_one_key() {
        let [east, west] = [1, 2].map(|n| SecretKey::from_bytes(&[n; 32]));
        let signature = east.sign(b"seal");
        assert!(east.public().verifies(b"seal", &signature));
        assert!(!east.public().verifies(b"sea", &signature));
        assert!(!west.public().verifies(b"seal", &signature));
    }

    #[test]
    fn what_is_derived_of_a_key_is_the_same_for_one_purpose_of_one_key() {
        let [east, west] = [1, 2].map(|n| SecretKey::from_bytes(&[n; 32]));
        assert_eq!(east.derived("one"), east.derived("one"));
        assert_ne!(east.derived("one"), east.derived("other"));
        assert_ne!(east.derived("one"), west.derived("one"));
        assert_ne!(east.derived("one"), [1; 32]);
    }

    #[test]
    fn a_key_that_is_no_key_verifies_nothing() {
        // The identity point: with it a forged signature would hold for every message.
        let mut weak = [0; 32];
        weak[0] = 1;
        let mut forged = [0; 64];
        forged[0] = 1;
        assert!(!PublicKey::from_bytes(weak).verifies(b"", &Signature::from_bytes(forged)));
        assert!(!PublicKey::from_bytes([2; 32]).verifies(b"", &Signature::from_bytes([0; 64])));
    }

    #[test]
    fn a_key_is_spelled_as_it_is_shown() {
        let key = SecretKey::from_bytes(&[1; 32]).public();
        let text = key.to_string();
        assert_eq!(PublicKey::spelled(&text), Some(key));
        for bad in ["", "00", &text[1..], &format!("{text}0"), &text.replace('a', "é")] {
            assert_eq!(PublicKey::spelled(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_secret_is_never_printed() {
        let printed = format!("{:?}", SecretKey::from_bytes(&[0xab; 32]));
        assert!(!printed.contains("abab"));
    }
}
