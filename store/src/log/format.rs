//! The bytes of a log, version 1. No other file names an offset.
//!
//! ```text
//! offset  size  field                                     (integers little-endian)
//!      0     4  magic  "SLKL"
//!      4     1  version 1
//!      5    16  replica
//!     21        entries, one after the other:
//!                  offset  size
//!                       0     4  length of the payload, n: at most 1 MiB
//!                       4     8  position: 1, 2, 3 ...
//!                      12     n  payload
//!                    12+n    64  ed25519 signature of the hash
//!                    76+n    32  hash: BLAKE3 over the hash before (zeros before the first
//!                                entry), replica, position and payload
//!                   108+n     4  length of the payload again, to find the entry from its end
//! ```
//!
//! The hash chains an entry to all before it, so it covers them too. Bytes that are no entry are
//! known by their hash.

use selkie_crdt::ActorId;

use crate::cursor::{Cursor, index};
use crate::object::key::{PublicKey, Signature};

const MAGIC: [u8; 4] = *b"SLKL";
const VERSION: u8 = 1;
pub(super) const HEADER_LEN: usize = 21;

/// Bytes in the longest payload.
pub const PAYLOAD_LEN_MAX: usize = 1 << 20;

const PAYLOAD_AT: usize = 4 + 8;
pub(super) const TRAILER_LEN: usize = 32 + 4;
/// Bytes in an entry beside its payload.
pub(crate) const FRAME_LEN: usize = PAYLOAD_AT + Signature::LEN + TRAILER_LEN;
const _: () = assert!(FRAME_LEN == 112);

const CONTEXT: &str = "selkie 1 log entry";

/// The hash of an entry and of all before it.
pub type EntryHash = [u8; 32];

/// What stands before the first entry.
pub(crate) const NO_HASH: EntryHash = [0; 32];

/// One signed step in the log of a replica.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Entry {
    /// Its place in the log, from 1.
    pub position: u64,
    /// What it says. The log does not look into it.
    pub payload: Vec<u8>,
    /// Speaks for the hash, and so for all entries up to this one.
    pub signature: Signature,
    /// Over everything up to and in this entry, but for signatures.
    pub hash: EntryHash,
}

impl Entry {
    /// Whether the owner of `key` signed the log up to this entry.
    #[must_use]
    pub fn is_signed_by(&self, key: &PublicKey) -> bool {
        key.verifies(&self.hash, &self.signature)
    }
}

/// What the first bytes of a file say.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Header {
    Known,
    Version(u8),
    /// No log, or that of another replica.
    Foreign,
}

pub(super) fn encode_header(replica: ActorId) -> [u8; HEADER_LEN] {
    let mut header = [0; HEADER_LEN];
    header[..4].copy_from_slice(&MAGIC);
    header[4] = VERSION;
    header[5..].copy_from_slice(replica.as_bytes());
    header
}

pub(super) fn decode_header(bytes: &[u8; HEADER_LEN], replica: ActorId) -> Header {
    if *bytes == encode_header(replica) {
        Header::Known
    } else if bytes[..4] == MAGIC && bytes[4] > VERSION {
        Header::Version(bytes[4])
    } else {
        Header::Foreign
    }
}

/// The hash of an entry that follows the entry with the hash `before`.
pub(crate) fn hash(
    before: &EntryHash,
    replica: ActorId,
    position: u64,
    payload: &[u8],
) -> EntryHash {
    let mut hasher = blake3::Hasher::new_derive_key(CONTEXT);
    hasher.update(before).update(replica.as_bytes()).update(&position.to_le_bytes());
    *hasher.update(payload).finalize().as_bytes()
}

pub(crate) fn encode(entry: &Entry) -> Vec<u8> {
    let length = u32::try_from(entry.payload.len()).expect("a payload is at most 1 MiB");
    let mut bytes = length.to_le_bytes().to_vec();
    bytes.extend(entry.position.to_le_bytes());
    bytes.extend(&entry.payload);
    bytes.extend(entry.signature.as_bytes());
    bytes.extend(entry.hash);
    bytes.extend(length.to_le_bytes());
    bytes
}

/// The entry that `bytes` begin with, if they begin with one that follows `before`.
pub(crate) fn decode(bytes: &[u8], replica: ActorId, before: &EntryHash) -> Option<Entry> {
    let mut cursor = Cursor::new(bytes);
    let length = cursor.u32().ok()?;
    if index(length) > PAYLOAD_LEN_MAX {
        return None;
    }
    let entry = Entry {
        position: cursor.u64().ok()?,
        payload: cursor.bytes(index(length)).ok()?.to_vec(),
        signature: Signature::from_bytes(cursor.array().ok()?),
        hash: cursor.array().ok()?,
    };
    let sound = cursor.u32() == Ok(length)
        && entry.hash == hash(before, replica, entry.position, &entry.payload);
    sound.then_some(entry)
}

/// The hash that the entry that `bytes` begin with ought to have after `before`.
pub(super) fn expected_hash(
    bytes: &[u8],
    replica: ActorId,
    before: &EntryHash,
) -> Option<EntryHash> {
    let mut cursor = Cursor::new(bytes);
    let length = index(cursor.u32().ok()?);
    let position = cursor.u64().ok()?;
    Some(hash(before, replica, position, cursor.bytes(length).ok()?))
}

/// The length of the entry that `bytes` begin with, if it has a possible one.
pub(super) fn entry_len(bytes: &[u8]) -> Option<usize> {
    let length = index(Cursor::new(bytes).u32().ok()?);
    (length <= PAYLOAD_LEN_MAX).then_some(FRAME_LEN + length)
}

/// The hash and the length of an entry that ends with these bytes.
pub(crate) fn decode_trailer(bytes: &[u8; TRAILER_LEN]) -> (EntryHash, u64) {
    let (hash, length) = bytes.split_first_chunk().expect("a trailer begins with a hash");
    let length = Cursor::new(length).u32().unwrap_or(u32::MAX);
    (*hash, FRAME_LEN as u64 + u64::from(length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::key::SecretKey;

    const EAST: ActorId = ActorId::from_bytes([0xea; 16]);

    fn entry() -> Entry {
        let hash = hash(&NO_HASH, EAST, 1, b"first");
        let signature = SecretKey::from_bytes(&[7; 32]).sign(&hash);
        Entry { position: 1, payload: b"first".to_vec(), signature, hash }
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
    }

    #[test]
    fn entries_keep_their_bytes() {
        let bytes = encode(&entry());
        assert_eq!(hex(&bytes[..17]), "050000000100000000000000".to_owned() + "6669727374");
        assert_eq!(hex(&bytes[17..81]), hex(entry().signature.as_bytes()));
        assert_eq!(hex(&bytes[81..]), GOLDEN_HASH.to_owned() + "05000000");
        assert_eq!(hex(&encode_header(EAST)), "534c4b4c01".to_owned() + &"ea".repeat(16));
        assert_eq!(decode(&bytes, EAST, &NO_HASH), Some(entry()));
    }

    // Made by another implementation of BLAKE3.
    const GOLDEN_HASH: &str = "a1eceefe2259feee5222fd454ffea3647fdd73bfc4206a2cd5630bb746ddef6b";

    #[test]
    fn an_entry_is_found_from_its_end() {
        let bytes = encode(&entry());
        let (hash, length) = decode_trailer(bytes.last_chunk().unwrap());
        assert_eq!((hash, length), (entry().hash, bytes.len() as u64));
    }

    #[test]
    fn no_changed_byte_but_in_the_signature_makes_an_entry() {
        let bytes = encode(&entry());
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            let found = decode(&changed, EAST, &NO_HASH);
            let signed = (17..81).contains(&at);
            assert_eq!(found.is_some(), signed, "{at}");
            let key = SecretKey::from_bytes(&[7; 32]).public();
            assert!(found.is_none_or(|entry| !entry.is_signed_by(&key)));
        }
        assert_eq!(decode(&bytes, ActorId::from_bytes([1; 16]), &NO_HASH), None);
        assert_eq!(decode(&bytes, EAST, &[1; 32]), None);
    }

    #[test]
    fn a_length_beyond_the_limit_is_no_entry() {
        assert_eq!(entry_len(&[0, 0, 16, 0]), Some(FRAME_LEN + PAYLOAD_LEN_MAX));
        assert_eq!(entry_len(&[1, 0, 16, 0]), None);
        assert_eq!(decode(&[0xff; 200], EAST, &NO_HASH), None);
    }
}
