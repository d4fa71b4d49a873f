//! A bundle of a stranger, and what must hold whatever is in it.
//!
//! A fuzzer uses this too, so it needs nothing beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use selkie_crdt::Hlc;
use selkie_store::{
    Author, BlobId, ChangeId, Content, Hint, Kind, Name, Node, Seal, SealId, SecretKey, SimDisk,
    Tree, Writer, sign, verify,
};
use selkie_vcs::bundling::{Names, Taken, Wanted, bring, create};
use selkie_vcs::{Attribute, Bare, Bundle, Hand, Move, Named, Repository, spelled};

const KEY: [u8; 32] = [7; 32];

/// Bytes of a bundle before its contents, and behind its parcels.
const HEAD_LEN: usize = 12;
const HASH_LEN: usize = 32;

pub(crate) fn writer(clone: u8) -> Writer {
    Writer::new(SecretKey::from_bytes(&KEY), [clone; 16])
}

pub(crate) fn repository() -> Repository {
    Repository::open(Arc::new(SimDisk::default())).expect("a new one")
}

/// A seal with one file, on top of others.
pub(crate) fn seal(hand: &Hand<'_>, parents: &[SealId], text: &[u8]) -> SealId {
    let batch = hand.batch();
    let id = batch.put(Kind::Blob, text, Hint::NONE).expect("it fits");
    let file = Node::File(Content::Whole(BlobId::from(id)));
    let tree = Tree::from_iter([(Name::new("song").expect("it is one"), file)]);
    let tree = batch.put_value(&tree, Hint::NONE).expect("it fits");
    let seal = Seal {
        tree,
        parents: parents.to_vec(),
        change: ChangeId::from_bytes([text[0]; 16]),
        time: Hlc::from_ms(1 + parents.len() as u64),
        zone_minutes: 0,
        author: Author::default(),
        message: "a verse".to_owned(),
        replaces: BTreeSet::new(),
        labels: BTreeMap::new(),
        signature: None,
    };
    let seal = sign(seal, &SecretKey::from_bytes(&KEY)).expect("it is small");
    let id = batch.put_value(&seal, Hint::NONE).expect("it fits");
    batch.finish().expect("the disk is well");
    id
}

/// Lets timelines end at these seals.
pub(crate) fn name(hand: &mut Hand<'_>, names: &[(&str, SealId)]) {
    let mut operation = hand.operation("seal".to_owned(), hand.desk().clone());
    for (name, seal) in names {
        let (subject, attribute) = (Named::Timeline((*name).to_owned()), Attribute::Heads);
        let before = hand.shared().value(&subject, attribute);
        let after = Some(spelled(&BTreeSet::from([*seal])));
        operation.moves.push(Move { subject, attribute, before, after });
    }
    hand.perform(&operation).expect("the disk is well");
}

/// A bundle of a small history.
pub(crate) fn example() -> Vec<u8> {
    let mut repository = repository();
    let writer = writer(1);
    let mut hand = repository.take(&writer, &Bare, 5).expect("the disk is well");
    let first = seal(&hand, &[], b"la la la");
    let second = seal(&hand, &[first], &b"la li lu ".repeat(300));
    let third = seal(&hand, &[first], b"lu");
    name(&mut hand, &[("main", second), ("other", third)]);
    drop(hand);
    let mut bytes = Vec::new();
    let wanted = Wanted { names: Names::All, without: Vec::new() };
    create(&repository, &wanted, &mut bytes, |_| ()).expect("all is here");
    bytes
}

/// Takes in a bundle, if it lets itself be taken. What came is whole then, and what did not come left no trace.
pub(crate) fn take(bytes: &[u8]) -> Option<Taken> {
    let mut bundle = Bundle::open(bytes).ok()?;
    let mut repository = repository();
    let writer = writer(2);
    let brought = bring(&repository, &mut bundle, &Names::All, |_| ());
    let taken = brought.and_then(|brought| {
        let mut hand = repository.take(&writer, &Bare, 5).expect("the disk is well");
        brought.tell(&mut hand, "take".to_owned())
    });
    let timelines = repository.shared().timelines().count();
    let problems = verify(repository.store(), |_| ()).expect("the disk is well");
    assert!(problems.is_empty(), "{problems:?}");
    let taken = taken.ok();
    assert_eq!(timelines, taken.as_ref().map_or(0, |taken| taken.timelines.len()));
    taken
}

/// The bytes with the hash that they ought to have, which everybody can make.
pub(crate) fn hashed(mut bytes: Vec<u8>) -> Vec<u8> {
    let hash = blake3::Hasher::new_derive_key("selkie 1 bundle").update(&bytes).finalize();
    bytes.extend(hash.as_bytes());
    bytes
}

/// A bundle that says of itself what the example does, with other parcels.
pub(crate) fn with_parcels<'a>(parcels: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    let example = example();
    let length = example[8..HEAD_LEN].try_into().expect("four bytes");
    let mut bytes = example[..HEAD_LEN + u32::from_le_bytes(length) as usize].to_vec();
    for parcel in parcels.filter(|parcel| !parcel.is_empty()) {
        bytes.extend(u32::try_from(parcel.len()).expect("it is short").to_le_bytes());
        bytes.extend(parcel);
    }
    bytes.extend([0; 4]);
    hashed(bytes)
}

/// Whatever somebody makes of a bundle. The first byte says how: the file as it is; parcels, each with a length of one byte before it;
/// or bytes of the example that are others.
pub(crate) fn bundle(bytes: &[u8]) {
    let Some((way, rest)) = bytes.split_first() else { return };
    let made = match way % 3 {
        0 => rest.to_vec(),
        1 => {
            let mut rest = rest;
            with_parcels(std::iter::from_fn(|| {
                let (length, after) = rest.split_first()?;
                let parcel;
                (parcel, rest) = after.split_at(usize::from(*length).min(after.len()));
                Some(parcel)
            }))
        }
        _ => {
            let mut example = example();
            example.truncate(example.len() - HASH_LEN);
            for [low, high, other] in rest.as_chunks().0 {
                let at = usize::from(u16::from_le_bytes([*low, *high])) % example.len();
                example[at] ^= other;
            }
            hashed(example)
        }
    };
    take(&made);
}
