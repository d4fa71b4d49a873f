//! Commands that are killed at any moment: the next one needs no help, and no byte is gone.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use selkie_store::{OsDisk, Store, verify};
use serde_json::Value;
use tempfile::TempDir;

/// As many files as it takes for a command to be caught in the middle.
const FILES: usize = 240;
/// Kinds of commands that are killed, of which those from this number on are taken back by their number.
const KINDS: usize = 22;
const TOLD: usize = 14;
/// How each killed command ends.
const SIGNALS: [&str; 2] = ["-KILL", "-INT"];

/// Text by path.
type Files = BTreeMap<String, String>;

/// A clone in a home of its own.
struct Clone {
    _home: Option<TempDir>,
    root: PathBuf,
    folder: PathBuf,
}

#[test]
fn after_a_kill_the_next_command_needs_no_help() {
    let rounds = rounds();
    let clone = Clone::with_two_timelines();
    let (mut caught, mut time) = (0, Duration::from_millis(20));
    for round in 0..rounds {
        // Nothing else has these bytes: one file is known and changed, one is unknown.
        let mine = [("mine", format!("mine {round}\n")), ("new", format!("new {round}\n"))];
        mine.iter().for_each(|(path, text)| clone.write(path, text));
        let here = clone.status()["timeline"].as_str().unwrap_or_default().to_owned();
        let there = if here == "main" { "side" } else { "main" };
        let pattern = format!("none{round}");
        let mark = (round % KINDS >= TOLD).then(|| clone.mark(round));
        let command = clone.prepared(round, &here, [there, &pattern]);
        let head = clone.status()["seal"].clone();
        // Spread over the time that such a command takes, as far as it is known by now.
        let at = time * u32::try_from(round * 5 % 16).expect("it is small") / 16;
        let (was_caught, took) = clone.killed(&command, at, SIGNALS[round / 2 % 2]);
        time = if was_caught { time } else { took.max(Duration::from_millis(4)) };
        caught += usize::from(was_caught);
        let told = format!("round {round}: {command:?} after {at:?}, caught: {was_caught}");
        // The next command is any that changes something; it finishes what was begun.
        clone.must(&["timeline", "new", "--stay", &format!("round{round}")], &told);
        if let Some((number, head)) = &mark {
            // Whatever came of it, all of it is taken back.
            clone.must(&["op", "restore", number], &told);
            assert_eq!(clone.status()["seal"], *head, "{told}");
        }
        clone.unseal(&told);
        clone.empty_shelves(&told);
        if clone.folder.join("moved").exists() {
            clone.must(&["move", "moved", "d1"], &told);
        }
        if mark.is_none() && ["fuse", "rebase", "reverse"].contains(&command[0]) {
            clone.unfuse(&head, &told);
        }
        clone.is_whole(&mine, &told);
        clone.shrink(&told);
    }
    assert!(caught > 0, "no command was caught in the middle");
}

/// How many commands are killed.
fn rounds() -> usize {
    env::var("KILL_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(KINDS)
}

impl Clone {
    /// Timelines `main` and `side`, with other contents in most files.
    fn with_two_timelines() -> Self {
        let home = tempfile::tempdir().expect("a folder can be made");
        let root = home.path().canonicalize().expect("it is there");
        let folder = root.join("here");
        fs::create_dir(&folder).expect("it can be made");
        let clone = Self { _home: Some(home), root, folder };
        let told = "at the beginning";
        clone.must(&["config", "set", "user.name", "Ann"], told);
        clone.must(&["forge"], told);
        clone.write("mine", "sealed\n");
        for (version, timeline) in ["main", "side"].into_iter().enumerate() {
            for number in 0..FILES {
                if number % 3 != version {
                    let path = format!("d{}/{number}", number % 10);
                    clone.write(&path, &format!("{timeline} {number}\n"));
                }
            }
            clone.must(&["gather", "."], told);
            clone.must(&["seal", "-m", timeline], told);
            if version == 0 {
                clone.must(&["timeline", "new", "side"], told);
            }
        }
        clone.with_more(told);
        clone
    }

    /// A long timeline, one that is in conflict with `main`, and bundles of what somebody else sealed: one of another timeline and one
    /// with which `main` diverges.
    fn with_more(&self, told: &str) {
        self.must(&["timeline", "switch", "main"], told);
        self.sealed("s", "base", told);
        self.must(&["timeline", "new", "rival"], told);
        self.sealed("s", "rival", told);
        self.must(&["timeline", "switch", "main"], told);
        self.must(&["timeline", "new", "long"], told);
        (0..6).for_each(|version| self.sealed("e", &format!("version {version}"), told));
        self.must(&["timeline", "switch", "main"], told);
        let there = Self { _home: None, root: self.root.clone(), folder: self.root.join("there") };
        self.must(&["clone", ".", "../there"], told);
        there.sealed("t", "theirs", told);
        there.must(&["bundle", "create", "../main.bundle", "main"], told);
        there.must(&["timeline", "new", "theirs"], told);
        (0..3).for_each(|version| there.sealed("t", &format!("theirs {version}"), told));
        there.must(&["bundle", "create", "../theirs.bundle", "theirs"], told);
        self.sealed("s", "main", told);
        self.must(&["timeline", "strategy", "main", "auto_merge"], told);
        self.must(&["timeline", "switch", "side"], told);
    }

    /// Some files in a folder with this text, sealed.
    fn sealed(&self, folder: &str, text: &str, told: &str) {
        for number in 0..FILES / 4 {
            self.write(&format!("{folder}{}/{number}", number % 5), &format!("{text} {number}\n"));
        }
        self.must(&["gather", "."], told);
        self.must(&["seal", "-m", text], told);
    }

    /// The number of an operation that does nothing much, and where it was done.
    fn mark(&self, round: usize) -> (String, Value) {
        let told = "before a command that is taken back by its number";
        self.must(&["timeline", "new", "--stay", &format!("before{round}")], told);
        let newest = self.must(&["--json", "op", "log", "-n", "1"], told).stdout;
        let newest: Value = serde_json::from_slice(&newest).expect("it is JSON");
        (newest["number"].to_string(), self.status()["seal"].clone())
    }

    /// The same for commands that lead elsewhere.
    fn prepared_there<'a>(&self, kind: usize, here: &str) -> Vec<&'a str> {
        let told = "before it is killed";
        if here == "side" && (17..=20).contains(&kind) {
            self.must(&["timeline", "switch", "main"], told);
        }
        match kind {
            14 => vec!["bisect", "start", "long", "main"],
            15 => {
                self.must(&["bisect", "start", "long", "main"], told);
                vec!["bisect", "good"]
            }
            16 => {
                self.must(&["bisect", "start", "long", "main"], told);
                vec!["bisect", "reset"]
            }
            17 => vec!["fuse", "rival"],
            18 => {
                self.must(&["fuse", "rival"], told);
                vec!["conflicts", "take", "theirs", "."]
            }
            19 => {
                self.must(&["fuse", "rival"], told);
                vec!["resolve", "--take", "B"]
            }
            20 => {
                self.must(&["bundle", "take", "../main.bundle"], told);
                vec!["fuse", "--diverged"]
            }
            _ => vec!["bundle", "take", "../theirs.bundle"],
        }
    }

    /// A command to be killed, once all that it takes is done.
    fn prepared<'a>(
        &self,
        round: usize,
        here: &str,
        [there, pattern]: [&'a str; 2],
    ) -> Vec<&'a str> {
        match round % KINDS {
            kind if kind >= TOLD => self.prepared_there(kind, here),
            0 | 2 => vec!["timeline", "switch", there],
            4 => vec!["timeline", "switch", there, "--shelve"],
            5 => vec!["shelf", "save", "--unknown"],
            6 => {
                self.must(&["shelf", "save", "--unknown"], "before it comes back");
                self.must(&["timeline", "switch", there], "before it comes back");
                vec!["shelf", "pop"]
            }
            1 => {
                self.must(&["timeline", "switch", there], "before an undo");
                vec!["undo"]
            }
            3 => {
                self.grow(round);
                vec!["gather", "."]
            }
            9 => {
                if here == "side" {
                    self.must(&["timeline", "switch", "main"], "before a fuse");
                }
                vec!["fuse", "side", "--always-seal"]
            }
            7 => vec!["seal", "-m", "mine"],
            // What is known stays so.
            13 if self.folder.join(".selkieignore").exists() => vec!["ignore", "remove", "mine"],
            13 => vec!["ignore", "add", "mine"],
            8 => {
                self.must(&["seal", "-m", "mine"], "before an amend");
                vec!["seal", "--amend", "-m", "mine, again"]
            }
            10 => {
                if here == "side" {
                    self.must(&["timeline", "switch", "main"], "before a rebase");
                }
                vec!["rebase", "--onto", "side"]
            }
            11 => {
                if here == "main" {
                    self.must(&["timeline", "switch", "side"], "before a reversal");
                }
                vec!["reverse", "@"]
            }
            12 => vec!["ignore", "add", pattern],
            // Back and forth, so that the files are where they were when it was done or not.
            _ => {
                if self.folder.join("d1").exists() {
                    self.must(&["move", "d1", "moved"], "before it goes back");
                }
                vec!["undo"]
            }
        }
    }

    /// Takes back a fuse that came to its end, and what was done after it: what it fused is another timeline's.
    fn unfuse(&self, head: &Value, told: &str) {
        if self.status()["seal"] != *head {
            self.must(&["undo"], told);
            self.must(&["undo"], told);
        }
        assert_eq!(self.status()["seal"], *head, "{told}");
    }

    /// Many files that nobody knows.
    fn grow(&self, round: usize) {
        (0..FILES).for_each(|n| self.write(&format!("g{}/{n}", n % 9), &format!("{n} of {round}")));
    }

    /// Nothing is gathered, and the many files are gone.
    fn shrink(&self, told: &str) {
        if !paths(&self.status()["gathered"]).is_empty() {
            self.must(&["release"], told);
        }
        for folder in (0..9).map(|n| self.folder.join(format!("g{n}"))).filter(|g| g.exists()) {
            fs::remove_dir_all(folder).expect("it can be removed");
        }
    }

    /// What a round sealed is unsealed: it was all of it or nothing.
    fn unseal(&self, told: &str) {
        let last = || self.must(&["log", "--oneline", "-n", "1"], told).stdout;
        while String::from_utf8(last()).expect("it is text").contains("  mine") {
            assert!(paths(&self.status()["changed"]).is_empty(), "{told}");
            self.must(&["undo"], told);
        }
    }

    /// Whatever was laid aside is brought back to where the clone stands.
    fn empty_shelves(&self, told: &str) {
        let list = self.must(&["--json", "shelf", "list"], told);
        for line in String::from_utf8(list.stdout).expect("JSON is text").lines() {
            let shelf: Value = serde_json::from_str(line).expect("it is JSON");
            self.must(&["shelf", "pop", shelf["name"].as_str().expect("a name")], told);
        }
    }

    /// What is whole after each round, however the command ended.
    fn is_whole(&self, mine: &[(&str, String)], told: &str) {
        for (path, text) in mine {
            let found = fs::read_to_string(self.folder.join(path)).expect("it is there");
            assert_eq!(&found, text, "{path}, {told}");
        }
        let status = self.status();
        let changed: BTreeSet<&str> =
            ["changed", "gathered"].iter().flat_map(|list| paths(&status[list])).collect();
        assert!(!changed.iter().any(|path| path.starts_with('d')), "{changed:?}, {told}");
        assert!(changed.contains("mine"), "{told}");
        let timeline = status["timeline"].as_str().expect("it is on one");
        for (path, text) in self.files() {
            if path.starts_with('d') {
                let number = path.rsplit('/').next().expect("a name");
                let of_side =
                    timeline == "side" && number.parse::<usize>().expect("a number") % 3 != 1;
                let wanted = if of_side { "side" } else { "main" };
                assert_eq!(text, format!("{wanted} {number}\n"), "{path} on {timeline}, {told}");
            }
            assert!(!path.contains("selkie~"), "{path} is litter, {told}");
        }
        let disk = Arc::new(OsDisk::new(&self.folder.join(".selkie")));
        let store = Store::open(disk).expect("it opens");
        let problems = verify(&store, |_| ()).expect("it can be read");
        assert!(problems.is_empty(), "{problems:?}, {told}");
    }

    fn files(&self) -> Files {
        let mut found = Files::new();
        let mut folders = vec![self.folder.clone()];
        while let Some(next) = folders.pop() {
            for entry in fs::read_dir(next).expect("it is there") {
                let path = entry.expect("it can be listed").path();
                let inside = path.strip_prefix(&self.folder).expect("it is inside");
                if inside == Path::new(".selkie") {
                    continue;
                }
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let text = fs::read_to_string(&path).expect("it is text");
                    found.insert(inside.to_string_lossy().into_owned(), text);
                }
            }
        }
        found
    }

    fn write(&self, path: &str, text: &str) {
        let at = self.folder.join(path);
        fs::create_dir_all(at.parent().expect("it is in a folder")).expect("it can be made");
        fs::write(at, text).expect("it can be written");
    }

    fn status(&self) -> Value {
        let told = self.must(&["--json", "status", "--all"], "status");
        serde_json::from_slice(&told.stdout).expect("it is JSON")
    }

    fn must(&self, args: &[&str], told: &str) -> Output {
        let output = self.command(args).output().expect("the binary runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{args:?}: {said}\n{told}");
        output
    }

    /// Whether the command was caught before its end, and how long it ran.
    fn killed(&self, args: &[&str], at: Duration, signal: &str) -> (bool, Duration) {
        let began = Instant::now();
        let mut child = self.command(args).spawn().expect("the binary runs");
        while began.elapsed() < at && is_running(&mut child) {
            std::hint::spin_loop();
        }
        let was_running = is_running(&mut child);
        if was_running {
            let kill = Command::new("kill").args([signal, &child.id().to_string()]).status();
            assert!(kill.expect("kill runs").success() || !is_running(&mut child));
        }
        let ended = child.wait().expect("it ends");
        (was_running && ended.code().is_none(), began.elapsed())
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_selkie"));
        command.args(args).current_dir(&self.folder).env_clear().env("HOME", &self.root);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
}

fn is_running(child: &mut Child) -> bool {
    child.try_wait().expect("it is ours").is_none()
}

fn paths(list: &Value) -> Vec<&str> {
    let list = list.as_array().expect("a list");
    list.iter().map(|item| item["path"].as_str().expect("a path")).collect()
}
