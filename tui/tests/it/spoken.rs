//! Conflicts told in lines say what the screen shows.

use selkie_tui::{Action, Message, Spoken};
use selkie_vcs::conflicts::Did;

use crate::toy::Bit::{Open, Same};
use crate::toy::{Person, text, whole};

/// Lines as they could be printed.
fn printed(told: &[Spoken]) -> String {
    let line = |one: &Spoken| match one {
        Spoken::Sentence(text) => format!("{text}\n"),
        Spoken::Kept(text) => format!("    {}\n", String::from_utf8_lossy(text)),
        Spoken::Gone(text) => format!("  - {}\n", String::from_utf8_lossy(text)),
        Spoken::Come(text) => format!("  + {}\n", String::from_utf8_lossy(text)),
        Spoken::Named(name, text) => format!("{name} {}\n", String::from_utf8_lossy(text)),
    };
    told.iter().map(line).collect()
}

#[test]
fn every_line_of_every_side_is_told_with_what_became_of_it() {
    let open = Open("one\ntwo\n", "one\nTWO\n", "two\nthree\n");
    let person =
        Person::at(vec![text("a.txt", &[Same("0\n1\n2\n3\n"), open, Same("4\n5\n6\n7\n")])]);
    let expected = "\
Conflict 1 of 1: a.txt. 1 open.
    1
    2
    3
Before, there was:
    one
    two
A is main at [..], \"expire sessions\" by Ana [..]: adds 1, takes away 1.
    one
  - two
  + TWO
B is feature/auth at [..], \"scope sessions to the web\" by Bo [..]: adds 1, takes away 1.
  - one
    two
  + three
It goes on with:
    4
    5
    6
It is open. Offered: [..].
    TWO
    three
";
    let told = printed(&person.settle.told());
    let (mut told, mut expected) = (told.lines(), expected.lines());
    for line in &mut expected {
        let said = told.next().unwrap_or_default();
        let mut rest = said;
        for part in line.split("[..]") {
            let at = rest.find(part).unwrap_or_else(|| panic!("{line}\n{said}"));
            rest = &rest[at + part.len()..];
        }
    }
    assert_eq!(told.next(), None);
}

#[test]
fn a_word_does_what_its_key_does() {
    let cases = || {
        let sides = [("main", "Ana", Did::Removed), ("feature/auth", "Bo", Did::Changed)];
        let words = Open("one word here\n", "ONE word here\n", "one word HERE\n");
        vec![text("a.txt", &[words]), whole("b.bin", &sides)]
    };
    let table = [
        ("1", Action::Side(0)),
        ("0", Action::Base),
        ("b", Action::Both),
        ("B", Action::BothReversed),
        ("m", Action::Offer),
        ("n", Action::NextOpen),
        ("2", Action::Side(1)),
        ("x", Action::Nothing),
        ("u", Action::Undo),
        ("U", Action::Redo),
        ("p", Action::PreviousOpen),
        ("d", Action::PutOff),
    ];
    let (mut pressed, mut said) = (Person::at(cases()), Person::at(cases()));
    for (key, action) in table {
        pressed.press(key);
        said.meet(Message::Said(action));
        assert_eq!(said.decided(), pressed.decided(), "{key}");
        assert_eq!(said.settle.told(), pressed.settle.told(), "{key}");
        assert_eq!(said.settle.notice(), pressed.settle.notice(), "{key}");
    }
}

#[test]
fn what_was_decided_is_told_with_what_comes_of_it() {
    let sides = [("main", "Ana", Did::Removed), ("feature/auth", "Bo", Did::Changed)];
    let open = Open("one\n", "ONE\n", "");
    let mut person = Person::at(vec![text("a.txt", &[open]), whole("b.bin", &sides)]);
    let told = |person: &Person| printed(&person.settle.told_result());
    assert_eq!(told(&person), "It is open.\n");
    person.press("1");
    assert_eq!(told(&person), "Decided: A. The file has this there:\n    ONE\n");
    person.press("2");
    assert_eq!(told(&person), "Decided: B. The file has no line there.\n");
    person.press("n 1");
    assert_eq!(told(&person), "Decided: as A has it, which removed it.\n");
    person.press("0");
    assert_eq!(told(&person), "Decided: as it was before either side.\n");
}
