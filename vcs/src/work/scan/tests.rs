use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};

use super::*;
use crate::work::status::AskedIgnored;
use crate::work::trial::{Copy, LATER};

fn sealed<const N: usize>(files: [(&str, &str); N]) -> Copy {
    let mut copy = Copy::new();
    files.iter().for_each(|(path, text)| copy.write(path, text));
    copy.seal();
    copy
}

#[test]
fn each_change_has_its_letter() {
    let files = ["edited", "resized", "gone", "link", "run", "dir", "in/a", "in/b", "same"];
    let mut copy = Copy::new();
    files.iter().for_each(|path| copy.write(path, "text"));
    copy.seal();
    assert_eq!(copy.status(), [""; 0]);
    copy.write("edited", "TEXT");
    copy.write("resized", "longer text");
    copy.remove("gone");
    copy.remove("link");
    symlink("text", copy.path("link")).unwrap();
    fs::set_permissions(copy.path("run"), fs::Permissions::from_mode(0o755)).unwrap();
    copy.remove("dir");
    copy.write("dir/inside", "");
    fs::remove_dir_all(copy.path("in")).unwrap();
    copy.write("same", "text");
    let expected = [
        "D dir",
        "M edited",
        "D gone",
        "D in/a",
        "D in/b",
        "T link",
        "M resized",
        "X run",
        "? dir/",
    ];
    assert_eq!(copy.status(), expected);
    assert_eq!(copy.learned, Learned::Something);
    assert_eq!(copy.status(), expected);
    assert_eq!(copy.learned, Learned::Nothing);
}

#[test]
fn a_directory_without_anything_known_is_told_as_one() {
    let mut copy = sealed([("src/main", ""), (".gitignore", "*.o\nout/\n")]);
    for path in ["src/new", "src/a.o", "new/a", "new/b/c", "only/a.o", "out/x", "new/d.o", "z"] {
        copy.write(path, "");
    }
    fs::create_dir(copy.path("empty")).unwrap();
    let expected = ["? new/", "? src/new", "? z", "! new/d.o", "! only/a.o", "! out/", "! src/a.o"];
    assert_eq!(copy.status(), expected);
    let files = copy.scan(AskedUnknown::Files, AskedIgnored::Nothing);
    let files: Vec<_> = files.unknown.iter().map(|unknown| unknown.path.as_str()).collect();
    assert_eq!(files, ["new/a", "new/b/c", "src/new", "z"]);
    let nothing = copy.scan(AskedUnknown::Nothing, AskedIgnored::Nothing);
    assert!(nothing.is_clean());
}

#[test]
fn what_is_remembered_of_a_directory_follows_it_and_its_rules() {
    let mut copy = sealed([("in/known", "")]);
    copy.write("in/a.o", "");
    copy.write("in/deep/b.o", "");
    assert_eq!(copy.status(), ["? in/a.o", "? in/deep/"]);
    assert_eq!(copy.status(), ["? in/a.o", "? in/deep/"]);
    copy.write("in/c", "");
    assert_eq!(copy.status(), ["? in/a.o", "? in/c", "? in/deep/"]);
    // The directory `in` is not touched by this, only its rules are.
    copy.write(".selkieignore", "*.o\n");
    assert_eq!(copy.status(), ["? .selkieignore", "? in/c", "! in/a.o", "! in/deep/b.o"]);
    copy.write(".selkieignore", "in/\n");
    assert_eq!(copy.status(), ["? .selkieignore", "! in/a.o", "! in/c", "! in/deep/"]);
    copy.remove(".selkieignore");
    copy.remove("in/c");
    assert_eq!(copy.status(), ["? in/a.o", "? in/deep/"]);
    copy.remove("in/known");
    assert_eq!(copy.status(), ["D in/known", "? in/a.o", "? in/deep/"]);
}

#[test]
fn what_was_written_in_the_tick_of_the_scan_is_hashed_again() {
    let mut copy = sealed([("a", "one")]);
    copy.write("a", "two");
    let asked = Asked { unknown: AskedUnknown::Nothing, ignored: AskedIgnored::Nothing };
    let written = copy.top().look(b"a").unwrap().unwrap().changed_ns;
    assert_eq!(copy.scan_at(written + 1, asked).changes.len(), 1);
    assert_eq!(copy.learned, Learned::Nothing);
    assert_eq!(copy.scan_at(LATER, asked).changes.len(), 1);
    assert_eq!(copy.learned, Learned::Something);
}

#[test]
fn a_directory_that_became_a_link_is_not_entered() {
    let mut copy = sealed([("in/a", "text"), ("in/b/c", "text")]);
    let elsewhere = tempfile::tempdir().unwrap();
    fs::rename(copy.path("in"), elsewhere.path().join("in")).unwrap();
    symlink(elsewhere.path().join("in"), copy.path("in")).unwrap();
    assert_eq!(copy.status(), ["D in/a", "D in/b/c", "? in"]);
}

#[test]
fn a_repository_inside_is_told_and_not_entered() {
    let mut copy = sealed([("a", "")]);
    copy.write("lib/.git/HEAD", "");
    copy.write("lib/code", "");
    copy.write(".git/HEAD", "");
    copy.write(".selkie/index", "");
    assert_eq!(copy.status(), ["? lib/ (repository)"]);
}

#[test]
fn names_that_no_tree_can_hold_are_told_apart() {
    let mut copy = sealed([("a", "")]);
    let name = OsStr::from_bytes(b"odd\xff");
    fs::write(copy.path("").join(name), "").unwrap();
    copy.write("back\\slash", "");
    copy.write(".GIT", "");
    copy.write("selkie~12345678901234567890", "");
    for _ in 0..2 {
        let status = copy.scan(AskedUnknown::Files, AskedIgnored::Nothing);
        assert!(status.is_clean());
        let refused: Vec<_> = status.refused.iter().map(|refused| &refused.name[..]).collect();
        assert_eq!(refused, [&b".GIT"[..], b"back\\slash", b"odd\xff"]);
        assert_eq!(status.litter.len(), 1);
    }
}

#[test]
fn many_directories_are_walked_by_several_threads_alike() {
    let mut copy = Copy::new();
    for number in 0..5000 {
        copy.write(&format!("d{}/e{}/f{number}", number % 7, number % 50), "");
    }
    copy.seal();
    assert_eq!(copy.status(), [""; 0]);
    copy.write("d3/e3/f3", "new");
    copy.remove("d6/e6/f6");
    copy.write("d0/new", "");
    assert_eq!(copy.status(), ["M d3/e3/f3", "D d6/e6/f6", "? d0/new"]);
}

#[test]
fn an_edited_list_of_attributes_is_held_against_files_that_are_as_they_were() {
    let mut copy = sealed([("a.txt", "one\r\n"), ("in/b.txt", "two\r\n"), (".gitattributes", "")]);
    assert_eq!(copy.status(), [""; 0]);
    copy.write(".gitattributes", "*.txt text\n");
    let expected = ["M .gitattributes", "M a.txt", "M in/b.txt"];
    assert_eq!(copy.status(), expected);
    assert_eq!(copy.status(), expected);
    assert_eq!(copy.learned, Learned::Nothing);
    copy.write(".gitattributes", "*.txt text=auto\n");
    assert_eq!(copy.status(), ["M .gitattributes"]);
    copy.write(".gitattributes", "a.txt text\n");
    assert_eq!(copy.status(), ["M .gitattributes", "M a.txt"]);
    copy.remove(".gitattributes");
    assert_eq!(copy.status(), ["D .gitattributes"]);
    copy.seal();
    assert_eq!(copy.status(), [""; 0]);
}
