//! What each step settles, and what it leaves alone.

use super::*;

/// Path, base, both sides, the step that settles it, and what it makes of it.
const SETTLED: [(&str, &str, &str, &str, &str, &str); 15] = [
    ("a.txt", "a\nb\n", "A\nb\n", "a\nB\n", "touching", "A\nB\n"),
    ("a.txt", "a\nb\n", "a\nx\nb\n", "a\nB\n", "touching", "a\nx\nB\n"),
    ("a.rs", "f(a);\n", "g(a,\n  b);\n", "g(a, b);\n", "blanks", "g(a,\n  b);\n"),
    (
        "a.rs",
        "let total = first + second; // of all the fish\n",
        "let sum = first + second; // of all the fish\n",
        "let total = first + second; // of all the kelp\n",
        "words",
        "let sum = first + second; // of all the kelp\n",
    ),
    ("a.txt", "v 1.2.0\n", "v 1.10.0\n", "v 1.9.3\n", "higher-version", "v 1.10.0\n"),
    ("a.txt", "v 1.1.1\n", "v ~1.2.0\n", "v ~1.3.0\n", "higher-version", "v ~1.3.0\n"),
    (
        "a.c",
        "/* Copyright 2012 Ann */\n",
        "/* Copyright 2014 Ann */\n",
        "/* Copyright 2013 Ann */\n",
        "higher-version",
        "/* Copyright 2014 Ann */\n",
    ),
    (
        "a.js",
        "import {a} from 'x';\n",
        "import {a, b} from 'x';\n",
        "import {a, c} from 'x';\n",
        "inline",
        "import {a, b, c} from 'x';\n",
    ),
    (
        "a.txt",
        "a\nc\ng\nk\n",
        "a\nc\ne\ng\nk\n",
        "a\nc\nd\nf\ng\nk\n",
        "sorted",
        "a\nc\nd\ne\nf\ng\nk\n",
    ),
    ("a.md", "- y\n", "- y\n- c\n", "- y\n- b\n", "both-listed", "- y\n- c\n- b\n"),
    (
        "CHANGELOG.md",
        "# New\n\n",
        "# New\n\n- ours\n  more\n",
        "# New\n\n- theirs\n",
        "both-entered",
        "# New\n\n- ours\n  more\n- theirs\n",
    ),
    (
        "a.py",
        "x = 1\n",
        "x = 1\n\ndef a():\n    return 1\n",
        "x = 1\n\ndef b():\n    return 2\n",
        "both-defined",
        "x = 1\n\ndef a():\n    return 1\n\ndef b():\n    return 2\n",
    ),
    ("a.rs", "a\n", "a\nfoo();\n", "a\nfoo();\nbar();\n", "contained", "a\nfoo();\nbar();\n"),
    (".gitignore", "z\n", "z\nb\n", "z\na\n", "both-listed", "z\nb\na\n"),
    (
        "a.yml",
        "a:\n  x: 1\n",
        "a:\n  x: 1\n  y:\n    z: 2\n",
        "a:\n  x: 1\nb:\n  c: 3\n",
        "both-listed",
        "a:\n  x: 1\n  y:\n    z: 2\nb:\n  c: 3\n",
    ),
];

#[test]
fn each_step_settles_what_it_is_for() {
    for (path, base, ours, theirs, step, text) in SETTLED {
        let (steps, found) = told(path, base, ours, theirs);
        assert_eq!((steps.as_slice(), found.as_str()), (&[step][..], text), "{base:?}");
    }
}

#[test]
fn no_step_guesses() {
    for (path, base, ours, theirs, why) in [
        ("a.txt", "a\n", "b\n", "c\n", "another line each"),
        ("a.txt", "", "a b\n", "c d\n", "two sentences at one place"),
        ("a.rs", "f(a, b);\n", "g(a, b);\n", "f(x, b);\n", "a name and its argument"),
        ("a.rs", "use a;\n", "use a;\nuse c;\n", "use a;\nuse b;\n", "imports without an order"),
        ("a.txt", "a\nb\nc\n", "c\n", "a\nB\nc\n", "removed and changed"),
        ("a.txt", "x = 1\n", "x = 1\ny = 2\n", "x = 1\ny = 3\n", "one key with two values"),
        ("a.c", "1.0\n", "2.0\n", "0.9\n", "one up and one down"),
        ("a.c", "v 1.0\n", "v ~2.0\n", "v ^2.1\n", "versions that mean another range each"),
        ("a.py", "x\n", "x\n\ndef a():\n  1\n", "x\n\ndef a():\n  2\n", "one name for two things"),
        ("x.min.js", "v=1.0.0\n", "v=1.0.1\n", "v=1.0.2\n", "a program wrote it"),
        ("yarn.lock", "a 1\nb 1\n", "a 2\nb 1\n", "a 1\nb 2\n", "a lock file"),
    ] {
        let all = merged(path, base.as_bytes(), ours.as_bytes(), theirs.as_bytes());
        assert_eq!(all.bytes(), None, "{why}");
    }
}

#[test]
fn a_line_that_both_sides_moved_is_not_doubled() {
    let all = merged("a.txt", b"one\ntwo\n", b"fish\none\ntwo\n", b"one\nfish\ntwo\n");
    assert_eq!(all.bytes().unwrap(), b"fish\none\nfish\ntwo\n", "apart, both places are meant");
    let all = merged("a.txt", b"one\ntwo\n", b"fish\nONE\ntwo\n", b"one\nfish\nTWO\n");
    assert_eq!(all.bytes(), None, "{all:?}");
}

#[test]
fn line_ends_and_a_missing_last_newline_are_kept() {
    let (_, text) = told("a.txt", "a\r\nb\r\nc", "A\r\nb\r\nc", "a\r\nb\r\nC");
    assert_eq!(text, "A\r\nb\r\nC");
    let (_, text) = told("a.txt", "a\r\n", "b\r\n", "c\r\n");
    assert_eq!(text, "<<<<<<< ours\r\nb\r\n=======\r\nc\r\n>>>>>>> theirs\r\n");
    let (_, text) = told("a.txt", "a", "b", "c");
    assert_eq!(text, "<<<<<<< ours\nb\n=======\nc\n>>>>>>> theirs\n");
}

#[test]
fn bytes_that_are_no_text_are_kept_as_they_are() {
    let all = merged("a.png", b"\0a", b"\0b", b"\0c");
    let conflict = all.conflicts().next().unwrap();
    assert_eq!((conflict.ours.as_slice(), conflict.theirs.as_slice()), (&b"\0b"[..], &b"\0c"[..]));
    assert_eq!(merged("a.png", b"\0a", b"\0b", b"\0a").bytes().unwrap(), b"\0b");
}

#[test]
fn what_is_right_too_seldom_is_only_offered() {
    let all = merged("a.rs", b"use a;\n", b"use a;\nuse c;\n", b"use a;\nuse b;\n");
    let conflict = all.conflicts().next().unwrap();
    assert_eq!(conflict.offers[0].step, MergeStep::BothKept);
    assert_eq!(conflict.offers[0].bytes, b"use c;\nuse b;\n");
    let all = merged("a.rs", b"f( a );\n", b"f(a);\n", b"h(b);\n");
    let conflict = all.conflicts().next().unwrap();
    assert_eq!(conflict.offers[0].step, MergeStep::Reformatted);
    assert_eq!(conflict.offers[0].bytes, b"h(b);\n");
}

#[test]
fn a_rule_settles_what_no_step_does() {
    let texts = [&b"a\n"[..], b"b\n", b"c\n"];
    for (settling, expected) in [
        (Settling::Side(MergeSide::Ours), Some(&b"b\n"[..])),
        (Settling::Side(MergeSide::Theirs), Some(b"c\n")),
        (Settling::Union, Some(b"c\nb\n")),
        (Settling::Manual, None),
    ] {
        let rules = MergeRules::whole(Ruled { settling, ..Ruled::default() });
        let all = merged_with("docs/a.txt", texts, MergeSide::Theirs, &rules);
        assert_eq!(all.bytes().as_deref(), expected);
    }
}

#[test]
fn changes_of_both_sides_in_one_function_are_told() {
    let base = "fn a() {\n    one();\n    two();\n    three();\n}\n\nfn b() {\n    four();\n}\n";
    let (ours, theirs) = (base.replace("one", "uno"), base.replace("three", "tres"));
    let all = merged("a.rs", base.as_bytes(), ours.as_bytes(), theirs.as_bytes());
    assert!(all.bytes().is_some());
    let told: Vec<_> = all.warnings.iter().map(|warning| warning.definition.as_slice()).collect();
    assert_eq!(told, [&b"fn a() {"[..]]);
    let theirs = base.replace("four", "quattro");
    let all = merged("a.rs", base.as_bytes(), ours.as_bytes(), theirs.as_bytes());
    assert!(all.warnings.is_empty());
}
