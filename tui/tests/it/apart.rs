//! Names and modes, which are decided apart from what is in a file.

use selkie_tui::Effect;
use selkie_vcs::settling::{Case, Verdict};

use crate::screens::moved;
use crate::toy::{Person, apart, whole};

/// What is decided of the name and of the mode of the first file.
fn decided(person: &Person) -> [Option<Verdict>; 2] {
    let aspects = &person.settle.cases()[0].aspects;
    [0, 1].map(|at| person.settle.draft().verdict(aspects[at].part).cloned())
}

#[test]
fn who_decides_all_that_is_open_says_nothing_of_names() {
    let mut person = Person::at(moved());
    let [open, _] = person.settle.counts();
    assert_eq!(open, 4);
    person.press("1 n 1 n 1 n 1");
    assert_eq!((person.settle.counts(), decided(&person)), ([0, 4], [None, None]));
    let asked = person.press("W").sees(80, 24);
    assert!(asked.contains("3 files are settled") && asked.contains("0 files are begun"));
    assert!(asked.contains("names and modes stay as the merge left it"), "{asked}");
}

#[test]
fn a_name_is_taken_and_opened_and_taken_back() {
    let mut person = Person::at(moved());
    person.press("]");
    assert!(person.sees(80, 24).contains("as the merge left it"));
    person.press("2");
    assert_eq!(decided(&person), [Some(Verdict::Side(1)), None]);
    assert!(person.sees(80, 24).contains("at src/setup/config.rs"));
    person.press("0");
    assert_eq!(decided(&person), [Some(Verdict::Base), None]);
    person.press("0");
    assert_eq!(decided(&person), [None, None], "the same again opens it");
    person.press("u u u");
    assert_eq!(person.settle.draft().parts().count(), 0);
    person.press("ctrl-r ] 2");
    assert_eq!(decided(&person), [Some(Verdict::Side(1)), Some(Verdict::Side(1))]);
}

#[test]
fn what_makes_no_sense_of_a_name_is_told() {
    let mut person = Person::at(moved());
    person.press("]");
    for (keys, told) in [
        ("b", "decided as a whole"),
        ("x", "decided as a whole"),
        ("e", "no text that could be written here"),
        ("v", "no lines to choose from"),
        ("d", "nobody has to decide this"),
        ("4", "there was nothing, or something else is there now"),
    ] {
        let seen = person.press(keys).sees(120, 40);
        let is_told = seen.contains(told) || (keys == "4" && seen.contains("it has no such side"));
        assert!(is_told, "{keys}: {seen}");
    }
    assert!(person.kept.is_empty());
}

#[test]
fn a_name_alone_can_be_written() {
    let mut person = Person::at(moved());
    person.press("] 2 W y");
    let [Effect::Write(draft)] = &person.wanted[..] else { panic!("{:?}", person.wanted) };
    assert_eq!(draft.parts().count(), 1);
}

#[test]
fn many_at_once_are_about_what_is_in_files() {
    let mut person = Person::at(moved());
    person.press("s 2 enter");
    assert_eq!(decided(&person), [None, None]);
}

#[test]
fn what_is_decided_as_a_whole_has_a_name_too() {
    let sides = [
        ("main", "Ana", selkie_vcs::conflicts::Did::Changed),
        ("side", "Bo", selkie_vcs::conflicts::Did::Changed),
    ];
    let case: Case = apart(whole("logo.png", &sides), ["logo.png", "a.png", "b.png"]);
    let mut person = Person::at(vec![case]);
    person.press("1 ] 2 ] 1");
    assert_eq!(decided(&person), [Some(Verdict::Side(1)), Some(Verdict::Side(0))]);
    assert_eq!(person.settle.counts(), [0, 3]);
}
