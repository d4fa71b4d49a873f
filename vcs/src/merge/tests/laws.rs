//! What holds of any three texts.

use super::*;
use crate::merge::key_pattern::KeyPattern;
use crate::merge::tree::language::Language;
use crate::merge::yaml::{Soundness, soundness};

/// Names of files that are each read in another way.
const PATHS: [&str; 8] = [
    "a.txt",
    "a.rs",
    "a.yml",
    "data.json",
    "Cargo.toml",
    "CHANGELOG.md",
    ".gitignore",
    "Cargo.lock",
];

#[test]
fn one_side_alone_wins_whatever_it_did() {
    let mut dice = Dice(1);
    for round in 0..4000 {
        let path = PATHS[round % PATHS.len()];
        let (base, ours) = pair(&mut dice, path);
        let bytes = |ours: &str, theirs: &str| {
            merged(path, base.as_bytes(), ours.as_bytes(), theirs.as_bytes()).bytes()
        };
        assert_eq!(bytes(&ours, &base).as_deref(), Some(ours.as_bytes()));
        assert_eq!(bytes(&base, &ours).as_deref(), Some(ours.as_bytes()));
        assert_eq!(bytes(&ours, &ours).as_deref(), Some(ours.as_bytes()));
    }
}

#[test]
fn swapping_the_sides_swaps_the_sides_of_conflicts_alone() {
    let mut dice = Dice(2);
    for round in 0..4000 {
        let path = PATHS[round % PATHS.len()];
        let (base, ours, theirs) = three(&mut dice, path);
        let texts = [base.as_bytes(), ours.as_bytes(), theirs.as_bytes()];
        let rules = some_rules(&mut dice);
        let one = merged_with(path, texts, MergeSide::Ours, &rules);
        let texts = [texts[0], texts[2], texts[1]];
        let mut other = merged_with(path, texts, MergeSide::Theirs, &rules.swapped());
        other.parts = other.parts.into_iter().map(MergePart::swapped).collect();
        assert_eq!(one, other, "{path}\n{base}\n--\n{ours}\n--\n{theirs}");
    }
}

/// Rules of three trees, as often as not none.
fn some_rules(dice: &mut Dice) -> MergeRules {
    let voices = [(); 3].map(|()| {
        let voice = |dice: &mut Dice| {
            let settling = dice
                .pick(&[
                    Settling::Steps,
                    Settling::Manual,
                    Settling::Side(MergeSide::Ours),
                    Settling::Side(MergeSide::Theirs),
                    Settling::Union,
                    Settling::Set(None),
                ])
                .clone();
            let key = dice.pick(&["", "a", "b", "*"]);
            Voice { key: KeyPattern::new(key), ruled: Ruled { settling, ..Ruled::default() } }
        };
        (0..dice.below(3)).map(|_| voice(dice)).collect()
    });
    if dice.below(2) == 0 { MergeRules::default() } else { MergeRules::of_trees(voices) }
}

#[test]
fn no_rule_breaks_what_could_be_read() {
    let mut dice = Dice(7);
    let mut settled = 0;
    for round in 0..4000 {
        let (path, language) =
            [("data.json", Language::Json), ("Cargo.toml", Language::Toml)][round % 2];
        let (base, ours, theirs) = three(&mut dice, path);
        let is_read = |text: &str| language.parse(text.as_bytes()).is_some();
        let rules = some_rules(&mut dice);
        let texts = [base.as_bytes(), ours.as_bytes(), theirs.as_bytes()];
        let all = merged_with(path, texts, MergeSide::Ours, &rules);
        let Some(bytes) = all.bytes().filter(|_| is_read(&ours) && is_read(&theirs)) else {
            continue;
        };
        let text = String::from_utf8(bytes).unwrap();
        assert!(is_read(&text), "{rules:?}\n{base}\n--\n{ours}\n--\n{theirs}\n--\n{text}");
        settled += usize::from(text != ours && text != theirs);
    }
    assert!(settled > 100, "{settled}");
}

#[test]
fn what_could_be_read_as_yaml_can_be_read_after() {
    let mut dice = Dice(8);
    let (mut settled, mut kept_back) = (0, 0);
    for _ in 0..6000 {
        let mut base = Vec::new();
        indented(&mut dice, 0, &mut base);
        let (ours, theirs) = (reindented(&mut dice, &base), reindented(&mut dice, &base));
        let [base, ours, theirs] = [base, ours, theirs].map(|lines| lines.concat());
        if ours == base || theirs == base || ours == theirs {
            continue;
        }
        let sound = soundness(ours.as_bytes()).min(soundness(theirs.as_bytes()));
        if sound == Soundness::Unreadable {
            continue;
        }
        let texts = [base.as_bytes(), ours.as_bytes(), theirs.as_bytes()];
        let by_line = merged("a.txt", texts[0], texts[1], texts[2]).bytes();
        kept_back += usize::from(by_line.is_some_and(|bytes| soundness(&bytes) < sound));
        let rules = some_rules(&mut dice);
        let Some(bytes) = merged_with("a.yml", texts, MergeSide::Ours, &rules).bytes() else {
            continue;
        };
        let text = String::from_utf8(bytes).unwrap();
        assert!(
            soundness(text.as_bytes()) >= sound,
            "{rules:?}\n{base}\n--\n{ours}\n--\n{theirs}\n--\n{text}"
        );
        settled += 1;
    }
    assert!(settled > 150 && kept_back > 10, "{settled} {kept_back}");
}

/// The lines of a map whose keys stand at this depth.
fn indented(dice: &mut Dice, depth: usize, lines: &mut Vec<String>) {
    let space = " ".repeat(depth);
    for key in 0..2 + dice.below(3) {
        match dice.below(if depth < 6 { 4 } else { 2 }) {
            0 => lines.push(format!("{space}k{key}: {}\n", dice.below(9))),
            1 => lines.push(format!("{space}k{key}: \"some {}\"\n", dice.below(9))),
            2 => {
                lines.push(format!("{space}k{key}:\n"));
                lines.extend((0..=dice.below(3)).map(|item| format!("{space}- i{item}\n")));
            }
            _ => {
                lines.push(format!("{space}k{key}:\n"));
                indented(dice, depth + 2, lines);
            }
        }
    }
}

/// The same with lines moved in or out, taken away, or new.
fn reindented(dice: &mut Dice, lines: &[String]) -> Vec<String> {
    let mut lines = lines.to_vec();
    for _ in 0..=dice.below(3) {
        let at = dice.below(lines.len());
        let end = (at + 1 + dice.below(4)).min(lines.len());
        match dice.below(4) {
            0 => lines[at..end].iter_mut().for_each(|line| line.insert_str(0, "  ")),
            1 => lines[at..end].iter_mut().for_each(|line| {
                if let Some(rest) = line.strip_prefix("  ") {
                    *line = rest.to_owned();
                }
            }),
            2 if lines.len() > end - at => drop(lines.drain(at..end)),
            _ => {
                let space = " ".repeat(2 * dice.below(4));
                lines.insert(at, format!("{space}n{}: 1\n", dice.below(9)));
            }
        }
    }
    lines
}

#[test]
fn every_line_stems_from_a_text_but_those_that_were_put_together() {
    let mut dice = Dice(3);
    for _ in 0..4000 {
        let (base, ours, theirs) = three(&mut dice, "a.txt");
        // A last line without an end gets one where another follows.
        let lines: Vec<&str> =
            [&base, &ours, &theirs].iter().flat_map(|text| text.lines()).map(bare).collect();
        let all = merged("a.txt", base.as_bytes(), ours.as_bytes(), theirs.as_bytes());
        for part in &all.parts {
            let bytes = match part {
                MergePart::Plain(bytes) => bytes,
                MergePart::Decided(decided) => match decided.step {
                    MergeStep::Words
                    | MergeStep::HigherVersion
                    | MergeStep::Inline
                    | MergeStep::Moved => continue,
                    _ => &decided.bytes,
                },
                MergePart::Conflict(MergeConflict { ours, .. }) => ours,
            };
            for line in std::str::from_utf8(bytes).unwrap().lines() {
                assert!(lines.contains(&bare(line)), "{line:?}\n{base}\n--\n{ours}\n--\n{theirs}");
            }
        }
    }
}

fn bare(line: &str) -> &str {
    line.trim_end_matches('\r')
}

#[test]
fn the_parts_are_whole_lines() {
    let mut dice = Dice(4);
    for round in 0..4000 {
        let path = PATHS[round % PATHS.len()];
        let (base, ours, theirs) = three(&mut dice, path);
        let all = merged(path, base.as_bytes(), ours.as_bytes(), theirs.as_bytes());
        let texts = |part: &MergePart| match part {
            MergePart::Plain(bytes) => vec![bytes.clone()],
            MergePart::Decided(decided) => vec![decided.bytes.clone()],
            MergePart::Conflict(MergeConflict { base, ours, theirs, .. }) => {
                vec![base.clone(), ours.clone(), theirs.clone()]
            }
        };
        let before = all.parts.split_last().map_or(&[][..], |(_, before)| before);
        for text in before.iter().flat_map(texts) {
            let is_whole = text.is_empty() || text.ends_with(b"\n");
            assert!(is_whole, "{path}\n{base:?}\n{ours:?}\n{theirs:?}\n{all:?}");
        }
    }
}

#[test]
fn whatever_the_bytes_there_is_an_answer() {
    let mut dice = Dice(5);
    let pieces = [
        "{", "}", "[", "]", "\"", ",", ":", "\n", "a", "=", "#", "//", "/*", "'''", "1.2.3", " ",
        "\\", "\u{e9}", "- ",
    ];
    for round in 0..6000 {
        let path = PATHS[round % PATHS.len()];
        let mut text = || -> String { (0..dice.below(24)).map(|_| *dice.pick(&pieces)).collect() };
        let [base, mut ours, theirs] = [text(), text(), text()].map(String::into_bytes);
        if round % 7 == 0 {
            ours.push(0xff);
        }
        let all = merged(path, &base, &ours, &theirs);
        let conflicts = all.conflicts().count();
        assert_eq!(all.bytes().is_none(), conflicts > 0);
    }
}

/// A base and an edit of it, for a file of this name.
fn pair(dice: &mut Dice, path: &str) -> (String, String) {
    let (base, ours, _) = three(dice, path);
    (base, ours)
}

/// A base and two edits of it.
fn three(dice: &mut Dice, path: &str) -> (String, String, String) {
    let keyed = keys::language(path);
    if let Some(write) = keyed {
        let base = keys::table(dice);
        let (ours, theirs) = (keys::edited(dice, &base), keys::edited(dice, &base));
        return (write(&base), write(&ours), write(&theirs));
    }
    let base = dice.text();
    let (ours, theirs) = (dice.edited(&base), dice.edited(&base));
    (base, ours, theirs)
}
