//! What a node says to others than the one it talks to.

use std::fmt;
use std::marker::PhantomData;

use selkie_store::{Coded, PublicKey, SecretKey, Signature, decode, encode};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::identity::network::NetworkId;
use crate::identity::node_id::NodeId;

/// A value that can be signed.
pub trait Statement: Coded {
    /// What is said by it. No two kinds of statement have the same, so that a signature under one is none
    /// under another.
    const PURPOSE: &'static str;
}

/// A statement with the name and the signature of who made it.
///
/// The signature covers the network and the purpose too. The bytes stay as they came, so that whoever
/// passes it on passes on what was signed.
#[derive(Deserialize, Serialize)]
#[serde(bound = "")]
pub struct Signed<T> {
    by: NodeId,
    #[serde(with = "crate::wire::bytes")]
    body: Vec<u8>,
    #[serde(with = "crate::wire::bytes")]
    signature: [u8; Signature::LEN],
    says: PhantomData<fn() -> T>,
}

/// Whether a key signed a message: [`PublicKey::verifies`], or in a simulation of many nodes in one process
/// the same with a memory.
pub type Verifies = fn(&PublicKey, &[u8], &Signature) -> bool;

/// Why a statement is not believed.
#[derive(Debug, Error)]
pub enum Forged {
    /// Whom it names did not sign it, or not in this network, or not as this.
    #[error("the statement is not signed by {0}, whom it names")]
    Signature(NodeId),
    /// It is signed, and makes no sense.
    #[error("the statement can not be read")]
    Body(#[from] selkie_store::CodecError),
}

/// Separates what is signed here from everything else that a key may ever sign.
const CONTEXT: &str = "selkie 1 sync statement";

impl<T: Statement> Signed<T> {
    /// Signs what is said.
    ///
    /// # Errors
    ///
    /// The value breaks its own rules.
    pub fn new(
        value: &T,
        network: &NetworkId,
        key: &SecretKey,
    ) -> Result<Self, selkie_store::CodecError> {
        let body = encode(value)?;
        let signature = *key.sign(&Self::signed_bytes(network, &body)).as_bytes();
        Ok(Self { by: NodeId::of(key.public()), body, signature, says: PhantomData })
    }

    /// Who says it, if the signature holds.
    #[must_use]
    pub const fn by(&self) -> NodeId {
        self.by
    }

    /// What is said, if the one it names said so in this network.
    ///
    /// # Errors
    ///
    /// It is not to be believed.
    pub fn open(&self, network: &NetworkId) -> Result<T, Forged> {
        self.open_by(network, PublicKey::verifies)
    }

    /// As [`open`](Self::open), with another way to check a signature.
    ///
    /// # Errors
    ///
    /// It is not to be believed.
    pub fn open_by(&self, network: &NetworkId, verifies: Verifies) -> Result<T, Forged> {
        let signature = Signature::from_bytes(self.signature);
        if !verifies(self.by.key(), &Self::signed_bytes(network, &self.body), &signature) {
            return Err(Forged::Signature(self.by));
        }
        Ok(decode(&self.body)?)
    }

    /// What it claims to say. Nothing shows that anybody said so: it serves to pass over what is known
    /// already, which costs a thousandth of checking a signature.
    ///
    /// # Errors
    ///
    /// It can not be read.
    pub fn claim(&self) -> Result<T, selkie_store::CodecError> {
        decode(&self.body)
    }

    fn signed_bytes(network: &NetworkId, body: &[u8]) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new_derive_key(CONTEXT);
        hasher.update(network.as_bytes());
        // The length keeps a purpose apart from a body that begins like the end of another.
        hasher.update(&(T::PURPOSE.len() as u64).to_le_bytes());
        *hasher.update(T::PURPOSE.as_bytes()).update(body).finalize().as_bytes()
    }
}

impl<T> Clone for Signed<T> {
    fn clone(&self) -> Self {
        Self { body: self.body.clone(), ..*self }
    }
}

impl<T> PartialEq for Signed<T> {
    fn eq(&self, other: &Self) -> bool {
        self.by == other.by && self.body == other.body && self.signature == other.signature
    }
}

impl<T> Eq for Signed<T> {}

impl<T> fmt::Debug for Signed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signed({} bytes by {:?})", self.body.len(), self.by)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    macro_rules! statement {
        ($name:ident, $purpose:literal) => {
            #[derive(Debug, Deserialize, PartialEq, Serialize)]
            struct $name(u32);

            impl Coded for $name {
                const VERSION: u8 = 1;
                const LEN_MAX: usize = 16;

                fn is_valid(&self) -> bool {
                    self.0 != 13
                }
            }

            impl Statement for $name {
                const PURPOSE: &'static str = $purpose;
            }
        };
    }
    statement!(Alive, "alive");
    statement!(Dead, "dead");

    fn key() -> SecretKey {
        SecretKey::from_bytes(&[7; 32])
    }

    fn retold<T: Statement, U: Statement>(signed: &Signed<T>) -> Signed<U> {
        let Signed { by, body, signature, .. } = signed.clone();
        Signed { by, body, signature, says: PhantomData }
    }

    #[test]
    fn a_statement_is_believed_in_its_network_and_for_its_purpose() {
        let home = NetworkId::named("home");
        let signed = Signed::new(&Alive(3), &home, &key()).unwrap();
        assert_eq!(signed.open(&home).unwrap(), Alive(3));
        assert_eq!(signed.by(), NodeId::of(key().public()));
        let elsewhere = signed.open(&NetworkId::named("elsewhere"));
        assert!(matches!(elsewhere, Err(Forged::Signature(_))));
        assert!(matches!(retold::<_, Dead>(&signed).open(&home), Err(Forged::Signature(_))));
    }

    #[test]
    fn nobody_speaks_for_another() {
        let home = NetworkId::named("home");
        let other = NodeId::of(SecretKey::from_bytes(&[8; 32]).public());
        let stolen = Signed { by: other, ..Signed::new(&Alive(3), &home, &key()).unwrap() };
        assert!(matches!(stolen.open(&home), Err(Forged::Signature(by)) if by == other));
    }

    #[test]
    fn what_breaks_its_rules_is_not_signed() {
        assert!(Signed::new(&Alive(13), &NetworkId::named("home"), &key()).is_err());
    }
}
