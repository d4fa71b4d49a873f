use std::sync::Arc;

use super::*;
use crate::disk::sim::SimDisk;
use crate::store::Object;
use crate::store::error::ReadError;

fn store() -> Store {
    Store::open(Arc::new(SimDisk::default())).unwrap()
}

/// Text that resembles nothing with another number.
fn noise(number: u32, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    blake3::Hasher::new().update(&number.to_le_bytes()).finalize_xof().fill(&mut bytes);
    bytes
}

fn put_alone(store: &Store, bytes: &[u8], base: Option<ObjectId>) -> ObjectId {
    let batch = Batch::new(store);
    let id = batch.put(Kind::Blob, bytes, Hint { path: "", base }).unwrap();
    batch.finish().unwrap();
    id
}

#[test]
fn what_was_put_is_read() {
    let store = store();
    let objects: Vec<_> = (0..500).map(|n| noise(n, n as usize * 37)).collect();
    let batch = Batch::new(&store);
    let put = |(n, bytes): (usize, &Vec<u8>)| {
        let path = ["a.rs", "b.txt", "Makefile"][n % 3];
        batch.put(Kind::Blob, bytes, Hint { path, base: None }).unwrap()
    };
    let ids: Vec<_> = objects.iter().enumerate().map(put).collect();
    batch.finish().unwrap();
    let other_process = Store::open(store.disk().clone()).unwrap();
    for (id, bytes) in ids.iter().zip(objects) {
        assert_eq!(store.read(id).unwrap(), Object { kind: Kind::Blob, bytes: bytes.clone() });
        assert_eq!(other_process.read(id).unwrap().bytes, bytes);
    }
}

#[test]
fn nothing_is_seen_of_a_batch_before_it_is_finished() {
    let store = store();
    let batch = Batch::new(&store);
    let id = batch.put(Kind::Blob, b"fish", Hint::NONE).unwrap();
    assert!(matches!(store.read(&id), Err(ReadError::Absent(_))));
    drop(batch);
    assert!(matches!(store.read(&id), Err(ReadError::Absent(_))));
    assert_eq!(store.disk().list("packs").unwrap(), [""; 0]);
}

#[test]
fn an_object_that_is_there_is_not_written_again() {
    let store = store();
    put_alone(&store, b"fish", None);
    let batch = Batch::new(&store);
    batch.put(Kind::Blob, b"fish", Hint::NONE).unwrap();
    assert_eq!(batch.finish().unwrap(), None);
}

#[test]
fn a_pack_of_another_process_is_seen_by_the_next_reader() {
    let ours = store();
    let theirs = Store::open(ours.disk().clone()).unwrap();
    let id = put_alone(&theirs, b"fish", None);
    assert_eq!(ours.read(&id).unwrap().bytes, b"fish");
}

#[test]
fn a_version_like_the_one_before_takes_little_room() {
    let store = store();
    let mut bytes = noise(1, 40_000);
    let mut last = put_alone(&store, &bytes, None);
    for version in 0_u16..300 {
        bytes[usize::from(version) * 100] ^= 1;
        last = put_alone(&store, &bytes, Some(last));
        assert_eq!(store.link(&last).unwrap().step, version + 1);
    }
    let packs = store.packs();
    let size: u64 = packs.sound.iter().map(|pack| pack.file_len()).sum();
    assert!(size < 40_000 + 300 * 500, "{size}");
    assert_eq!(store.read(&last).unwrap().bytes, bytes);
}

#[test]
fn a_long_chain_of_versions_is_not_deep() {
    let store = store();
    let batch = Batch::new(&store);
    let mut bytes = noise(1, 2_000);
    let mut last = batch.put(Kind::Blob, &bytes, Hint::NONE).unwrap();
    for version in 0..1100 {
        bytes[version] ^= 1;
        let hint = Hint { path: "", base: Some(last) };
        last = batch.put(Kind::Blob, &bytes, hint).unwrap();
    }
    batch.finish().unwrap();
    let mut deepest = 0;
    for (mut id, _) in store.ids().unwrap() {
        let mut depth = 0;
        while let Some(base) = store.link(&id).unwrap().base {
            id = base;
            depth += 1;
        }
        deepest = deepest.max(depth);
    }
    assert_eq!(deepest, 10, "a step up to 1023 has at most ten bits");
}

#[test]
fn a_hint_that_leads_nowhere_is_no_hint() {
    let store = store();
    let id = put_alone(&store, b"fish", Some(ObjectId::from_bytes([9; 32])));
    assert_eq!(store.read(&id).unwrap().bytes, b"fish");
}

#[test]
fn an_object_is_never_made_from_itself() {
    let store = store();
    let bytes = noise(1, 5_000);
    let id = put_alone(&store, &bytes, None);
    let batch = Batch::new(&store);
    batch.put_again(id, Kind::Blob, &bytes, Hint { path: "", base: Some(id) }).unwrap();
    batch.finish().unwrap();
    assert_eq!(store.link(&id).unwrap(), Link { step: 0, base: None });
}

#[test]
fn small_objects_of_one_seal_share_a_block() {
    let store = store();
    let batch = Batch::new(&store);
    for n in 0..20 {
        batch.put(Kind::Blob, &noise(n, 50), Hint { path: &format!("x.{n}"), base: None }).unwrap();
    }
    batch.put(Kind::Tree, &[1], Hint::NONE).unwrap();
    batch.finish().unwrap();
    assert_eq!(store.packs().sound[0].block_count(), 1);
}

#[test]
fn threads_put_into_one_batch() {
    let store = store();
    let batch = Batch::new(&store);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let batch = &batch;
            scope.spawn(move || {
                // Every object is put by two threads.
                for n in thread / 2 * 300..(thread / 2 + 1) * 300 {
                    batch.put(Kind::Blob, &noise(n, 700), Hint::NONE).unwrap();
                }
            });
        }
    });
    batch.finish().unwrap();
    let ids = store.ids().unwrap();
    assert_eq!(ids.len(), 600);
    assert!(ids.iter().all(|(id, _)| store.read(id).is_ok()));
}

#[test]
fn an_object_that_is_too_long_is_refused() {
    let store = store();
    let batch = Batch::new(&store);
    let put = |kind, length| batch.put(kind, &vec![0; length], Hint::NONE);
    assert!(matches!(put(Kind::Tree, OBJECT_LEN_MAX + 1), Err(WriteError::Long(_))));
    assert!(matches!(put(Kind::Blob, BLOB_LEN_MAX + 1), Err(WriteError::Uncut(_))));
    assert!(put(Kind::Blob, BLOB_LEN_MAX).is_ok());
}

#[test]
fn short_objects_stand_before_long_ones_in_their_block() {
    let store = store();
    let batch = Batch::new(&store);
    let lengths = [900, 20, 4_000, 300];
    let put = |length: usize| batch.put(Kind::Blob, &noise(7, length), Hint::NONE).unwrap();
    let ids = lengths.map(put);
    batch.finish().unwrap();
    let starts = |store: &Store| {
        let pack = Arc::clone(&store.packs().sound[0]);
        ids.map(|id| pack.find(&id).unwrap().unwrap().start)
    };
    assert_eq!(starts(&store), [320, 0, 1_220, 20]);
    crate::repack::repack(&store, |_| ()).unwrap();
    assert_eq!(starts(&store), [320, 0, 1_220, 20]);
    for (id, length) in ids.iter().zip(lengths) {
        assert_eq!(store.read(id).unwrap().bytes, noise(7, length));
    }
}
