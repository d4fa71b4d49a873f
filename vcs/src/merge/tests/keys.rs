//! Files of keys and values: against a merge of maps, and by example.

use std::collections::BTreeMap;

use super::*;

/// Keys and their values, as a file may hold them.
pub(super) type Table = BTreeMap<String, u32>;

/// How a table is written into a file of this name, if it is one of keys.
pub(super) fn language(path: &str) -> Option<fn(&Table) -> String> {
    match path.rsplit('.').next() {
        Some("json") => Some(json),
        Some("toml") => Some(toml),
        _ => None,
    }
}

fn json(table: &Table) -> String {
    let pairs = table.iter().map(|(key, value)| format!("  \"{key}\": {value}"));
    format!("{{\n{}\n}}\n", pairs.collect::<Vec<_>>().join(",\n"))
}

fn toml(table: &Table) -> String {
    let lines: Vec<_> = table.iter().map(|(key, value)| format!("{key} = {value}\n")).collect();
    lines.concat()
}

fn yaml(table: &Table) -> String {
    let lines: Vec<_> = table.iter().map(|(key, value)| format!("{key}: {value}\n")).collect();
    lines.concat()
}

/// The same in two maps of one map.
fn nested(table: &Table) -> String {
    let (one, other) = table.iter().partition::<Vec<_>, _>(|(key, _)| key.as_str() < "d");
    let map = |name: &str, table: &[(&String, &u32)]| {
        let lines = table.iter().map(|(key, value)| format!("  {key}: {value}\n"));
        [format!("{name}:\n")].into_iter().chain(lines).collect::<String>()
    };
    map("one", &one) + &map("other", &other)
}

pub(super) fn table(dice: &mut Dice) -> Table {
    (0..dice.below(8)).map(|_| entry(dice)).collect()
}

fn entry(dice: &mut Dice) -> (String, u32) {
    let key = (*dice.pick(&["a", "b", "c", "d", "e", "f", "g", "h"])).to_owned();
    (key, u32::try_from(dice.below(3)).unwrap())
}

pub(super) fn edited(dice: &mut Dice, table: &Table) -> Table {
    let mut edited = table.clone();
    for _ in 0..dice.below(4) {
        let (key, value) = entry(dice);
        if dice.below(3) == 0 {
            edited.remove(&key);
        } else {
            edited.insert(key, value);
        }
    }
    edited
}

/// What the merge of three maps is, by the definition: each key by itself.
fn model(base: &Table, ours: &Table, theirs: &Table) -> Option<Table> {
    let keys: std::collections::BTreeSet<&String> =
        base.keys().chain(ours.keys()).chain(theirs.keys()).collect();
    let mut all = Table::new();
    for key in keys {
        let (before, mine, yours) = (base.get(key), ours.get(key), theirs.get(key));
        let value = match (mine == before, yours == before, mine == yours) {
            (_, _, true) | (false, true, false) => mine,
            (true, false, false) => yours,
            (false, false, false) => return None,
            (true, true, false) => unreachable!("both are as before, so they are alike"),
        };
        value.map(|value| all.insert(key.clone(), *value));
    }
    Some(all)
}

#[test]
fn a_file_of_keys_merges_as_a_map_does() {
    let mut dice = Dice(11);
    for _ in 0..3000 {
        let base = table(&mut dice);
        let (ours, theirs) = (edited(&mut dice, &base), edited(&mut dice, &base));
        let expected = model(&base, &ours, &theirs);
        for (path, write) in [("a.json", json as fn(&Table) -> String), ("a.toml", toml)] {
            let texts = [&base, &ours, &theirs].map(write);
            let all = merged(path, texts[0].as_bytes(), texts[1].as_bytes(), texts[2].as_bytes());
            let found = all.bytes().map(|bytes| read(path, &String::from_utf8(bytes).unwrap()));
            assert_eq!(found, expected, "{path}\n{texts:#?}");
        }
    }
}

/// Who took what there was before for the last key of an object kept the comma above it.
#[test]
fn any_choice_of_sides_is_a_file_of_keys_again() {
    let mut dice = Dice(13);
    let mut chosen = 0;
    for _ in 0..3000 {
        let base = table(&mut dice);
        let (ours, theirs) = (edited(&mut dice, &base), edited(&mut dice, &base));
        let writers = [
            ("a.json", json as fn(&Table) -> String),
            ("a.toml", toml),
            ("a.yaml", yaml),
            ("nested.yaml", nested),
        ];
        for (path, write) in writers {
            let texts = [&base, &ours, &theirs].map(write);
            let all = merged(path, texts[0].as_bytes(), texts[1].as_bytes(), texts[2].as_bytes());
            for _ in 0..4 {
                let mut text = Vec::new();
                for part in &all.parts {
                    text.extend_from_slice(match part {
                        MergePart::Plain(bytes) => bytes,
                        MergePart::Decided(decided) => &decided.bytes,
                        MergePart::Conflict(open) => {
                            chosen += 1;
                            let versions = [&open.base, &open.ours, &open.theirs];
                            versions[dice.below(3)]
                        }
                    });
                }
                read(path, &String::from_utf8(text).unwrap());
            }
        }
    }
    assert!(chosen > 1000, "{chosen}");
}

/// The table in a text that one of the two writers wrote, or something made of its lines.
fn read(path: &str, text: &str) -> Table {
    let is_json = path.ends_with("json");
    let between = if path.ends_with("toml") { " = " } else { ": " };
    let pairs = text.lines().filter_map(|line| {
        let line = line.trim().trim_end_matches(',');
        let (key, value) = line.split_once(between)?;
        Some((key.trim_matches('"').to_owned(), value.parse().unwrap()))
    });
    let pairs: Vec<(String, u32)> = pairs.collect();
    let table: Table = pairs.iter().cloned().collect();
    assert_eq!(table.len(), pairs.len(), "a key stands there twice: {text}");
    let commas = text.lines().filter(|line| line.ends_with(',')).count();
    assert_eq!(commas, if is_json { table.len().saturating_sub(1) } else { 0 }, "{text}");
    table
}

#[test]
fn what_nobody_touched_stays_byte_for_byte() {
    let base = "{\n\t// how it is built\n\t\"build\" : \"make\",\n\t\"deps\": {\"a\":\"1.0.0\", \"b\": \"2.0.0\"}, /* end */\n}\n";
    let ours = base.replace("1.0.0", "1.1.0").replace("make", "make all");
    let theirs = base.replace("2.0.0", "3.0.0").replace("1.0.0", "1.0.5");
    let (steps, text) = told("a.jsonc", base, &ours, &theirs);
    let expected =
        base.replace("make", "make all").replace("1.0.0", "1.1.0").replace("2.0.0", "3.0.0");
    assert_eq!(text, expected);
    assert_eq!(steps, ["higher-version"]);
}

#[test]
fn keys_of_toml_merge_where_lines_do_not() {
    let base = "[package]\nname = \"a\"\nversion = \"1.0.0\"\n\n[dependencies]\nx = \"1\"\ny = { version = \"2.0.0\", features = [\"f\"] }\n";
    let ours = base
        .replace("version = \"1.0.0\"", "version = \"1.1.0\"")
        .replace("[\"f\"]", "[\"f\", \"g\"]");
    let theirs = base
        .replace("version = \"1.0.0\"", "version = \"1.0.1\"\nedition = \"2024\" # new")
        .replace("\"2.0.0\"", "\"2.1.0\"");
    let (_, text) = told("Cargo.toml", base, &ours, &theirs);
    assert_eq!(
        text,
        "[package]\nname = \"a\"\nversion = \"1.1.0\"\nedition = \"2024\" # new\n\n[dependencies]\nx = \"1\"\ny = { version = \"2.1.0\", features = [\"f\", \"g\"] }\n"
    );
}

#[test]
fn a_clash_is_a_conflict_of_its_lines_alone() {
    let base = "{\n  \"a\": 1,\n  \"b\": 2,\n  \"c\": 3\n}\n";
    let (ours, theirs) = (base.replace('2', "20"), base.replace('2', "200").replace('3', "30"));
    let (_, text) = told("a.json", base, &ours, &theirs);
    assert_eq!(
        text,
        "{\n  \"a\": 1,\n<<<<<<< ours\n  \"b\": 20,\n=======\n  \"b\": 200,\n>>>>>>> theirs\n  \"c\": 30\n}\n"
    );
}

#[test]
fn two_ways_to_say_where_a_thing_comes_from_are_not_mixed() {
    let base = "x = { version = \"1.0.0\" }\n";
    let ours = "x = { git = \"there\" }\n";
    let theirs = "x = { path = \"here\" }\n";
    let (steps, text) = told("Cargo.toml", base, ours, theirs);
    assert!(steps.is_empty());
    assert!(text.starts_with("<<<<<<< ours\nx = { git"), "{text}");
}

#[test]
fn what_is_too_deep_or_broken_is_merged_as_text() {
    for deep in ["[".repeat(100_000), "{\"a\":".repeat(100_000), "{".to_owned()] {
        let base = format!("{deep}\nx\n");
        let (ours, theirs) = (format!("{base}1\n"), format!("0\n{base}"));
        let (_, text) = told("a.json", &base, &ours, &theirs);
        assert_eq!(text, format!("0\n{base}1\n"));
    }
}

#[test]
fn a_comma_in_a_comment_is_no_comma() {
    let base = "{\n  \"a\": 1 // one, two\n}\n";
    let ours = "{\n  \"a\": 1, // one, two\n  \"b\": 2\n}\n";
    let theirs = "{\n  \"a\": 3 // one, two\n}\n";
    let (_, text) = told("a.jsonc", base, ours, theirs);
    assert_eq!(text, "{\n  \"a\": 3, // one, two\n  \"b\": 2\n}\n");
}

#[test]
fn a_key_is_not_made_a_value_and_a_table() {
    let base = "[a]\nx = 1\n";
    let (ours, theirs) = ("[a]\nx = 1\nb = 1\n", "[a]\nx = 1\n\n[a.b]\ny = 1\n");
    let all = merged("a.toml", base.as_bytes(), ours.as_bytes(), theirs.as_bytes());
    assert_eq!(all.bytes(), None, "{all:?}");
    let theirs = "[a]\nx = 1\n\n[a.c]\ny = 1\n\n[[d]]\nz = 1\n\n[[d]]\nz = 2\n";
    let all = merged("a.toml", base.as_bytes(), ours.as_bytes(), theirs.as_bytes());
    let expected = theirs.replace("x = 1\n", "x = 1\nb = 1\n");
    assert_eq!(all.bytes().map(|bytes| String::from_utf8(bytes).unwrap()), Some(expected));
}

#[test]
fn a_key_that_both_add_in_two_places_is_a_conflict() {
    let base = "name: a\nx: 1\ny: 2\nz: 3\nlast: b\n";
    let with = |before: &str, line: &str| base.replace(before, &format!("{line}{before}"));
    let ours = with("x:", "port: 80\n");
    for (theirs, is_conflict) in
        [(with("last:", "port: 81\n"), true), (with("last:", "host: c\n"), false)]
    {
        let sides = [base, &ours, &theirs].map(str::as_bytes);
        let made = |path| merged(path, sides[0], sides[1], sides[2]).bytes();
        assert_eq!(made("a.yml").is_none(), is_conflict);
        assert!(made("a.txt").is_some());
    }
    // JSON, too: it is one key, of which each says something else.
    let json = |keys: &[&str]| format!("{{\n{}\n}}\n", keys.join(",\n"));
    let [old, ours, theirs, other] = [
        json(&["\"a\": 0", "\"x\": 1", "\"y\": 2", "\"z\": 3"]),
        json(&["\"a\": 0", "\"port\": 80", "\"x\": 1", "\"y\": 2", "\"z\": 3"]),
        json(&["\"a\": 0", "\"x\": 1", "\"y\": 2", "\"port\": 81", "\"z\": 3"]),
        json(&["\"a\": 0", "\"x\": 1", "\"y\": 2", "\"port\": 80", "\"z\": 3"]),
    ];
    let made = |theirs: &str| merged("a.json", old.as_bytes(), ours.as_bytes(), theirs.as_bytes());
    assert!(made(&theirs).bytes().is_none());
    let once = String::from_utf8(made(&other).bytes().unwrap()).unwrap();
    assert_eq!(once.matches("port").count(), 1, "{once}");
    // Who has it twice already means it so.
    let twice = with("last:", "x: 2\n");
    let theirs = with("y:", "w: 1\n");
    let both = [base, &twice, &theirs].map(str::as_bytes);
    assert!(merged("a.yml", both[0], both[1], both[2]).bytes().is_some());
}
