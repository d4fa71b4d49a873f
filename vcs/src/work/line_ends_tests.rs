//! Lines that end otherwise on disk than in the store.

use std::fs;
use std::process::{Command, Stdio};

use selkie_store::{Batch, Hint, Node, Tree, TreeId};

use crate::text::dice::Dice;
use crate::tree::bytes::bytes_of;
use crate::work::trial::{CAREFUL, Copy, path};

impl Copy {
    /// What the store has at a path of the known tree.
    fn stored(&self, at: &str) -> String {
        let (Node::File(content) | Node::Executable(content)) =
            self.index.node_at(&path(at)).unwrap()
        else {
            panic!("{at} is a file");
        };
        String::from_utf8(bytes_of(&self.store, content).unwrap().unwrap()).unwrap()
    }

    /// Makes the tree with nothing in it the known one, and the disk as empty.
    fn leave(&mut self) {
        let batch = Batch::new(&self.store);
        let empty = batch.put_value(&Tree::default(), Hint::NONE).unwrap();
        batch.finish().unwrap();
        self.switch(empty);
    }
}

#[test]
fn returns_are_on_disk_alone() {
    let mut copy = Copy::new();
    copy.write(".gitattributes", "*.bat text eol=crlf\n*.sh text eol=lf\n*.bin -text\n");
    for name in ["a.bat", "a.sh", "a.bin", "a"] {
        copy.write(name, "one\r\ntwo\r\n");
    }
    let tree = copy.seal();
    assert_eq!(copy.status(), [""; 0]);
    for (name, text) in [
        ("a.bat", "one\ntwo\n"),
        ("a.sh", "one\ntwo\n"),
        ("a.bin", "one\r\ntwo\r\n"),
        ("a", "one\r\ntwo\r\n"),
    ] {
        assert_eq!(copy.stored(name), text, "{name}");
        assert_eq!(copy.read(name), "one\r\ntwo\r\n");
    }
    copy.leave();
    copy.switch(tree);
    assert_eq!(copy.read("a.bat"), "one\r\ntwo\r\n");
    assert_eq!(copy.read("a.sh"), "one\ntwo\n");
    assert_eq!(copy.read("a.bin"), "one\r\ntwo\r\n");
    assert_eq!(copy.status(), [""; 0]);
    // An editor that writes the other end, and a line that really changes.
    copy.write("a.bat", "one\ntwo\n");
    assert_eq!(copy.status(), [""; 0]);
    copy.write("a.bat", "one\r\nTWO\r\n");
    assert_eq!(copy.status(), ["M a.bat"]);
    copy.seal();
    assert_eq!(copy.stored("a.bat"), "one\nTWO\n");
}

#[test]
fn a_file_that_is_text_by_its_look_keeps_the_returns_it_was_recorded_with() {
    let mut copy = Copy::new();
    copy.write("old", "one\r\n");
    copy.seal();
    copy.write(".gitattributes", "* text=auto\n");
    copy.write("new", "one\r\n");
    copy.write("bytes", "one\r\n\0");
    copy.write("mixed", "one\r\ntwo\n");
    copy.seal();
    assert_eq!(copy.status(), [""; 0]);
    for (name, text) in
        [("old", "one\r\n"), ("new", "one\n"), ("bytes", "one\r\n\0"), ("mixed", "one\ntwo\n")]
    {
        assert_eq!(copy.stored(name), text, "{name}");
    }
    copy.write("old", "one\r\ntwo\r\n");
    assert_eq!(copy.status(), ["M old"]);
    copy.seal();
    assert_eq!(copy.stored("old"), "one\r\ntwo\r\n");
    let long = "a line\r\n".repeat(1 << 18);
    copy.write("new", &long);
    copy.seal();
    assert_eq!(copy.stored("new"), long.replace('\r', ""));
    assert_eq!(copy.status(), [""; 0]);
}

#[test]
fn files_are_written_as_the_list_says_that_comes_with_them() {
    let mut copy = Copy::new();
    copy.write("in/a", "one\n");
    copy.write("in/z", "one\n");
    let plain = copy.seal();
    copy.write("in/.gitattributes", "* eol=crlf\n");
    copy.write("in/a", "two\n");
    let ruled = copy.seal();
    copy.switch(plain);
    assert_eq!(copy.read("in/a"), "one\n");
    copy.switch(ruled);
    assert_eq!(copy.read("in/a"), "two\r\n");
    // What is the same in both stays as it is, as with git.
    assert_eq!(copy.read("in/z"), "one\n");
    assert_eq!(copy.status(), [""; 0]);
    copy.switch(plain);
    assert_eq!(copy.read("in/a"), "one\n");
    assert_eq!(copy.status(), [""; 0]);
    // What a person edits is in nobody's way.
    copy.write("in/a", "mine\r\n");
    let plan = copy.plan(ruled, CAREFUL);
    assert_eq!(plan.blocked.len(), 1);
}

/// Random lists and contents, kept and written by git and by us.
#[test]
fn git_keeps_and_writes_the_same() {
    if Command::new("git").arg("--version").output().is_err() {
        eprintln!("skipped: there is no git on this machine");
        return;
    }
    let mut changed = 0;
    for seed in 0..8 {
        let mut dice = Dice(seed + 1);
        let mut copy = Copy::new();
        let place = tempfile::tempdir().unwrap();
        let git = |args: &[&str]| {
            let mut command = Command::new("git");
            command.args(["-c", "core.autocrlf=false", "-c", "core.safecrlf=false"]).args(args);
            command.current_dir(place.path()).env("GIT_CONFIG_GLOBAL", "/dev/null");
            let output = command.env("GIT_CONFIG_NOSYSTEM", "1").stderr(Stdio::null()).output();
            let output = output.unwrap();
            assert!(output.status.success(), "{args:?}");
            String::from_utf8(output.stdout).unwrap()
        };
        git(&["init", "--quiet"]);
        let list = list(&mut dice);
        copy.write(".gitattributes", &list);
        fs::write(place.path().join(".gitattributes"), &list).unwrap();
        let names: Vec<_> = (0..30)
            .map(|number| format!("{number}.{}", dice.pick(&['a', 'b', 'c', 'd'])))
            .collect();
        for name in &names {
            let text = content(&mut dice);
            copy.write(name, &text);
            fs::write(place.path().join(name), &text).unwrap();
        }
        git(&["add", "."]);
        let tree: TreeId = copy.seal();
        for name in &names {
            fs::remove_file(place.path().join(name)).unwrap();
            let kept = git(&["cat-file", "blob", &format!(":{name}")]);
            assert_eq!(copy.stored(name), kept, "{seed}: {name} with {list:?}");
        }
        git(&["checkout", "--quiet", "--", "."]);
        copy.leave();
        copy.switch(tree);
        for name in &names {
            let written = fs::read_to_string(place.path().join(name)).unwrap();
            assert_eq!(copy.read(name), written, "{seed}: {name} with {list:?}");
            changed += usize::from(written != copy.stored(name));
        }
        assert_eq!(copy.status(), [""; 0], "{seed}: {list:?}");
    }
    assert!(changed > 20, "only {changed} were changed");
}

fn list(dice: &mut Dice) -> String {
    let states = [
        "text",
        "text=auto",
        "-text",
        "eol=crlf",
        "text eol=lf",
        "text=auto eol=crlf",
        "text eol=crlf",
        "binary",
        "crlf",
    ];
    let line = |letter| format!("*.{letter} {}\n", dice.pick::<&str>(&states));
    ['a', 'b', 'c'].into_iter().map(line).collect()
}

fn content(dice: &mut Dice) -> String {
    let ends = *dice.pick(&[["\n", "\n"], ["\r\n", "\r\n"], ["\r\n", "\n"], ["\n", "\r"]]);
    let lines = dice.below(8);
    let line = |_| {
        let text = *dice.pick(&["a", "", "a longer line", "\0", "\u{1}", "\t", "é"]);
        // Odd bytes in a few alone.
        let text = if dice.below(4) > 0 && text < "\t" { "b" } else { text };
        format!("{text}{}", dice.pick::<&str>(&ends))
    };
    (0..lines).map(line).collect()
}
