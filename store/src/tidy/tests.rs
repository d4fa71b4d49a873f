use super::*;
use crate::batch::Hint;
use crate::disk::Disk;
use crate::disk::sim::SimDisk;
use crate::id::ObjectId;
use crate::kind::Kind;
use crate::limits::BLOB_LEN_MAX;
use crate::pack::FOLDER;
use crate::pack::format::Standing;
use crate::store::copies::Link;

fn store() -> (SimDisk, Store) {
    let disk = SimDisk::default();
    let store = Store::open(Arc::new(disk.clone())).unwrap();
    (disk, store)
}

fn noise(number: u64, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    blake3::Hasher::new().update(&number.to_le_bytes()).finalize_xof().fill(&mut bytes);
    bytes
}

fn put(store: &Store, bytes: &[u8], base: Option<ObjectId>) -> ObjectId {
    let batch = Batch::new(store);
    let id = batch.put(Kind::Blob, bytes, Hint { path: "", base }).unwrap();
    batch.finish().unwrap();
    id
}

fn packs(disk: &SimDisk) -> usize {
    let names = disk.list(FOLDER).unwrap();
    names.iter().filter(|name| PackId::from_file_name(name, Standing::Kept).is_some()).count()
}

#[test]
fn runs_end_where_packs_are_twice_as_large_as_all_before() {
    for (sizes, run) in [
        (&[][..], 0),
        (&[5], 0),
        (&[5, 5], 2),
        (&[1, 2, 6, 18], 0),
        (&[1, 1, 100, 1000], 2),
        (&[1, 1, 100, 150, 1000], 4),
    ] {
        assert_eq!(run_to_merge(sizes), run, "{sizes:?}");
    }
}

#[test]
fn many_small_packs_become_few_and_lose_nothing() {
    let (disk, store) = store();
    let mut ids = Vec::new();
    for number in 0..300 {
        ids.push(put(&store, &noise(number, 100), None));
        tidy(&store).unwrap();
        assert!(packs(&disk) < 16, "{} packs after {number} batches", packs(&disk));
    }
    assert_eq!(store.ids().unwrap().len(), 300);
    for (number, id) in (0..).zip(ids) {
        assert_eq!(store.read(&id).unwrap().bytes, noise(number, 100));
    }
}

#[test]
fn small_blocks_are_joined() {
    let (_, store) = store();
    for number in 0..8 {
        put(&store, &noise(number, 100), None);
    }
    assert!(matches!(tidy(&store).unwrap(), Tidied::Merged(8, _)));
    assert_eq!(store.packs().sound[0].block_count(), 1);
}

#[test]
fn deltas_stay_deltas() {
    let (_, store) = store();
    let mut bytes = noise(1, 10_000);
    let mut last = put(&store, &bytes, None);
    for version in 0..20 {
        bytes[version] ^= 1;
        last = put(&store, &bytes, Some(last));
    }
    let link = store.link(&last).unwrap();
    assert!(matches!(tidy(&store).unwrap(), Tidied::Merged(20, _)));
    assert_eq!(store.link(&last).unwrap(), link);
    assert_eq!(store.read(&last).unwrap().bytes, bytes);
}

#[test]
fn of_two_copies_the_one_with_the_least_step_stays() {
    // Copies that name each other as base would become a cycle if the plain ones were dropped.
    let (_, store) = store();
    let [one, two] = [noise(1, 5_000), [noise(1, 5_000), noise(2, 9)].concat()];
    let first = put(&store, &one, None);
    let second = put(&store, &two, Some(first));
    let plain = Batch::new(&store);
    plain.heal(Kind::Blob, &two).unwrap();
    plain.finish().unwrap();
    for number in 10..16 {
        put(&store, &noise(number, 5_000), None);
    }
    assert!(matches!(tidy(&store).unwrap(), Tidied::Merged(9, _)));
    assert_eq!(store.link(&second).unwrap(), Link { step: 0, base: None });
    assert_eq!(store.read(&second).unwrap().bytes, two);
}

#[test]
fn a_damaged_pack_does_not_keep_the_others_from_being_merged() {
    let (disk, store) = store();
    let ids: Vec<_> = (0..9).map(|number| put(&store, &noise(number, 20_000), None)).collect();
    let damaged = store.packs().sound[0].id();
    let path = format!("{FOLDER}/{}", damaged.file_name(Standing::Kept));
    let mut bytes = disk.bytes(&path).unwrap();
    bytes[100] ^= 1;
    disk.rot(&path, bytes);
    assert!(matches!(tidy(&store).unwrap(), Tidied::Merged(8, _)));
    assert!(disk.bytes(&path).is_some(), "it stays for a repair");
    assert_eq!(ids.iter().filter(|id| store.read(id).is_ok()).count(), 8);
}

#[test]
fn what_dead_writers_left_is_removed_and_what_the_living_write_is_not() {
    let (disk, store) = store();
    drop(disk.create("packs/dead.tmp").unwrap());
    let _living = disk.create("packs/living.tmp").unwrap();
    tidy(&store).unwrap();
    assert!(disk.bytes("packs/dead.tmp").is_none());
    assert!(disk.bytes("packs/living.tmp").is_some());
}

#[test]
fn one_process_tidies_at_a_time() {
    let (_, store) = store();
    let _theirs = Removal::begin(store.disk()).unwrap();
    assert_eq!(tidy(&store).unwrap(), Tidied::Elsewhere);
}

#[test]
fn a_reader_that_knows_the_old_packs_goes_on() {
    let (disk, store) = store();
    let ids: Vec<_> = (0..8).map(|number| put(&store, &noise(number, 50), None)).collect();
    let reader = Store::open(Arc::new(disk)).unwrap();
    tidy(&store).unwrap();
    for id in ids {
        reader.read(&id).unwrap();
    }
}

#[test]
fn in_passing_large_packs_are_left_and_few_packs_cost_nothing() {
    let (disk, store) = store();
    let large = || 2 * usize::try_from(PASSING_LEN_MAX).unwrap();
    for number in 0..12 {
        let batch = Batch::new(&store);
        let length = if number < 9 { large() / 4 } else { large() };
        for chunk in noise(number, length).chunks(BLOB_LEN_MAX) {
            batch.put(Kind::Blob, chunk, Hint::NONE).unwrap();
        }
        batch.finish().unwrap();
    }
    let merged = tidy_in_passing(&store).unwrap();
    assert!(matches!(merged, Tidied::Merged(9, _)), "{merged:?}");
    assert_eq!(packs(&disk), 4);
    let steps = disk.steps();
    assert_eq!(tidy_in_passing(&store).unwrap(), Tidied::Nothing);
    assert_eq!(disk.steps(), steps);
}
