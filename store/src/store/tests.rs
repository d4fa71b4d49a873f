use super::*;
use crate::batch::{Batch, Hint};
use crate::disk::sim::{Fault, SimDisk};
use crate::object::tree::Tree;

fn open(disk: &SimDisk) -> Result<Store, OpenError> {
    Store::open(Arc::new(disk.clone()))
}

fn with_fish() -> (SimDisk, ObjectId, String) {
    let disk = SimDisk::default();
    let store = open(&disk).unwrap();
    let batch = Batch::new(&store);
    let id = batch.put(Kind::Blob, b"fish", Hint::NONE).unwrap();
    let pack = batch.finish().unwrap().unwrap();
    (disk, id, format!("packs/{}", pack.file_name(Standing::Kept)))
}

#[test]
fn a_store_of_a_later_version_is_refused_and_untouched() {
    let (disk, _, _) = with_fish();
    disk.rot("format", b"selkie store 2\n".to_vec());
    let steps = disk.steps();
    assert!(matches!(open(&disk), Err(OpenError::Version(2))));
    assert_eq!(disk.steps(), steps);
}

#[test]
fn a_pack_of_a_later_version_closes_the_store() {
    let (disk, _, pack) = with_fish();
    let mut bytes = disk.bytes(&pack).unwrap();
    bytes[4] = 2;
    disk.rot(&pack, bytes);
    let refused = open(&disk).unwrap_err().to_string();
    assert!(refused.ends_with("has format 2, and this program knows format 1: use a newer one"));
}

#[test]
fn a_folder_that_says_it_is_something_else_is_no_store() {
    let (disk, _, _) = with_fish();
    disk.rot("format", b"a diary\n".to_vec());
    assert!(matches!(open(&disk), Err(OpenError::NoStore(says)) if says == "a diary\n"));
}

#[test]
fn a_store_that_was_half_begun_is_begun_again() {
    let disk = SimDisk::default();
    drop(disk.create("format.tmp").unwrap());
    open(&disk).unwrap();
    assert_eq!(disk.bytes("format"), Some(b"selkie store 1\n".to_vec()));
    open(&disk).unwrap();
}

#[test]
fn a_damaged_pack_is_named_and_the_others_are_read() {
    let (disk, id, pack) = with_fish();
    let store = open(&disk).unwrap();
    let batch = Batch::new(&store);
    let other = batch.put(Kind::Blob, b"seal", Hint::NONE).unwrap();
    batch.finish().unwrap();
    disk.rot(&pack, b"SLKP\x01 and nothing else".to_vec());
    let store = open(&disk).unwrap();
    assert_eq!(store.unreadable().len(), 1);
    assert_eq!(store.read(&other).unwrap().bytes, b"seal");
    assert!(matches!(store.read(&id), Err(ReadError::Unreadable { .. })));
    assert!(!store.has(&id).unwrap(), "so that it is written again");
}

#[test]
fn an_object_of_another_kind_is_not_what_was_asked_for() {
    let (disk, id, _) = with_fish();
    let loaded = open(&disk).unwrap().load::<Tree>(id.into());
    assert!(matches!(loaded, Err(ReadError::Kind { found: Kind::Blob, .. })));
}

#[test]
fn a_disk_that_does_not_answer_is_not_taken_for_rot() {
    let (disk, id, _) = with_fish();
    let store = open(&disk).unwrap();
    disk.fail(Fault::From(0));
    assert!(store.read(&id).is_err());
    let _ = disk.heal();
    assert_eq!(store.read(&id).unwrap().bytes, b"fish");
}

#[test]
fn what_another_process_wrote_is_there_without_asking_twice() {
    let disk = SimDisk::default();
    let [east, west] = [open(&disk).unwrap(), open(&disk).unwrap()];
    let batch = Batch::new(&east);
    let put = |bytes: &[u8]| batch.put(Kind::Blob, bytes, Hint::NONE).unwrap();
    let [fish, seal] = [put(b"fish"), put(b"seal")];
    let nothing = ObjectId::of(Kind::Blob, b"nothing");
    assert_eq!(west.missing([fish, nothing, seal]).unwrap(), [fish, nothing, seal]);
    batch.finish().unwrap();
    assert!(west.has(&seal).unwrap());
    assert_eq!(west.missing([nothing, fish, nothing]).unwrap(), [nothing, nothing]);
}

#[test]
fn many_are_missing_with_one_look_at_the_folder() {
    let (disk, fish, _) = with_fish();
    let store = open(&disk).unwrap();
    let calls = |ids: Vec<ObjectId>| {
        disk.fail(Fault::At(usize::MAX));
        store.missing(ids).unwrap();
        disk.heal()
    };
    let nothing = |number: u8| ObjectId::of(Kind::Blob, &[number]);
    assert_eq!(calls(vec![fish]), 1, "a page of the table");
    assert_eq!(calls(vec![fish; 9]), 0);
    let one = calls(vec![nothing(0)]);
    assert!(one > 0);
    assert_eq!(calls((0..99).map(nothing).collect()), one);
}
