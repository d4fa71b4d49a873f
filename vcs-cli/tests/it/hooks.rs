//! Every hook that the page tells of is wired, and runs only where it may.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use selkie_cli::{Hook, Power, all_hooks};
use tempfile::TempDir;

/// A clone with one seal and two timelines, in a home of its own.
struct Clone {
    _home: TempDir,
    root: PathBuf,
    folder: PathBuf,
}

/// A hook that tells its arguments and where it runs.
const TELLING: &str =
    "#!/bin/sh\necho \"$SELKIE_HOOK ($#) in $PWD on $SELKIE_TIMELINE\" >> ../told\n";
const REFUSING: &str = "#!/bin/sh\necho 'not like this'\nexit 3\n";

impl Clone {
    fn begin() -> Self {
        let home = tempfile::tempdir().expect("a folder can be made");
        let root = home.path().canonicalize().expect("it is there");
        let folder = root.join("here");
        fs::create_dir(&folder).expect("it can be made");
        let clone = Self { _home: home, root, folder };
        clone.must(&["config", "set", "user.name", "Ann"]);
        clone.must(&["forge"]);
        clone.write("a", "one\n");
        clone.must(&["gather", "."]);
        clone.must(&["seal", "-m", "first"]);
        clone.must(&["timeline", "new", "--stay", "side"]);
        clone
    }

    fn write(&self, path: &str, text: &str) {
        fs::write(self.folder.join(path), text).expect("it can be written");
    }

    fn install(&self, hook: &str, text: &str, mode: u32) -> PathBuf {
        let folder = self.folder.join(".selkie/hooks");
        fs::create_dir_all(&folder).expect("it can be made");
        let program = folder.join(hook);
        fs::write(&program, text).expect("it can be written");
        let mode = fs::Permissions::from_mode(mode);
        fs::set_permissions(&program, mode).expect("it is ours");
        program
    }

    /// Whether the command was done, and what it said.
    fn run(&self, args: &[&str]) -> (bool, String) {
        let done = Command::new(env!("CARGO_BIN_EXE_selkie"))
            .args(args)
            .current_dir(&self.folder)
            .env_clear()
            .env("HOME", &self.root)
            .stdin(Stdio::null())
            .output()
            .expect("the binary runs");
        let said = [done.stdout, done.stderr].concat();
        (done.status.success(), String::from_utf8(said).expect("it is text"))
    }

    fn must(&self, args: &[&str]) -> String {
        let (is_done, said) = self.run(args);
        assert!(is_done, "{args:?}: {said}");
        said
    }

    /// Gives the repository the name by which others know it, as an invitation does that nobody takes.
    fn share(&self) {
        let mut invite = Command::new(env!("CARGO_BIN_EXE_selkie"))
            .args(["invite", "--listen", "127.0.0.1:0"])
            .current_dir(&self.folder)
            .env_clear()
            .env("HOME", &self.root)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary runs");
        let mut said = String::new();
        let told = BufReader::new(invite.stdout.take().expect("it is piped")).read_line(&mut said);
        assert!(told.is_ok_and(|length| length > 0), "it says how to join");
        invite.kill().expect("it runs");
        invite.wait().expect("it ends");
    }

    fn told(&self) -> String {
        fs::read_to_string(self.root.join("told")).unwrap_or_default()
    }
}

/// What makes the hook run. Another one needs another line.
fn cause(hook: Hook) -> &'static [&'static str] {
    match hook.name {
        "pre-seal" | "seal-message" => &["seal", "--allow-empty", "-m", "more"],
        "post-switch" => &["timeline", "switch", "side"],
        // There is nobody to meet, which it finds out behind the hook.
        "pre-sync" => &["sync"],
        other => panic!("nothing is known to make '{other}' run"),
    }
}

#[test]
fn the_page_of_hooks_is_what_the_program_says() {
    let row = |hook: Hook| {
        let arguments = match hook.arguments {
            "" => String::new(),
            arguments => format!("`{arguments}`"),
        };
        let then = match hook.power {
            Power::Veto => "that does not happen",
            Power::Tell => "that is told",
        };
        format!("| `{}` | {} | {arguments} | {then} |", hook.name, hook.when)
    };
    let page = include_str!("../../../docs/hooks.md");
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| `")).collect();
    assert_eq!(rows, all_hooks().map(row).collect::<Vec<_>>());
}

#[test]
fn every_hook_is_wired() {
    for hook in all_hooks() {
        let clone = Clone::begin();
        clone.must(&["hooks", "enable"]);
        clone.install(hook.name, TELLING, 0o755);
        clone.share();
        let (is_done, said) = clone.run(cause(hook));
        assert_eq!(is_done, hook.name != "pre-sync", "{said}");
        let count = hook.arguments.split_whitespace().count();
        let at = clone.folder.to_string_lossy().into_owned();
        let line = if hook.name == "post-switch" { "side" } else { "main" };
        let expected = format!("{} ({count}) in {at} on {line}\n", hook.name);
        assert_eq!(clone.told(), expected);
    }
}

#[test]
fn a_hook_that_refuses_is_heard() {
    for hook in all_hooks() {
        let clone = Clone::begin();
        clone.must(&["hooks", "enable"]);
        clone.install(hook.name, REFUSING, 0o755);
        clone.share();
        let before = clone.must(&["op", "log"]);
        let (is_done, said) = clone.run(cause(hook));
        assert!(said.contains("not like this"), "{said}");
        let refused = format!("the hook '{}' refused", hook.name);
        assert!(said.contains(&refused), "{said}");
        assert_eq!(is_done, hook.power == Power::Tell, "{said}");
        let is_changed = clone.must(&["op", "log"]) != before;
        assert_eq!(is_changed, is_done, "what is refused changes nothing: {said}");
        // All the same.
        let said = clone.must(&["seal", "--no-hooks", "--allow-empty", "-m", "more"]);
        assert_eq!(said.contains("was passed over"), hook.name.contains("seal"), "{said}");
    }
}

#[test]
fn no_hook_runs_where_nobody_said_so() {
    let clone = Clone::begin();
    let program = clone.install("pre-seal", TELLING, 0o755);
    let seal: &[&str] = &["seal", "--allow-empty", "-m", "more"];
    // Not by itself, nor if the repository says so.
    clone.write(".selkie/config.toml", &format!("[hooks]\nfolders = {:?}\n", clone.folder));
    let said = clone.must(seal);
    assert!(said.contains("pre-seal is there and does not run"), "{said}");
    clone.must(&["hooks", "enable"]);
    // Not if anybody could have written it.
    fs::set_permissions(&program, fs::Permissions::from_mode(0o777)).expect("it is ours");
    let (is_done, said) = clone.run(seal);
    assert!(!is_done && said.contains("may be written by everybody"), "{said}");
    // Not if it is no program.
    fs::set_permissions(&program, fs::Permissions::from_mode(0o644)).expect("it is ours");
    assert!(clone.must(seal).contains("no file that may be run"));
    // Not in a copy somewhere else.
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("it is ours");
    let moved = Clone { folder: clone.root.join("moved"), ..clone };
    fs::rename(moved.root.join("here"), &moved.folder).expect("it is there");
    moved.must(seal);
    assert_eq!(moved.told(), "");
    moved.must(&["hooks", "enable"]);
    moved.must(seal);
    moved.must(&["hooks", "disable"]);
    moved.must(seal);
    assert_eq!(moved.told().lines().count(), 1);
}

#[test]
fn a_hook_may_change_what_is_sealed_and_said() {
    let clone = Clone::begin();
    clone.must(&["hooks", "enable"]);
    clone.write("a", "two\n");
    clone.install("pre-seal", "#!/bin/sh\necho three > a\n", 0o755);
    clone.install("seal-message", "#!/bin/sh\necho '[team]' >> \"$1\"\n", 0o755);
    clone.must(&["seal", "-m", "second"]);
    assert_eq!(clone.must(&["cat", "a"]), "three\n");
    assert!(clone.must(&["log", "--long", "-n", "1"]).contains("    second\n    [team]\n"));
    clone.install("seal-message", "#!/bin/sh\n: > \"$1\"\n", 0o755);
    let (is_done, said) = clone.run(&["seal", "--allow-empty", "-m", "third"]);
    assert!(!is_done && said.contains("nothing was said"), "{said}");
}

#[test]
fn what_a_hook_types_runs_no_hooks() {
    let clone = Clone::begin();
    clone.must(&["hooks", "enable"]);
    let binary = env!("CARGO_BIN_EXE_selkie");
    let text = format!("{TELLING}{binary} seal --allow-empty -m inner\n");
    clone.install("pre-seal", &text, 0o755);
    clone.must(&["seal", "--allow-empty", "-m", "outer"]);
    assert_eq!(clone.told().lines().count(), 1);
    assert!(clone.must(&["log", "--oneline"]).contains("  inner"));
}
