//! Conflicts that somebody puts off.

use selkie_vcs::settling::Case;

use crate::toy::Bit::{Open, Same};
use crate::toy::{Person, text};

fn four() -> Vec<Case> {
    let one = |path| text(path, &[Open("", "x\n", "y\n")]);
    let two = [Open("", "o\n", "t\n"), Same("mid\n"), Open("b\n", "p\n", "q\n")];
    vec![text("a.txt", &two), one("b.txt"), one("c.txt")]
}

/// Where somebody is.
fn place(person: &Person) -> String {
    let header = person.sees(80, 24);
    header.split_whitespace().take(4).collect::<Vec<_>>().join(" ")
}

#[test]
fn what_is_put_off_is_passed_over_until_nothing_else_is_open() {
    let mut person = Person::at(four());
    assert!(person.press("d").sees(80, 24).contains("4 open (1 put off) · 0 decided"));
    assert!(person.sees(80, 24).contains("put off: it stays open and comes last now"));
    for (keys, expected) in [
        ("n", "a.txt 2 of 2"),
        ("n", "b.txt 1 of 1"),
        ("d n", "c.txt 1 of 1"),
        ("n", "a.txt 2 of 2"),
        ("p", "c.txt 1 of 1"),
        ("1 n 1 n", "a.txt 1 of 2"),
    ] {
        assert_eq!(place(person.press(keys)), expected, "{keys}");
    }
    assert!(person.sees(80, 24).contains("only what was put off is open still"));
    assert_eq!(place(person.press("n")), "b.txt 1 of 1");
    assert!(person.press("1 n 1 n").sees(80, 24).contains("all is decided"));
}

#[test]
fn it_comes_last_in_the_order_in_which_it_was_put_off() {
    let mut person = Person::at(four());
    person.press("J d g d g");
    assert_eq!(place(&person), "a.txt 2 of 2");
    for expected in ["c.txt 1 of 1", "b.txt 1 of 1", "a.txt 1 of 2"] {
        assert_eq!(place(person.press("]")), expected);
    }
    let list = person.sees(120, 40);
    let rows: Vec<&str> = list.lines().filter(|line| line.contains(".txt ")).skip(1).collect();
    for (row, sign, told) in [
        (0, "? a.txt ", " 0/2"),
        (1, "? c.txt ", " 0/1"),
        (2, "~ b.txt ", " later"),
        (3, ">~ a.txt ", " later"),
    ] {
        let shown = rows[row].split("││").next().unwrap_or_default();
        assert!(shown.contains(sign) && shown.ends_with(told), "{sign}\n{list}");
    }
}

#[test]
fn putting_off_is_a_step_and_can_be_ended() {
    let mut person = Person::at(four());
    assert_eq!(person.press("d").settle.put_off_count(), 1);
    assert_eq!(person.press("d").settle.put_off_count(), 0);
    assert_eq!(person.press("u").settle.put_off_count(), 1);
    assert_eq!(person.press("u").settle.put_off_count(), 0);
    assert_eq!(person.press("U").settle.put_off_count(), 1);
    // What is decided is not put off any more, and the other way round it is refused.
    assert_eq!(person.press("1").settle.put_off_count(), 0);
    assert!(person.press("d").sees(80, 24).contains("it is decided; o opens it again"));
    assert_eq!(person.decided()[0], "o\n");
}

#[test]
fn a_restart_begins_with_what_was_not_put_off() {
    let mut person = Person::at(four());
    person.press("d");
    let again = Person::with(four(), person.kept.clone());
    assert_eq!(place(&again), "a.txt 2 of 2");
    assert_eq!(again.settle.put_off_count(), 1);
}
