use std::sync::Arc;

use crate::batch::{Batch, Hint};
use crate::content::read::Parts;
use crate::disk::sim::SimDisk;
use crate::limits::BLOB_LEN_MAX;
use crate::object::node::Content;
use crate::store::Store;

fn noise(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    blake3::Hasher::new().finalize_xof().fill(&mut bytes);
    bytes
}

fn put(store: &Store, bytes: &[u8]) -> Content {
    let batch = Batch::new(store);
    let content = batch.put_content(bytes, Hint::NONE).unwrap();
    batch.finish().unwrap();
    content
}

fn size(store: &Store) -> u64 {
    store.packs().sound.iter().map(|pack| pack.file_len()).sum()
}

fn read(store: &Store, content: Content) -> Vec<u8> {
    Parts::new(store, content).collect::<Result<Vec<_>, _>>().unwrap().concat()
}

fn store() -> Store {
    Store::open(Arc::new(SimDisk::default())).unwrap()
}

#[test]
fn contents_of_every_length_come_back() {
    let store = store();
    let bytes = noise(9 << 20);
    for length in [0, 1, BLOB_LEN_MAX, BLOB_LEN_MAX + 1, 5 << 20, bytes.len()] {
        let content = put(&store, &bytes[..length]);
        assert_eq!(matches!(content, Content::Whole(_)), length <= BLOB_LEN_MAX);
        assert!(read(&store, content) == bytes[..length], "{length}");
        let identified = Content::identify(&bytes[..length], &mut Vec::new()).unwrap();
        assert_eq!(identified, content, "{length}");
    }
}

#[test]
fn one_content_has_one_id_on_every_replica() {
    let bytes = noise(3 << 20);
    let content = put(&store(), &bytes);
    assert_eq!(put(&store(), &bytes), content);
    assert_eq!(content.link().1.to_string(), GOLDEN);
}

// Made by another implementation of the same rules.
const GOLDEN: &str = "58b6d444681c2bff18619c6c200fcebe8116374b43cc7f2b73dc1ef468e81bfd";

#[test]
fn a_small_change_of_a_long_content_takes_little_room() {
    let store = store();
    let mut bytes = noise(9 << 20);
    put(&store, &bytes);
    let before = size(&store);
    bytes[5 << 20..][..1024].fill(7);
    put(&store, &bytes);
    assert!(size(&store) - before < 256 << 10);
    let before = size(&store);
    bytes.splice(3 << 20..3 << 20, [8; 1000]);
    let content = put(&store, &bytes);
    assert!(size(&store) - before < 256 << 10);
    assert!(read(&store, content) == bytes);
}
