//! What rules settle, in lines and by key.

use super::*;
use crate::merge::key_pattern::KeyPattern;
use crate::merge::part::{RuleSource, Ruling};
use crate::strategy::Strategy;

const OURS: Settling = Settling::Side(MergeSide::Ours);
const THEIRS: Settling = Settling::Side(MergeSide::Theirs);

/// The same rules in all three trees: which keys, and what becomes of them.
fn rules(said: &[(&str, Settling)]) -> MergeRules {
    let voices: Vec<Voice> = said
        .iter()
        .enumerate()
        .map(|(at, (key, settling))| {
            let (settling, strategy) = (settling.clone(), Strategy::LastWrite);
            let source = RuleSource::Line(at + 1);
            Voice { key: KeyPattern::new(key), ruled: Ruled { settling, strategy, source } }
        })
        .collect();
    MergeRules::of_trees([voices.clone(), voices.clone(), voices])
}

fn text(path: &str, texts: [&str; 3], rules: &MergeRules) -> String {
    let merged = merged_with(path, texts.map(str::as_bytes), MergeSide::Ours, rules);
    String::from_utf8(merged.marked(LABELS)).unwrap()
}

#[test]
fn manual_asks_no_step() {
    let texts = ["v 1.2.0\n", "v 1.10.0\n", "v 1.9.3\n"];
    assert_eq!(text("a.txt", texts, &rules(&[])), "v 1.10.0\n");
    let marked = "<<<<<<< ours\nv 1.10.0\n=======\nv 1.9.3\n>>>>>>> theirs\n";
    assert_eq!(text("a.txt", texts, &rules(&[("", Settling::Manual)])), marked);
    let apart = ["a\n1\n2\nb\n", "A\n1\n2\nb\n", "a\n1\n2\nB\n"];
    assert_eq!(text("a.txt", apart, &rules(&[("", Settling::Manual)])), "A\n1\n2\nB\n");
}

#[test]
fn a_rule_for_a_key_decides_before_the_steps() {
    let base = "{\n  \"name\": \"x\",\n  \"version\": \"1.0.0\"\n}\n";
    let texts = [base, &base.replace("1.0.0", "2.0.0"), &base.replace("1.0.0", "1.5.0")];
    let higher = base.replace("1.0.0", "2.0.0");
    let lower = base.replace("1.0.0", "1.5.0");
    assert_eq!(text("a.json", texts, &rules(&[])), higher);
    assert_eq!(text("a.json", texts, &rules(&[("version", THEIRS)])), lower);
    assert_eq!(text("a.json", texts, &rules(&[("name", THEIRS)])), higher);
    let left = text("a.json", texts, &rules(&[("version", Settling::Manual)]));
    assert!(left.contains("<<<<<<<") && left.contains("  \"name\": \"x\",\n"), "{left}");
}

#[test]
fn a_rule_for_a_table_is_for_what_is_in_it() {
    let base = "[package]\nname = 'x'\nrank = 1\n\n[other]\nrank = 1\n";
    let ours = base.replace("rank = 1", "rank = 20 # ours");
    let theirs = base.replace("rank = 1", "rank = 'none'");
    let told = text("a.toml", [base, &ours, &theirs], &rules(&[("package", OURS)]));
    assert!(told.starts_with("[package]\nname = 'x'\nrank = 20"), "{told}");
    assert_eq!(told.matches("<<<<<<<").count(), 1, "{told}");
}

#[test]
fn what_a_rule_did_is_told_with_its_line_and_side() {
    let texts = [
        &b"{\"a\": 1,\n \"b\": 1}\n"[..],
        b"{\"a\": 2,\n \"b\": 2}\n",
        b"{\"a\": 3,\n \"b\": 3}\n",
    ];
    let said = rules(&[("a", OURS), ("b", THEIRS)]);
    for first in [MergeSide::Ours, MergeSide::Theirs] {
        let merged = merged_with("x.json", texts, first, &said);
        assert_eq!(merged.bytes().as_deref(), Some(&b"{\"a\": 2,\n \"b\": 3}\n"[..]));
        let told: Vec<_> = merged.decided().map(|(line, decided)| (line, decided.step)).collect();
        let step = |line, took| {
            let (strategy, source) = (Strategy::LastWrite, RuleSource::Line(line));
            MergeStep::Rule(Ruling { strategy, source, took })
        };
        assert_eq!(told, [(1, step(1, Took::Ours)), (2, step(2, Took::Theirs))]);
    }
}

#[test]
fn a_key_that_one_side_removed_goes_if_that_side_is_right() {
    let base = "{\n  \"a\": 1,\n  \"b\": 1\n}\n";
    let (ours, theirs) = ("{\n  \"a\": 1\n}\n", base.replace("\"b\": 1", "\"b\": 7"));
    let texts = [base, ours, &theirs];
    assert!(text("x.json", texts, &rules(&[])).contains("<<<<<<<"));
    assert_eq!(text("x.json", texts, &rules(&[("b", OURS)])), ours);
    assert_eq!(text("x.json", texts, &rules(&[("b", THEIRS)])), theirs);
}

#[test]
fn items_of_a_set_are_told_apart_by_their_key() {
    let list =
        |items: &[&str]| format!("{{\n  \"staff\": [\n    {}\n  ]\n}}\n", items.join(",\n    "));
    let (ann, bob) = ("{ \"mail\": \"ann\", \"rank\": 1 }", "{ \"mail\": \"bob\", \"rank\": 1 }");
    let (ann2, cid) = ("{ \"mail\": \"ann\", \"rank\": 2 }", "{ \"mail\": \"cid\", \"rank\": 1 }");
    let (base, ours) = (list(&[ann, bob]), list(&[ann2, bob, cid]));
    let theirs = list(&[bob, "{ \"mail\": \"ann\", \"rank\": 1, \"desk\": 9 }"]);
    let set = Settling::Set(Some("mail".to_owned()));
    let told = text("x.json", [&base, &ours, &theirs], &rules(&[("staff", set)]));
    assert_eq!(told.matches("ann").count(), 1, "{told}");
    assert!(told.contains("\"rank\": 2") && told.contains("cid") && told.contains("bob"), "{told}");
}

#[test]
fn lines_of_a_set_stand_for_themselves() {
    let said = rules(&[("", Settling::Set(None))]);
    let texts = ["apple\npear\n", "fig\npear\n", "apple\nplum\nfig\n"];
    assert_eq!(text("words.txt", texts, &said), "fig\nplum\n");
    let texts = ["", "b c d e f\na\n", "a\nb c d e g\n"];
    assert_eq!(text("words.txt", texts, &said), "b c d e f\na\nb c d e g\n");
}

#[test]
fn a_file_that_a_command_writes_is_taken_whole() {
    let lock = |a: &str, b: &str| format!("[a]\nv = '{a}'\n\n[c]\n\n[b]\nv = '{b}'\n");
    let (base, ours, theirs) = (lock("1", "1"), lock("2", "1"), lock("3", "3"));
    let texts = [base.as_str(), &ours, &theirs];
    assert!(text("Cargo.lock", texts, &rules(&[])).contains("<<<<<<<"));
    assert_eq!(text("Cargo.lock", texts, &rules(&[("", OURS)])), ours);
}

#[test]
fn a_rule_for_one_side_leaves_what_can_be_read() {
    // Each side's own line takes a comma along that the other has not.
    let (base, ours) = ("{\"a\": [1]}\n", "{\"a\": [1, 2,\n 3]}\n");
    let theirs = "{\"a\": {\"b\":\n 4}}\n";
    for settling in [OURS, THEIRS, Settling::Union, Settling::Set(None)] {
        let told = text("x.json", [base, ours, theirs], &rules(&[("", settling.clone())]));
        let is_read = crate::merge::tree::language::Language::Json.parse(told.as_bytes()).is_some();
        assert!(is_read || told.contains("<<<<<<<"), "{settling:?}: {told}");
    }
}

#[test]
fn what_is_no_text_is_taken_whole_or_left() {
    let texts = [&b"\0"[..], b"\0a", b"\0b"];
    let told = |settling| {
        merged_with("x.png", texts, MergeSide::Theirs, &rules(&[("", settling)])).bytes()
    };
    assert_eq!(told(THEIRS).as_deref(), Some(&b"\0b"[..]));
    assert_eq!(told(Settling::Union), None);
}
