//! Files and folders vanish, or become something else, while a store is open.

use std::fs;

use selkie_store::{LogError, ReadError};

use crate::adversity::{House, key, kind, log, open, problems, put, told};

#[test]
fn a_pack_that_was_removed_is_read_by_who_has_it_open_and_missed_by_the_next() {
    let house = House::new();
    let store = house.store();
    fs::remove_file(&house.pack).expect("it is there");
    assert_eq!(store.read(&house.fish).expect("the file is open").bytes, b"fish");
    store.refresh().expect("the folder is there");
    assert!(matches!(store.read(&house.fish), Err(ReadError::Absent(id)) if id == house.fish));
    assert_eq!(put(&store, b"fish").0, house.fish, "it is written again");
    house.goes_on();
}

#[test]
fn a_log_that_was_removed_is_not_begun_anew_by_who_knows_better() {
    let house = House::new();
    let log = log(&house.folder);
    log.append(b"second", &key()).expect("there is room");
    let aside = house.folder.join("aside");
    fs::rename(&house.log, &aside).expect("it is there");
    let refused = log.append(b"third", &key()).expect_err("a position has one content");
    assert!(matches!(refused, LogError::Lost { seen: 2, found: 0, .. }), "{refused:?}");
    assert!(log.head().is_err() && log.newest_first().is_err());
    let mut entries = log.entries().expect("it is read as far as it goes");
    assert!(matches!(entries.next(), Some(Err(LogError::Lost { seen: 2, found: 0, .. }))));
    assert!(entries.next().is_none());
    fs::rename(&aside, &house.log).expect("it is there");
    assert_eq!(log.append(b"third", &key()).expect("it is back").position, 3);
    house.goes_on();
}

#[test]
fn a_format_file_that_was_removed_is_written_again() {
    let house = House::new();
    let store = house.store();
    fs::remove_file(house.folder.join("format")).expect("it is there");
    assert_eq!(store.read(&house.fish).expect("nothing was lost").bytes, b"fish");
    house.goes_on();
    let says = fs::read_to_string(house.folder.join("format")).expect("it is back");
    assert_eq!(says, "selkie store 1\n");
}

#[test]
fn packs_that_became_a_file_are_an_error_and_are_found_when_they_are_back() {
    let house = House::new();
    let store = house.store();
    let (packs, aside) = (house.folder.join("packs"), house.folder.join("aside"));
    fs::rename(&packs, &aside).expect("it is there");
    fs::write(&packs, b"").expect("the name is free");
    let batch = selkie_store::Batch::new(&store);
    let blob = selkie_store::Kind::Blob;
    let refused = [
        told(&batch.put(blob, b"seal", selkie_store::Hint::NONE).expect_err("there is no folder")),
        told(&store.refresh().expect_err("there is no folder")),
        told(
            &selkie_store::Store::open(crate::adversity::disk(&house.folder))
                .expect_err("no folder"),
        ),
    ];
    for says in refused {
        assert!(says.contains(packs.to_str().expect("a plain name")), "{says}");
    }
    assert_eq!(store.read(&house.fish).expect("the file is open").bytes, b"fish");
    fs::remove_file(&packs).expect("it is there");
    fs::rename(&aside, &packs).expect("it is there");
    house.goes_on();
}

#[test]
fn logs_that_became_a_file_are_no_empty_log() {
    let house = House::new();
    let (logs, aside) = (house.folder.join("logs"), house.folder.join("aside"));
    fs::rename(&logs, &aside).expect("it is there");
    fs::write(&logs, b"").expect("the name is free");
    let fresh = log(&house.folder);
    let refused = [fresh.head().map(|_| ()), fresh.append(b"second", &key()).map(|_| ())];
    for refused in refused {
        let refused = refused.expect_err("there is no folder");
        assert!(told(&refused).contains("logs"), "{}", told(&refused));
        assert_ne!(kind(&refused), Some(std::io::ErrorKind::NotFound));
    }
    fs::remove_file(&logs).expect("it is there");
    fs::rename(&aside, &logs).expect("it is there");
    house.goes_on();
}

#[test]
fn a_pack_that_became_a_folder_is_named_and_the_others_are_read() {
    let house = House::new();
    let (seal, _) = put(&house.store(), b"seal");
    let aside = house.folder.join("aside");
    fs::rename(&house.pack, &aside).expect("it is there");
    fs::create_dir(&house.pack).expect("the name is free");
    let store = open(&house.folder);
    assert_eq!(store.read(&seal).expect("its pack is sound").bytes, b"seal");
    let says = told(&store.read(&house.fish).expect_err("its pack is no file"));
    assert!(says.ends_with("it is no plain file"), "{says}");
    assert_eq!(problems(&store).len(), 1);
    fs::remove_dir(&house.pack).expect("it is there");
    fs::rename(&aside, &house.pack).expect("it is there");
    house.goes_on();
}
