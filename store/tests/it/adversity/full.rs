//! A small file system, filled to the last byte.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;

use selkie_store::{Batch, Hint, Kind, ObjectId};

use crate::adversity::{key, kind, log, open, problems};

/// Where the file system is mounted, in the child that may mount.
const FOLDER: &str = "SELKIE_STORE_TEST_FULL";

/// What the child says once it stands on the small file system.
const READY: &str = "the small file system is there";

const MOUNT: &str = r#"mount -t tmpfs -o size=1m,mode=700 none "$1" && shift && exec "$@""#;

#[test]
fn a_full_disk_is_an_error_and_once_there_is_room_life_goes_on() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        println!("\n{READY}");
        return fill(Path::new(&folder));
    }
    let folder = tempfile::tempdir().expect("a folder for the test");
    let test = "adversity::full::a_full_disk_is_an_error_and_once_there_is_room_life_goes_on";
    // In a namespace of its own anybody may mount, where the system lets them make one.
    let child = Command::new("unshare")
        .args(["-Urm", "sh", "-c", MOUNT, "sh"])
        .arg(folder.path())
        .arg(std::env::current_exe().expect("a test is a program"))
        .args([test, "--exact", "--nocapture"])
        .env(FOLDER, folder.path())
        .output();
    match child {
        Ok(done) if String::from_utf8_lossy(&done.stdout).contains(READY) => {
            assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        }
        refused => println!("skipped, nothing can be mounted here: {refused:?}"),
    }
}

fn fill(folder: &Path) {
    let ballast = folder.join("ballast");
    fs::write(&ballast, vec![1; 200 << 10]).expect("there is room");
    let mut acknowledged = Vec::new();
    let full = loop {
        match put_noise(folder, acknowledged.len()) {
            Ok(id) => acknowledged.push(id),
            Err(error) => break error,
        }
    };
    assert_eq!(kind(&full), Some(ErrorKind::StorageFull));
    let mut entries = 0;
    let full = loop {
        match log(folder).append(&[entries; 3000], &key()) {
            Ok(_) => entries += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(kind(&full), Some(ErrorKind::StorageFull));
    assert!(acknowledged.len() > 20 && entries > 0, "{} {entries}", acknowledged.len());
    are_whole(folder, &acknowledged, entries);

    fs::remove_file(&ballast).expect("it is there");
    acknowledged.push(put_noise(folder, acknowledged.len()).expect("there is room again"));
    log(folder).append(&[entries; 3000], &key()).expect("there is room again");
    are_whole(folder, &acknowledged, entries + 1);
}

fn put_noise(folder: &Path, number: usize) -> Result<ObjectId, selkie_store::WriteError> {
    let store = open(folder);
    let batch = Batch::new(&store);
    let id = batch.put(Kind::Blob, &noise(number), Hint::NONE)?;
    batch.finish()?;
    Ok(id)
}

/// Bytes that no compressor makes smaller.
fn noise(number: usize) -> Vec<u8> {
    let mut bytes = vec![0; 20 << 10];
    blake3::Hasher::new()
        .update(&[u8::try_from(number).expect("few")])
        .finalize_xof()
        .fill(&mut bytes);
    bytes
}

fn are_whole(folder: &Path, acknowledged: &[ObjectId], entries: u8) {
    let store = open(folder);
    for (number, id) in acknowledged.iter().enumerate() {
        assert!(store.read(id).expect("it was acknowledged").bytes == noise(number));
    }
    assert_eq!(problems(&store), [""; 0]);
    let found = crate::adversity::entries(folder).expect("they were acknowledged");
    assert!(found.iter().map(|entry| entry.payload[0]).eq(0..entries));
    let names = fs::read_dir(folder.join("packs")).expect("it is there");
    let names = names.map(|entry| entry.expect("it is there").file_name());
    assert!(names.into_iter().all(|name| name.to_string_lossy().ends_with(".pack")));
}
