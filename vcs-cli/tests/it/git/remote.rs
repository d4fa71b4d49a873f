//! A team on git, and somebody who seals.

use std::fs;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use rustix::process::{Pid, Signal, kill_process_group};

use super::Yard;

impl Yard {
    /// A linked repository, a bare one that it knows as `origin`, and somebody's clone of that with git.
    fn team() -> Self {
        let yard = Self::new();
        yard.small("song");
        yard.git(".", &["clone", "-q", "--bare", "song", "hub.git"]);
        yard.git(".", &["clone", "-q", "hub.git", "bob"]);
        yard.git("song", &["remote", "add", "origin", "../hub.git"]);
        yard.selkie("song", &["git", "link"]);
        yard
    }

    fn bob_pushes(&self, file: &str, text: &str) {
        self.write(&format!("bob/{file}"), text.as_bytes());
        self.commit("bob", file);
        self.git("bob", &["push", "-q", "origin", "HEAD"]);
    }
}

#[test]
fn what_a_team_pushes_is_fetched_and_the_other_way_round() {
    let yard = Yard::team();
    yard.bob_pushes("b.txt", "bob\n");
    let said = yard.selkie("song", &["git", "fetch"]);
    assert!(
        said.contains("Moved: origin/main") && said.contains("selkie fuse origin/main"),
        "{said}"
    );
    assert!(!yard.at("song/b.txt").exists());
    yard.selkie("song", &["fuse", "origin/main"]);
    assert_eq!(fs::read(yard.at("song/b.txt")).unwrap(), b"bob\n");
    assert!(yard.selkie("song", &["git", "fetch"]).contains("Nothing new in origin."));
    yard.write("song/a.txt", b"ann\n");
    yard.selkie("song", &["seal", "-m", "ann"]);
    assert_eq!(yard.selkie("song", &["git", "push"]), "Pushed to origin: main\n");
    assert_eq!(yard.selkie("song", &["git", "push"]), "origin has all of it already: main\n");
    yard.git("bob", &["pull", "-q"]);
    assert_eq!(yard.git("bob", &["log", "--format=%s"]), "ann\nb.txt\nfirst");
    assert_eq!(yard.git("song", &["status", "-sb"]), "## main");
    yard.selkie("song", &["timeline", "new", "idea"]);
    yard.selkie("song", &["tag", "v1"]);
    assert_eq!(
        yard.selkie("song", &["git", "push", "origin", "idea", "v1"]),
        "Pushed to origin: idea, v1\n"
    );
    assert_eq!(yard.git("hub.git", &["branch", "--list", "idea"]).trim(), "idea");
    assert_eq!(yard.git("hub.git", &["tag"]), "v1");
}

#[test]
fn what_is_refused_is_told_with_what_to_do() {
    let yard = Yard::team();
    yard.bob_pushes("b.txt", "bob\n");
    yard.write("song/a.txt", b"ann\n");
    yard.selkie("song", &["seal", "-m", "ann"]);
    let (said, code) = yard.tried("song", &["git", "push"]);
    assert!(code == 1 && said.contains("'origin' did not take 'main'"), "{said}");
    assert!(said.contains("selkie git fetch origin, then selkie fuse origin/main"), "{said}");
    yard.selkie("song", &["git", "fetch", "origin"]);
    yard.selkie("song", &["fuse", "origin/main"]);
    assert_eq!(yard.selkie("song", &["git", "push"]), "Pushed to origin: main\n");
    yard.git("bob", &["pull", "-q"]);
    assert_eq!(fs::read(yard.at("bob/a.txt")).unwrap(), b"ann\n");
    // What was fetched may be let go, what was not may not.
    yard.selkie("song", &["undo"]);
    yard.write("song/a.txt", b"other\n");
    yard.selkie("song", &["seal", "-m", "other"]);
    yard.bob_pushes("c.txt", "bob\n");
    let (said, code) = yard.tried("song", &["git", "push", "--force"]);
    assert!(code == 1 && said.contains("stale info"), "{said}");
    yard.selkie("song", &["git", "fetch"]);
    yard.selkie("song", &["git", "push", "--force"]);
    assert_eq!(yard.git("hub.git", &["log", "-1", "--format=%s", "main"]), "other");
}

#[test]
fn a_conflict_is_pushed_as_markers_by_who_asks_for_it() {
    let yard = Yard::team();
    yard.selkie("song", &["timeline", "new", "side"]);
    yard.write("song/a.txt", b"side\n");
    yard.selkie("song", &["seal", "-m", "side"]);
    yard.selkie("song", &["switch", "main"]);
    yard.write("song/a.txt", b"main\n");
    yard.selkie("song", &["seal", "-m", "main"]);
    let _open = yard.tried("song", &["fuse", "side"]);
    yard.selkie("song", &["seal", "--with-conflicts", "-m", "open"]);
    yard.write("song/b.txt", b"more\n");
    yard.selkie("song", &["gather", "b.txt"]);
    yard.selkie("song", &["seal", "-m", "more"]);
    let (said, code) = yard.tried("song", &["git", "push"]);
    assert!(code == 1 && said.contains("'a.txt' is in conflict in seal"), "{said}");
    assert!(said.contains("--markers"), "{said}");
    assert_eq!(yard.git("hub.git", &["log", "--format=%s", "main"]), "first");
    // What leads to it and not further goes.
    yard.selkie("song", &["git", "push", "origin", "side"]);
    yard.selkie("song", &["git", "push", "--markers"]);
    assert!(yard.git("hub.git", &["show", "main:a.txt"]).contains("<<<<<<<"));
    // What is there already is asked for once.
    yard.write("song/a.txt", b"both\n");
    yard.selkie("song", &["seal", "-m", "settled"]);
    assert_eq!(yard.selkie("song", &["git", "push"]), "Pushed to origin: main\n");
}

#[test]
fn who_stops_a_fetch_or_a_push_finds_all_as_it_was() {
    let yard = Yard::team();
    yard.bob_pushes("b.txt", "bob\n");
    yard.selkie("song", &["timeline", "new", "idea"]);
    yard.write("song/a.txt", b"ann\n");
    yard.selkie("song", &["seal", "-m", "ann"]);
    let everything = |folder| yard.git(folder, &["for-each-ref"]);
    let before = [everything("song"), everything("hub.git")];
    // The other side says that it began, and then nothing any more.
    let began = yard.at("began");
    Yard::ran(yard.command("mkfifo", ".", &["began"]));
    yard.write("silent.sh", format!("echo > '{}'\ncat > /dev/null\n", began.display()).as_bytes());
    let silent = format!("sh '{}'", yard.at("silent.sh").display());
    // Whoever runs the tests in the background may have all below them ignore Ctrl-C.
    let heeds = !Command::new("sh").args(["-c", "kill -INT $$"]).status().unwrap().success();
    let stop = if heeds { Signal::INT } else { Signal::TERM };
    for (verb, setting) in [("fetch", "uploadpack"), ("push", "receivepack")] {
        let setting = format!("remote.origin.{setting}");
        yard.git("song", &["config", &setting, &silent]);
        let mut command = yard.command(env!("CARGO_BIN_EXE_selkie"), "song", &["git", verb]);
        command.process_group(0).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        fs::read(&began).unwrap();
        let group = Pid::from_child(&child);
        kill_process_group(group, stop).unwrap();
        assert!(!child.wait().unwrap().success());
        yard.git("song", &["config", "--unset", &setting]);
        assert_eq!([everything("song"), everything("hub.git")], before, "{verb}");
    }
    assert!(yard.selkie("song", &["status"]).contains("Everything is sealed."));
    assert!(yard.selkie("song", &["git", "fetch"]).contains("Moved: origin/main"));
    assert_eq!(yard.selkie("song", &["git", "push"]), "Pushed to origin: idea\n");
}

#[test]
fn a_branch_that_goes_there_goes_here() {
    let yard = Yard::team();
    yard.git("bob", &["switch", "-q", "-c", "side"]);
    yard.bob_pushes("b.txt", "bob\n");
    yard.selkie("song", &["git", "fetch"]);
    assert!(yard.selkie("song", &["log", "origin/side"]).contains("b.txt"));
    yard.git("bob", &["push", "-q", "origin", "--delete", "side"]);
    yard.selkie("song", &["git", "fetch"]);
    assert_eq!(yard.tried("song", &["log", "origin/side"]).1, 1);
}

#[test]
fn without_git_or_another_repository_it_is_told_so() {
    let yard = Yard::team();
    let mut command = yard.command(env!("CARGO_BIN_EXE_selkie"), "song", &["git", "fetch"]);
    command.env("PATH", yard.at("nothing"));
    let done = Yard::ran(command);
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(said.contains("git is not installed"), "{said}");
    let (said, code) = yard.tried("song", &["git", "push", "nowhere"]);
    assert!(code == 1 && said.contains("no other called 'nowhere'"), "{said}");
    fs::rename(yard.at("hub.git"), yard.at("elsewhere.git")).unwrap();
    let (said, code) = yard.tried("song", &["git", "fetch"]);
    assert!(code == 1 && said.contains("git could not fetch"), "{said}");
    yard.git("song", &["remote", "remove", "origin"]);
    let (said, code) = yard.tried("song", &["git", "push"]);
    assert!(code == 1 && said.contains("knows of no other"), "{said}");
    yard.selkie("song", &["timeline", "new", "mine", "--private"]);
    yard.git("song", &["remote", "add", "origin", "../elsewhere.git"]);
    let (said, code) = yard.tried("song", &["git", "push", "origin", "mine"]);
    assert!(code == 1 && said.contains("timeline 'mine' is private"), "{said}");
}
