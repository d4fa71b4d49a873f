//! Objects that are made from objects that are made from objects.

use std::sync::Arc;

use selkie_store::{Kind, ObjectId, ReadError, SimDisk, Store};
use zstd::zstd_safe::CCtx;

use crate::forge::{DELTA, Forge};
use crate::{alone, peak_of};

const MIB: usize = 1 << 20;

fn open(disk: &SimDisk) -> Store {
    Store::open(Arc::new(disk.clone())).expect("it opens")
}

/// Bytes that no compressor makes smaller.
fn noise(number: usize, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    blake3::Hasher::new().update(&(number as u64).to_le_bytes()).finalize_xof().fill(&mut bytes);
    bytes
}

/// A delta of `bytes` after `base`, as it is stored.
fn delta(base: &[u8], bytes: &[u8], name: ObjectId) -> Vec<u8> {
    let mut frame = Vec::with_capacity(zstd::zstd_safe::compress_bound(bytes.len()));
    CCtx::default().compress_using_dict(&mut frame, bytes, base, 1).expect("there is memory");
    [name.as_bytes(), frame.as_slice()].concat()
}

fn add(forge: &mut Forge, id: ObjectId, step: usize, stored: &[u8], length: usize) {
    let length = u32::try_from(length).expect("it is short");
    let block = forge.block(DELTA, u16::try_from(step).expect("few"), stored, length);
    forge.object(id, 1, block, 0, length);
}

/// A chain of deltas: each object is the one before with one byte changed.
fn chain(forge: &mut Forge, depth: usize, length: usize) -> ObjectId {
    let mut bytes = noise(0, 1000).repeat(length / 1000);
    let length = bytes.len();
    let mut id = forge.blob(&bytes);
    for step in 1..=depth {
        let base = bytes.clone();
        bytes[step] ^= 1;
        let next = ObjectId::of(Kind::Blob, &bytes);
        add(forge, next, step, &delta(&base, &bytes, id), length);
        id = next;
    }
    id
}

#[test]
fn a_long_chain_is_read_and_a_longer_one_is_not() {
    let _alone = alone();
    for (depth, is_read) in [(100, true), (128, true), (129, false), (1000, false)] {
        let disk = SimDisk::default();
        let mut forge = Forge::new();
        let last = chain(&mut forge, depth, 2000);
        forge.plant(&disk);
        assert_eq!(open(&disk).read(&last).is_ok(), is_read, "{depth}");
    }
}

#[test]
fn a_long_chain_of_large_objects_takes_the_memory_of_a_few() {
    let _alone = alone();
    let disk = SimDisk::default();
    let mut forge = Forge::new();
    // Too large to be kept when they are decoded, so nothing else is in memory.
    let length = 3_000_000;
    let last = chain(&mut forge, 60, length);
    forge.plant(&disk);
    let store = open(&disk);
    let (read, peak) = peak_of(|| store.read(&last).map(|object| object.bytes.len()));
    assert_eq!(read.expect("it is sound"), length);
    assert!(peak < 4 * length, "{peak} bytes");
}

// Frames were read on the way down, and waited there for their bases.
#[test]
fn frames_do_not_wait_for_their_bases_in_memory() {
    let _alone = alone();
    let disk = SimDisk::default();
    let mut forge = Forge::new();
    let id = |step: usize| ObjectId::of(Kind::Blob, &(step as u64).to_le_bytes());
    for step in 1..=100 {
        let stored = [id(step - 1).as_bytes(), &noise(step, 2 * MIB)[..]].concat();
        add(&mut forge, id(step), step, &stored, 3 * MIB);
    }
    forge.plant(&disk);
    let store = open(&disk);
    let (read, peak) = peak_of(|| store.read(&id(100)).map(|_| ()));
    assert!(read.is_err());
    assert!(peak < 12 * MIB, "{peak} bytes");
}

// Every copy of an object was tried with every copy of its base: 2^60 ways to nothing.
#[test]
fn a_chain_without_its_end_is_tried_once_however_many_copies_there_are() {
    let _alone = alone();
    let disk = SimDisk::default();
    let id = |step: usize| ObjectId::of(Kind::Blob, &(step as u64).to_le_bytes());
    for copy in 0..2_u8 {
        let mut forge = Forge::new();
        forge.blob(&[copy]);
        for step in 1..=60 {
            let stored = [id(step - 1).as_bytes(), &[copy; 10][..]].concat();
            add(&mut forge, id(step), step, &stored, 100);
        }
        forge.plant(&disk);
    }
    assert!(matches!(open(&disk).read(&id(60)), Err(ReadError::Base { .. })));
}

#[test]
fn packs_whose_objects_are_made_from_each_other_are_damage() {
    let _alone = alone();
    let disk = SimDisk::default();
    let [one, two] = [noise(1, 500), noise(2, 500)];
    let [id_one, id_two] = [&one, &two].map(|bytes| ObjectId::of(Kind::Blob, bytes));
    for (id, bytes, base, base_bytes) in
        [(id_one, &one, id_two, &two), (id_two, &two, id_one, &one)]
    {
        let mut forge = Forge::new();
        let base = delta(base_bytes, &bytes[..], base);
        add(&mut forge, id, 1, &[&base[..32], &base[32..300]].concat(), 500);
        forge.plant(&disk);
    }
    let store = open(&disk);
    assert!(store.read(&id_one).is_err() && store.read(&id_two).is_err());
    // An honest copy of one is an end to the circle.
    let mut forge = Forge::new();
    forge.blob(&one);
    forge.plant(&disk);
    assert_eq!(store.read(&id_one).expect("there is a whole copy").bytes, one);
}
