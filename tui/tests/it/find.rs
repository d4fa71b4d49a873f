//! Looking for a text.

use selkie_tui::{Message, Palette};
use selkie_vcs::settling::Case;

use crate::drawn::cells;
use crate::toy::Bit::{Open, Same};
use crate::toy::{Person, numbered, text};

fn cases() -> Vec<Case> {
    let far = numbered("far", 60);
    let above = format!("needle above\n{far}");
    let below = format!("{far}Needle below\n");
    vec![
        text(
            "a.txt",
            &[
                Same(&above),
                Open("b\n", "NEEDLE in A\n", "t\n"),
                Same(&below),
                Open("", "x\n", "y\nneedle in B\n"),
            ],
        ),
        text("needle.txt", &[Open("was\n", "p\n", "q\n")]),
    ]
}

#[test]
fn every_place_is_met_in_its_order_and_shown() {
    let mut person = Person::at(cases());
    person.press("/").write("needle").press("enter");
    for (number, expected) in [
        (1, "needle above"),
        (2, "NEEDLE in A"),
        (3, "Needle below"),
        (4, "needle in B"),
        (5, "needle.txt  1 of 1"),
        (1, "needle above"),
    ] {
        let shown = person.sees(120, 40);
        let told = format!("{number} of 5 places with 'needle'");
        assert!(shown.contains(&told) && shown.contains(expected), "{expected}\n{shown}");
        person.press("ctrl-n");
    }
    assert!(person.press("ctrl-p").sees(120, 40).contains("1 of 5 places"));
    assert!(person.press("ctrl-p").sees(120, 40).contains("5 of 5 places"));
    assert!(person.kept.is_empty(), "looking changes nothing");
}

#[test]
fn large_letters_mean_themselves() {
    let mut person = Person::at(cases());
    person.press("/").write("NEEDLE").press("enter");
    assert!(person.sees(80, 24).contains("1 of 1 places with 'NEEDLE'"));
    person.press("/").write("no such").press("enter");
    assert!(person.sees(80, 24).contains("nothing here has 'no such'"));
}

#[test]
fn what_somebody_wrote_is_found_and_nothing_is_found_before_it_is_said() {
    let mut person = Person::at(cases());
    assert!(person.press("ctrl-n").sees(80, 24).contains("nothing was looked for"));
    person.press("e").write("own").press("ctrl-s n n");
    person.meet(Message::Sought("own".to_owned()));
    assert!(person.sees(80, 24).starts_with(" a.txt  1 of 2"));
}

#[test]
fn it_is_marked_where_it_stands() {
    let mut person = Person::at(cases());
    person.press("/").write("in a").press("enter");
    let buffer = cells(&person.settle, Palette::Plain, 120, 40);
    let reversed = |cell: &&ratatui_core::buffer::Cell| {
        cell.modifier.contains(ratatui_core::style::Modifier::REVERSED)
    };
    let row = (0..40u16).find(|y| {
        let row: String = (28..70u16).map(|x| buffer[(x, *y)].symbol().to_owned()).collect();
        row.contains("NEEDLE in A")
    });
    let row = row.expect("it is shown");
    let marked: String = (28..70u16)
        .map(|x| &buffer[(x, row)])
        .filter(reversed)
        .map(|cell| cell.symbol().to_owned())
        .collect();
    assert_eq!(marked, "in A");
}

#[test]
fn the_question_is_written_and_left_like_any_line() {
    let mut person = Person::at(cases());
    assert!(person.press("/").write("ab").press("left").sees(80, 24).contains(" / ab"));
    person.press("backspace esc");
    assert!(person.press("ctrl-n").sees(80, 24).contains("nothing was looked for"));
}
