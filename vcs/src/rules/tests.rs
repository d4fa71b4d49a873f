//! Files of rules, and what each says.

use super::*;
use crate::text::dice::Dice;

const KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

fn rules(text: &str) -> Rules {
    Rules::read(text.as_bytes()).unwrap()
}

fn refusal(text: &str) -> String {
    Rules::read(text.as_bytes()).unwrap_err().to_string()
}

#[test]
fn the_last_rule_that_fits_a_path_decides() {
    let rules = rules(
        "# of all\n[[rule]]\nstrategy = 'union'\n\n[[rule]]\npath = '*.snap'\nstrategy = 'last_write'\n\n\
         [[rule]]\npath = '/ui/*'\nstrategy = 'manual'\n[[rule]]\ntype = 'binary'\nstrategy = 'prefer_local'\n",
    );
    let line = |path, nature| rules.of(path, nature, &[]).map(|rule| rule.line);
    assert_eq!(line("a", Nature::Text), Some(2));
    assert_eq!(line("deep/a.snap", Nature::Text), Some(5));
    assert_eq!(line("ui/a.snap", Nature::Text), Some(9));
    assert_eq!(line("ui/deep/a.snap", Nature::Text), Some(5));
    assert_eq!(line("ui/a.png", Nature::Binary), Some(12));
    assert_eq!(line(Rules::FILE, Nature::Text), None);
}

#[test]
fn a_rule_for_a_key_is_for_what_is_below_it() {
    let rules = rules("[[rule]]\npath = 'a.json'\nkey = 'x.y'\nstrategy = 'set'\nby = 'id'\n");
    let way = |way: &[&str]| -> Vec<Vec<u8>> { way.iter().map(|key| (*key).into()).collect() };
    let is_meant = |keys: &[&str]| rules.of("a.json", Nature::Text, &way(keys)).is_some();
    assert!(is_meant(&["x", "y"]));
    assert!(is_meant(&["x", "y", "z"]));
    assert!(!is_meant(&["x"]));
    assert!(!is_meant(&[]));
    assert_eq!(rules.iter().next().unwrap().by.as_deref(), Some("id"));
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    let strategy = "[[rule]]\nstrategy = ";
    for (text, expected) in [
        ("\n[[rules]]\n", "line 2: there is no key 'rules' here; did you mean rule?"),
        ("[[rule]]\npaht = 'a'\n", "line 2: there is no key 'paht' here; did you mean path?"),
        ("\n\n[[rule]]\n", "line 3: a rule needs 'strategy'"),
        ("\n[[near]]\npath = 'a'\n", "line 2: a [[near]] needs 'lines'"),
        ("rule = 'union'\n", "line 1: 'rule' is a list of tables: [[rule]]"),
        ("[rule]\nstrategy = 'union'\n", "line 1: 'rule' is a list of tables: [[rule]]"),
        (&format!("{strategy}'unoin'"), "line 2: 'unoin' is no strategy; did you mean union?"),
        (&format!("{strategy}7"), "line 2: 'strategy' is a text with something in it"),
        (&format!("{strategy}'authority'"), "line 1: a rule needs 'authority'"),
        (&format!("{strategy}'command'"), "line 1: a rule needs 'command'"),
        (
            &format!("{strategy}'union'\nby = 'id'"),
            "line 3: 'by' says nothing to the strategy union",
        ),
        (
            &format!("{strategy}'command'\ncommand = 'x'\nkey = 'a'"),
            "line 4: 'key' says nothing to the strategy command",
        ),
        (
            &format!("{strategy}'authority'\nauthority = ['{}']", &KEY[1..]),
            "line 3: 'authority' is a public key of 64 hexadecimal digits, or a list of such",
        ),
        (
            &format!("{strategy}'union'\nkey = 'a..b'"),
            "line 3: 'key' is a way of keys such as 'package.version'",
        ),
        (
            &format!("{strategy}'union'\npath = '[a'"),
            "line 3: 'path' is a pattern such as '*.lock' or 'docs/**'",
        ),
        (
            &format!("{strategy}'union'\ntype = 'jsno'"),
            "line 3: 'jsno' is no type of files; did you mean json?",
        ),
    ] {
        assert_eq!(refusal(text), expected, "{text}");
    }
    assert!(refusal("[[rule]\n").starts_with("line 1: this is no TOML: "));
    assert_eq!(Rules::read(b"\xff").unwrap_err().problem, read::RulesProblem::NoText);
}

#[test]
fn rules_may_stand_on_one_line_each() {
    let text = format!(
        "rule = [\n  {{ path = 'a', strategy = 'first_write' }},\n  \
         {{ path = 'b', strategy = 'authority', authority = '{KEY}' }},\n]\n"
    );
    let rules = rules(&text);
    let lines: Vec<usize> = rules.iter().map(|rule| rule.line).collect();
    assert_eq!(lines, [2, 3]);
    assert_eq!(rules.iter().last().unwrap().authority, [PublicKey::spelled(KEY).unwrap()]);
}

#[test]
fn a_file_without_rules_says_nothing() {
    assert_eq!(rules("# nothing yet\n").iter().count(), 0);
}

#[test]
fn whatever_the_bytes_there_is_an_answer() {
    let text = format!(
        "[[rule]]\npath = '*.a'\ntype = 'json'\nkey = 'a.*.\"b\"'\nstrategy = 'set'\nby = 'id'\n\
         [[rule]]\nstrategy = 'authority'\nauthority = ['{KEY}']\n"
    );
    let mut dice = Dice(1);
    let mut read = 0;
    for _ in 0..4000 {
        let mut bytes = text.clone().into_bytes();
        for _ in 0..=dice.below(3) {
            let at = dice.below(bytes.len());
            match dice.below(3) {
                0 => bytes[at] = *dice.pick(b"[]{}'\"=.,\n\0\xffa1"),
                1 => drop(bytes.remove(at)),
                _ => bytes.insert(at, *dice.pick(b"[]{}'\"=.,\n#*")),
            }
        }
        let lines = 1 + bytes.iter().filter(|byte| **byte == b'\n').count();
        match Rules::read(&bytes) {
            Ok(_) => read += 1,
            Err(error) => assert!((1..=lines).contains(&error.line), "{error}"),
        }
    }
    assert!((100..3900).contains(&read), "{read} could be read");
}
