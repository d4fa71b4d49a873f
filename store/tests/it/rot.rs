//! Bytes change behind the store's back.

use std::sync::Arc;

use selkie_store::{Loss, Object, ObjectId, SimDisk, Store, repair, verify};

use crate::story::{Acknowledged, live};

/// Some packs, with deltas to one another.
fn grown() -> (SimDisk, Vec<Acknowledged>) {
    let disk = SimDisk::default();
    let acknowledged = live(&disk, 3);
    (disk, acknowledged)
}

/// What reading every object of a sound store gives.
type Truth = Vec<(ObjectId, Vec<u8>)>;

fn truth(disk: &SimDisk) -> Truth {
    let store = Store::open(Arc::new(disk.clone())).expect("it is sound");
    let ids = store.ids().expect("it is sound");
    let read = |(id, _): &(ObjectId, _)| (*id, store.read(id).expect("it is sound").bytes);
    ids.iter().map(read).collect()
}

/// The rot is noticed, and no read gives other bytes than were written.
fn noticed(disk: &SimDisk, truth: &Truth) -> Result<(), String> {
    let Ok(store) = Store::open(Arc::new(disk.clone())) else { return Ok(()) };
    for (id, bytes) in truth {
        if store.read(id).is_ok_and(|object| object.bytes != *bytes) {
            return Err(format!("{id} reads as other bytes"));
        }
    }
    let problems = verify(&store, |_| ()).map_err(|error| error.to_string())?;
    if problems.is_empty() { Err("verify finds nothing".to_owned()) } else { Ok(()) }
}

fn each_file(change: impl Fn(&[u8]) -> Vec<Vec<u8>>) {
    let (disk, _) = grown();
    let truth = truth(&disk);
    for path in disk.paths() {
        let sound = disk.bytes(&path).expect("it is listed");
        if sound.is_empty() {
            continue; // The lock file has no bytes that could rot.
        }
        for (number, rotten) in change(&sound).into_iter().enumerate() {
            disk.rot(&path, rotten);
            assert_eq!(noticed(&disk, &truth), Ok(()), "{path}, change {number}");
        }
        disk.rot(&path, sound);
    }
}

#[test]
fn every_flipped_byte_is_noticed() {
    each_file(|sound| {
        let flip = |at: usize, mask: u8| {
            let mut rotten = sound.to_vec();
            rotten[at] ^= mask;
            rotten
        };
        (0..sound.len()).flat_map(|at| [flip(at, 0x01), flip(at, 0xff)]).collect()
    });
}

#[test]
fn every_cut_is_noticed() {
    each_file(|sound| (0..sound.len()).map(|length| sound[..length].to_vec()).collect());
}

#[test]
fn what_follows_the_end_is_noticed() {
    each_file(|sound| vec![[sound, b"\0"].concat(), [sound, sound].concat()]);
}

#[test]
fn swapped_files_are_noticed() {
    let (disk, _) = grown();
    let truth = truth(&disk);
    let packs: Vec<_> =
        disk.paths().into_iter().filter(|path| path.starts_with("packs/")).collect();
    let [one, two] = [&packs[0], &packs[1]].map(|path| disk.bytes(path).expect("it is listed"));
    disk.rot(&packs[0], two);
    disk.rot(&packs[1], one);
    assert_eq!(noticed(&disk, &truth), Ok(()));
}

/// A second replica that has everything.
fn twin(disk: &SimDisk) -> Store {
    let twin = disk.crashed(disk.steps(), Loss::Nothing);
    Store::open(Arc::new(twin)).expect("it is sound")
}

#[test]
fn whatever_rots_is_healed_from_a_replica_that_has_it() {
    let (disk, _) = grown();
    let (truth, twin) = (truth(&disk), twin(&disk));
    let wanted: Vec<_> = truth.iter().map(|(id, _)| *id).collect();
    let ask = |id: &ObjectId| -> Option<Object> { twin.read(id).ok() };
    let packs = disk.paths().into_iter().filter(|path| path.starts_with("packs/"));
    for path in packs {
        let sound = disk.bytes(&path).expect("it is listed");
        for at in 0..sound.len() {
            let left = disk.crashed(disk.steps(), Loss::Nothing);
            let mut rotten = sound.clone();
            rotten[at] ^= 0xff;
            left.rot(&path, rotten);
            let Ok(store) = Store::open(Arc::new(left.clone())) else {
                assert_eq!(at, 4, "only the version decides that a store is not ours to touch");
                continue;
            };
            let repaired = repair(&store, &wanted, ask).expect("the disk is well");
            assert!(repaired.lost.is_empty(), "{path} {at} {repaired:?}");
            let store = Store::open(Arc::new(left)).expect("it is repaired");
            let whole = truth
                .iter()
                .all(|(id, bytes)| store.read(id).is_ok_and(|object| object.bytes == *bytes));
            assert!(whole, "{path} {at}");
            let problems = verify(&store, |_| ()).expect("the disk is well");
            assert!(problems.is_empty(), "{path} {at}: {problems:?}");
        }
    }
}
