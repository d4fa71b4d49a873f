//! Timelines that diverged, settled as conflicts of files are.

use selkie_tui::{Effect, Message, Spoken};
use selkie_vcs::settling::{Stands, Verdict, Would};

use crate::screens::parted;
use crate::toy::{Person, heads};

const TWO: [(&str, usize); 2] = [("Ana", 3), ("Bo", 1)];

/// Somebody in front of one timeline that diverged.
fn at(stands: Stands, would: Option<Would>) -> Person {
    Person::at(vec![heads("main", &TWO, stands, would)])
}

fn verdict(person: &Person) -> Option<&Verdict> {
    person.settle.draft().verdict(person.settle.part())
}

#[test]
fn a_head_is_taken_all_are_fused_or_each_is_kept_apart() {
    for (keys, expected) in [
        ("1", Some(Verdict::Side(0))),
        ("2", Some(Verdict::Side(1))),
        ("2 2", None),
        ("m", Some(Verdict::Fuse)),
        ("m m", None),
        ("b", Some(Verdict::Apart)),
        ("b u", None),
        ("b u U", Some(Verdict::Apart)),
        ("m o", None),
        ("d", None),
    ] {
        for table in ["", "t "] {
            let mut person = at(Stands::Here, Some(Would::Clean));
            person.press(&format!("{table}{keys}"));
            assert_eq!(verdict(&person), expected.as_ref(), "{table}{keys}");
        }
    }
}

#[test]
fn what_can_not_be_is_told_and_decides_nothing() {
    let conflicts = || Some(Would::Conflicts(vec![selkie_store::RepoPath::new("f").unwrap()]));
    let diverged = "this is a timeline that diverged";
    for (stands, would, key, told) in [
        (Stands::Here, None, "m", "is being found"),
        (Stands::Elsewhere, conflicts(), "m", "switch to the timeline, and fuse there"),
        (Stands::Here, Some(Would::Unrelated), "m", "no seal in common"),
        (Stands::Busy, Some(Would::Clean), "1", "settle and seal that first"),
        (Stands::Here, Some(Would::Clean), "3", "no such side"),
        (Stands::Here, Some(Would::Clean), "0", diverged),
        (Stands::Here, Some(Would::Clean), "x", diverged),
        (Stands::Here, Some(Would::Clean), "B", diverged),
        (Stands::Here, Some(Would::Clean), "e", diverged),
        (Stands::Here, Some(Would::Clean), "v", "as a whole"),
        (Stands::Here, Some(Would::Clean), "s", "many at once is about files"),
    ] {
        let mut person = at(stands, would);
        person.press(key);
        let shown = person.sees(120, 40);
        assert!(shown.contains(told), "{key}: {told}\n{shown}");
        assert!(person.kept.is_empty(), "{key}");
    }
}

#[test]
fn what_a_fuse_would_be_comes_while_somebody_looks() {
    let mut person = at(Stands::Here, None);
    assert!(person.sees(120, 40).contains("what a fuse would be is being found"));
    let found = vec![(person.settle.part(), Would::Clean)];
    person.meet(Message::Foreseen(Ok(found)));
    assert!(person.sees(120, 40).contains("a fuse would be clean"));
    person.press("m");
    assert_eq!(verdict(&person), Some(&Verdict::Fuse));
    person.meet(Message::Foreseen(Err("the history is damaged".to_owned())));
    assert!(person.sees(120, 40).contains("can not be told: the history is damaged"));
}

#[test]
fn each_timeline_has_a_row_with_its_heads_and_what_a_fuse_would_be() {
    let mut person = Person::at(parted());
    person.press("t ] b");
    let shown = person.sees(200, 50);
    for told in ["timeline main", "+3 ", "Ana", "+1 ", "Bo", "fuse: clean", "apart"] {
        assert!(shown.contains(told), "{told}\n{shown}");
    }
    assert!(shown.contains("fuse: 2 in conflict"), "{shown}");
    assert!(shown.contains("timeline feature/auth"), "{shown}");
}

#[test]
fn what_is_decided_is_told_before_it_is_written_and_counted() {
    let mut person = Person::at(parted());
    assert_eq!(person.settle.counts(), [3, 0]);
    person.press("] b n 2 W");
    assert_eq!(person.settle.counts(), [1, 2]);
    let shown = person.sees(120, 40);
    for told in [
        "Write 2 decided, with 1 open?",
        "main: A stays main, B becomes main-",
        "feature/auth: one seal of all heads, with the content of B",
        "1 file is not touched",
    ] {
        assert!(shown.contains(told), "{told}\n{shown}");
    }
    person.press("y");
    assert!(matches!(person.wanted[..], [Effect::Write(_)]), "{:?}", person.wanted);
}

#[test]
fn it_is_told_in_lines_as_well() {
    let mut person = at(Stands::Here, Some(Would::Clean));
    let sentences = |told: Vec<Spoken>| -> Vec<String> {
        let sentence = |line| match line {
            Spoken::Sentence(text) => Some(text),
            _ => None,
        };
        told.into_iter().filter_map(sentence).collect()
    };
    let told = sentences(person.settle.told());
    assert_eq!(told[0], "Conflict 1 of 1: timeline main. 1 open.");
    assert!(told[1].contains("Ana") && told[1].ends_with("has 3 seals that no other head has."));
    assert_eq!(told[3..], ["A fuse would be clean.", "It is open."]);
    person.press("m");
    let told = sentences(person.settle.told_result());
    assert_eq!(told[1], "Decided: fuse: one seal of all heads, with what each changed.");
    let told = sentences(person.settle.told_table());
    assert_eq!(told, ["1. timeline main: fuse.", "  A fuse would be clean."]);
    let told = sentences(person.settle.told_why());
    assert!(told.iter().any(|line| line == "types: selkie resolve --timeline main --take fuse"));
}
