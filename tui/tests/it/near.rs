//! What was merged, and stands so close together that it is worth a look.

use selkie_tui::{Action, Message};
use selkie_vcs::settling::Case;

use crate::toy::Bit::{Open, Same};
use crate::toy::{Person, near, text};

fn cases() -> Vec<Case> {
    vec![
        text("a.txt", &[Same("top\n"), Open("b\n", "o\n", "t\n")]),
        near("b.txt", "above\n", ["1\n2\n3\n", "ONE\n2\n3\n", "1\n2\nTHREE\n", "ONE\n2\nTHREE\n"]),
    ]
}

#[test]
fn it_is_in_the_list_and_blocks_nothing() {
    let mut person = Person::at(cases());
    let shown = person.sees(120, 40);
    assert!(shown.contains("≈ b.txt") && shown.contains(" look"), "{shown}");
    assert!(shown.contains("1 open · 0 decided · 1 merged, look"), "{shown}");
    // Who goes from one open conflict to the next does not meet it, and can finish without.
    assert!(person.press("n").sees(80, 24).contains("no other conflict is open"));
    assert!(person.press("1 n").sees(80, 24).contains("all is decided"));
    assert!(person.press("W").sees(80, 24).contains("1 file is settled by that"));
}

#[test]
fn each_side_is_seen_and_what_came_of_them() {
    let mut person = Person::at(cases());
    let shown = person.press("]").sees(120, 40);
    for expected in
        [" b.txt  1 of 1", "▌-1", "▌+ONE", "▌+THREE", "Result  merged, look", "≈ ONE", "≈ THREE"]
    {
        assert!(shown.contains(expected), "{expected}\n{shown}");
    }
    let foot = shown.lines().last().unwrap_or_default();
    assert!(!foot.contains("1 A") && foot.contains("leave"), "{foot}");
}

#[test]
fn it_can_not_be_decided_here_and_says_so() {
    for key in ["1", "2", "0", "b", "x", "m", "v", "d", "e", "E", "o"] {
        let mut person = Person::at(cases());
        person.press("]").press(key);
        assert!(person.kept.is_empty() && person.wanted.is_empty(), "{key}");
        let told = person.settle.notice().unwrap_or_default();
        assert!(told.starts_with("this was merged"), "{key}: {told}");
    }
}

#[test]
fn it_comes_behind_all_others_and_moves_nothing() {
    let mut all = cases();
    let late = all.split_off(1);
    let mut person = Person::at(all);
    let before = person.press("1").sees(80, 24);
    person.meet(Message::Near(Ok(late)));
    let after = person.sees(80, 24);
    assert_eq!(
        after.lines().skip(1).collect::<Vec<_>>(),
        before.lines().skip(1).collect::<Vec<_>>()
    );
    assert!(after.contains("1 merged, look") && person.press("]").sees(80, 24).contains("≈ ONE"));
    person.meet(Message::Near(Err("no history".to_owned())));
    assert!(person.settle.notice().unwrap_or_default().ends_with("can not be told: no history"));
}

#[test]
fn all_of_it_can_be_merged() {
    let mut person = Person::at(cases().split_off(1));
    assert_eq!(person.settle.counts(), [0, 0]);
    assert!(person.press("n").sees(80, 24).contains("nothing is in conflict"));
    person.press("/").write("above").press("enter");
    assert!(person.sees(80, 24).contains("1 of 1 places"));
    let told = format!("{:?}", person.settle.told());
    assert!(
        told.contains("Merged, look 1 of 1") && told.contains("merged without asking"),
        "{told}"
    );
    person.settle.update(Message::Said(Action::Side(0)));
    assert!(person.settle.draft().parts().next().is_none());
}
