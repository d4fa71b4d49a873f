//! Differences are shown in a program of somebody's choice, which leaves nothing behind.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A clone with a tool that writes down what it was given.
struct Clone {
    home: TempDir,
}

/// Writes down its arguments, what they hold, and whether it may write them.
const TOOL: &str = "#!/bin/sh
for given; do
  echo \"$given\" >> \"$LOG/paths\"
  (cd / && find \"$given\" -type f | sort | while read -r file; do
    if [ -w \"$file\" ]; then may=w; else may=r; fi
    echo \"$may ${file##*/}: $(cat \"$file\" | tr '\\n' ' ')\"
  done) >> \"$LOG/seen\"
done
exit 1
";

impl Clone {
    fn new() -> Self {
        let clone = Self { home: tempfile::tempdir().expect("a folder can be made") };
        fs::create_dir(clone.folder()).expect("it can be made");
        fs::create_dir(clone.home.path().join("tmp")).expect("it can be made");
        let tool = clone.home.path().join("tool");
        fs::write(&tool, TOOL).expect("it is free");
        fs::set_permissions(&tool, fs::Permissions::from_mode(0o755)).expect("it is ours");
        clone.must(&["config", "set", "user.name", "Ann"]);
        clone.must(&["forge"]);
        clone
    }

    fn folder(&self) -> PathBuf {
        self.home.path().join("here")
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.folder().join(path);
        fs::create_dir_all(path.parent().expect("it is in one")).expect("it can be made");
        fs::write(path, text).expect("it is free");
    }

    fn run(&self, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_selkie"))
            .args(args)
            .current_dir(self.folder())
            .env_clear()
            .env("HOME", self.home.path())
            .env("TMPDIR", self.home.path().join("tmp"))
            .env("LOG", self.home.path())
            .env("PATH", "/usr/bin:/bin")
            .stdin(Stdio::null())
            .output()
            .expect("the binary runs")
    }

    fn must(&self, args: &[&str]) {
        let done = self.run(args);
        assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
    }

    /// What the tool saw, and that nothing of it is left.
    fn seen(&self, args: &[&str]) -> String {
        self.must(args);
        let left = fs::read_dir(self.home.path().join("tmp")).expect("it is there").count();
        assert_eq!(left, 0, "copies are left");
        let seen = self.home.path().join("seen");
        let text = fs::read_to_string(&seen).unwrap_or_default();
        let _none = fs::remove_file(seen);
        text
    }

    fn tool(&self, arguments: &str) -> String {
        format!("{} {arguments}", Path::new(&self.home.path().join("tool")).display())
    }
}

#[test]
fn a_tool_gets_both_sides_and_copies_of_them_go() {
    // Whether copies may be written is not told: whoever runs as root may write everything.
    let clone = Clone::new();
    clone.write("a b.txt", "one\n");
    clone.write("sub/gone", "gone\n");
    clone.must(&["gather", "."]);
    clone.must(&["seal", "-m", "one"]);
    clone.write("a b.txt", "two\n");
    fs::remove_file(clone.folder().join("sub/gone")).expect("it is there");
    let tool = clone.tool("$left $right");
    clone.must(&["config", "set", "diff-tool.mine", &tool]);
    let seen = clone.seen(&["diff", "--tool", "mine"]).replace("r ", "").replace("w ", "");
    assert_eq!(seen, "a b.txt: one \na b.txt: two \ngone: gone \ngone: \n");
    // What is edited in the tool is the file of the clone itself.
    let paths = fs::read_to_string(clone.home.path().join("paths")).expect("it was written");
    let given = paths.lines().nth(1).expect("there are four");
    assert_eq!(Path::new(given), clone.folder().join("a b.txt"));

    clone.must(&["gather", "."]);
    let tool = clone.tool("$left-folder $right-folder");
    clone.must(&["config", "set", "diff-tool.both", &tool]);
    let seen = clone.seen(&["diff", "--gathered", "--tool", "both"]);
    let seen = seen.replace("r ", "").replace("w ", "");
    assert_eq!(seen, "a b.txt: one \ngone: gone \na b.txt: two \n");
    clone.must(&["seal", "-m", "two"]);
    let seen = clone.seen(&["show", "--tool", "both"]).replace("r ", "").replace("w ", "");
    assert_eq!(seen, "a b.txt: one \ngone: gone \na b.txt: two \n");
}

#[test]
fn what_is_no_tool_is_told_and_nothing_is_left() {
    let clone = Clone::new();
    clone.write("a", "one\n");
    clone.must(&["gather", "."]);
    clone.must(&["config", "set", "diff-tool.absent", "/nowhere/at-all"]);
    let said = |args: &[&str]| {
        let done = clone.run(args);
        assert!(!done.status.success(), "{args:?}");
        assert_eq!(fs::read_dir(clone.home.path().join("tmp")).expect("it is there").count(), 0);
        String::from_utf8(done.stderr).expect("it is text")
    };
    let unknown = said(&["diff", "--gathered", "--tool", "mled"]);
    assert_eq!(unknown, "error: there is no tool 'mled'\nhint: did you mean meld?\n");
    let absent = said(&["diff", "--gathered", "--tool", "absent"]);
    assert!(absent.contains("error: the tool 'absent' can not be started: "), "{absent}");
}
