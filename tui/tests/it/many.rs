//! Many conflicts decided at once.

use selkie_tui::{Message, Place, Spoken};
use selkie_vcs::conflicts::Did;
use selkie_vcs::settling::{Case, Note, Sort, Take};

use crate::toy::Bit::{Open, Same};
use crate::toy::{Person, text, whole};

fn cases() -> Vec<Case> {
    let lock = [Open("1\n", "2\n", "3\n4\n"), Same("-\n"), Open("", "o\n", "t\n")];
    let sides = [("main", "Ana", Did::Removed), ("side", "Bo", Did::Changed)];
    vec![
        text("Cargo.lock", &lock),
        text("src/a.rs", &[Open("", "x\n", "y\n")]),
        whole("web/y.lock", &sides),
    ]
}

/// Somebody who asked to decide many, and wrote this pattern.
fn asked(pattern: &str) -> Person {
    let mut person = Person::at(cases());
    person.press("s home delete delete delete delete delete delete").write(pattern);
    person
}

#[test]
fn all_that_fit_are_decided_in_one_step() {
    for (keys, expected) in [
        ("enter", ["2\n", "o\n", ".", ""]),
        ("down enter", ["3\n4\n", "t\n", ".", ""]),
        ("down down enter", ["1\n", "", ".", ""]),
        ("down down down enter", ["2\n3\n4\n", "o\nt\n", ".", "."]),
        ("up up enter", ["", "", ".", "."]),
        ("tab enter", ["2\n", "o\n", ".", "."]),
        ("tab tab enter", [".", ".", ".", ""]),
        ("tab tab tab tab enter", [".", ".", ".", "."]),
        ("esc", [".", ".", ".", "."]),
    ] {
        let mut person = asked("*.lock");
        person.press(keys);
        assert_eq!(person.decided(), expected, "{keys}");
        assert!(person.kept.len() <= 1, "{keys}: one step");
        assert_eq!(person.press("esc u").decided(), [".", ".", ".", "."], "{keys}");
    }
}

#[test]
fn what_would_become_of_each_is_shown_before() {
    let mut person = Person::at(cases());
    person.press("1 s down down down");
    let shown = person.sees(120, 40);
    for expected in [
        "files  *.lock",
        "sort   any",
        "take   both",
        "3 conflicts are meant, 1 would be decided by that",
        "✓ Cargo.lock  stays as it is decided: A",
        "→ Cargo.lock  both +2 −0",
        "? web/y.lock  stays open: it is decided as a whole",
    ] {
        assert!(shown.contains(expected), "{expected}\n{shown}");
    }
    assert_eq!(person.kept.len(), 1, "nothing is decided by looking");
}

#[test]
fn a_rule_is_shown_as_it_will_be_written_and_comes_with_the_step() {
    let mut person = asked("*.lock");
    let shown = person.press("down ctrl-r").sees(80, 24);
    for expected in ["[[rule]]", "path = \"*.lock\"", "strategy = \"prefer_remote\""] {
        assert!(shown.contains(expected), "{expected}\n{shown}");
    }
    person.press("enter");
    assert!(matches!(&person.kept[..], [Note::Ruled(..)]));
    assert_eq!(person.settle.draft().rules().len(), 1);
    assert!(
        person.press("W").sees(80, 24).contains("selkie.toml gets a rule: *.lock prefer_remote")
    );
    assert!(person.press("esc u").settle.draft().rules().is_empty());
}

#[test]
fn what_can_be_no_rule_is_refused_with_the_reason() {
    for (keys, expected) in [
        ("down down ctrl-r enter", "no rule takes 'base'"),
        ("tab ctrl-r enter", "a rule is for files of a pattern, of any sort"),
    ] {
        let mut person = asked("*.lock");
        person.press(keys);
        assert!(person.sees(80, 24).contains(expected), "{keys}");
        assert!(person.kept.is_empty() && person.settle.place() == Place::Sweeping);
    }
    let mut person = asked("[");
    assert!(person.press("enter").sees(80, 24).contains("'[' is no pattern of paths"));
    let mut person = asked("nothing*");
    assert!(person.press("enter").sees(80, 24).contains("nothing that is open would be decided"));
}

#[test]
fn an_answer_about_another_pattern_is_dropped() {
    let mut person = asked("*.lock");
    person.meet(Message::WouldBe { number: 0, would: Ok(Vec::new()) });
    assert!(person.sees(80, 24).contains("3 conflicts are meant, 3 would be decided"));
}

#[test]
fn it_is_told_in_lines_as_well() {
    let mut person = Person::at(cases());
    let (pattern, take) = ("*.lock".to_owned(), Take::Side(1));
    person.meet(Message::Swept { pattern, sort: Sort::Any, take, is_rule: false });
    let told: Vec<String> = person
        .settle
        .told_sweep()
        .into_iter()
        .map(|one| match one {
            Spoken::Sentence(text) => text,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        told,
        [
            "Cargo.lock: B +2 −1",
            "Cargo.lock: B +1 −0",
            "web/y.lock: B as a whole",
            "3 conflicts are meant, 3 would be decided by that",
        ]
    );
    assert_eq!(person.press("enter").decided(), ["3\n4\n", "t\n", ".", ""]);
}
