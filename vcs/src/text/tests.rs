//! What holds for each comparison of two texts.

use std::borrow::Cow;
use std::time::Instant;

use super::compare::{
    Algorithm, BlankLines, Comparing, OddBytes, TextChanges, Weight, compare_lines,
};
use super::dice::Dice;
use super::lines::Text;
use super::marks::Effort;
use super::space::Space;

const SPACES: [Space; 5] = [
    Space::Exact,
    Space::IgnoreCarriageReturn,
    Space::IgnoreAtEnd,
    Space::IgnoreAmount,
    Space::IgnoreAll,
];

fn ways() -> impl Iterator<Item = Comparing> {
    [Algorithm::Histogram, Algorithm::Myers].into_iter().flat_map(|algorithm| {
        SPACES.into_iter().flat_map(move |space| {
            [BlankLines::Count, BlankLines::Ignore].map(|blank_lines| Comparing {
                algorithm,
                space,
                blank_lines,
                odd: OddBytes::Whole,
            })
        })
    })
}

/// The lines that the changes make of `before`.
fn replaced<'a>(before: &Text<'a>, after: &Text<'a>, found: &TextChanges) -> Vec<&'a [u8]> {
    let mut made = Vec::new();
    let mut at = 0;
    for change in &found.changes {
        made.extend((at..change.before.start).map(|at| before.line(at)));
        made.extend(change.after.clone().map(|at| after.line(at)));
        at = change.before.end;
    }
    made.extend((at..before.len()).map(|at| before.line(at)));
    made
}

fn keys<'a>(lines: impl Iterator<Item = &'a [u8]>, space: Space) -> Vec<Cow<'a, [u8]>> {
    lines.map(|line| space.key(line)).collect()
}

#[test]
fn changes_make_the_one_text_into_the_other() {
    let mut dice = Dice(1);
    for _ in 0..2000 {
        let before = dice.text();
        let after = if dice.below(3) == 0 { dice.text() } else { dice.edited(&before) };
        let before = Text::new(before.as_bytes()).unwrap();
        let after = Text::new(after.as_bytes()).unwrap();
        for how in ways() {
            let found = compare_lines(&before, &after, how);
            let made = replaced(&before, &after, &found);
            let context = || format!("{before:?} {after:?} {how:?}");
            let made = keys(made.into_iter(), how.space);
            assert_eq!(made, keys(after.lines(), how.space), "{}", context());
            let mut last = 0;
            for change in &found.changes {
                assert!(change.before.start >= last, "a line stands between two: {}", context());
                assert!(!change.before.is_empty() || !change.after.is_empty(), "{}", context());
                last = change.before.end + 1;
            }
        }
    }
}

#[test]
fn equal_texts_have_no_changes() {
    let mut dice = Dice(2);
    for _ in 0..200 {
        let text = dice.text();
        let text = Text::new(text.as_bytes()).unwrap();
        for how in ways() {
            assert_eq!(compare_lines(&text, &text, how).changes, []);
        }
    }
}

#[test]
fn myers_keeps_as_many_lines_as_can_be_kept() {
    let mut dice = Dice(3);
    for _ in 0..500 {
        let (before, after) = (dice.text(), dice.text());
        let before = Text::new(before.as_bytes()).unwrap();
        let after = Text::new(after.as_bytes()).unwrap();
        let how = Comparing { algorithm: Algorithm::Myers, ..Comparing::default() };
        let count = compare_lines(&before, &after, how).count();
        assert_eq!(before.len() - count.removed, longest_common(&before, &after));
    }
}

/// The length of the longest common subsequence, by the table of the textbook.
fn longest_common(before: &Text, after: &Text) -> usize {
    let mut row = vec![0; after.len() + 1];
    for one in before.lines() {
        let above = row.clone();
        for (at, other) in after.lines().enumerate() {
            row[at + 1] = if one == other { above[at] + 1 } else { row[at].max(above[at + 1]) };
        }
    }
    row[after.len()]
}

/// Lines of `before` and `after` in one column, as a person would read the changes.
fn shown(before: &str, after: &str, how: Comparing) -> String {
    let before = Text::new(before.as_bytes()).unwrap();
    let after = Text::new(after.as_bytes()).unwrap();
    let found = compare_lines(&before, &after, how);
    let mut shown = String::new();
    let mut put = |sign: &str, lines: &[u8]| {
        for line in str::from_utf8(lines).unwrap().lines() {
            shown.extend([sign, line, "\n"]);
        }
    };
    let mut at = 0;
    for change in found.changes.iter().filter(|change| change.weight == Weight::Real) {
        put(" ", before.span(at..change.before.start));
        put("-", before.span(change.before.clone()));
        put("+", after.span(change.after.clone()));
        at = change.before.end;
    }
    put(" ", before.span(at..before.len()));
    shown
}

#[test]
fn a_block_that_was_added_is_shown_whole() {
    let before = "fn a() {\n    x();\n}\n\nfn c() {\n    z();\n}\n";
    let after = "fn a() {\n    x();\n}\n\nfn b() {\n    y();\n}\n\nfn c() {\n    z();\n}\n";
    let expected =
        " fn a() {\n     x();\n }\n \n+fn b() {\n+    y();\n+}\n+\n fn c() {\n     z();\n }\n";
    for how in ways().filter(|how| how.space == Space::Exact) {
        assert_eq!(shown(before, after, how), expected, "{how:?}");
    }
}

#[test]
fn a_function_that_moved_past_another_keeps_the_rarer_lines() {
    let before = "one {\n  1\n}\ntwo {\n  2\n}\n";
    let after = "two {\n  2\n}\none {\n  1\n}\n";
    let expected = "-one {\n-  1\n-}\n two {\n   2\n }\n+one {\n+  1\n+}\n";
    assert_eq!(shown(before, after, Comparing::default()), expected);
}

#[test]
fn blank_lines_are_left_out_when_asked() {
    let how = Comparing { blank_lines: BlankLines::Ignore, ..Comparing::default() };
    assert_eq!(shown("a\nb\n", "a\n\nb\n", how), " a\n b\n");
    assert_eq!(shown("a\nb\n", "a\n\nx\nb\n", how), " a\n+\n+x\n b\n");
}

#[test]
fn a_missing_last_newline_is_a_change() {
    let found = |how| shown("a\nb", "a\nb\n", how);
    assert_eq!(found(Comparing::default()), " a\n-b\n+b\n");
    assert_eq!(found(Comparing { space: Space::IgnoreAtEnd, ..Comparing::default() }), " a\n b\n");
}

/// Two texts that other programs need minutes for.
fn hostile(lines: usize) -> [(&'static str, String, String); 5] {
    let numbered = |odd: &str, every: usize| -> String {
        let line = |at| if at % every == 0 { format!("{at}\n") } else { format!("{odd}{at}\n") };
        (0..lines).map(line).collect()
    };
    let periodic = |period: usize| -> String {
        (0..lines).map(|at| format!("{}\n", at * at % period)).collect::<Vec<_>>().concat()
    };
    [
        (
            "equal lines",
            format!("x\n{}y\n", "a\n".repeat(lines)),
            format!("p\n{}q\n", "a\n".repeat(lines / 2)),
        ),
        ("every other line", numbered("a", 2), numbered("b", 2)),
        ("periods", periodic(97), periodic(101)),
        ("two kinds", periodic(2) + "x\n", "y\n".to_owned() + &periodic(4)),
        ("one long line", "a ".repeat(lines * 4), "a ".repeat(lines * 4 - 1)),
    ]
}

#[test]
fn hostile_texts_come_to_an_end() {
    let lines = std::env::var("HOSTILE_LINES").map_or(5_000, |lines| lines.parse().unwrap());
    for (name, before, after) in hostile(lines) {
        let before = Text::new(before.as_bytes()).unwrap();
        let after = Text::new(after.as_bytes()).unwrap();
        for algorithm in [Algorithm::Histogram, Algorithm::Myers] {
            let started = Instant::now();
            let found =
                compare_lines(&before, &after, Comparing { algorithm, ..Comparing::default() });
            let took = started.elapsed();
            println!("{name}, {algorithm:?}: {took:?}, {:?}, {:?}", found.effort, found.count());
            assert_eq!(replaced(&before, &after, &found).concat(), after.bytes(), "{name}");
        }
    }
}

#[test]
fn a_short_cut_is_told() {
    let [_, (_, before, after), ..] = hostile(20_000);
    let before = Text::new(before.as_bytes()).unwrap();
    let after = Text::new(after.as_bytes()).unwrap();
    let found = compare_lines(&before, &after, Comparing::default());
    assert_eq!((found.effort, found.changes.len()), (Effort::Bounded, 10_000));
}
