//! Single lines chosen with keys.

use selkie_tui::{Message, Place, Spoken};
use selkie_vcs::conflicts::Did;

use crate::toy::Bit::{Open, Same};
use crate::toy::{Person, numbered, text, whole};

/// A part with lines that stay, go and come, and another part.
fn person() -> Person {
    let first = Open("b1\nb2\n", "o1\nb2\no3\n", "b1\nt2\nt3");
    Person::at(vec![text("a.txt", &[Same("top\n"), first, Same("mid\n"), Open("", "x\n", "y\n")])])
}

#[test]
fn lines_come_in_the_order_in_which_they_are_taken() {
    for (keys, expected) in [
        // Rows of A: -b1 +o1 b2 +o3; of B: b1 -b2 +t2 +t3.
        ("v space", "b1\n"),
        ("v j space", "o1\n"),
        ("v G space g j space", "o3\no1\n"),
        ("v j space tab G space", "o1\nt3"),
        ("v 2 G space 1 g j j space", "t3\nb2\n"),
        ("v j space space", "."),
        ("v j space j space k space", "b2\n"),
        // What was taken as a whole is taken line by line.
        ("1 v j space", "b2\no3\n"),
        ("b v 2 G space", "o1\nb2\no3\nb1\nt2\n"),
        ("x v j space", "o1\n"),
        ("v j space esc 2", "b1\nt2\nt3"),
        ("v j space u", "."),
        ("v j space j space u U", "o1\nb2\n"),
        ("e z ctrl-s v j space", "o1\n"),
    ] {
        assert_eq!(person().press(keys).decided()[0], expected, "{keys}");
    }
}

#[test]
fn every_line_is_a_step_that_outlives_a_restart() {
    let mut before = person();
    before.press("v j space j space G space");
    assert_eq!(before.kept.len(), 3);
    let mut again = Person::with(before.settle.cases().to_vec(), before.kept.clone());
    assert_eq!(again.decided(), before.decided());
    assert_eq!(again.press("u u").decided()[0], "o1\n");
}

#[test]
fn it_is_seen_which_lines_are_taken_and_as_which() {
    let mut person = person();
    let shown = person.press("v G space 2 G space").sees(120, 40);
    for expected in ["▌+[ 1] o3", "▌+[ 2] t3", "▌+[  ] o1", "decided: A3,B3", "space take or not"]
    {
        assert!(shown.contains(expected), "{expected}\n{shown}");
    }
    let small = person.sees(80, 24);
    assert!(small.contains("▌+[ 2] t3") && !small.contains("[ 1] o3"), "one side:\n{small}");
    assert!(person.press("tab").sees(80, 24).contains("[ 1] o3"));
}

#[test]
fn the_line_where_somebody_is_never_leaves_the_screen() {
    let many = numbered("line", 200);
    let mut person = Person::at(vec![text("a", &[Open("", &many, "t\n")])]);
    person.press("v");
    for step in 0..200 {
        for (width, height) in [(80, 24), (120, 40), (40, 12), (95, 22)] {
            let shown = person.sees(width, height);
            assert!(
                shown.contains(&format!("] line {step}\n"))
                    || shown.contains(&format!("] line {step} ")),
                "{step}\n{shown}"
            );
        }
        person.press("j");
    }
    assert!(person.sees(80, 24).contains("there is none further on"));
}

#[test]
fn what_has_no_lines_says_so() {
    let sides = [("main", "Ana", Did::Removed), ("side", "Bo", Did::Changed)];
    let mut person = Person::at(vec![whole("logo.png", &sides), text("a", &[Open("", "", "t\n")])]);
    person.press("v");
    assert_eq!(person.settle.place(), Place::Conflicts);
    assert!(person.sees(80, 24).contains("decided as a whole: it has no lines"));
    person.press("n v 1");
    assert!(person.sees(80, 24).contains("that side has no line here"));
    assert_eq!(person.press("space").decided(), [".", "t\n"]);
}

#[test]
fn lines_are_told_by_name_and_taken_by_it() {
    let mut person = person();
    let names = |told: Vec<Spoken>| -> Vec<String> {
        let named = |one| match one {
            Spoken::Named(name, text) => format!("{name} {}", String::from_utf8(text).unwrap()),
            other => panic!("{other:?}"),
        };
        told.into_iter().map(named).collect()
    };
    assert_eq!(
        names(person.settle.told_lines()),
        ["A1 o1", "A2 b2", "A3 o3", "B1 b1", "B2 t2", "B3 t3", "base1 b1", "base2 b2"]
    );
    person.meet(Message::Picked("B3,A1,base2".parse().unwrap()));
    assert_eq!(person.decided()[0], "t3\no1\nb2\n");
    person.meet(Message::Picked("A4".parse().unwrap()));
    assert_eq!(person.settle.notice().as_deref(), Some("it has no such lines"));
    assert_eq!(person.decided()[0], "t3\no1\nb2\n");
}
