use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use super::*;
use crate::text::dice::Dice;

/// Lists by folder.
struct Folders(BTreeMap<String, String>);

impl Folders {
    fn attributes(&self, path: &str) -> Attributes {
        let mut attributes = Attributes::default();
        let ends = path.char_indices().filter(|(_, letter)| *letter == '/').map(|(at, _)| at + 1);
        for end in std::iter::once(0).chain(ends) {
            if let Some(list) = self.0.get(&path[..end]) {
                attributes = attributes.inside(&path[..end], list.as_bytes());
            }
        }
        attributes
    }

    /// What is said of each name, as git spells it.
    fn spelled(&self, path: &str) -> Vec<String> {
        let attributes = self.attributes(path);
        let said = attributes.said(path);
        let spell = |name: &str| match said.as_ref().and_then(|said| said.get(name)) {
            Some(State::Set) => "set".to_owned(),
            Some(State::Unset) => "unset".to_owned(),
            Some(State::Value(value)) => String::from_utf8_lossy(value).into_owned(),
            Some(State::Unsaid) | None => "unspecified".to_owned(),
        };
        NAMES.iter().map(|name| format!("{name}: {}", spell(name))).collect()
    }
}

const NAMES: [&str; 6] = ["text", "eol", "merge", "diff", "binary", "own"];

fn line_ends(list: &str, path: &str) -> LineEnds {
    Attributes::default().inside("", list.as_bytes()).line_ends(path)
}

#[test]
fn what_lines_end_with_is_what_git_takes() {
    use LineEnd::{Feed, ReturnAndFeed};
    use LineEnds::{AsTheyAre, Text, TextAlone};
    let native = if cfg!(windows) { ReturnAndFeed } else { Feed };
    for (list, expected) in [
        ("", AsTheyAre),
        ("a text", Text(native)),
        ("a -text", AsTheyAre),
        ("a text=auto", TextAlone(native)),
        ("a text=odd", AsTheyAre),
        ("a text eol=crlf", Text(ReturnAndFeed)),
        ("a text eol=lf", Text(Feed)),
        ("a text=auto eol=crlf", TextAlone(ReturnAndFeed)),
        ("a eol=crlf", Text(ReturnAndFeed)),
        ("a eol=odd", AsTheyAre),
        ("a -text eol=crlf", AsTheyAre),
        ("a binary eol=crlf", AsTheyAre),
        ("a crlf", Text(native)),
        ("a -crlf", AsTheyAre),
        ("a crlf=input", Text(Feed)),
        ("a -crlf text", Text(native)),
        ("* text=auto\na -text", AsTheyAre),
        ("* text\na !text", AsTheyAre),
        ("b text", AsTheyAre),
        ("\u{feff}a text", Text(native)),
        ("a text\r\n", Text(native)),
    ] {
        assert_eq!(line_ends(list, "a"), expected, "{list:?}");
    }
}

#[test]
fn how_a_file_is_merged_and_shown_is_said_too() {
    let attributes = Attributes::default().inside(
        "",
        b"*.po merge=union\n*.lock -diff -merge\n*.png binary\n*.x merge=own diff=rust\n*.y merge diff\n",
    );
    for (path, merge, diff) in [
        ("a.po", MergeAttribute::Union, DiffAttribute::Unsaid),
        ("in/a.lock", MergeAttribute::Binary, DiffAttribute::Binary),
        ("a.png", MergeAttribute::Binary, DiffAttribute::Binary),
        ("a.x", MergeAttribute::Text, DiffAttribute::Unsaid),
        ("a.y", MergeAttribute::Text, DiffAttribute::Text),
        ("a.z", MergeAttribute::Unsaid, DiffAttribute::Unsaid),
    ] {
        assert_eq!((attributes.merge(path), attributes.diff(path)), (merge, diff), "{path}");
    }
}

/// Random lists and paths, judged by git and by us.
#[test]
fn git_says_the_same() {
    if Command::new("git").arg("--version").output().is_err() {
        eprintln!("skipped: there is no git on this machine");
        return;
    }
    let mut said = 0;
    for round in 0..12 {
        let mut dice = Dice(round + 1);
        let mut lists = BTreeMap::new();
        for folder in ["", "a/", "a/b/", "b/"] {
            let lines: String = (0..=dice.below(6)).map(|_| line(&mut dice)).collect();
            lists.insert(folder.to_owned(), lines);
        }
        let folders = Folders(lists);
        let mut paths: Vec<_> = (0..100).map(|_| path(&mut dice)).collect();
        paths.sort();
        paths.dedup();
        let theirs = git_says(&folders, &paths);
        for (path, theirs) in paths.iter().zip(theirs) {
            assert_eq!(
                folders.spelled(path),
                theirs,
                "round {round}: {path:?} with {:#?}",
                folders.0
            );
            said += theirs.iter().filter(|state| !state.ends_with("unspecified")).count();
        }
    }
    assert!(said > 300, "{said}");
}

fn git_says(folders: &Folders, paths: &[String]) -> Vec<Vec<String>> {
    let place = tempfile::tempdir().unwrap();
    let git = |args: &[&str]| {
        let mut command = Command::new("git");
        command.args(args).current_dir(place.path()).env("GIT_CONFIG_GLOBAL", "/dev/null");
        command.env("GIT_CONFIG_NOSYSTEM", "1").stderr(Stdio::null());
        command
    };
    assert!(git(&["init", "--quiet"]).status().unwrap().success());
    for (folder, list) in &folders.0 {
        let folder = place.path().join(folder);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(Attributes::FILE), list).unwrap();
    }
    let mut input = String::new();
    paths.iter().for_each(|path| write!(input, "{path}\0").unwrap());
    let args: Vec<_> = ["check-attr", "--stdin", "-z"].into_iter().chain(NAMES).collect();
    let mut child =
        git(&args).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("git was there");
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let fields: Vec<_> = text.split_terminator('\0').collect();
    let states = fields.chunks(3).map(|field| format!("{}: {}", field[1], field[2]));
    states.collect::<Vec<_>>().chunks(NAMES.len()).map(<[String]>::to_vec).collect()
}

fn line(dice: &mut Dice) -> String {
    const PATTERNS: [&str; 22] = [
        "*",
        "*.o",
        "a",
        "b",
        "a/*",
        "/a",
        "/b/x.o",
        "**/c",
        "b/",
        "\"a b\"",
        "\"x\\056o\"",
        "!a",
        "#a",
        "\\#a",
        "[attr]own",
        "[attr]mine",
        "[ab]*",
        "a/**",
        "?",
        "x.?",
        "\"#a\"",
        "\"open",
    ];
    const STATES: [&str; 20] = [
        "text",
        "-text",
        "!text",
        "text=auto",
        "eol=lf",
        "eol=crlf",
        "binary",
        "-binary",
        "!binary",
        "merge=union",
        "-merge",
        "diff",
        "diff=rust",
        "own",
        "-own",
        "mine",
        "own=1",
        "merge",
        "-",
        "!eol",
    ];
    let mut line = (*dice.pick(&PATTERNS)).to_owned();
    for _ in 0..dice.below(4) {
        line.push_str(dice.pick::<&str>(&[" ", "\t", "  "]));
        line.push_str(dice.pick::<&str>(&STATES));
    }
    line.push_str(dice.pick::<&str>(&["\n", "\n", "\r\n", " \n"]));
    line
}

fn path(dice: &mut Dice) -> String {
    let mut path = String::new();
    for _ in 0..dice.below(4) {
        path.push_str(dice.pick::<&str>(&["a/", "b/", "c/"]));
    }
    path + dice.pick::<&str>(&["x.o", "a", "b", "c", "a b", "#a", "ab", "o"])
}
