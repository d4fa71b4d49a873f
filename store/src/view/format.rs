//! The bytes of a snapshot, version 1. No other file names an offset.
//!
//! ```text
//! offset  size  field                                     (integers little-endian)
//!      0     4  magic    "SLKV"
//!      4     1  version  1
//!      5     8  time     the latest of any entry
//!     13     4  count    number of logs, n
//!     17   96n  logs     ascending by replica:
//!                  offset  size
//!                       0    16  replica
//!                      16    32  key of the log
//!                      48     8  position of the last entry that was applied
//!                      56    32  its hash
//!                      88     8  where it ends in the file of the log
//! 17+96n        document, as it spells itself
//!             32  BLAKE3 over all before it
//! ```

use std::collections::BTreeMap;

use selkie_crdt::{ActorId, Causal, Doc, Hlc};

use crate::cursor::{Cursor, index};
use crate::log::place::{Head, Place};
use crate::object::key::PublicKey;
use crate::view::fold::{Fold, NOBODY, Track};

const MAGIC: [u8; 4] = *b"SLKV";
const VERSION: u8 = 1;
const LOG_LEN: usize = 16 + 32 + 8 + 32 + 8;
const CHECKSUM_LEN: usize = 32;
const CONTEXT: &str = "selkie 1 view snapshot";

pub(super) fn encode<T: Causal>(fold: &Fold<T>) -> Vec<u8> {
    let mut bytes = [&MAGIC[..], &[VERSION]].concat();
    bytes.extend(fold.time.to_u64().to_le_bytes());
    let count = u32::try_from(fold.logs.len()).expect("fewer replicas than a document numbers");
    bytes.extend(count.to_le_bytes());
    for (replica, Track { place, key }) in &fold.logs {
        bytes.extend(replica.as_bytes());
        bytes.extend(key.as_bytes());
        bytes.extend(place.head.position.to_le_bytes());
        bytes.extend(place.head.hash);
        bytes.extend(place.end.to_le_bytes());
    }
    bytes.extend(fold.doc.to_bytes());
    bytes.extend(checksum(&bytes));
    bytes
}

/// What the bytes hold, if they are a sound snapshot of this version and type.
pub(super) fn decode<T: Causal>(bytes: &[u8]) -> Option<Fold<T>> {
    let (bytes, found) = bytes.split_last_chunk::<CHECKSUM_LEN>()?;
    if *found != checksum(bytes) {
        return None;
    }
    let mut cursor = Cursor::new(bytes);
    if cursor.array().ok()? != MAGIC || cursor.u8().ok()? != VERSION {
        return None;
    }
    let time = Hlc::from_u64(cursor.u64().ok()?);
    let count = index(cursor.u32().ok()?);
    let mut logs = BTreeMap::new();
    let mut table = Cursor::new(cursor.bytes(count.checked_mul(LOG_LEN)?).ok()?);
    while !table.is_empty() {
        let (replica, track) = decode_log(&mut table)?;
        logs.insert(replica, track);
    }
    let doc = Doc::load(NOBODY, cursor.rest()).ok()?;
    Some(Fold::of(doc, logs, time))
}

fn decode_log(table: &mut Cursor) -> Option<(ActorId, Track)> {
    let replica = ActorId::from_bytes(table.array().ok()?);
    let key = PublicKey::from_bytes(table.array().ok()?);
    let head = Head { position: table.u64().ok()?, hash: table.array().ok()? };
    let place = Place { head, end: table.u64().ok()? };
    Some((replica, Track { place, key }))
}

fn checksum(bytes: &[u8]) -> [u8; CHECKSUM_LEN] {
    *blake3::Hasher::new_derive_key(CONTEXT).update(bytes).finalize().as_bytes()
}

#[cfg(test)]
mod tests {
    use selkie_crdt::AwSet;

    use super::*;

    const EAST: ActorId = ActorId::from_bytes([0xea; 16]);

    fn fold() -> Fold<AwSet<u64>> {
        let mut doc = Doc::<AwSet<u64>>::new(EAST);
        doc.edit().add(7);
        doc.take_actor(NOBODY);
        let head = Head { position: 2, hash: [5; 32] };
        let key = PublicKey::from_bytes([3; 32]);
        let track = Track { place: Place { head, end: 300 }, key };
        Fold::of(doc, [(EAST, track)].into(), Hlc::from_u64(9))
    }

    #[test]
    fn a_snapshot_keeps_its_bytes() {
        let expected = [
            &b"SLKV\x01\x09\0\0\0\0\0\0\0\x01\0\0\0"[..],
            &[0xea; 16],
            &[3; 32],
            &[2, 0, 0, 0, 0, 0, 0, 0],
            &[5; 32],
            &[44, 1, 0, 0, 0, 0, 0, 0],
            &fold().doc.to_bytes(),
        ]
        .concat();
        let bytes = encode(&fold());
        assert_eq!(bytes[..bytes.len() - CHECKSUM_LEN], expected);
        let found = decode::<AwSet<u64>>(&bytes).unwrap();
        assert_eq!(encode(&found), bytes);
        assert_eq!((found.logs, found.time), (fold().logs, fold().time));
        assert!(found.doc.root().contains(&7));
    }

    #[test]
    fn a_snapshot_of_another_type_or_with_other_bytes_is_none() {
        let bytes = encode(&fold());
        assert!(decode::<AwSet<String>>(&bytes).is_none());
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert!(decode::<AwSet<u64>>(&changed).is_none(), "{at}");
            assert!(decode::<AwSet<u64>>(&bytes[..at]).is_none(), "{at}");
        }
    }

    #[test]
    fn a_count_that_is_claimed_is_not_believed() {
        let mut bytes = encode(&fold());
        bytes[13..17].copy_from_slice(&[0xff; 4]);
        let end = bytes.len() - CHECKSUM_LEN;
        let sum = checksum(&bytes[..end]);
        bytes[end..].copy_from_slice(&sum);
        assert!(decode::<AwSet<u64>>(&bytes).is_none());
    }
}
