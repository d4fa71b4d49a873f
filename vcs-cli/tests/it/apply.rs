//! What `diff` and `show` write into a file is a patch that git applies.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

/// What the program writes to standard output.
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

/// Lets git apply a patch in a folder. Nothing if there is no git here.
fn apply(folder: &Path, patch: &[u8]) -> Option<()> {
    let mut git = Command::new("git")
        .args(["apply", "--whitespace=nowarn"])
        .current_dir(folder)
        .env("GIT_CEILING_DIRECTORIES", folder.parent().expect("it is in another"))
        .stdin(Stdio::piped())
        .spawn()
        .ok()?;
    git.stdin.take().expect("it is piped").write_all(patch).expect("git reads");
    assert!(git.wait().expect("git ends").success(), "{}", String::from_utf8_lossy(patch));
    Some(())
}

/// The files before.
fn begin(folder: &Path) {
    fs::create_dir_all(folder.join("deep")).expect("it can be made");
    let write = |name: &str, text: &[u8]| fs::write(folder.join(name), text).expect("it is free");
    write("plain.txt", b"one\ntwo\nthree\n");
    write("no newline", b"one\ntwo");
    write("deep/blank and \"quotes\"", b"x\n");
    write("latin.txt", b"caf\xe9\r\nth\xe9\r\n");
    write("run.sh", b"#!/bin/sh\n");
    write("gone.txt", b"gone\n");
    write("link or not", b"file\n");
    write("é.txt", b"many\nlines\nstay\n");
}

/// What is done to them.
fn change(folder: &Path) {
    let write = |name: &str, text: &[u8]| fs::write(folder.join(name), text).expect("it is there");
    write("plain.txt", b"one\n2\nthree\nfour");
    write("no newline", b"one\ntwo\nthree\n");
    write("deep/blank and \"quotes\"", b"y\n");
    write("latin.txt", b"caf\xe9\nth\xe9\r\n\x1b[31m\n");
    let may_run = fs::Permissions::from_mode(0o755);
    fs::set_permissions(folder.join("run.sh"), may_run).expect("it is ours");
    fs::remove_file(folder.join("gone.txt")).expect("it is there");
    fs::remove_file(folder.join("link or not")).expect("it is there");
    symlink("plain.txt", folder.join("link or not")).expect("links can be made");
}

/// Every file with its mode and bytes; of a link its target.
fn files(folder: &Path) -> BTreeMap<String, (bool, Vec<u8>)> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inner) = folders.pop() {
        for entry in fs::read_dir(inner).expect("the folder is there") {
            let path = entry.expect("it can be listed").path();
            let meta = fs::symlink_metadata(&path).expect("it is there");
            if meta.is_dir() {
                folders.extend((!path.ends_with(".selkie")).then_some(path));
                continue;
            }
            let bytes = match fs::read_link(&path) {
                Ok(target) => target.into_os_string().into_encoded_bytes(),
                Err(_) => fs::read(&path).expect("it can be read"),
            };
            let runs = !meta.is_symlink() && meta.permissions().mode() & 0o100 != 0;
            found.insert(
                path.strip_prefix(folder).expect("it is below").display().to_string(),
                (runs, bytes),
            );
        }
    }
    found
}

#[test]
fn git_makes_of_the_old_files_what_the_new_ones_are() {
    let home = tempfile::tempdir().expect("a folder can be made");
    let (ours, copy) = (home.path().join("ours"), home.path().join("copy"));
    begin(&ours);
    begin(&copy);
    let selkie = |args: &[&str]| selkie(home.path(), &ours, args);
    selkie(&["config", "set", "user.name", "Ann"]);
    selkie(&["forge"]);
    selkie(&["gather", "."]);
    selkie(&["seal", "-m", "before"]);
    change(&ours);
    let of_files = selkie(&["diff"]);
    if apply(&copy, &of_files).is_none() {
        return;
    }
    assert_eq!(files(&copy), files(&ours));

    // A seal tells the same, and renames besides.
    fs::rename(ours.join("é.txt"), ours.join("deep/ê.txt")).expect("it is there");
    selkie(&["gather", "."]);
    let gathered = selkie(&["diff", "--gathered"]);
    selkie(&["seal", "-m", "after"]);
    let shown = selkie(&["show"]);
    assert!(shown.ends_with(&gathered));
    let other = home.path().join("other");
    begin(&other);
    apply(&other, &shown);
    assert_eq!(files(&other), files(&ours));
}
