use std::process::{Command, Stdio};
use std::sync::Arc;

use selkie_store::{Conflict, Hint, Kind, Node, SimDisk, Tree, TreeId};

use super::*;
use crate::conflict::text_of;
use crate::lots::Lots;
use crate::memory::Memory;
use crate::merge::part::MergeSide;
use crate::tree::edit::{edit, empty_tree};
use crate::tree::fuse::source::{Arbiter, Following, Source};

/// Text by path: `*` before it makes it a program, `@` a link, and `/` at the end of a path an empty folder.
type Files = BTreeMap<String, String>;

struct House {
    store: Store,
}

impl House {
    fn new() -> Self {
        Self { store: Store::open(Arc::new(SimDisk::default())).unwrap() }
    }

    fn tree(&self, files: &Files) -> TreeId {
        let batch = Batch::new(&self.store);
        batch.put_value(&Tree::default(), Hint::NONE).unwrap();
        let edits = files.iter().map(|(path, text)| {
            let put = |text: &str| batch.put_content(text.as_bytes(), Hint::NONE).unwrap();
            let node = match (path.ends_with('/'), text.as_bytes().first()) {
                (true, _) => Node::Directory(empty_tree()),
                (false, Some(b'*')) => Node::Executable(put(&text[1..])),
                (false, Some(b'@')) => {
                    let id = batch.put(Kind::Blob, &text.as_bytes()[1..], Hint::NONE).unwrap();
                    Node::Symlink(id.into())
                }
                (false, _) => Node::File(put(text)),
            };
            (RepoPath::new(path.trim_end_matches('/')).unwrap(), Some(node))
        });
        let tree = edit(&self.store, &batch, empty_tree(), &edits.collect()).unwrap();
        batch.finish().unwrap();
        tree
    }

    fn fused(&self, trees: [TreeId; 3]) -> Fused {
        self.fused_from(trees, MergeSide::Ours)
    }

    fn fused_from(&self, trees: [TreeId; 3], first: MergeSide) -> Fused {
        let [base, ours, theirs] = ["base", "ours", "theirs"];
        let source = |at: usize, note: &str| Source {
            tree: trees[at],
            seal: None,
            seals: Vec::new(),
            note: note.into(),
        };
        let sources = [source(0, base), source(1, ours), source(2, theirs)];
        let batch = Batch::new(&self.store);
        let ([base, ours, theirs], arbiter) = (&sources, Arbiter::Trees);
        let (memory, following) = (Memory::default(), Following::Moves);
        let fusing = Fusing { base, ours, theirs, first, arbiter, memory, following };
        let fused = fuse_trees(&self.store, &batch, fusing).unwrap();
        batch.finish().unwrap();
        fused
    }

    /// What is in a tree, a conflict as its sides and bases.
    fn files(&self, tree: TreeId) -> Files {
        let mut found = Files::new();
        self.collect(tree, "", &mut found);
        found
    }

    fn collect(&self, tree: TreeId, above: &str, found: &mut Files) {
        let entries =
            if tree == empty_tree() { Tree::default() } else { self.store.load(tree).unwrap() };
        for (name, node) in entries.iter() {
            let path = format!("{above}{name}");
            match node {
                Node::Directory(inner) if *inner == empty_tree() => {
                    found.insert(path + "/", String::new());
                }
                Node::Directory(inner) => self.collect(*inner, &(path + "/"), found),
                node => {
                    found.insert(path, self.told(node));
                }
            }
        }
    }

    fn told(&self, node: &Node) -> String {
        let text =
            |node: &Node| String::from_utf8(text_of(&self.store, node).unwrap().unwrap()).unwrap();
        match node {
            Node::File(_) => text(node),
            Node::Executable(_) => format!("*{}", text(node)),
            Node::Symlink(id) => {
                let target = self.store.read(&id.object()).unwrap().bytes;
                format!("@{}", String::from_utf8(target).unwrap())
            }
            Node::Directory(_) | Node::Foreign(_) => panic!("{node:?}"),
            Node::Conflict(id) => {
                let conflict: Conflict = self.store.load(*id).unwrap();
                let terms = |terms: &[selkie_store::Term]| {
                    let told = terms.iter().map(|term| {
                        let text = term.node.as_ref().map(|node| self.told(node));
                        format!("{}:{}", term.path, text.unwrap_or("-".to_owned()))
                    });
                    let mut told: Vec<String> = told.collect();
                    told.sort();
                    told.join(" ").replace('\n', "~")
                };
                format!("! {} < {}", terms(conflict.sides()), terms(conflict.bases()))
            }
        }
    }

    fn of(&self, files: &[(&str, &str)]) -> TreeId {
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), text.replace('~', "\n")));
        self.tree(&files.collect())
    }
}

/// Base, ours, theirs, and what is expected; `~` is a newline.
type Case<'a> = [&'a [(&'a str, &'a str)]; 4];

const LONG: &str = "1~2~3~4~5~6~7~8~";
const LONG_OURS: &str = "ours~2~3~4~5~6~7~8~";
const LONG_THEIRS: &str = "1~2~3~4~5~6~7~theirs~";
const LONG_BOTH: &str = "ours~2~3~4~5~6~7~theirs~";

#[rustfmt::skip]
const CASES: &[Case] = &[
    // What only one side did stays.
    [&[("a", "1")], &[("a", "2")], &[("a", "1"), ("b", "3")], &[("a", "2"), ("b", "3")]],
    [&[("a", "1"), ("b", "1")], &[("a", "1")], &[("b", "1")], &[]],
    [&[("a", "1")], &[("a", "*1")], &[("a", "2")], &[("a", "*2")]],
    [&[("a", "*1")], &[("a", "1")], &[("a", "*2")], &[("a", "2")]],
    [&[("a", "1")], &[("a", "@x")], &[("a", "1"), ("b", "1")], &[("a", "@x"), ("b", "1")]],
    [&[("a", LONG)], &[("a", LONG_OURS)], &[("a", LONG_THEIRS)], &[("a", LONG_BOTH)]],
    // Both did the same.
    [&[("a", "1")], &[("b", "2")], &[("b", "2"), ("c", "3")], &[("b", "2"), ("c", "3")]],
    // Both changed it, and nobody can tell.
    [&[("a", "1")], &[("a", "2")], &[("a", "3")], &[("a", "! a:2 a:3 < a:1")]],
    [&[("a", "1")], &[("a", "@x")], &[("a", "2")], &[("a", "! a:2 a:@x < a:1")]],
    [&[("a", "@x")], &[("a", "@y")], &[("a", "@z")], &[("a", "! a:@y a:@z < a:@x")]],
    [&[("a", "1")], &[], &[("a", "2")], &[("a", "! a:- a:2 < a:1")]],
    [&[], &[("a", "1")], &[("a", "2")], &[("a", "! a:1 a:2 < ")]],
    [&[], &[("a", "1")], &[("a", "*1")], &[("a", "! a:*1 a:1 < ")]],
    [&[("a", "\0 1")], &[("a", "\0 2")], &[("a", "\0 3")], &[("a", "! a:\0 2 a:\0 3 < a:\0 1")]],
    // A file that moved takes the other side's changes along.
    [&[("a", LONG)], &[("b", LONG)], &[("a", LONG_THEIRS)], &[("b", LONG_THEIRS)]],
    [&[("a", LONG)], &[("b", LONG_OURS)], &[("a", LONG_THEIRS)], &[("b", LONG_BOTH)]],
    [&[("a", LONG)], &[("b", LONG_OURS)], &[("b", LONG_THEIRS)], &[("b", LONG_BOTH)]],
    [&[("a", LONG)], &[("b", LONG)], &[("a", "*1~2~3~4~5~6~7~8~")], &[("b", "*1~2~3~4~5~6~7~8~")]],
    // It moved to two places, or away from one who removed it.
    [&[("a", LONG)], &[("b", LONG_OURS)], &[("c", LONG_THEIRS)],
        &[("b", "! b:ours~2~3~4~5~6~7~theirs~ c:ours~2~3~4~5~6~7~theirs~ < a:1~2~3~4~5~6~7~8~")]],
    [&[("a", LONG)], &[("b", LONG)], &[], &[("b", "! a:- b:1~2~3~4~5~6~7~8~ < a:1~2~3~4~5~6~7~8~")]],
    // Two files came to one path.
    [&[("a", LONG), ("b", "other~file~here~")], &[("c", LONG), ("b", "other~file~here~")],
        &[("a", LONG), ("c", "other~file~here~")],
        &[("c", "! c:1~2~3~4~5~6~7~8~ c:other~file~here~ < ")]],
    [&[("a", LONG)], &[("c", LONG)], &[("a", LONG), ("c", "new~")],
        &[("c", "! c:1~2~3~4~5~6~7~8~ c:new~ < ")]],
    // What is put into a folder goes with it.
    [&[("d/a", LONG)], &[("e/a", LONG)], &[("d/a", LONG), ("d/b", "new~")],
        &[("e/a", LONG), ("e/b", "new~")]],
    [&[("d/a", LONG), ("x", "else~where~")], &[("e/a", LONG), ("x", "else~where~")],
        &[("d/a", LONG), ("d/x", "else~where~")], &[("e/a", LONG), ("e/x", "else~where~")]],
    [&[("d/a", LONG)], &[("e/a", LONG)], &[("d/b", LONG)], &[("e/b", LONG)]],
    [&[("d/a", LONG)], &[("e/a", LONG), ("e/b", "mine~")], &[("d/a", LONG), ("d/b", "new~")],
        &[("d/b", "new~"), ("e/a", LONG), ("e/b", "mine~")]],
    [&[("d/a", LONG)], &[("e/a", LONG)], &[("f/a", LONG), ("d/b", "new~")],
        &[("e/b", "new~"), ("f/a", LONG)]],
    // A file where a folder has to be.
    [&[], &[("a", "1")], &[("a/b", "2")], &[("a/b", "2"), ("a~file", "! a:- a:1 < ")]],
    [&[("a", "1")], &[("a/b", "2")], &[("a", "3")], &[("a/b", "2"), ("a~file", "! a:- a:3 < a:1")]],
    [&[("a/b", "1")], &[("a", "2")], &[("a/b", "1"), ("c", "3")], &[("a", "2"), ("c", "3")]],
    [&[("a~file", "0")], &[("a~file", "0"), ("a", "1")], &[("a~file", "0"), ("a/b", "2")],
        &[("a/b", "2"), ("a~file", "0"), ("a~file2", "! a:- a:1 < ")]],
    // Folders with nothing in them.
    [&[("a", "1")], &[("a", "1"), ("d/", "")], &[("a", "2")], &[("a", "2"), ("d/", "")]],
    [&[("d/", ""), ("a", "1")], &[("a", "1")], &[("d/", ""), ("a", "2")], &[("a", "2")]],
    [&[("a", "1")], &[("a", "1"), ("d/", "")], &[("a", "1"), ("d/b", "2")], &[("a", "1"), ("d/b", "2")]],
    [&[("a", "1")], &[("a", "1"), ("d/", "")], &[("a", "1"), ("d", "2")], &[("a", "1"), ("d", "2")]],
    [&[("a", "1")], &[("a", "1"), ("d/e/", "")], &[("a", "2"), ("d", "2")], &[("a", "2"), ("d", "2")]],
    [&[("d/a", "1"), ("b", "1")], &[("d/", ""), ("b", "1")], &[("d/a", "2"), ("b", "1")],
        &[("b", "1"), ("d/a", "! d/a:- d/a:2 < d/a:1")]],
];

#[test]
fn each_kind_of_change_meets_each_other() {
    let house = House::new();
    for [base, ours, theirs, expected] in CASES {
        let [base_tree, ours_tree, theirs_tree] = [base, ours, theirs].map(|files| house.of(files));
        let expected: Files =
            expected.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
        let (ours_first, theirs_first) = ([ours_tree, theirs_tree], [theirs_tree, ours_tree]);
        for ([one, other], first) in
            [(ours_first, MergeSide::Ours), (theirs_first, MergeSide::Theirs)]
        {
            let fused = house.fused_from([base_tree, one, other], first);
            let mut found = house.files(fused.tree);
            found.values_mut().for_each(|text| *text = text.replace('\n', "~"));
            assert_eq!(found, expected, "{base:?} {ours:?} {theirs:?}");
            let open = expected.values().filter(|text| text.starts_with('!')).count();
            assert_eq!(fused.conflicts.len(), open);
        }
    }
}

#[test]
fn what_was_decided_is_told() {
    let house = House::new();
    let base = house.of(&[("d/a", LONG), ("both", LONG)]);
    let ours = house.of(&[("e/a", LONG), ("both", LONG_OURS)]);
    let theirs = house.of(&[("d/a", LONG_THEIRS), ("d/b", "new~"), ("both", LONG_THEIRS)]);
    let told: Vec<String> =
        house.fused([base, ours, theirs]).decisions.iter().map(ToString::to_string).collect();
    let expected = [
        "both: both sides changed it, in different places",
        "e/a: changes of d/a followed it here",
        "e/b: came as d/b, whose folder was moved",
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_conflict_that_is_sealed_takes_part() {
    let house = House::new();
    let [base, ours, theirs] = ["1~", "2~", "3~"].map(|text| house.of(&[("a", text)]));
    let open = house.fused([base, ours, theirs]).tree;
    // One side settled it, the other left it alone.
    let settled = house.of(&[("a", "4~")]);
    assert_eq!(house.fused([open, settled, open]).tree, settled);
    // One side settled it and the other did otherwise.
    let other = house.of(&[("a", "5~")]);
    let fused = house.fused([open, settled, other]);
    let told = house.files(fused.tree).remove("a").unwrap();
    assert_eq!(told, "! a:4~ a:5~ < a:! a:2~ a:3~ < a:1~");
    // A third side that is one of the two strikes the other out.
    assert_eq!(house.fused([ours, open, house.of(&[("a", "1~")])]).tree, theirs);
    let more = house.fused([base, open, house.of(&[("a", "6~")])]);
    let told = house.files(more.tree).remove("a").unwrap();
    assert_eq!(told, "! a:2~ a:3~ a:6~ < a:1~ a:1~");
}

#[test]
fn the_laws_of_fusing_hold() {
    let mut open = 0;
    for seed in 0..300 {
        let house = House::new();
        let mut lots = Lots(seed);
        let base = some_files(&mut lots);
        let (ours, theirs) = (edited(&mut lots, &base), edited(&mut lots, &base));
        let told = format!("seed {seed}: {base:?} {ours:?} {theirs:?}");
        let [base, ours, theirs] = [&base, &ours, &theirs].map(|files| house.tree(files));
        assert_eq!(house.fused([base, ours, base]).tree, ours, "{told}");
        assert_eq!(house.fused([base, base, theirs]).tree, theirs, "{told}");
        assert_eq!(house.fused([base, ours, ours]).tree, ours, "{told}");
        let one = house.fused([base, ours, theirs]);
        let other = house.fused_from([base, theirs, ours], MergeSide::Theirs);
        assert_eq!(house.files(one.tree), house.files(other.tree), "{told}");
        assert!(one.conflicts.keys().eq(other.conflicts.keys()), "{told}");
        open += usize::from(!one.conflicts.is_empty());
    }
    assert!((30..270).contains(&open), "{open} had conflicts");
}

mod rules;

/// Contents that can be told apart, moved ones among them, and small enough to clash.
fn some_files(lots: &mut Lots) -> Files {
    (0..2 + lots.below(6)).map(|n| (path(lots), text(lots, n))).collect::<Files>().fitting()
}

fn path(lots: &mut Lots) -> String {
    const PATHS: [&str; 10] = ["a", "b", "c", "d/a", "d/b", "d/e/a", "e/a", "e/b", "b/x", "d-e"];
    (*lots.one_of(&PATHS)).to_owned()
}

fn text(lots: &mut Lots, n: usize) -> String {
    let kind = if lots.one_in(8) { "*" } else { "" };
    let lines: Vec<_> = (0..6).map(|line| format!("{n} {line} {}\n", lots.below(3))).collect();
    kind.to_owned() + &lines.concat()
}

fn edited(lots: &mut Lots, files: &Files) -> Files {
    let mut files = files.clone();
    for n in 0..=lots.below(4) {
        let names: Vec<String> = files.keys().cloned().collect();
        let Some(at) = (!names.is_empty()).then(|| lots.one_of(&names).clone()) else { break };
        let file = files.remove(&at).unwrap_or_default();
        match lots.below(6) {
            0 => {}
            1 | 2 => {
                files.insert(path(lots), file);
            }
            3 => {
                let new = text(lots, 10 + n);
                files.extend([(at, file), (path(lots), new)]);
            }
            _ => {
                let mut lines: Vec<String> =
                    file.split_inclusive('\n').map(str::to_owned).collect();
                let line = lots.below(lines.len().max(1));
                lines.splice(line..line, [format!("new {}\n", lots.below(3))]);
                files.insert(at, lines.concat());
            }
        }
    }
    files.fitting()
}

trait Fitting {
    fn fitting(self) -> Self;
}

impl Fitting for Files {
    /// Without files in which others would have to be.
    fn fitting(mut self) -> Self {
        let paths: Vec<String> = self.keys().cloned().collect();
        let is_folder = |path: &str| {
            paths
                .iter()
                .any(|other| other.strip_prefix(path).is_some_and(|rest| rest.starts_with('/')))
        };
        self.retain(|path, _| !is_folder(path));
        self
    }
}

#[test]
fn what_git_brings_together_is_the_same() {
    let place = tempfile::tempdir().unwrap();
    let git = Git { folder: place.path().to_owned() };
    git.run(&["init", "-q"], "");
    let mut tally = [0, 0];
    for seed in 0..40 {
        let house = House::new();
        let mut lots = Lots(seed);
        // No file resembles another, so that nothing seems to be moved.
        let names = ["a", "b", "d/a", "d/b", "d/e/a"];
        let base: Files =
            names.iter().map(|name| ((*name).to_owned(), apart(name, &mut lots))).collect();
        let sides = [(); 2].map(|()| {
            let mut side = base.clone();
            for _ in 0..2 {
                let name = (*lots.one_of(&names)).to_owned();
                match lots.below(5) {
                    0 => {
                        side.remove(&name);
                    }
                    1 => {
                        let name = format!("new{}", lots.below(2));
                        side.insert(name, apart("new", &mut lots));
                    }
                    _ => drop(side.entry(name).and_modify(|text| {
                        let line = format!("line {} ", lots.below(6));
                        let new = format!("{line}new {} ", lots.below(2));
                        *text = text.replacen(&line, &new, 1);
                    })),
                }
            }
            side
        });
        let told = format!("seed {seed}: {base:?} {sides:?}");
        let fused = house.fused([&base, &sides[0], &sides[1]].map(|files| house.tree(files)));
        let open: Vec<String> = fused.conflicts.keys().map(ToString::to_string).collect();
        let (git_files, git_open) = git.fused(&base, &sides);
        // We have steps that git has not, and never a conflict where it has none.
        assert!(open.iter().all(|path| git_open.contains(path)), "{open:?} {git_open:?} {told}");
        tally[usize::from(open.is_empty())] += 1;
        let mut ours = house.files(fused.tree);
        ours.retain(|path, _| !git_open.contains(path));
        let git_settled: Files =
            git_files.into_iter().filter(|(path, _)| !git_open.contains(path)).collect();
        assert_eq!(ours, git_settled, "{told}");
    }
    assert!(tally.iter().all(|count| *count > 5), "{tally:?}");
}

/// A text that no other resembles.
fn apart(name: &str, lots: &mut Lots) -> String {
    let lines = (0..6).map(|line| format!("line {line} of {name} {}\n", lots.next()));
    lines.collect::<Vec<_>>().concat()
}

struct Git {
    folder: std::path::PathBuf,
}

impl Git {
    fn run(&self, args: &[&str], input: &str) -> (i32, String) {
        let mut child = Command::new("git")
            .args(args)
            .current_dir(&self.folder)
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .env("HOME", &self.folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), input.as_bytes()).unwrap();
        let done = child.wait_with_output().unwrap();
        (done.status.code().unwrap(), String::from_utf8(done.stdout).unwrap())
    }

    /// The files that git makes of it, and those that are in conflict.
    fn fused(&self, base: &Files, sides: &[Files; 2]) -> (Files, Vec<String>) {
        let mut script = Vec::new();
        for (name, files) in [("base", base), ("ours", &sides[0]), ("theirs", &sides[1])] {
            let from = if name == "base" { "" } else { "from refs/heads/base\n" };
            let who = "committer A <a@b> 1 +0000";
            let head = format!("reset refs/heads/{name}\ncommit refs/heads/{name}\n{who}\n");
            let inline = |(path, text): (&String, &String)| {
                format!("M 644 inline {path}\ndata {}\n{text}\n", text.len())
            };
            script.push(format!("{head}data 0\n{from}deleteall\n"));
            script.extend(files.iter().map(inline));
        }
        self.run(&["fast-import", "--quiet", "--force"], &script.concat());
        let args = ["merge-tree", "--write-tree", "--name-only", "--no-messages", "ours", "theirs"];
        let (_, told) = self.run(&args, "");
        let mut lines = told.lines();
        let tree = lines.next().unwrap();
        let open = lines.map(str::to_owned).collect();
        let (_, listed) = self.run(&["ls-tree", "-r", "--name-only", tree], "");
        let text = |path: &str| self.run(&["cat-file", "blob", &format!("{tree}:{path}")], "").1;
        (listed.lines().map(|path| (path.to_owned(), text(path))).collect(), open)
    }
}
