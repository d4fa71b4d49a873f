//! Two things that a replica said in one place of its log, and its word for both.

use selkie_crdt::ActorId;
use serde::{Deserialize, Serialize};

use crate::codec::{CodecError, Coded, decode, encode};
use crate::identity::binding::Binding;
use crate::log::format::{Entry, PAYLOAD_LEN_MAX};
use crate::log::place::Head;
use crate::object::key::{PublicKey, Signature};

/// The proof that a replica said two things in one place: two entries that follow the same one, both signed by the key that
/// its name is made of. Nobody else can make one, and whoever has it can show it to everybody.
///
/// Its log ends before that place, for all who know it: neither entry counts, nor what follows.
///
/// ```
/// use std::sync::Arc;
/// use selkie_store::{Fork, Head, Log, SecretKey, SimDisk, Writer};
/// let writer = Writer::new(SecretKey::from_bytes(&[7; 32]), [1; 16]);
/// // One folder, copied, and both copies write.
/// let said = |words: &[u8]| {
///     let log = Log::new(Arc::new(SimDisk::default()), writer.replica());
///     log.append(words, writer.key())?;
///     log.entries()?.next().expect("it was just added")
/// };
/// let start = Head { position: 0, hash: [0; 32] };
/// let fork = Fork::of(writer.binding(), start, &said(b"one")?, &said(b"other")?);
/// assert_eq!(fork.expect("both are signed").position(), 1);
/// # Ok::<(), selkie_store::LogError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fork {
    binding: Binding,
    before: Head,
    said: [Said; 2], // ascending, so that two entries make one proof
}

/// One of the two.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
struct Said {
    payload: Vec<u8>,
    signature: Vec<u8>,
}

impl Fork {
    /// Bytes in the longest one.
    pub const LEN_MAX: usize = 2 * PAYLOAD_LEN_MAX + 512;

    /// The proof that these two entries behind `before` are, if they are one.
    #[must_use]
    pub fn of(binding: Binding, before: Head, one: &Entry, other: &Entry) -> Option<Self> {
        let said = |entry: &Entry| Said {
            payload: entry.payload.clone(),
            signature: entry.signature.as_bytes().to_vec(),
        };
        let mut said = [said(one), said(other)];
        said.sort_unstable();
        let fork = Self { binding, before, said };
        fork.is_one().then_some(fork)
    }

    /// The proof that these bytes spell.
    ///
    /// # Errors
    ///
    /// They spell none: an entry is not signed, or both are the same.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CodecError> {
        let spelled: Spelled = decode(bytes)?;
        let fork = spelled.fork();
        if fork.is_one() { Ok(fork) } else { Err(CodecError::Rules) }
    }

    /// The bytes that spell it.
    ///
    /// # Errors
    ///
    /// It is longer than any is.
    pub fn to_bytes(&self) -> Result<Vec<u8>, CodecError> {
        encode(&Spelled {
            key: *self.binding.key.as_bytes(),
            nonce: self.binding.nonce,
            position: self.before.position,
            hash: self.before.hash,
            said: self.said.clone(),
        })
    }

    /// Who said both.
    #[must_use]
    pub fn replica(&self) -> ActorId {
        self.binding.replica()
    }

    /// Where.
    #[must_use]
    pub const fn position(&self) -> u64 {
        self.before.position + 1
    }

    /// The last entry that counts: where the log ends.
    #[must_use]
    pub const fn before(&self) -> Head {
        self.before
    }

    fn is_one(&self) -> bool {
        let [one, other] = &self.said;
        // The payloads differ, and so the hashes. One content with two signatures is one content.
        one.payload < other.payload
            && [one, other].into_iter().all(|said| self.is_signed(&self.binding.key, said))
    }

    fn is_signed(&self, key: &PublicKey, said: &Said) -> bool {
        let signature = said.signature.as_slice().try_into().map(Signature::from_bytes);
        let entry = |signature| self.before.then(self.replica(), said.payload.clone(), signature);
        signature.is_ok_and(|signature| entry(signature).is_signed_by(key))
    }
}

/// A proof as `codec` spells it. The order of the fields is the format.
#[derive(Deserialize, Serialize)]
struct Spelled {
    key: [u8; PublicKey::LEN],
    nonce: [u8; Binding::NONCE_LEN],
    position: u64,
    hash: [u8; 32],
    said: [Said; 2],
}

impl Spelled {
    fn fork(self) -> Fork {
        let binding = Binding { key: PublicKey::from_bytes(self.key), nonce: self.nonce };
        let before = Head { position: self.position, hash: self.hash };
        Fork { binding, before, said: self.said }
    }
}

impl Coded for Spelled {
    const VERSION: u8 = 1;
    const LEN_MAX: usize = Fork::LEN_MAX;

    fn is_valid(&self) -> bool {
        let is_short = |said: &Said| {
            said.payload.len() <= PAYLOAD_LEN_MAX && said.signature.len() == Signature::LEN
        };
        self.position < u64::MAX
            && (self.position > 0 || self.hash == Head::NONE.hash)
            && self.said.iter().all(is_short)
    }
}
