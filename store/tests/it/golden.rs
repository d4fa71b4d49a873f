//! Files of every format there ever was, byte by byte. Each must be read for ever.
//!
//! The bytes were written once and are not made anew: a later compressor may write others, and still
//! these have to be read. A new version of a format adds a folder to `tests/golden`.

use std::sync::Arc;

use selkie_crdt::ActorId;
use selkie_store::{
    Batch, ChunkList, Content, Disk, Fork, Hint, Kind, Log, Node, ObjectId, Seal, SealId,
    SecretKey, SimDisk, Store, Tree, Voucher, Writer, tidy, verify, voucher,
};

const EAST: ActorId = ActorId::from_bytes([0xea; 16]);
const SEAL: &str = "c6fac9a1bcc969e7eac61157abd36632147fe1791945ae07393bac9ded6a0846";
const RAW: &str = "fe57d8a4b905c25895f5f4e76a8e700fc005125795e0e7595042fb0773d70deb";

/// A store of format 1: a pack with a block of each codec but one, a pack with that one, and a log.
fn of_format_1() -> SimDisk {
    let disk = SimDisk::default();
    for folder in ["packs", "logs"] {
        disk.create_folder(folder).expect("there is room");
    }
    let song = "f44ad31d1a6ebde226c7eb4532233b875cc2e7845817b1386dd35c72b087ed90";
    let noise = "677b7a2410868a2949525cb273012ccbeba1d2c5fdfee6b5b1d7270a6088fe1d";
    write(&disk, "format", b"selkie store 1\n");
    write(&disk, &format!("packs/{song}.pack"), &bytes(include_str!("../golden/1/song.pack.hex")));
    write(
        &disk,
        &format!("packs/{noise}.pack"),
        &bytes(include_str!("../golden/1/noise.pack.hex")),
    );
    write(&disk, &format!("logs/{EAST}.log"), &bytes(include_str!("../golden/1/east.log.hex")));
    disk
}

fn write(disk: &SimDisk, path: &str, bytes: &[u8]) {
    disk.create(path).and_then(|mut file| file.append(bytes)).expect("there is room");
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<_> = hex.chars().filter_map(|digit| digit.to_digit(16)).collect();
    let (pairs, rest) = digits.as_chunks::<2>();
    assert!(rest.is_empty());
    pairs.iter().map(|[high, low]| u8::try_from(high << 4 | low).expect("two digits")).collect()
}

fn open(disk: &SimDisk) -> Store {
    Store::open(Arc::new(disk.clone())).expect("every format is read for ever")
}

/// The objects of format 1, by what their reader wants of them.
fn reads_format_1(store: &Store) {
    let seal: SealId = SEAL.parse::<ObjectId>().expect("an id").into();
    let seal: Seal = store.load(seal).expect("it is there");
    assert!(matches!(voucher(&seal), Ok(Voucher::Key(_))));
    assert_eq!((seal.message.as_str(), seal.author.name.as_str()), ("first\n", "east"));
    assert_eq!(seal.labels["git"], b"x");
    let tree: Tree = store.load(seal.tree).expect("it is there");
    let names: Vec<_> = tree.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["link", "long", "new", "other", "song.txt", "sub", "torn"]);
    let Some(Node::File(Content::Whole(song))) = tree.get("song.txt") else { panic!("{tree:?}") };
    let song = store.read(&song.object()).expect("it is there").bytes;
    assert!(song.starts_with(b"line 1 of the song of the seals\nline 2 of"));
    assert!(song.ends_with(b"line 60 of the song of the seals\n"));
    let Some(Node::File(Content::Chunked(long))) = tree.get("long") else { panic!("{tree:?}") };
    let long: ChunkList = store.load(*long).expect("it is there");
    assert_eq!(long.content_len(), song.len() as u64 + 40);
    let raw = store.read(&RAW.parse().expect("an id")).expect("it is there");
    assert_eq!((raw.kind, raw.bytes.len()), (Kind::Blob, 60));
    assert_eq!(store.ids().expect("the tables are read").len(), 10);
    assert!(verify(store, |_| ()).expect("the packs can be listed").is_empty());
}

#[test]
fn a_store_of_format_1_is_read() {
    reads_format_1(&open(&of_format_1()));
}

#[test]
fn a_log_of_format_1_is_read_and_goes_on() {
    let disk = of_format_1();
    let log = Log::new(Arc::new(disk), EAST);
    let key = SecretKey::from_bytes(&[7; 32]);
    let entries: Vec<_> =
        log.entries().and_then(Iterator::collect).expect("every format is read for ever");
    let payloads: Vec<_> = entries.iter().map(|entry| entry.payload.as_slice()).collect();
    assert_eq!(payloads, [&b"first"[..], b"", b"third"]);
    assert!(entries.iter().all(|entry| entry.is_signed_by(&key.public())));
    assert_eq!(log.append(b"fourth", &key).expect("there is room").position, 4);
}

#[test]
fn a_proof_of_format_1_is_read_and_spelled_as_it_was() {
    let spelled = bytes(include_str!("../golden/1/author.fork.hex"));
    let fork = Fork::from_bytes(&spelled).expect("every format is read for ever");
    let author = Writer::new(SecretKey::from_bytes(&[7; 32]), [1; 16]);
    assert_eq!((fork.replica(), fork.position()), (author.replica(), 3));
    assert_eq!(fork.to_bytes().expect("it was read"), spelled);
}

#[test]
fn packs_of_format_1_are_merged_with_those_of_today() {
    let disk = of_format_1();
    for number in 0..20_u8 {
        let store = open(&disk);
        let batch = Batch::new(&store);
        batch.put(Kind::Blob, &[number], Hint::NONE).expect("there is room");
        batch.finish().expect("there is room");
    }
    tidy(&open(&disk)).expect("every format is read for ever");
    let packs = disk.list("packs").expect("it is there");
    assert!(packs.len() < 8, "{packs:?}");
    let store = open(&disk);
    let seal: SealId = SEAL.parse::<ObjectId>().expect("an id").into();
    assert_eq!(store.load::<Seal>(seal).expect("it is there").message, "first\n");
    assert!(verify(&store, |_| ()).expect("the packs can be listed").is_empty());
}
