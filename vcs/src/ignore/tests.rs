use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use super::*;

/// Files of patterns by folder, and how to ask for a path in them.
struct Folders(BTreeMap<String, String>);

impl Folders {
    fn of<const N: usize>(files: [(&str, &str); N]) -> Self {
        Self(files.into_iter().map(|(path, text)| (path.to_owned(), text.to_owned())).collect())
    }

    /// What decides about a path that ends in a slash if it is a directory.
    fn judge(&self, path: &str) -> Option<Verdict> {
        let (path, last) = match path.strip_suffix('/') {
            Some(path) => (path, Shape::Directory),
            None => (path, Shape::File),
        };
        let mut rules = self.read(Ignore::new(Vec::new()), "");
        let mut folder = String::new();
        let names: Vec<_> = path.split('/').collect();
        for (at, name) in names.iter().enumerate() {
            let shape = if at + 1 == names.len() { last } else { Shape::Directory };
            let verdict = rules.judge(name.as_bytes(), shape);
            if at + 1 == names.len() || verdict.as_ref().is_some_and(|verdict| verdict.ignored) {
                return verdict;
            }
            folder = format!("{folder}{name}/");
            rules = self.read(rules.enter(name.as_bytes()), &folder);
        }
        None
    }

    fn read(&self, rules: Ignore, folder: &str) -> Ignore {
        let lists = FILES.iter().filter_map(|file| {
            let path = format!("{folder}{file}");
            Some(PatternList::parse(&path, self.0.get(&path)?.as_bytes()))
        });
        rules.with(lists.collect())
    }
}

/// The line that decides, with a `!` before it if it takes in again.
fn decided(folders: &Folders, path: &str) -> String {
    folders.judge(path).map_or_else(String::new, |verdict| {
        let mark = if verdict.ignored { "" } else { "!" };
        format!("{mark}{}:{}", verdict.source, verdict.line)
    })
}

#[test]
fn the_innermost_and_last_line_decides() {
    let folders = Folders::of([
        (".gitignore", "*.log\n!keep.log\n/top\nout/\ndoc/*.txt\n**/deep/x\nabc/**\n"),
        ("in/.gitignore", "!*.log\nsecret\n"),
        ("in/.selkieignore", "*.log\n"),
        ("out/.gitignore", "!inner\n"),
        ("plain/.gitignore", "*\n!*/\n!.gitignore\n"),
    ]);
    for (path, expected) in [
        ("a.log", ".gitignore:1"),
        ("b/a.log", ".gitignore:1"),
        ("keep.log", "!.gitignore:2"),
        ("top", ".gitignore:3"),
        ("b/top", ""),
        ("out", ""),
        ("out/", ".gitignore:4"),
        ("b/out/", ".gitignore:4"),
        ("out/inner", ".gitignore:4"),
        ("doc/a.txt", ".gitignore:5"),
        ("b/doc/a.txt", ""),
        ("doc/b/a.txt", ""),
        ("deep/x", ".gitignore:6"),
        ("a/b/deep/x", ".gitignore:6"),
        ("abc/d/e", ".gitignore:7"),
        ("abc/", ""),
        ("in/a.log", "in/.selkieignore:1"),
        ("in/secret/", "in/.gitignore:2"),
        ("secret", ""),
        ("plain/a", "plain/.gitignore:1"),
        ("plain/b/", "!plain/.gitignore:2"),
        ("plain/b/a", "plain/.gitignore:1"),
        ("plain/.gitignore", "!plain/.gitignore:3"),
    ] {
        assert_eq!(decided(&folders, path), expected, "{path}");
    }
}

#[test]
fn lists_of_the_caller_are_asked_last() {
    let mine = vec![PatternList::parse("one", b"a\n"), PatternList::parse("two", b"!a\nb\n")];
    let rules = Ignore::new(mine).with(vec![PatternList::parse("file", b"!b\n")]);
    assert_eq!(&*rules.judge(b"a", Shape::File).unwrap().source, "two");
    assert_eq!(&*rules.judge(b"b", Shape::File).unwrap().source, "file");
}

#[test]
fn names_that_are_no_text_are_judged_too() {
    let rules = Ignore::new(vec![PatternList::parse("mine", b"*.bin\n")]);
    assert!(rules.ignores(b"\xff.bin", Shape::File));
}

/// Random files of patterns and paths, judged by git and by us.
#[test]
fn git_says_the_same() {
    if Command::new("git").arg("--version").output().is_err() {
        eprintln!("skipped: there is no git on this machine");
        return;
    }
    let rounds = std::env::var("IGNORE_ROUNDS").ok().and_then(|rounds| rounds.parse().ok());
    for round in 0..rounds.unwrap_or(12) {
        let mut lots = Lots(round);
        let mut files = BTreeMap::new();
        for folder in ["", "a/", "a/b/", "b/"] {
            let lines: String = (0..=lots.below(6)).map(|_| line(&mut lots)).collect();
            files.insert(format!("{folder}.gitignore"), lines);
        }
        let folders = Folders(files);
        let mut paths: Vec<_> = (0..150).map(|_| path(&mut lots)).collect();
        paths.sort();
        paths.dedup();
        let ours: Vec<_> = paths.iter().map(|path| decided(&folders, path)).collect();
        let theirs = git_decided(&folders, &paths);
        for ((path, ours), theirs) in paths.iter().zip(&ours).zip(&theirs) {
            assert_eq!(ours, theirs, "round {round}: {path:?} with {:#?}", folders.0);
        }
    }
}

fn git_decided(folders: &Folders, paths: &[String]) -> Vec<String> {
    let place = tempfile::tempdir().unwrap();
    let git = |args: &[&str]| {
        let mut command = Command::new("git");
        command.args(args).current_dir(place.path()).env("GIT_CONFIG_GLOBAL", "/dev/null");
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_DIR", place.path().join(".git"));
        command
    };
    assert!(git(&["init", "--quiet"]).status().unwrap().success());
    for (path, text) in &folders.0 {
        write(&place.path().join(path), text);
    }
    let mut input = String::new();
    for path in paths {
        // A path that git can look at, so that it knows what is a directory.
        let directory = path.strip_suffix('/');
        let place = place.path().join(path);
        match directory {
            Some(_) => fs::create_dir_all(place).unwrap(),
            None => write(&place, ""),
        }
        write!(input, "{}\0", directory.unwrap_or(path)).unwrap();
    }
    let args = ["check-ignore", "--stdin", "-z", "-v", "-n", "--no-index"];
    let mut child =
        git(&args).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("git was there");
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let fields: Vec<_> = text.split_terminator('\0').collect();
    fields
        .chunks(4)
        .map(|field| match field[..] {
            [source, line, pattern, _] if !source.is_empty() => {
                format!("{}{source}:{line}", if pattern.starts_with('!') { "!" } else { "" })
            }
            _ => String::new(),
        })
        .collect()
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// A line of a few pieces that meet the paths below now and then.
fn line(lots: &mut Lots) -> String {
    const PIECES: [&str; 34] = [
        "a",
        "b",
        "c",
        "a",
        "b",
        "c",
        "x.o",
        "*",
        "*",
        "?",
        "/",
        "/",
        "/",
        "**",
        "**/",
        "/**",
        "*.o",
        "[ab]",
        "[!a]",
        "[^b]",
        "[a-c]",
        "\\a",
        "\\*",
        " ",
        "\\ ",
        "[[:alpha:]]",
        "[]a]",
        "[a",
        ".",
        "-",
        "a*",
        "**b",
        "[\\]c]",
        "*/",
    ];
    let mut line = String::new();
    if lots.below(5) == 0 {
        line.push('!');
    }
    for _ in 0..=lots.below(4) {
        line.push_str(lots.of(&PIECES));
    }
    line.push_str(lots.of(&["", "", "", "/", "  ", "\r"]));
    line.push('\n');
    line
}

/// A path whose directories never have the name of a file.
fn path(lots: &mut Lots) -> String {
    let mut path = String::new();
    for _ in 0..lots.below(4) {
        path.push_str(lots.of(&["a/", "b/", "c/", "ab/", "a /", "-/"]));
    }
    match lots.below(4) {
        0 if !path.is_empty() => path,
        _ => path + lots.of(&["x.o", "ax.o", "abc", "aa", "*", "]", "ba ", "cb", "b-"]),
    }
}

/// A seeded source of numbers: `SplitMix64`.
struct Lots(u64);

impl Lots {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    fn of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[usize::try_from(self.below(list.len() as u64)).unwrap()]
    }
}
