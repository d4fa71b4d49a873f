use super::*;

fn written(disk: &SimDisk, path: &str, bytes: &[u8]) -> Box<dyn DiskFile> {
    let mut file = disk.create(path).unwrap();
    file.append(bytes).unwrap();
    file
}

#[test]
fn what_was_synced_survives_and_nothing_else() {
    let disk = SimDisk::default();
    let mut file = written(&disk, "a", b"kept");
    file.sync().unwrap();
    disk.sync_folder("").unwrap();
    file.append(b" lost").unwrap();
    written(&disk, "b", b"lost");
    let after = disk.crashed(disk.steps(), Loss::Unsynced);
    assert_eq!(after.bytes("a"), Some(b"kept".to_vec()));
    assert_eq!(after.bytes("b"), None);
    let unharmed = disk.crashed(disk.steps(), Loss::Nothing);
    assert_eq!(unharmed.bytes("a"), Some(b"kept lost".to_vec()));
}

#[test]
fn a_name_without_its_bytes_is_possible() {
    let disk = SimDisk::default();
    written(&disk, "a", b"bytes");
    disk.sync_folder("").unwrap();
    assert_eq!(disk.crashed(disk.steps(), Loss::Unsynced).bytes("a"), Some(vec![]));
}

#[test]
fn a_crash_may_keep_a_later_write_without_an_earlier_one() {
    let disk = SimDisk::default();
    let mut file = written(&disk, "a", b"1");
    disk.sync_folder("").unwrap();
    file.append(b"2").unwrap();
    let left = |seed| disk.crashed(disk.steps(), Loss::Some(seed)).bytes("a").unwrap();
    let seen: BTreeSet<_> = (0..100).map(left).collect();
    let all = [&b""[..], b"\0", b"1", b"12", b"\x002"].map(<[u8]>::to_vec);
    assert_eq!(seen, BTreeSet::from(all));
}

#[test]
fn a_lying_disk_loses_what_it_said_was_safe() {
    let disk = SimDisk::default();
    disk.lie(Lie::Files);
    written(&disk, "a", b"bytes").sync().unwrap();
    disk.sync_folder("").unwrap();
    assert_eq!(disk.crashed(disk.steps(), Loss::Unsynced).bytes("a"), Some(vec![]));
}

#[test]
fn a_call_fails_when_it_is_told_to() {
    let disk = SimDisk::default();
    disk.fail(Fault::At(1));
    let mut file = disk.create("a").unwrap();
    assert!(file.append(b"x").is_err());
    file.append(b"y").unwrap();
    assert_eq!(disk.heal(), 3);
    assert_eq!(disk.bytes("a"), Some(b"y".to_vec()));
}

#[test]
fn a_full_disk_takes_a_part() {
    let disk = SimDisk::default();
    disk.fail(Fault::Full(3));
    let mut file = disk.create("a").unwrap();
    let error = file.append(b"four").unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    assert_eq!(disk.bytes("a"), Some(b"fou".to_vec()));
}

#[test]
fn only_a_file_whose_writer_is_gone_is_abandoned() {
    let disk = SimDisk::default();
    let file = written(&disk, "a", b"");
    disk.remove_abandoned("a").unwrap();
    assert_eq!(disk.paths(), ["a"]);
    drop(file);
    disk.remove_abandoned("a").unwrap();
    assert_eq!(disk.paths(), [""; 0]);
}

#[test]
fn a_lost_folder_takes_along_what_was_synced_in_it() {
    let disk = SimDisk::default();
    disk.create_folder("a").unwrap();
    let mut file = disk.create("a/b").unwrap();
    file.append(b"x").unwrap();
    file.sync().unwrap();
    disk.sync_folder("a").unwrap();
    assert_eq!(disk.crashed(disk.steps(), Loss::Unsynced).paths(), [""; 0]);
    disk.sync_folder("").unwrap();
    assert_eq!(disk.crashed(disk.steps(), Loss::Unsynced).paths(), ["a/b"]);
}
