use std::collections::BTreeMap;
use std::time::Duration;

use super::*;
use crate::batch::Hint;
use crate::disk::sim::SimDisk;
use crate::gc::gc;
use crate::kind::Kind;
use crate::verify::verify;

fn store() -> Store {
    Store::open(Arc::new(SimDisk::default())).unwrap()
}

fn noise(number: u64, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    blake3::Hasher::new().update(&number.to_le_bytes()).finalize_xof().fill(&mut bytes);
    bytes
}

/// Versions of some files, each in a batch of its own, and other objects.
fn grow(store: &Store) -> BTreeMap<ObjectId, Vec<u8>> {
    let mut written = BTreeMap::new();
    let mut put = |bytes: &[u8], base| {
        let batch = Batch::new(store);
        let id = batch.put(Kind::Blob, bytes, Hint { path: "a.txt", base }).unwrap();
        batch.finish().unwrap();
        written.insert(id, bytes.to_vec());
        id
    };
    for (file, length) in [(1, 3_000), (2, 40_000), (3, 100_000)] {
        let mut bytes = noise(file, length);
        let first = put(&bytes, None);
        let mut last = first;
        for version in 0..20 {
            bytes[version * 100] ^= 1;
            // Two lines of history, which have the same steps.
            last = put(&bytes, Some(if version == 10 { first } else { last }));
        }
        put(&noise(file + 10, 500), None);
    }
    written
}

fn size(store: &Store) -> u64 {
    store.packs().sound.iter().map(|pack| pack.file_len()).sum()
}

#[test]
fn all_objects_are_in_one_smaller_pack_as_they_were() {
    let store = store();
    let written = grow(&store);
    let before = size(&store);
    let mut last = None;
    assert!(matches!(repack(&store, |at| last = Some(at)).unwrap(), Tidied::Merged(66, _)));
    assert_eq!(last, Some(Progress { done: 66, total: 66 }));
    assert_eq!(store.packs().sound.len(), 1);
    assert!(size(&store) < before - 7_000, "{} of {before}", size(&store));
    assert_eq!(store.ids().unwrap().len(), written.len());
    for (id, bytes) in &written {
        assert_eq!(store.read(id).unwrap().bytes, *bytes);
    }
    assert!(verify(&store, |_| ()).unwrap().is_empty());
}

#[test]
fn what_is_packed_again_stays_as_it_is() {
    let store = store();
    grow(&store);
    repack(&store, |_| ()).unwrap();
    let pack = store.packs().sound[0].id();
    assert_eq!(repack(&store, |_| ()).unwrap(), Tidied::Merged(1, pack));
    assert_eq!(store.packs().sound[0].id(), pack);
}

#[test]
fn no_step_grows_and_steps_fall_along_every_chain() {
    let store = store();
    let written = grow(&store);
    let before: BTreeMap<_, _> =
        written.keys().map(|id| (*id, store.link(id).unwrap().step)).collect();
    repack(&store, |_| ()).unwrap();
    for (id, step) in before {
        let link = store.link(&id).unwrap();
        assert!(link.step <= step, "{id}");
        if let Some(base) = link.base {
            assert!(store.link(&base).unwrap().step < link.step, "{id}");
        }
    }
}

#[test]
fn nobody_packs_while_another_merges() {
    let store = store();
    assert_eq!(repack(&store, |_| ()).unwrap(), Tidied::Nothing);
    let _theirs = Removal::begin(store.disk()).unwrap();
    assert_eq!(repack(&store, |_| ()).unwrap(), Tidied::Elsewhere);
}

// It was an error: a base was looked for among what is kept.
#[test]
fn what_is_made_from_something_condemned_is_written_whole() {
    let disk = SimDisk::default();
    let [east, west] = [0; 2].map(|_| Store::open(Arc::new(disk.clone())).unwrap());
    let put = |batch: &Batch, bytes: &[u8], base| {
        batch.put(Kind::Blob, bytes, Hint { path: "", base }).unwrap()
    };
    let first = Batch::new(&east);
    let mut bytes = noise(1, 20_000);
    let base = put(&first, &bytes, None);
    let root = put(&first, b"root", None);
    first.finish().unwrap();
    // West looks while the base is kept, and writes when it is not.
    let batch = Batch::new(&west);
    put(&batch, b"fish", None);
    gc(&east, Duration::ZERO, 0, || Ok(vec![root]), |_| ()).unwrap();
    bytes[7] ^= 1;
    let id = put(&batch, &bytes, Some(base));
    batch.finish().unwrap();
    assert_eq!(west.link(&id).unwrap().base, Some(base));
    repack(&east, |_| ()).unwrap();
    assert_eq!(east.link(&id).unwrap().base, None);
    assert_eq!(east.read(&id).unwrap().bytes, bytes);
}
