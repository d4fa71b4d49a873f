//! What `archive` packs is what was sealed, whatever program unpacks it, and the same bytes each time.

use std::fs;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn selkie(home: &Path, folder: &Path, args: &[&str]) -> Vec<u8> {
    let done = Command::new(env!("CARGO_BIN_EXE_selkie"))
        .args(args)
        .current_dir(folder)
        .env_clear()
        .env("HOME", home)
        .stdin(Stdio::null())
        .output()
        .expect("the binary runs");
    assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
    done.stdout
}

/// Unpacks with the program that everybody has.
fn unpack(folder: &Path, letters: &str, bytes: &[u8]) {
    fs::create_dir(folder).expect("it can be made");
    let mut tar = Command::new("tar")
        .arg(letters)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .spawn()
        .expect("there is tar");
    tar.stdin.take().expect("it is piped").write_all(bytes).expect("tar reads");
    assert!(tar.wait().expect("tar ends").success());
}

/// Unpacks a zip, where there is a program for it: not every system has one. Its bytes are held by a test beside the code.
fn unzip(folder: &Path, bytes: &[u8]) -> Option<PathBuf> {
    fs::create_dir(folder).expect("it can be made");
    fs::write(folder.join("a.zip"), bytes).expect("it is free");
    let unzip = Command::new("unzip").args(["-q", "a.zip"]).current_dir(folder).status();
    match unzip {
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        ended => {
            assert!(ended.expect("it can be started").success());
            Some(folder.join("song-1"))
        }
    }
}

/// Longer than the head of a file in an archive has place for.
const LONG: &str = "a folder with a name that is so long/and another one in it with another name as long/\
                    and a third one until there is no place for it in the head of a file any more/end";

#[test]
fn what_is_unpacked_is_what_was_sealed() {
    let home = tempfile::tempdir().expect("a folder can be made");
    let here = home.path().join("here");
    fs::create_dir_all(here.join(LONG).parent().expect("it is in one")).expect("it can be made");
    // More than one piece of the store, so that its length is not that of what is read first.
    let large: Vec<u8> =
        (0..500_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    let write = |name: &str, bytes: &[u8]| fs::write(here.join(name), bytes).expect("it is free");
    write(LONG, b"far away");
    write("large", &large);
    write("empty", b"");
    write("run.sh", b"#!/bin/sh\n");
    let may_run = fs::Permissions::from_mode(0o755);
    fs::set_permissions(here.join("run.sh"), may_run).expect("it is ours");
    symlink("run.sh", here.join("link")).expect("links can be made");
    let selkie = |args: &[&str]| selkie(home.path(), &here, args);
    selkie(&["config", "set", "user.name", "Ann"]);
    selkie(&["forge"]);
    selkie(&["gather", "."]);
    selkie(&["seal", "-m", "one"]);

    let plain = selkie(&["archive"]);
    let small = selkie(&["archive", "--format", "tar.gz", "--prefix", "song-1"]);
    assert!(small.len() < plain.len());
    assert_eq!(selkie(&["archive"]), plain, "the same bytes each time");
    let again = selkie(&["archive", "--format", "tar.gz", "--prefix", "song-1"]);
    assert_eq!(again, small, "the same bytes each time");

    let (one, other) = (home.path().join("one"), home.path().join("other"));
    unpack(&one, "x", &plain);
    unpack(&other, "xz", &small);
    let zip = selkie(&["archive", "--format", "zip", "--prefix", "song-1"]);
    assert_eq!(
        selkie(&["archive", "--format", "zip", "--prefix", "song-1"]),
        zip,
        "the same bytes"
    );
    let third = home.path().join("third");
    let folders = [Some(one), Some(other.join("song-1")), unzip(&third, &zip)];
    for folder in folders.into_iter().flatten() {
        for name in [LONG, "large", "empty", "run.sh"] {
            let (was, is) = (fs::read(here.join(name)), fs::read(folder.join(name)));
            assert!(was.expect("it is there") == is.expect("it was unpacked"), "{name}");
        }
        let mode = |name: &str| {
            fs::metadata(folder.join(name)).expect("it was unpacked").permissions().mode() & 0o111
        };
        assert_eq!((mode("run.sh") != 0, mode("empty")), (true, 0));
        let target = fs::read_link(folder.join("link")).expect("it is a link");
        assert_eq!(target, Path::new("run.sh"));
    }
}
