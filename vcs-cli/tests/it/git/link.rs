//! Git and this program in one folder: whichever is used, the other one follows.

use std::fs;

use super::Yard;

impl Yard {
    /// A linked repository with a fuse under way, in which both sides changed `a.txt`.
    fn in_conflict() -> Self {
        let yard = Self::linked();
        yard.selkie("song", &["timeline", "new", "side"]);
        yard.add("a.txt", "side\n");
        yard.selkie("song", &["seal", "-m", "side"]);
        yard.selkie("song", &["switch", "main"]);
        yard.add("a.txt", "main\n");
        yard.selkie("song", &["seal", "-m", "main"]);
        let _open = yard.tried("song", &["fuse", "side"]);
        yard
    }

    /// A repository of git with one commit, linked.
    fn linked() -> Self {
        let yard = Self::new();
        yard.small("song");
        yard.selkie("song", &["git", "link"]);
        yard
    }

    /// What was committed, newest first, by the first line.
    fn subjects(&self, what: &str) -> String {
        self.git("song", &["log", "--format=%s", what]).replace('\n', ", ")
    }

    /// What was sealed, newest first, by the first line.
    fn titles(&self, what: &[&str]) -> String {
        let args = [&["log", "--format", "{title}"], what].concat();
        let said = Self::ran(self.command(env!("CARGO_BIN_EXE_selkie"), "song", &args));
        // What came from git is told beside it.
        let said = String::from_utf8(said.stdout).expect("it is text");
        said.trim_end().replace('\n', ", ")
    }

    fn add(&self, path: &str, text: &str) {
        self.write(&format!("song/{path}"), text.as_bytes());
    }

    /// Asserts that neither has anything to say of the files.
    fn is_clean(&self) {
        assert_eq!(self.git("song", &["status", "--porcelain"]), "");
        let said = self.selkie("song", &["status"]);
        assert!(said.contains("Everything is sealed."), "{said}");
        assert_eq!(self.faults("song").len(), 0);
    }
}

#[test]
fn each_does_what_the_other_did() {
    let yard = Yard::linked();
    yard.is_clean();
    yard.add("a.txt", "one\ntwo\n");
    yard.selkie("song", &["seal", "-m", "second"]);
    assert_eq!(yard.subjects("main"), "second, first");
    yard.is_clean();
    yard.add("d/b.txt", "three\n");
    yard.commit("song", "third");
    assert_eq!(yard.titles(&[]), "third, second, first");
    yard.is_clean();
    yard.selkie("song", &["timeline", "new", "side"]);
    assert_eq!(yard.git("song", &["branch", "--show-current"]), "side");
    yard.add("a.txt", "side\n");
    yard.selkie("song", &["seal", "-m", "fourth"]);
    yard.git("song", &["switch", "-q", "main"]);
    assert_eq!(yard.titles(&[]), "third, second, first");
    assert_eq!(yard.titles(&["side"]), "fourth, third, second, first");
    yard.is_clean();
    yard.git("song", &["merge", "-q", "side"]);
    assert_eq!(yard.titles(&[]), "fourth, third, second, first");
    yard.git("song", &["tag", "-a", "v1", "-m", "words"]);
    yard.selkie("song", &["tag", "v2"]);
    assert_eq!(yard.git("song", &["tag"]), "v1\nv2");
    assert_eq!(yard.selkie("song", &["tag"]).lines().count(), 2);
    yard.selkie("song", &["tag", "remove", "v1"]);
    yard.git("song", &["tag", "-d", "v2"]);
    assert_eq!(yard.git("song", &["tag"]), "");
    assert!(yard.selkie("song", &["status"]).contains("taken in from git: names; moved: v2"));
    assert!(!yard.selkie("song", &["tag"]).contains("v2"));
    yard.git("song", &["branch", "-q", "-D", "side"]);
    assert!(yard.selkie("song", &["status"]).contains("taken in from git: names; moved: side"));
    assert!(!yard.selkie("song", &["timeline", "list"]).contains("\n  side "));
    yard.is_clean();
}

#[test]
fn a_clone_alone_gets_a_repository_of_git_beside_it() {
    let yard = Yard::new();
    yard.selkie(".", &["forge", "song", "--timeline", "trunk"]);
    yard.add("a.txt", "one\n");
    yard.selkie("song", &["gather", "."]);
    yard.selkie("song", &["seal", "-m", "first"]);
    yard.add("new.txt", "new\n");
    yard.selkie("song", &["gather", "new.txt"]);
    let said = yard.selkie("song", &["git", "link"]);
    assert!(said.contains("gave 1 name to git"), "{said}");
    assert_eq!(yard.subjects("trunk"), "first");
    assert_eq!(yard.git("song", &["status", "--porcelain"]), "A  new.txt");
    let (said, code) = yard.tried("song", &["git", "link"]);
    assert!(code == 1 && said.contains("is linked"), "{said}");
    yard.git("song", &["commit", "-q", "-m", "second"]);
    assert_eq!(yard.titles(&[]), "second, first");
    yard.is_clean();
    yard.selkie("song", &["git", "unlink"]);
    yard.add("a.txt", "alone\n");
    yard.selkie("song", &["seal", "-m", "third"]);
    assert_eq!(yard.subjects("trunk"), "second, first");
    let (said, code) = yard.tried("song", &["git", "fetch"]);
    assert!(code == 1 && said.contains("not linked"), "{said}");
}

#[test]
fn what_one_gathers_the_other_has_staged() {
    let yard = Yard::linked();
    yard.add("a.txt", "changed\n");
    yard.add("b.txt", "new\n");
    yard.git("song", &["add", "b.txt"]);
    let said = yard.selkie("song", &["status"]);
    assert!(said.contains("Gathered for the next seal:\n  + b.txt"), "{said}");
    yard.selkie("song", &["gather", "a.txt"]);
    assert_eq!(yard.git("song", &["status", "--porcelain"]), "M  a.txt\nA  b.txt");
    yard.git("song", &["reset", "-q", "b.txt"]);
    yard.selkie("song", &["seal", "-m", "second"]);
    assert_eq!(yard.git("song", &["status", "--porcelain"]), "?? b.txt");
    assert_eq!(yard.git("song", &["show", "--format=", "--name-only", "HEAD"]), "a.txt");
    yard.git("song", &["rm", "-q", "a.txt"]);
    let said = yard.selkie("song", &["status"]);
    assert!(said.contains("Gathered for the next seal:\n  - a.txt"), "{said}");
}

#[test]
fn travelling_detaches_head_and_the_other_way_round() {
    let yard = Yard::linked();
    yard.add("a.txt", "two\n");
    yard.commit("song", "second");
    yard.selkie("song", &["travel", "main~1"]);
    assert_eq!(yard.git("song", &["branch", "--show-current"]), "");
    assert_eq!(yard.subjects("HEAD"), "first");
    yard.is_clean();
    yard.git("song", &["switch", "-q", "main"]);
    assert!(yard.selkie("song", &["status"]).contains("On timeline main"));
    yard.git("song", &["switch", "-q", "--detach", "HEAD~1"]);
    assert!(!yard.selkie("song", &["status"]).contains("On timeline main"));
    yard.is_clean();
}

#[test]
fn an_undo_moves_the_branch_back() {
    let yard = Yard::linked();
    yard.add("a.txt", "two\n");
    yard.selkie("song", &["seal", "-m", "second"]);
    yard.selkie("song", &["undo"]);
    assert_eq!(yard.subjects("main"), "first");
    assert_eq!(yard.git("song", &["status", "--porcelain"]), " M a.txt");
    yard.selkie("song", &["redo"]);
    assert_eq!(yard.subjects("main"), "second, first");
    yard.is_clean();
    // What git did is taken back as well.
    yard.add("a.txt", "three\n");
    yard.commit("song", "third");
    assert_eq!(yard.titles(&[]), "third, second, first");
    yard.selkie("song", &["undo"]);
    assert_eq!(yard.subjects("main"), "second, first");
    assert_eq!(fs::read(yard.at("song/a.txt")).unwrap(), b"three\n");
}

#[test]
fn what_both_moved_on_is_kept_and_told() {
    let yard = Yard::linked();
    // Somebody is at work there: the seal is made, and git hears of it later.
    yard.add(".git/index.lock", "");
    yard.add("a.txt", "ours\n");
    let said = yard.selkie("song", &["seal", "-m", "ours"]);
    assert!(said.contains("index.lock") && said.contains("remove that file"), "{said}");
    assert_eq!(yard.subjects("main"), "first");
    fs::remove_file(yard.at("song/.git/index.lock")).unwrap();
    yard.add("b.txt", "theirs\n");
    yard.git("song", &["add", "b.txt"]);
    yard.git("song", &["commit", "-q", "-m", "theirs"]);
    let said = yard.selkie("song", &["status"]);
    assert!(said.contains("timeline main was moved on by git and here"), "{said}");
    assert_eq!(yard.subjects("main"), "theirs, first");
    let both = yard.selkie("song", &["timeline", "list"]);
    assert!(both.contains("2 heads") || both.contains("diverged"), "{both}");
    // The change that was sealed is on disk still, and goes on top of git's.
    assert_eq!(yard.git("song", &["status", "--porcelain"]), " M a.txt");
}

#[test]
fn the_next_command_writes_what_was_left_half_written() {
    let yard = Yard::linked();
    yard.add("a.txt", "two\n");
    // The index is written, and then its names can not be moved.
    yard.add(".git/refs/heads/main.lock", "");
    let said = yard.selkie("song", &["seal", "-m", "second"]);
    assert!(said.contains("warning") && said.contains("refs/heads/main.lock"), "{said}");
    assert_eq!(yard.subjects("main"), "first");
    fs::remove_file(yard.at("song/.git/refs/heads/main.lock")).unwrap();
    let said = yard.selkie("song", &["status"]);
    assert!(said.contains("Everything is sealed."), "{said}");
    assert_eq!(yard.subjects("main"), "second, first");
    yard.is_clean();
    assert_eq!(yard.selkie("song", &["op", "log"]).matches("git").count(), 1);
}

#[test]
fn nothing_is_sealed_in_the_middle_of_what_git_began() {
    let yard = Yard::linked();
    yard.git("song", &["switch", "-q", "-c", "side"]);
    yard.add("a.txt", "side\n");
    yard.commit("song", "side");
    yard.git("song", &["switch", "-q", "main"]);
    yard.add("a.txt", "main\n");
    yard.commit("song", "main");
    let merge = yard.command("git", "song", &["merge", "-q", "side"]);
    assert_eq!(Yard::ran(merge).status.code(), Some(1));
    let (said, code) = yard.tried("song", &["seal", "-m", "no"]);
    assert!(code == 1 && said.contains("git is in the middle of a merge here"), "{said}");
    assert!(said.contains("git merge --abort"), "{said}");
    yard.selkie("song", &["log"]);
    yard.git("song", &["merge", "--abort"]);
    assert_eq!(yard.titles(&[]), "main, first");
    yard.is_clean();
}

#[test]
fn a_fuse_with_conflicts_is_a_merge_with_conflicts_for_git() {
    let yard = Yard::in_conflict();
    assert_eq!(yard.git("song", &["status", "--porcelain"]), "UU a.txt");
    // It is settled with git, and git's commit is the fuse.
    yard.add("a.txt", "both\n");
    yard.commit("song", "both");
    assert_eq!(yard.git("song", &["log", "-1", "--format=%P"]).split(' ').count(), 2);
    assert!(yard.titles(&[]).starts_with("both, "));
    yard.is_clean();
    // The same again, settled here.
    yard.selkie("song", &["undo"]);
    assert_eq!(yard.git("song", &["status", "--porcelain"]), "UU a.txt");
    yard.selkie("song", &["gather", "a.txt"]);
    yard.selkie("song", &["seal", "-m", "both here"]);
    assert!(yard.subjects("main").starts_with("both here, "));
    assert!(!yard.at("song/.git/MERGE_HEAD").exists());
    yard.is_clean();
}

#[test]
fn a_sealed_conflict_is_text_with_markers_for_git() {
    let yard = Yard::in_conflict();
    yard.selkie("song", &["seal", "--with-conflicts", "-m", "open"]);
    assert!(yard.git("song", &["show", "HEAD:a.txt"]).contains("<<<<<<<"));
    assert_eq!(yard.git("song", &["status", "--porcelain"]), "");
    // What git builds on it goes on from the same seal here.
    yard.add("b.txt", "more\n");
    yard.commit("song", "more");
    assert!(yard.titles(&[]).starts_with("more, open, main"));
    assert!(yard.selkie("song", &["conflicts"]).contains("a.txt"));
    assert_eq!(yard.git("song", &["status", "--porcelain"]), "");
}

#[test]
fn a_repository_of_git_that_is_gone_or_another_takes_nothing_along() {
    let yard = Yard::linked();
    fs::remove_dir_all(yard.at("song/.git")).unwrap();
    let said = yard.selkie("song", &["log"]);
    assert!(said.contains("is gone") && said.contains("first"), "{said}");
    yard.git(".", &["init", "-q", "-b", "main", "song"]);
    yard.add("a.txt", "two\n");
    let said = yard.selkie("song", &["seal", "-m", "second"]);
    assert!(said.contains("is gone") && said.contains("Sealed"), "{said}");
    yard.selkie("song", &["git", "link"]);
    assert_eq!(yard.subjects("main"), "second, first");
    yard.is_clean();
}

#[test]
fn who_links_again_and_is_ahead_takes_nothing_from_git() {
    let yard = Yard::linked();
    yard.selkie("song", &["git", "unlink"]);
    yard.add("a.txt", "two\n");
    yard.selkie("song", &["seal", "-m", "second"]);
    // The first seal leads to the second: it is no other head beside it.
    let said = yard.selkie("song", &["git", "link"]);
    assert!(said.contains("Brought 0 commits and 0 names; gave 1 name to git."), "{said}");
    assert_eq!(yard.subjects("main"), "second, first");
    yard.is_clean();
}

#[test]
fn a_branch_that_another_working_copy_has_checked_out_stays() {
    let yard = Yard::linked();
    yard.git("song", &["worktree", "add", "-q", "-b", "side", "../beside"]);
    yard.selkie("song", &["status"]);
    let (said, _) = yard.tried("song", &["switch", "side"]);
    yard.add("a.txt", "side\n");
    let more = yard.selkie("song", &["seal", "-m", "side"]);
    assert!(more.contains("another working copy has it checked out"), "{said}{more}");
    assert_eq!(yard.git("beside", &["status", "--porcelain"]), "");
    assert_eq!(yard.subjects("side"), "first");
    assert_eq!(yard.git("song", &["status", "--porcelain"]), "");
}

#[test]
fn a_protected_timeline_loses_nothing_to_git() {
    let yard = Yard::linked();
    yard.add("a.txt", "two\n");
    yard.commit("song", "second");
    yard.selkie("song", &["timeline", "protect", "main"]);
    yard.git("song", &["reset", "-q", "--hard", "HEAD~1"]);
    let said = yard.selkie("song", &["status"]);
    assert!(said.contains("main is protected, and keeps the seals"), "{said}");
    assert_eq!(yard.titles(&["main"]), "second, first");
    yard.selkie("song", &["switch", "main"]);
    assert_eq!(yard.subjects("main"), "second, first");
    yard.is_clean();
}

#[test]
fn what_can_not_be_kept_is_left_alone() {
    let yard = Yard::new();
    yard.small("song");
    let blob = yard.object("song", "blob", b"x");
    yard.git("song", &["tag", "thing", &blob]);
    let said = yard.selkie("song", &["git", "link"]);
    assert!(said.contains("left alone in git: refs/tags/thing"), "{said}");
    yard.add("a.txt", "two\n");
    yard.selkie("song", &["seal", "-m", "second"]);
    assert_eq!(yard.git("song", &["rev-parse", "thing"]), blob);
    yard.is_clean();
}

#[test]
fn a_clone_of_a_linked_one_is_not_linked() {
    let yard = Yard::linked();
    yard.selkie(".", &["clone", "song", "copy"]);
    let (said, code) = yard.tried("copy", &["git", "push"]);
    assert!(code == 1 && said.contains("not linked"), "{said}");
}

#[test]
fn a_submodule_moves_when_git_says_so() {
    let yard = Yard::linked();
    yard.small("sound");
    let (song, sound) = ("song", "song/sound");
    let allowed = ["-c", "protocol.file.allow=always"];
    yard.git(song, &[&allowed[..], &["submodule", "--quiet", "add", "../sound"]].concat());
    yard.git(song, &["commit", "-q", "-m", "with a submodule"]);
    yard.is_clean();
    yard.write("song/sound/new.txt", b"new\n");
    yard.commit(sound, "elsewhere");
    let (said, code) = yard.tried(song, &["gather", "sound"]);
    assert!(code == 1 && said.contains("sound is passed over: it is a submodule"), "{said}");
    yard.git(song, &["add", "sound"]);
    yard.selkie(song, &["seal", "-m", "the submodule moves"]);
    assert_eq!(
        yard.git(song, &["rev-parse", "HEAD:sound"]),
        yard.git(sound, &["rev-parse", "HEAD"])
    );
    yard.is_clean();
}
