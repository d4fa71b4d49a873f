//! A team on git, and somebody who seals.

use std::fs;

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
