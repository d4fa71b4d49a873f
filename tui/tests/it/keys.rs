//! What each key does, on toy conflicts.

use selkie_tui::{BINDINGS, Effect, Key, Message, Place};
use selkie_vcs::conflicts::Did;
use selkie_vcs::settling::{Case, Note, Verdict};

use crate::drawn;
use crate::toy::Bit::{Open, Same};
use crate::toy::{Person, text, whole};

/// Two conflicts in one file, one in another.
fn three() -> Vec<Case> {
    vec![
        text(
            "a.txt",
            &[
                Same("top\n"),
                Open("b\n", "o\n", "t\n"),
                Same("mid\n"),
                Open("", "x\n", "y\n"),
                Same("end\nof\nit\n"),
            ],
        ),
        text(
            "b.txt",
            &[Open(
                "one two three four five six seven\n",
                "ONE two three four five six seven\n",
                "one two three four five six SEVEN\n",
            )],
        ),
    ]
}

#[test]
fn every_choice_makes_its_lines() {
    for (keys, expected) in [
        ("1", ["o\n", ".", "."]),
        ("2", ["t\n", ".", "."]),
        ("0", ["b\n", ".", "."]),
        ("b", ["o\nt\n", ".", "."]),
        ("B", ["t\no\n", ".", "."]),
        ("x", ["", ".", "."]),
        ("1 1", [".", ".", "."]),
        ("1 2", ["t\n", ".", "."]),
        ("1 o", [".", ".", "."]),
        ("n 2 n m", [".", "y\n", "ONE two three four five six SEVEN\n"]),
        ("n n enter", [".", ".", "ONE two three four five six SEVEN\n"]),
        ("3", [".", ".", "."]),
        ("m", [".", ".", "."]),
    ] {
        let mut person = Person::at(three());
        assert_eq!(person.press(keys).decided(), expected, "{keys}");
    }
}

#[test]
fn looking_and_leaving_change_nothing() {
    let mut person = Person::at(three());
    person.press("n p ] [ J K G g j k pgdn pgup l h i j esc ? k esc W e esc q");
    assert!(person.kept.is_empty());
    assert_eq!(person.settle.cases(), three());
    assert_eq!(person.wanted, [Effect::Leave]);
}

#[test]
fn the_next_open_one_is_found_in_whatever_file_and_around_the_end() {
    let place = |person: &Person| {
        let header = drawn::text(&person.settle, 80, 24);
        header.split_whitespace().take(4).collect::<Vec<_>>().join(" ")
    };
    let mut person = Person::at(three());
    for (keys, expected) in [
        ("", "a.txt 1 of 2"),
        ("n", "a.txt 2 of 2"),
        ("n", "b.txt 1 of 1"),
        ("n", "a.txt 1 of 2"),
        ("p", "b.txt 1 of 1"),
        ("1 n 1 n", "a.txt 2 of 2"),
        ("[", "a.txt 1 of 2"),
        ("J", "b.txt 1 of 1"),
        ("K", "a.txt 1 of 2"),
        ("G", "b.txt 1 of 1"),
    ] {
        assert_eq!(place(person.press(keys)), expected, "{keys}");
    }
}

#[test]
fn steps_are_taken_back_and_done_again_where_they_were() {
    let mut person = Person::at(three());
    person.press("1 n b n 2 u u");
    assert_eq!(person.decided(), ["o\n", ".", "."]);
    assert!(drawn::text(&person.settle, 80, 24).starts_with(" a.txt  2 of 2"));
    assert_eq!(
        person.press("U ctrl-r").decided(),
        ["o\n", "x\ny\n", "one two three four five six SEVEN\n"]
    );
    assert_eq!(person.press("u u u u u").decided(), [".", ".", "."]);
}

#[test]
fn a_restart_finds_the_same_screen_and_all_steps() {
    let mut person = Person::at(three());
    person.press("1 n b n 2 u");
    let mut again = Person::with(three(), person.kept.clone());
    assert_eq!(again.settle.draft(), person.settle.draft());
    let before = Person::with(three(), Vec::new());
    again.press("u u");
    assert_eq!(again.decided(), before.decided());
    assert_eq!(
        again.press("U U U").decided(),
        ["o\n", "x\ny\n", "one two three four five six SEVEN\n"]
    );
}

#[test]
fn what_is_written_here_is_kept_byte_for_byte() {
    let mut person = Person::at(three());
    person.press("e h i enter end ! ctrl-s");
    assert_eq!(person.decided(), ["hi\no!\n", ".", "."]);
    person.press("e z esc");
    assert_eq!(person.decided(), ["hi\no!\n", ".", "."]);
    person.press("u e alt-2 alt-0 ctrl-s");
    assert_eq!(person.decided(), ["t\nb\no\n", ".", "."]);
}

#[test]
fn what_a_draft_can_not_keep_is_told_before_it_is_decided() {
    let long = "x\n".repeat(1 << 19);
    let mut person = Person::at(three());
    person.press("e").meet(Message::Pasted(long.clone()));
    person.press("ctrl-s");
    assert!(person.sees(120, 40).contains("a draft keeps a MiB in one step"));
    assert!(person.kept.is_empty() && person.settle.place() == Place::Writing);
    let Some(Effect::Edit { part, .. }) = person.press("esc E").wanted.pop() else {
        panic!("an editor is wanted")
    };
    person.meet(Message::Edited { part, outcome: Ok(long.into_bytes()) });
    assert_eq!(person.decided(), [".", ".", "."]);
    assert!(person.kept.is_empty());
    assert_eq!(person.press("1").kept.len(), 1);
}

#[test]
fn an_editor_decides_unless_its_sections_are_left() {
    let mut person = Person::at(three());
    let Some(Effect::Edit { part, text, .. }) = person.press("E").wanted.pop() else {
        panic!("an editor is wanted")
    };
    let shown = String::from_utf8(text.clone()).unwrap();
    assert!(
        shown.starts_with("======= A main at ") && shown.contains("\no\n======= base\nb\n"),
        "{shown}"
    );
    person.meet(Message::Edited { part, outcome: Ok(text) });
    person.meet(Message::Edited { part, outcome: Err("it gave up".to_owned()) });
    assert_eq!(person.decided(), [".", ".", "."]);
    assert!(drawn::text(&person.settle, 80, 24).contains("nothing is decided: it gave up"));
    person.meet(Message::Edited { part, outcome: Ok(b"mine\n".to_vec()) });
    assert_eq!(person.decided(), ["mine\n", ".", "."]);
}

#[test]
fn what_is_no_text_is_decided_as_a_whole() {
    let sides =
        [("main", "Ana", Did::Removed), ("side", "Bo", Did::Changed), ("far", "Cy", Did::Moved)];
    let mut person = Person::at(vec![whole("logo.png", &sides)]);
    person.press("b x e E m 4");
    assert!(person.kept.is_empty() && person.wanted.is_empty());
    person.press("3");
    let part = person.settle.draft().parts().next().unwrap();
    assert_eq!(person.settle.draft().verdict(part), Some(&Verdict::Side(2)));
    person.press("0");
    assert_eq!(person.settle.draft().verdict(part), Some(&Verdict::Base));
}

#[test]
fn nothing_is_written_before_somebody_says_yes() {
    let mut person = Person::at(three());
    person.press("W y");
    assert!(person.wanted.is_empty(), "nothing is decided yet");
    person.press("1 W n W enter esc W");
    assert!(person.wanted.is_empty());
    person.press("y y q 2");
    let [Effect::Write(draft)] = &person.wanted[..] else { panic!("{:?}", person.wanted) };
    assert_eq!(**draft, *person.settle.draft());
    assert_eq!(person.decided(), ["o\n", ".", "."], "keys do nothing while it is written");
    person.meet(Message::Wrote(Err("a.txt changed meanwhile".to_owned())));
    assert!(drawn::text(&person.settle, 80, 24).contains("nothing was written: a.txt changed"));
    assert_eq!(person.press("2").decided(), ["t\n", ".", "."]);
}

#[test]
fn a_note_that_is_not_on_disk_is_told_until_the_end() {
    let mut person = Person::at(three());
    person.meet(Message::NotKept("the disk is full".to_owned()));
    person.press("n n");
    let shown = drawn::text(&person.settle, 80, 24);
    assert!(shown.contains("draft NOT on disk") && shown.contains("not kept: the disk is full"));
}

#[test]
fn an_answer_to_an_earlier_question_is_dropped() {
    let mut person = Person::at(three());
    let part = person.settle.cases()[1].parts().next().unwrap();
    person.meet(Message::Offered { number: 0, part, offers: Vec::new() });
    assert_eq!(person.press("G m").decided()[2], "ONE two three four five six SEVEN\n");
}

#[test]
fn it_begins_at_the_first_open_one_or_where_somebody_stopped() {
    let mut person = Person::at(three());
    person.press("1 n 1");
    let again = Person::with(three(), person.kept.clone());
    assert!(drawn::text(&again.settle, 80, 24).starts_with(" a.txt  2 of 2"));
    person.kept.push(Note::Finished);
    let after = Person::with(three(), person.kept);
    assert!(drawn::text(&after.settle, 80, 24).starts_with(" b.txt  1 of 1"));
}

#[test]
fn every_key_at_the_foot_does_something_and_every_key_is_on_the_page() {
    let keys: Vec<String> = {
        let mut person = Person::at(three());
        person.press("?");
        drawn::text(&person.settle, 160, 200).lines().map(str::to_owned).collect()
    };
    for binding in BINDINGS {
        let row = format!("{:<22}{}", binding.keys.join(" "), binding.help);
        assert!(keys.iter().any(|line| line.contains(&row)), "{row} is not on the page");
    }
    // In the middle, with steps behind and before it, and something scrolled away.
    let middle = || {
        let mut person = Person::at(three());
        person.press("n 2 0 u j l l");
        person
    };
    let before = format!("{:?}", middle().settle);
    for binding in BINDINGS.iter().filter(|binding| binding.place == Place::Conflicts) {
        for name in binding.keys {
            let mut person = middle();
            person.meet(Message::Pressed(Key::named(name).unwrap()));
            let does = format!("{:?}", person.settle) != before || !person.wanted.is_empty();
            assert!(does, "{name} does nothing and says nothing");
        }
    }
}
