//! Little on disk that claims, or becomes, a lot.

use std::fs::File;
use std::io::Write;
use std::sync::Arc;

use selkie_store::{
    Canonical, ChunkList, ChunksId, Content, Kind, ObjectId, OsDisk, Parts, SimDisk, Store, Tree,
    verify,
};

use crate::forge::{Forge, RAW, ZSTD, sealed};
use crate::{alone, peak_of};

const MIB: usize = 1 << 20;

fn open(disk: &SimDisk) -> Store {
    Store::open(Arc::new(disk.clone())).expect("it opens")
}

fn id(number: u8) -> ObjectId {
    ObjectId::from_bytes([number; 32])
}

/// Reading the only object of the pack fails within the memory.
fn is_refused_within(forge: Forge, memory: usize) {
    let disk = SimDisk::default();
    forge.plant(&disk);
    let (read, peak) = peak_of(|| open(&disk).read(&id(1)).map(|_| ()));
    assert!(read.is_err());
    assert!(peak < memory, "{peak} bytes");
}

/// A frame of so many zeros.
fn frame_of_zeros(mib: usize) -> Vec<u8> {
    let mut frame = zstd::Encoder::new(Vec::new(), 1).expect("there is memory");
    (0..mib).try_for_each(|_| frame.write_all(&vec![0; MIB])).expect("there is memory");
    frame.finish().expect("there is memory")
}

#[test]
fn a_frame_that_holds_more_than_its_record_says_is_not_unpacked_further() {
    let _alone = alone();
    let frame = frame_of_zeros(512);
    assert!(frame.len() < 64 << 10);
    let mut forge = Forge::new();
    let block = forge.block(ZSTD, 0, &frame, 100 << 10);
    forge.object(id(1), 1, block, 0, 100 << 10);
    is_refused_within(forge, MIB);
}

#[test]
fn a_record_that_says_more_than_its_frame_holds_costs_one_object_at_most() {
    let _alone = alone();
    let mut forge = Forge::new();
    let block = forge.block(ZSTD, 0, &frame_of_zeros(0), 64 << 20);
    forge.object(id(1), 1, block, 0, 64 << 20);
    is_refused_within(forge, 65 * MIB);
}

#[test]
fn claims_beyond_the_limits_are_refused_before_anything_is_read() {
    let _alone = alone();
    for (stored_len, raw_len, codec) in [
        (10, u32::MAX, ZSTD),
        (10, (64 << 20) + 1, ZSTD),
        (u32::MAX, 100, RAW),
        (100, 10, ZSTD),
        (11, 10, RAW),
    ] {
        let mut forge = Forge::new();
        forge.blob(&[0; 200]);
        let block = forge.claim((5, stored_len), raw_len, codec, 0, [0; 8]);
        forge.object(id(1), 1, block, 0, raw_len);
        is_refused_within(forge, MIB);
    }
}

// Each read of one of them would decode all of them: a pack of a few kilobytes would take hours.
#[test]
fn many_objects_in_one_great_block_are_refused() {
    let _alone = alone();
    let mut forge = Forge::new();
    let block = forge.block(ZSTD, 0, &frame_of_zeros(64), 64 << 20);
    for number in 0..200_u32 {
        forge.object(id(u8::try_from(number).expect("few")), 1, block, number, 1);
    }
    is_refused_within(forge, MIB);
}

/// A file with holes takes no room on disk, however long it is.
fn with_holes(tables: u64, objects: u32) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().expect("a folder for the test");
    std::fs::create_dir(folder.path().join("packs")).expect("there is room");
    let pages = u64::from(objects.div_ceil(90));
    let directory = pages * 40;
    let page = blake3::hash(&[0; 4050]);
    let (id, footer) = {
        let mut hasher = blake3::Hasher::new_derive_key("selkie 1 pack");
        for _ in 0..pages {
            hasher.update(&[0; 32]).update(&page.as_bytes()[..8]);
        }
        let counts =
            [&tables.to_le_bytes()[..], &0_u32.to_le_bytes(), &objects.to_le_bytes()].concat();
        (hasher.update(&counts).finalize(), counts)
    };
    let path = folder.path().join(format!("packs/{id}.pack"));
    let mut file = File::create(&path).expect("there is room");
    file.write_all(b"SLKP\x01").expect("there is room");
    let at = tables + u64::from(objects) * 45;
    std::io::Seek::seek(&mut file, std::io::SeekFrom::Start(at)).expect("files are long");
    let mut out = std::io::BufWriter::new(file);
    for _ in 0..directory / 40 {
        out.write_all(&[0; 32]).and_then(|()| out.write_all(&page.as_bytes()[..8])).expect("room");
    }
    out.write_all(&footer).and_then(|()| out.write_all(id.as_bytes())).expect("there is room");
    out.flush().expect("there is room");
    (folder, path)
}

#[test]
fn a_pack_of_holes_costs_its_directory_and_is_one_problem_a_page() {
    let _alone = alone();
    let (folder, _) = with_holes(5, 900_000);
    let (problems, peak) = peak_of(|| {
        let store = Store::open(Arc::new(OsDisk::new(folder.path()))).expect("it opens");
        verify(&store, |_| ()).expect("it can be listed").len()
    });
    assert_eq!(problems, 10_000);
    assert!(peak < 8 * MIB, "{peak} bytes");
}

#[test]
fn a_directory_beyond_the_limit_is_not_read() {
    let _alone = alone();
    let disk = SimDisk::default();
    let mut forge = Forge::new();
    forge.blob(b"fish");
    let mut pack = forge.bytes();
    let counts = pack.len() - 40;
    pack[counts..counts + 8].fill(0xff);
    assert!(sealed(pack.clone()).is_none(), "no file is so long");
    crate::forge::plant(&disk, &pack);
    let (unreadable, peak) = peak_of(|| open(&disk).unreadable().len());
    assert_eq!(unreadable, 1);
    assert!(peak < MIB, "{peak} bytes");
}

/// A tree of so many names, each as short as can be.
fn tree_of(count: u32) -> Vec<u8> {
    let mut bytes = vec![1];
    for number in 0..count {
        let name = format!("{number:08x}");
        bytes.extend([8, 8]);
        bytes.extend(name.as_bytes());
        bytes.extend([0; 5]);
    }
    bytes
}

#[test]
fn a_tree_of_a_million_names_is_read_and_a_larger_one_is_not() {
    let _alone = alone();
    let largest = tree_of(1 << 20);
    let (read, peak) = peak_of(|| Tree::decode(&largest).expect("it keeps the limit").len());
    assert_eq!(read, 1 << 20);
    assert!(peak < 256 * MIB, "{peak} bytes");
    let larger = tree_of((1 << 20) + 1);
    let (read, peak) = peak_of(|| Tree::decode(&larger).is_err());
    assert!(read);
    assert!(peak < 256 * MIB, "{peak} bytes");
}

#[test]
fn a_content_of_many_terabytes_made_of_one_byte_is_read_part_by_part() {
    let _alone = alone();
    let disk = SimDisk::default();
    let mut forge = Forge::new();
    let (mut piece, mut length) = (forge.blob(b"x"), 1_u64);
    for level in 0..5_u8 {
        let list = [
            &[1, level, 0, 2][..],
            &[piece.as_bytes(), &length.to_le_bytes()[..]].concat().repeat(512),
        ];
        let list = list.concat();
        assert!(ChunkList::decode(&list).is_ok());
        (piece, length) = (ObjectId::of(Kind::Chunks, &list), length * 512);
        let count = u32::try_from(list.len()).expect("it is short");
        let block = forge.block(RAW, 0, &list, count);
        forge.object(piece, 2, block, 0, count);
    }
    forge.plant(&disk);
    let store = open(&disk);
    assert_eq!(
        store.load::<ChunkList>(ChunksId::from(piece)).expect("it is there").content_len(),
        length
    );
    let (bytes, peak) = peak_of(|| {
        let parts = Parts::new(&store, Content::Chunked(piece.into()));
        parts.take(3000).map(|part| part.expect("it is there").len()).sum::<usize>()
    });
    assert_eq!(bytes, 3000);
    assert!(peak < MIB, "{peak} bytes");
}

#[test]
fn lists_that_do_not_get_shallower_are_refused() {
    let _alone = alone();
    let disk = SimDisk::default();
    let mut forge = Forge::new();
    let mut piece = forge.blob(b"x");
    for level in [0, 3, 3, 3] {
        let list = [&[1, level, 1, 0][..], piece.as_bytes(), &1_u64.to_le_bytes()].concat();
        piece = ObjectId::of(Kind::Chunks, &list);
        let count = u32::try_from(list.len()).expect("it is short");
        let block = forge.block(RAW, 0, &list, count);
        forge.object(piece, 2, block, 0, count);
    }
    forge.plant(&disk);
    let store = open(&disk);
    assert!(
        Parts::new(&store, Content::Chunked(piece.into())).next().is_some_and(|part| part.is_err())
    );
}
