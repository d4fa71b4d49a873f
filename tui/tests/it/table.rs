//! All conflicts as a table.

use selkie_tui::{Effect, Message, Spoken};

use crate::screens::keyed;
use crate::toy::Bit::{Open, Same};
use crate::toy::{Person, text};

/// The row that has this text, without the blanks in it.
fn row(person: &Person, wanted: &str) -> String {
    let shown = person.sees(200, 50);
    let row = shown.lines().find(|line| line.contains(wanted)).unwrap_or_else(|| panic!("{shown}"));
    row.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn each_key_has_a_row_with_what_every_version_has_and_what_a_rule_says() {
    let mut person = Person::at(keyed());
    person.press("t");
    for (wanted, expected) in [
        ("? server.port", "│>? server.port 80 8080 443 manual, line 1 open │"),
        (
            "? server.names",
            "│ ? server.names [\"a\"] [\"a\", \"b\"] [ \"c\", ] manual, line 1 open │",
        ),
        ("? client.retry", "│ ? client.retry – 3 5 open │"),
        ("│ client.wait", "│ │ client.wait – – 1 │"),
        (
            "? lines 2",
            "│ ? lines 2 /// Ends the session of a user, if there /// Closes the session",
        ),
        ("removed it", "│ ? whole as it was removed it changed it open │"),
        ("may be run", "│ ? whole as it was changed whether it may be run removed it open │"),
    ] {
        let row = row(&person, wanted);
        assert!(row.starts_with(expected), "{expected}\n{row}");
    }
}

#[test]
fn the_keys_that_decide_are_those_of_the_other_view() {
    for keys in ["1 n 2 n b", "2 u U", "d n 0 o", "x n 1 1", "j 2 k 1 G 2 g", "pgdn 2 pgup 0"] {
        let (mut table, mut sides) = (Person::at(keyed()), Person::at(keyed()));
        table.press("t").press(keys);
        // Where the table goes by rows the other view goes from conflict to conflict.
        let steps =
            keys.replace('j', "]").replace('k', "[").replace("pgdn", "G").replace("pgup", "g");
        sides.press(&steps);
        assert_eq!(table.decided(), sides.decided(), "{keys}");
        assert_eq!(table.kept, sides.kept, "{keys}");
        assert_eq!(table.settle.part(), sides.settle.part(), "{keys}");
        assert_eq!(table.press("t").sees(120, 40), sides.sees(120, 40), "{keys}");
    }
}

#[test]
fn what_was_decided_and_what_was_put_off_is_told_in_its_row() {
    let mut person = Person::at(keyed());
    person.press("t 2 n d");
    assert!(row(&person, "✓ server.port").ends_with("manual, line 1 B │"));
    assert!(row(&person, "~ server.names").ends_with("manual, line 1 later │"));
    person.press("u u");
    assert!(row(&person, "? server.port").ends_with("open │"));
}

#[test]
fn files_are_read_for_the_table_and_not_before() {
    let mut person = Person::at(keyed());
    assert!(person.settle.tabulate() == [Effect::Tabulate]);
    person.press("t t t");
    assert!(person.settle.tabulate().is_empty(), "once is enough");
    let why = "the rules can not be read".to_owned();
    let mut person = Person::at(keyed());
    person.meet(Message::Tabulated(Err(why)));
    assert!(person.sees(120, 40).contains("can not be told: the rules can not be read"));
}

#[test]
fn the_row_that_is_looked_at_is_always_there() {
    let lines: Vec<String> = (0..120).map(|number| format!("{number}\n")).collect();
    let mut bits = Vec::new();
    for line in &lines {
        bits.extend([Open("", line, "x\n"), Same("-\n")]);
    }
    let mut person = Person::at(vec![text("a.txt", &bits)]);
    person.press("t");
    for keys in ["g", "j", "pgdn", "pgdn", "G", "k", "pgup"] {
        person.press(keys);
        for (width, height) in [(80, 24), (200, 50), (40, 12), (40, 3)] {
            let shown = person.sees(width, height);
            assert!(height < 12 || shown.contains(">? lines"), "{keys} {width}x{height}\n{shown}");
        }
    }
    assert!(person.press("G j").sees(80, 24).contains("there is none further on"));
}

#[test]
fn it_is_told_in_lines_as_well() {
    let mut person = Person::at(keyed());
    person.press("t 2");
    let told = person.settle.told_table();
    let named = |name: &str, text: &str| Spoken::Named(name.to_owned(), text.as_bytes().to_vec());
    assert_eq!(
        told[..5],
        [
            Spoken::Sentence("1. deploy.toml, server.port: B.".to_owned()),
            named("base", "80"),
            named("A", "8080"),
            named("B", "443"),
            Spoken::Sentence("  A rule says manual, line 1.".to_owned()),
        ]
    );
}
