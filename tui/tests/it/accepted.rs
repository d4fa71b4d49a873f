//! What the screen promises, through its real keys. `tui/DESIGN.md` lists which test shows which promise.

use selkie_tui::{BINDINGS, Key, Message, Palette, Place, Settle, Spoken};
use selkie_vcs::settling::{Case, Piece, Shape};

use crate::drawn::{cells, rows};
use crate::toy::Bit::{Open, Same};
use crate::toy::{Person, text};

const SIZES: [(u16, u16); 4] = [(80, 24), (120, 40), (200, 50), (40, 12)];

/// Two conflicts in one file, and another file.
fn cases() -> Vec<Case> {
    let words = Open(
        "one two three four five six seven\n",
        "ONE two three four five six seven\n",
        "one two three four five six SEVEN\n",
    );
    let first = Open("b1\nb2\n", "o1\no2\n", "t1\n");
    vec![
        text("a.txt", &[Same("top\n"), first, Same("mid\n"), words, Same("end\nof\nit\n")]),
        text("b.txt", &[Open("", "x\n", "y")]),
    ]
}

/// The lines that the screen says stand in the file now, where it shows what was decided.
fn shown(settle: &Settle) -> Vec<u8> {
    let line = |one: Spoken| match one {
        Spoken::Kept(line) => Some(line),
        _ => None,
    };
    settle.told_result().into_iter().filter_map(line).collect::<Vec<_>>().join(&b'\n')
}

/// The lines that the draft makes of the part that is looked at, which is what finishing writes.
fn written(settle: &Settle) -> Option<Vec<u8>> {
    let pieces = settle.cases().iter().flat_map(|case| match &case.shape {
        Shape::Text(pieces) => &pieces[..],
        _ => &[],
    });
    let mut open = pieces.filter_map(|piece| match piece {
        Piece::Open(open) if open.id == settle.part() => Some(open),
        _ => None,
    });
    let open = open.next_back()?;
    Some(settle.draft().verdict(open.id)?.lines(&open.versions).into_owned())
}

#[test]
fn what_is_shown_as_decided_is_what_is_written() {
    for keys in [
        "1",
        "2",
        "0",
        "b",
        "B",
        "x",
        "n m",
        "v j space tab j space",
        "e z ctrl-s",
        "G 2",
        "G b",
        "G B",
        "s down enter",
        "s down down enter",
    ] {
        let mut person = Person::at(cases());
        person.press(keys);
        let written = written(&person.settle).unwrap_or_else(|| panic!("{keys} decides"));
        let whole = written.strip_suffix(b"\n").unwrap_or(&written);
        assert_eq!(shown(&person.settle), whole, "{keys}");
        person.press("esc");
        for line in String::from_utf8(written).unwrap().lines() {
            let screen = person.sees(200, 50);
            let below = screen.split("Result").nth(1).unwrap_or_default();
            assert!(below.contains(line), "{keys}: {line}\n{screen}");
        }
    }
}

#[test]
fn a_kill_behind_any_key_leaves_the_same_screen() {
    let keys = "1 n b n 2 d ] v j space space u U s down ctrl-r enter u e z ctrl-s n x u u";
    let mut person = Person::at(cases());
    for key in keys.split_whitespace() {
        person.press(key);
        // What is not on disk yet is lost with the process; a note is there before the next key.
        let again = Person::with(cases(), person.kept.clone());
        assert_eq!(again.settle.draft(), person.settle.draft(), "{key}");
        assert_eq!(again.decided(), person.decided(), "{key}");
        assert_eq!(again.settle.put_off_count(), person.settle.put_off_count(), "{key}");
    }
}

#[test]
fn strange_bytes_are_shown_safely_and_written_as_they_are() {
    let long = format!("{}\n", "long ".repeat(200_000));
    for (base, ours, theirs) in [
        ("b\r\n", "o\r\n", "t\r\n"),
        ("b", "o", "t"),
        ("\x1b[2Jb\n", "\x1b]0;root\x07\n", "\x1b[31m\n"),
        ("\u{202e}b\n", "\u{202e}o\n", "\u{2066}t\n"),
        ("b\n", &long, "t\n"),
        ("", "\0\n", "\u{feff}\n"),
    ] {
        let part = Open(base, ours, theirs);
        let mut person = Person::at(vec![text("a", &[Same("top\n"), part])]);
        for (key, expected) in [("1", ours), ("2", theirs), ("0", base), ("v space", "")] {
            person.press(key);
            for (width, height) in SIZES {
                let buffer = cells(&person.settle, Palette::Coloured, width, height);
                let plain = cells(&person.settle, Palette::Plain, width, height);
                assert_eq!(rows(&buffer), rows(&plain), "no colour says what no letter says");
                let obeyed = |c: char| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c);
                assert!(buffer.content().iter().all(|cell| !cell.symbol().contains(obeyed)));
            }
            if key.len() == 1 {
                assert_eq!(person.decided(), [expected], "{key}");
            }
        }
    }
}

#[test]
fn bytes_that_are_no_letters_are_taken_as_they_are() {
    let mut cases = vec![text("a", &[Open("b\n", "o\n", "t\n")])];
    let Shape::Text(pieces) = &mut cases[0].shape else { panic!("it is a text") };
    let Piece::Open(open) = &pieces[0] else { panic!("it is open") };
    let mut open = (**open).clone();
    open.versions.ours = b"caf\xe9 \xff\xfe\n".to_vec();
    pieces[0] = Piece::Open(open.clone().into());
    let mut person = Person::at(cases);
    person.press("b");
    let verdict = person.settle.draft().verdict(open.id).unwrap();
    assert_eq!(&*verdict.lines(&open.versions), b"caf\xe9 \xff\xfe\nt\n");
    assert!(person.sees(80, 24).contains("caf"));
    assert!(person.press("e").sees(80, 24).contains("no UTF-8"));
}

#[test]
fn every_key_does_something_in_every_place() {
    // Somewhere in the middle of each place, so that all its keys have something to do.
    let middle = |place: Place| {
        let mut person = Person::at(cases());
        person.press(match place {
            Place::Conflicts => "n 2 0 u j l l",
            Place::Lines => "v j space u tab j",
            Place::Sweeping => "s left left",
            Place::Searching => "/ a b left",
            Place::Writing => "e a enter x y enter c up",
            Place::Page => "? j j",
            Place::Finishing => "1 W",
        });
        assert_eq!(person.settle.place(), place);
        person
    };
    for binding in BINDINGS {
        let before = format!("{:?}", middle(binding.place).settle);
        for name in binding.keys {
            let mut person = middle(binding.place);
            person.wanted.clear();
            person.meet(Message::Pressed(Key::named(name).unwrap()));
            let does = format!("{:?}", person.settle) != before || !person.wanted.is_empty();
            assert!(does, "{name} does nothing and says nothing in {:?}", binding.place);
        }
    }
}
