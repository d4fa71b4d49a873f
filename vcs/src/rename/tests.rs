//! Which files are told to have moved.

use std::convert::Infallible;

use selkie_store::{BlobId, Kind};

use super::*;
use crate::text::dice::Dice;

/// Changes on toy contents: each path with its text before and after.
fn changes<'a>(rows: &[(&str, Option<&'a str>, Option<&'a str>)]) -> (Vec<TreeChange>, Texts<'a>) {
    let mut texts = Texts::default();
    let mut changes = Vec::new();
    for (path, before, after) in rows {
        let mut node = |text: Option<&'a str>| text.map(|text| texts.node(text));
        let (before, after) = (node(*before), node(*after));
        changes.push(TreeChange { path: path_of(path), before, after });
    }
    (changes, texts)
}

fn path_of(path: &str) -> RepoPath {
    RepoPath::new(path).unwrap()
}

#[derive(Default)]
struct Texts<'a>(HashMap<Content, &'a str>);

impl<'a> Texts<'a> {
    fn node(&mut self, text: &'a str) -> Node {
        let content = Content::Whole(BlobId::from(ObjectId::of(Kind::Blob, text.as_bytes())));
        self.0.insert(content, text);
        Node::File(content)
    }

    fn sample(&self, content: Content) -> Sample {
        Sample::new(self.0[&content].as_bytes())
    }
}

fn told(
    rows: &[(&str, Option<&str>, Option<&str>)],
    others: &[(&str, &str)],
    finding: FindingRenames,
) -> Vec<String> {
    let (changes, mut texts) = changes(rows);
    let others: Vec<_> =
        others.iter().map(|(path, text)| (path_of(path), texts.node(text))).collect();
    let sample = |_, _: &RepoPath, content| Ok::<_, Infallible>(Some(texts.sample(content)));
    let Ok(paired) = pair_renames(changes, &others, finding, sample);
    let row = |change: &PathChange| match change.origin {
        Origin::Same => change.path.to_string(),
        Origin::Renamed { percent } => format!("{} -> {} {percent}", change.from, change.path),
        Origin::Copied { percent } => format!("{} => {} {percent}", change.from, change.path),
    };
    paired.changes.iter().map(row).collect()
}

const FISH: &str = "herring\ncod\nhaddock\nsprat\npollock\nwhiting\nling\ntusk\nplaice\nsole\n";

fn with(from: &str, to: &str) -> String {
    FISH.replace(from, to)
}

const RENAMES: FindingRenames = FindingRenames { percent_min: 50, copies: Copies::Ignore };
const COPIES: FindingRenames = FindingRenames { percent_min: 50, copies: Copies::Find };

#[test]
fn equal_contents_are_paired_by_name_and_then_in_order() {
    let rows = [
        ("a/one", Some(FISH), None),
        ("a/two", Some(FISH), None),
        ("b/other", None, Some(FISH)),
        ("b/two", None, Some(FISH)),
    ];
    assert_eq!(told(&rows, &[], RENAMES), ["a/one -> b/other 100", "a/two -> b/two 100"]);
}

#[test]
fn alike_contents_are_paired_the_most_alike_first() {
    let (near, far) = (with("cod", "COD"), with("cod\nhaddock\nsprat", "COD\nHADDOCK\nSPRAT"));
    let rows = [
        ("a", Some(FISH), None),
        ("far", None, Some(far.as_str())),
        ("near", None, Some(near.as_str())),
    ];
    assert_eq!(told(&rows, &[], RENAMES), ["far", "a -> near 93"]);
    assert_eq!(told(&rows, &[], COPIES), ["a => far 71", "a -> near 93"]);
}

#[test]
fn what_is_less_alike_than_asked_is_new() {
    let other = with("cod", "COD");
    let rows = [("a", Some(FISH), None), ("b", None, Some(other.as_str()))];
    let at = |percent_min| told(&rows, &[], FindingRenames { percent_min, ..RENAMES });
    assert_eq!(at(93), ["a -> b 93"]);
    assert_eq!(at(94), ["a", "b"]);
    assert_eq!(at(100), ["a", "b"]);
}

#[test]
fn empty_files_are_not_paired() {
    let rows = [("a", Some(""), None), ("b", None, Some(""))];
    assert_eq!(told(&rows, &[], COPIES), ["a", "b"]);
}

#[test]
fn copies_are_told_when_asked_for() {
    let changed = with("sole", "SOLE");
    let rows = [("a", Some(FISH), Some(changed.as_str())), ("b", None, Some(FISH))];
    assert_eq!(told(&rows, &[], RENAMES), ["a", "b"]);
    assert_eq!(told(&rows, &[], COPIES), ["a", "a => b 100"]);
    let rows = [("b", None, Some(changed.as_str()))];
    assert_eq!(told(&rows, &[("kept", FISH)], COPIES), ["kept => b 92"]);
}

#[test]
fn files_of_one_name_win_where_contents_are_equally_alike() {
    let (one, two) = (with("cod", "COD"), with("cod", "CoD"));
    let rows = [
        ("old/b", Some(one.as_str()), None),
        ("old/c", Some(two.as_str()), None),
        ("new/c", None, Some(FISH)),
    ];
    assert_eq!(told(&rows, &[], RENAMES), ["old/b", "old/c -> new/c 93"]);
}

#[test]
fn thousands_of_moved_and_edited_files_find_their_origin() {
    let mut dice = Dice(1);
    let texts: Vec<(String, String)> = (0..2000)
        .map(|number| {
            let lines = 10 + dice.below(30);
            let line = |at| format!("line {at} of file {number}\n");
            let text: Vec<_> = (0..lines).map(line).collect();
            let common = "}\n\nreturn\n".to_owned();
            let edited = [&text[..lines / 2], &["new\n".to_owned()], &text[lines / 2..]].concat();
            (common.clone() + &text.concat(), common + &edited.concat())
        })
        .collect();
    let names: Vec<_> =
        (0..2000).map(|at| (format!("a/{at}"), format!("z/{}", 7 * at % 2000))).collect();
    let gone =
        names.iter().zip(&texts).map(|((a, _), (old, _))| (a.as_str(), Some(old.as_str()), None));
    let come =
        names.iter().zip(&texts).map(|((_, z), (_, new))| (z.as_str(), None, Some(new.as_str())));
    let rows: Vec<_> = gone.chain(come).collect();
    let (changes, texts) = changes(&rows);
    let mut reads = 0;
    let sample = |_, _: &RepoPath, content| {
        reads += 1;
        Ok::<_, Infallible>(Some(texts.sample(content)))
    };
    let Ok(paired) = pair_renames(changes, &[], RENAMES, sample);
    let right = paired.changes.iter().filter(|change| {
        let number: usize = name(&change.from).parse().unwrap();
        change.path.to_string() == format!("z/{}", 7 * number % 2000)
    });
    assert_eq!((right.count(), paired.changes.len(), reads), (2000, 2000, 4000));
}

#[test]
fn too_many_files_are_told_and_equal_contents_still_paired() {
    let count = FindingRenames::FILES_MAX + 1;
    let texts: Vec<_> = (0..count).map(|at| at.to_string()).collect();
    let names: Vec<_> = (0..count).map(|at| (format!("a{at:06}"), format!("b{at:06}"))).collect();
    let mut rows: Vec<_> = names
        .iter()
        .zip(&texts)
        .flat_map(|((a, b), text)| {
            [(a.as_str(), Some(text.as_str()), None), (b.as_str(), None, Some(FISH))]
        })
        .collect();
    rows.push(("moved", Some(FISH), None));
    let (changes, texts) = changes(&rows);
    let sample = |_, _: &RepoPath, content| Ok::<_, Infallible>(Some(texts.sample(content)));
    let Ok(paired) = pair_renames(changes, &[], RENAMES, sample);
    assert_eq!(paired.shortfall, Shortfall::TooMany { sources: count, targets: count - 1 });
    assert_eq!(paired.changes.iter().filter(|change| change.origin != Origin::Same).count(), 1);
}

#[test]
fn a_directory_moved_where_most_of_its_files_went() {
    let moved = |from: &str, to: &str| PathChange {
        from: path_of(from),
        path: path_of(to),
        before: None,
        after: None,
        origin: Origin::Renamed { percent: 100 },
    };
    for (changes, stay, expected) in [
        (vec![("a/x", "b/x"), ("a/y", "b/y"), ("a/z", "c/z")], "", vec!["a -> b"]),
        (vec![("a/x", "b/x"), ("a/z", "c/z")], "", vec![]),
        (vec![("a/x", "b/x")], "a", vec![]),
        (vec![("a/d/x", "b/d/x")], "", vec!["a -> b", "a/d -> b/d"]),
        (vec![("a/d/x", "b/e/x")], "", vec!["a/d -> b/e"]),
        (vec![("x", "b/x")], "", vec![]),
        (vec![("a/x", "x")], "", vec!["a -> "]),
    ] {
        let changes: Vec<_> = changes.into_iter().map(|(from, to)| moved(from, to)).collect();
        let moves = directory_moves(&changes, |directory| directory.as_str() == stay);
        let told: Vec<_> = moves.iter().map(|(from, to)| format!("{from} -> {to}")).collect();
        assert_eq!(told, expected, "{changes:?}");
    }
}
