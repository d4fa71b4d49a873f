//! What holds on every disk.

use super::*;
use crate::disk::os::OsDisk;
use crate::disk::sim::SimDisk;

fn on_every_disk(check: impl Fn(&dyn Disk)) {
    check(&SimDisk::default());
    let folder = tempfile::tempdir().unwrap();
    check(&OsDisk::new(folder.path()));
}

fn content(file: &dyn DiskFile) -> Vec<u8> {
    let mut bytes = vec![0; usize::try_from(file.size().unwrap()).unwrap()];
    file.read_at(0, &mut bytes).unwrap();
    bytes
}

#[test]
fn bytes_are_read_where_they_were_written() {
    on_every_disk(|disk| {
        disk.create_folder("a/b").unwrap();
        disk.create_folder("a/b").unwrap();
        let mut file = disk.create("a/b/c").unwrap();
        file.append(b"har").unwrap();
        file.append(b"bour").unwrap();
        let mut middle = [0; 3];
        file.read_at(2, &mut middle).unwrap();
        assert_eq!(&middle, b"rbo");
        let past = file.read_at(6, &mut middle).unwrap_err();
        assert_eq!(past.kind(), io::ErrorKind::UnexpectedEof);
    });
}

#[test]
fn a_renamed_file_is_found_under_its_new_name_alone() {
    on_every_disk(|disk| {
        disk.create("old").unwrap().append(b"x").unwrap();
        disk.create("new").unwrap().append(b"y").unwrap();
        disk.rename("old", "new").unwrap();
        assert_eq!(disk.list("").unwrap(), ["new"]);
        assert_eq!(content(&*disk.open("new").unwrap()), b"x");
    });
}

#[test]
fn a_removed_file_stays_readable_where_it_is_open() {
    on_every_disk(|disk| {
        disk.create("file").unwrap().append(b"x").unwrap();
        let open = disk.open("file").unwrap();
        disk.remove("file").unwrap();
        assert_eq!(content(&*open), b"x");
        assert_eq!(disk.open("file").unwrap_err().kind(), io::ErrorKind::NotFound);
    });
}

#[test]
fn a_file_is_made_once() {
    on_every_disk(|disk| {
        disk.create("file").unwrap();
        assert_eq!(disk.create("file").unwrap_err().kind(), io::ErrorKind::AlreadyExists);
    });
}

#[test]
fn a_file_is_abandoned_when_its_writer_is_gone() {
    on_every_disk(|disk| {
        let writer = disk.create("file").unwrap();
        disk.remove_abandoned("file").unwrap();
        assert_eq!(disk.list("").unwrap(), ["file"]);
        drop(writer);
        disk.remove_abandoned("file").unwrap();
        assert_eq!(disk.list("").unwrap(), [""; 0]);
    });
}

#[test]
fn a_locked_file_has_one_holder() {
    on_every_disk(|disk| {
        let mut held = disk.open_locked("log").unwrap();
        held.append(b"1").unwrap();
        assert!(disk.try_open_locked("log").unwrap().is_none());
        drop(held);
        let mut next = disk.try_open_locked("log").unwrap().expect("the lock is free");
        next.append(b"2").unwrap();
        next.truncate(1).unwrap();
        next.append(b"3").unwrap();
        next.sync().unwrap();
        disk.sync_folder("").unwrap();
        assert_eq!(content(&*next), b"13");
    });
}
