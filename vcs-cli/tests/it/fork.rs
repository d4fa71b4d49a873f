//! A clone that says two things in one place: real processes over loopback.
#![cfg(unix)]

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::clone::copy;
use crate::network::Person;
use crate::node::{Running, until};

/// Puts back what is in a copy, as a disk that is put back whole does: not by making it anew, which a clone notices.
fn put_back(from: &Path, to: &Path) {
    for entry in fs::read_dir(to).expect("it is there") {
        let path = entry.expect("it can be listed").path();
        if !from.join(path.file_name().expect("it has a name")).exists() {
            let removed = if path.is_dir() { fs::remove_dir_all } else { fs::remove_file };
            removed(&path).expect("it can be removed");
        }
    }
    for entry in fs::read_dir(from).expect("it is there") {
        let path = entry.expect("it can be listed").path();
        let target = to.join(path.file_name().expect("it has a name"));
        if path.is_file() {
            fs::write(&target, fs::read(&path).expect("it can be read")).expect("and written");
        } else if target.exists() {
            put_back(&path, &target);
        } else {
            copy(&path, &target);
        }
    }
}

fn events(person: &Person) -> Vec<Value> {
    let output = person.must(&["--json", "p2p", "events"]).stdout;
    let text = String::from_utf8(output).expect("it is text");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// The newest seals of the timeline that both write.
fn main_of(person: &Person) -> Value {
    let output = person.must(&["--json", "timeline"]).stdout;
    let text = String::from_utf8(output).expect("it is text");
    let all = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let main = all.into_iter().find(|it| it["name"] == "main").expect("it is there");
    main["heads"].clone()
}

/// What everybody who knows of both has.
fn all(person: &Person) -> Vec<String> {
    let mut all = person.log_of_all();
    all.sort();
    all
}

/// Ann's disk is put back as it was, and she goes on; but Bob has what she sealed before that. Of both of her seals in one place neither
/// is taken for the other: it is told, and both stay, each said again by who knows it.
#[test]
fn two_seals_in_one_place_of_a_log_are_told_and_neither_is_lost() {
    let ann = Person::with_repository("Ann");
    ann.seal("poem", "one");
    let bob = ann.joined_by("Bob");
    let (control, kept) = (ann.folder.join(".selkie"), ann.root.join("kept"));
    copy(&control, &kept);
    let poem = ann.folder.join("poem");
    ann.seal("east", "1");
    {
        let _anns = Running::of(&ann).known_to(&bob, "host");
        assert_eq!(bob.told(&["sync"])["peers"][0]["agreed"], true);
    }
    assert_eq!(bob.log(), ["east", "poem"]);
    put_back(&kept, &control);
    fs::remove_file(ann.folder.join("east")).expect("it is there");
    assert!(poem.exists());
    assert_eq!(ann.log(), ["poem"], "nothing is left of it here");
    ann.seal("west", "2");
    let _anns = Running::of(&ann).known_to(&bob, "host");
    let _bobs = Running::of(&bob);
    let is_told = |person: &Person| {
        let told = events(person);
        told.iter().any(|it| it["event"] == "ended")
    };
    until("told to both", || is_told(&ann) && is_told(&bob));
    let both = ["east", "poem", "west"];
    // Whoever changes something says again what its node did not get to.
    bob.must(&["timeline", "new", "--stay", "of-bob"]);
    ann.must(&["timeline", "new", "--stay", "of-ann"]);
    until("said again", || all(&ann) == both && all(&bob) == both);
    // Nothing was chosen for anybody.
    let has_both = |person: &Person| main_of(person).as_array().map(Vec::len) == Some(2);
    until("newest, each of them", || has_both(&ann) && has_both(&bob));
    for person in [&ann, &bob] {
        person.must(&["verify"]);
    }
    // The clones go on, and agree.
    bob.must(&["fuse", "--yes"]);
    until("settled", || bob.told(&["sync"])["peers"][0]["agreed"] == true);
    until("settled at both", || main_of(&ann).as_array().map(Vec::len) == Some(1));
}
