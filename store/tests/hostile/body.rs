//! What each fuzz target does with the bytes of a stranger.
//!
//! A fuzzer calls these, and so do the tests beside this file, with examples that they change from a
//! seed. None may panic, hang, or take more memory than the largest object allows.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::sync::{Arc, LazyLock};

use selkie_crdt::{ActorId, AwSet, Hlc};
use selkie_store::{
    Action, Bases, Batch, Canonical, ChunkList, ChunksId, Coded, Conflict, Content, Disk, Fork,
    Gap, Head, Hint, Kind, Log, Name, ObjectId, Parcels, Parts, Problem, PublicKey, RepoPath, Seal,
    SecretKey, Signature, SimDisk, Store, Tree, View, Writer, decode, encode, links, tidy, verify,
};
use serde::{Deserialize, Serialize};

use crate::forge::{Forge, entry, plant, sealed};

/// The first byte says which kind of object the others are.
pub(crate) fn object(bytes: &[u8]) {
    let Some((kind, bytes)) = bytes.split_first() else { return };
    match kind % 4 {
        0 => one_spelling::<ChunkList>(bytes),
        1 => one_spelling::<Tree>(bytes),
        2 => one_spelling::<Seal>(bytes),
        _ => one_spelling::<Conflict>(bytes),
    }
}

fn one_spelling<T: Canonical>(bytes: &[u8]) {
    let value = T::decode(bytes);
    assert_eq!(links(T::KIND, bytes).is_ok(), value.is_ok());
    if let Ok(value) = value {
        assert_eq!(value.encode().as_deref(), Ok(bytes), "one value has one spelling");
    }
}

/// A parcel for a store that has one object, which others may be differences to.
pub(crate) fn parcel(bytes: &[u8]) {
    let store = Store::open(Arc::new(SimDisk::default())).expect("a new one");
    let batch = Batch::new(&store);
    batch.put(Kind::Blob, &b"many fish ".repeat(40), Hint::NONE).expect("it fits");
    batch.finish().expect("it can be written");
    let batch = Batch::new(&store);
    let arrived = batch.take(bytes);
    batch.finish().expect("what came of a refused parcel is sound too");
    reads_right(&store);
    for arrival in arrived.into_iter().flatten() {
        assert!(store.has(&arrival.id).expect("the folder can be listed"), "it came");
    }
    // What it links to is for the caller to look for.
    let problems = verify(&store, |_| ()).expect("the folder can be listed");
    assert!(problems.iter().all(|p| matches!(p, Problem::Missing { .. } | Problem::Forged(_))));
}

/// A parcel of each form.
pub(crate) fn parcel_examples() -> Vec<Vec<u8>> {
    let store = Store::open(Arc::new(SimDisk::default())).expect("a new one");
    let batch = Batch::new(&store);
    let mut ids = BTreeSet::new();
    let mut base = None;
    for number in 0..6_u8 {
        let bytes = [&b"many fish ".repeat(40)[..], &[number; 9]].concat();
        let id = batch.put(Kind::Blob, &bytes, Hint { path: "", base }).expect("it fits");
        base = Some(id);
        ids.insert(id);
    }
    let long: Vec<u8> = (0..9_000_u32).flat_map(u32::to_le_bytes).collect();
    ids.insert(batch.put(Kind::Blob, &long, Hint::NONE).expect("it fits"));
    batch.finish().expect("it can be written");
    let gap = Gap::of(&store, &ids).expect("all are here");
    let mut examples = Vec::new();
    for bases in [Bases::Before, Bases::Nothing] {
        for piece in gap.pieces() {
            let mut parcels = Parcels::new(&gap, piece, bases).expect("all are here");
            while let Some(parcel) = parcels.next(&store, &gap).expect("all are here") {
                examples.push(parcel.into_bytes());
            }
        }
    }
    examples
}

/// A pack whose sums are made right, among packs of others.
pub(crate) fn pack(bytes: &[u8]) {
    let Some(pack) = sealed(bytes.to_vec()) else { return };
    let disk = SimDisk::default();
    let others: Vec<_> = (0..8_u8)
        .map(|number| {
            let mut other = Forge::new();
            let id = other.blob(&[number; 40]);
            other.plant(&disk);
            (id, number)
        })
        .collect();
    if disk.open(&format!("packs/{}.pack", id_of(&pack))).is_err() {
        plant(&disk, &pack);
    }
    let store = Store::open(Arc::new(disk)).expect("a pack that makes no sense is left out");
    reads_right(&store);
    let problems = verify(&store, |_| ()).expect("the folder can be listed");
    let sound = tidy(&store);
    assert!(sound.is_ok() || !problems.is_empty(), "{sound:?}");
    for (id, number) in others {
        let found = store.read(&id).expect("nobody takes another's objects away");
        assert_eq!(found.bytes, [number; 40]);
    }
}

fn id_of(pack: &[u8]) -> ObjectId {
    ObjectId::from_bytes(*pack.last_chunk().expect("a pack ends with its id"))
}

/// Whatever is read is what its id says.
fn reads_right(store: &Store) {
    for (id, kind) in store.ids().unwrap_or_default().into_iter().take(64) {
        let Ok(object) = store.read(&id) else { continue };
        assert_eq!(ObjectId::of(object.kind, &object.bytes), id);
        if kind == Kind::Chunks {
            Parts::new(store, Content::Chunked(ChunksId::from(id))).take(64).for_each(drop);
        }
    }
}

const EAST: [u8; 16] = [0xea; 16];

/// A log put together as the bytes tell: entries that follow, entries that do not, and anything else.
pub(crate) fn log(recipe: &[u8]) {
    let disk = SimDisk::default();
    disk.create_folder("logs").expect("there is room");
    let path = format!("logs/{}.log", ActorId::from_bytes(EAST));
    let bytes = cook(recipe);
    disk.create(&path).and_then(|mut file| file.append(&bytes)).expect("there is room");
    let open = || Log::new(Arc::new(disk.clone()), ActorId::from_bytes(EAST));
    let next = || open().append(b"next", &SecretKey::from_bytes(&[7; 32]));
    let read = || open().entries().and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let Ok(entries) = read() else {
        // Who adds looks at the end alone, and that may be sound.
        let added = next().is_ok();
        let after = disk.bytes(&path).expect("it was made");
        assert!(after.starts_with(&bytes), "what is damaged is left as it is");
        assert_eq!(after.len() > bytes.len(), added);
        return;
    };
    for (at, entry) in entries.iter().enumerate() {
        assert_eq!(entry.position, at as u64 + 1);
    }
    assert_eq!(open().head().map(|head| head.position).ok(), Some(entries.len() as u64));
    let head =
        open().append(b"next", &SecretKey::from_bytes(&[7; 32])).expect("it can be added to");
    assert_eq!(head.position, entries.len() as u64 + 1);
    let after = read().expect("it was sound before");
    assert_eq!(after[..entries.len()], entries[..], "nothing before it was touched");
}

fn cook(recipe: &[u8]) -> Vec<u8> {
    let mut bytes = [b"SLKL\x01", &EAST[..]].concat();
    let (mut before, mut position, mut rest) = ([0; 32], 1_u64, recipe);
    while let Some((step, after)) = rest.split_first() {
        let (given, after) = after.split_at(after.len().min(usize::from(step >> 3)));
        rest = after;
        match step % 8 {
            // Mostly entries that follow: the rest is only reached behind them.
            0..=3 => {
                let (entry, hash) = entry(&before, EAST, position, given);
                (before, position) = (hash, position + 1);
                bytes.extend(entry);
            }
            4 => bytes.extend(entry(&before, EAST, position + 1, given).0),
            5 => bytes.extend(given),
            6 => {
                let cut = bytes.len().saturating_sub(given.len());
                bytes.truncate(cut);
            }
            _ => {
                let at = given.iter().fold(0, |at, byte| at << 1 ^ usize::from(*byte));
                let at = at % bytes.len().max(1);
                bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1);
            }
        }
    }
    bytes
}

/// What may be a proof that a replica said two things in one place, beside the log of that replica.
pub(crate) fn fork(bytes: &[u8]) {
    if let Ok(fork) = Fork::from_bytes(bytes) {
        assert_eq!(fork.to_bytes().expect("it was decoded"), bytes, "one proof has one spelling");
    }
    let disk = said(&[1, 2]);
    let (replica, head) = (author().replica(), head(&disk));
    let path = format!("logs/{replica}.{:016x}.fork", head.position);
    disk.create(&path).and_then(|mut file| file.append(bytes)).expect("there is room");
    let endings = numbers(&disk).endings();
    let end = endings.get(&replica).map(|ending| ending.head().position);
    // Only what was signed twice is proved, whoever wrote the file.
    let is_proof = FORK_EXAMPLES.iter().any(|proof| proof == bytes);
    assert_eq!(end, is_proof.then_some(head.position - 1));
    assert_eq!(disk.bytes(&path).as_deref(), Some(bytes), "it is left as it is");
}

/// All proofs that the author said two things in the last place, of three.
pub(crate) static FORK_EXAMPLES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let before = head(&said(&[1]));
    let last = |number| {
        let log = Log::new(Arc::new(said(&[1, number])), author().replica());
        log.entries().expect("it is sound").last().expect("it says something").expect("it is sound")
    };
    let proof = |(one, other)| {
        let fork = Fork::of(author().binding(), before, &last(one), &last(other));
        fork.expect("both are signed").to_bytes().expect("it is short")
    };
    [(2, 3), (4, 2), (3, 4)].map(proof).to_vec()
});

fn author() -> Writer {
    Writer::new(SecretKey::from_bytes(&[7; 32]), [1; 16])
}

fn numbers(disk: &SimDisk) -> View<AwSet<u64>> {
    let store = Store::open(Arc::new(disk.clone())).expect("it is sound");
    View::open(Arc::new(store), |_, _| {}).expect("what is no proof is left out")
}

fn head(disk: &SimDisk) -> Head {
    Log::new(Arc::new(disk.clone()), author().replica()).head().expect("it is sound")
}

/// A disk on which the author added these numbers, one by one.
fn said(all: &[u64]) -> SimDisk {
    let disk = SimDisk::default();
    let mut view = numbers(&disk);
    for number in all {
        let action = Action { time: Hlc::from_ms(*number), note: "add", roots: &[] };
        let added = view.edit(&author(), action, |mut numbers| {
            numbers.add(*number);
            Ok::<_, Infallible>(())
        });
        added.expect("there is room");
    }
    disk
}

/// A value with something of all that values are made of.
#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Note {
    number: u64,
    less: i32,
    words: BTreeMap<String, u8>,
    list: Vec<Option<u32>>,
    bytes: Vec<u8>,
    choice: Choice,
}

#[derive(Debug, Deserialize, PartialEq, Serialize)]
enum Choice {
    None,
    One(u16),
    Both { id: [u8; 4], last: bool },
}

impl Coded for Note {
    const VERSION: u8 = 1;
    const LEN_MAX: usize = 1 << 20;

    fn is_valid(&self) -> bool {
        self.number != 13
    }
}

pub(crate) fn codec(bytes: &[u8]) {
    if let Ok(note) = decode::<Note>(bytes) {
        assert_eq!(encode(&note).expect("it was decoded"), bytes, "one value has one spelling");
    }
}

/// An example for [`codec`].
pub(crate) fn coded_example() -> Vec<u8> {
    let note = Note {
        number: 70_000,
        less: -5,
        words: [("a".to_owned(), 1), ("bcd".to_owned(), 2)].into(),
        list: vec![None, Some(300)],
        bytes: b"seal".to_vec(),
        choice: Choice::Both { id: [1; 4], last: true },
    };
    encode(&note).expect("it keeps the rules")
}

/// Names, paths, ids and keys.
pub(crate) fn text(bytes: &[u8]) {
    if let Some((key, signed)) = bytes.split_first_chunk::<32>() {
        let key = PublicKey::from_bytes(*key);
        let signature = signed.first_chunk::<64>();
        let holds = signature.is_some_and(|it| key.verifies(signed, &Signature::from_bytes(*it)));
        assert!(!holds, "nobody signs their own signature");
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(name) = Name::new(text) {
        assert_eq!(name.as_str(), text);
        assert!(
            !text.is_empty() && text.len() <= Name::LEN_MAX && !text.contains(['/', '\\', '\0'])
        );
        assert!(![".git", ".selkie"].contains(&name.folded().as_str()) || name.hazard().is_some());
    }
    if let Ok(path) = RepoPath::new(text) {
        let names: Vec<_> =
            path.names().map(|name| Name::new(name).expect("a part is a name")).collect();
        let joined = names.iter().try_fold(RepoPath::default(), |path, name| path.join(name));
        assert_eq!(joined, Ok(path));
    }
    if let Ok(id) = text.parse::<ObjectId>() {
        assert_eq!(id.to_string(), text);
    }
}

/// The file that says which format a store has.
pub(crate) fn format(bytes: &[u8]) {
    let disk = SimDisk::default();
    disk.create("format").and_then(|mut file| file.append(bytes)).expect("there is room");
    let opened = Store::open(Arc::new(disk.clone()));
    assert_eq!(opened.is_ok(), bytes == b"selkie store 1\n");
    assert_eq!(disk.bytes("format").as_deref(), Some(bytes), "it is left as it is");
}
