//! Files that programs leave in a git repository when they are killed.

use std::fs;

use super::Yard;

/// What is told of a lock that nobody knows the owner of.
const ADVICE: &str = "here no program of git is running, remove that file";

impl Yard {
    fn left(&self, path: &str, text: &str) {
        self.write(path, text.as_bytes());
    }

    fn removed(&self, path: &str) {
        fs::remove_file(self.at(path)).expect("it is there still");
    }

    /// Asserts that git has all, that nobody says anything of locks, and that none is left.
    fn goes_on(&self, what: &str) {
        let said = self.selkie("song", &["status"]);
        assert!(
            !said.contains(".lock") && said.contains("Everything is sealed."),
            "{what}: {said}"
        );
        assert_eq!(self.git("song", &["status", "--porcelain"]), "", "{what}");
        assert_eq!(self.faults("song").len(), 0, "{what}");
    }
}

#[test]
fn a_lock_is_told_of_with_what_to_do_and_no_command_stops_for_it() {
    let table = [
        ("index.lock", &["seal", "-m", "second"][..]),
        ("refs/heads/main.lock", &["seal", "-m", "second"]),
        ("HEAD.lock", &["switch", "side"]),
        ("packed-refs.lock", &["timeline", "remove", "side"]),
    ];
    for (lock, args) in table {
        let yard = Yard::new();
        yard.small("song");
        yard.git("song", &["branch", "side"]);
        yard.git("song", &["pack-refs", "--all"]);
        yard.selkie("song", &["git", "link"]);
        if args[0] == "seal" {
            yard.write("song/a.txt", b"two\n");
        }
        let path = format!("song/.git/{lock}");
        yard.left(&path, "");
        let before = yard.refs("song");
        let said = yard.selkie("song", args);
        assert!(said.contains(lock) && said.contains(ADVICE), "{lock}: {said}");
        assert_eq!(yard.refs("song"), before, "{lock}");
        let said = yard.selkie("song", &["log"]);
        assert!(said.contains("first") && said.contains(lock), "{lock}: {said}");
        // It is in the way before the command and behind it.
        let said = yard.selkie("song", &["timeline", "new", "--stay", "later"]);
        assert_eq!(said.matches(ADVICE).count(), 1, "{lock}: {said}");
        yard.selkie("song", &["undo"]);
        yard.removed(&path);
        yard.goes_on(lock);
        let found = yard.git("song", &["for-each-ref", "--format=%(refname:short) %(subject)"]);
        let expected = match args[0] {
            "seal" => "main second\nside first",
            "switch" => "main first\nside first",
            _ => "main first",
        };
        assert_eq!(found, expected, "{lock}");
        let on = if args[0] == "switch" { "side" } else { "main" };
        assert_eq!(yard.git("song", &["branch", "--show-current"]), on, "{lock}");
    }
}

#[test]
fn a_lock_that_a_killed_command_of_ours_left_is_taken_away() {
    let yard = Yard::new();
    yard.small("song");
    yard.git("song", &["branch", "old"]);
    yard.git("song", &["pack-refs", "--all"]);
    yard.selkie("song", &["git", "link"]);
    let table = [
        ("index.lock", &["seal", "-m", "next"][..]),
        ("refs/heads/main.lock", &["seal", "-m", "next"]),
        ("HEAD.lock", &["timeline", "new", "side"]),
        ("packed-refs.lock", &["timeline", "remove", "old"]),
    ];
    for (lock, args) in table {
        let path = format!("song/.git/{lock}");
        yard.left(&path, "selkie");
        if args[0] == "seal" {
            yard.write("song/a.txt", lock.as_bytes());
        }
        let said = yard.selkie("song", args);
        assert!(!said.contains(".lock"), "{lock}: {said}");
        yard.goes_on(lock);
        assert!(!yard.at(&path).exists(), "{lock}");
    }
    assert_eq!(yard.git("song", &["log", "--format=%s"]), "next\nnext\nfirst");
    assert_eq!(yard.git("song", &["branch", "--format=%(refname:short)"]), "main\nside");
    assert_eq!(yard.git("song", &["branch", "--show-current"]), "side");
}

#[test]
fn an_export_and_a_link_tell_of_a_lock_and_are_typed_again() {
    let yard = Yard::new();
    yard.small("old");
    yard.selkie(".", &["forge", "song"]);
    yard.selkie("song", &["git", "import", "../old"]);
    yard.selkie("song", &["git", "export", "../back.git"]);
    yard.git("old", &["commit", "-q", "--allow-empty", "-m", "second"]);
    yard.selkie("song", &["git", "import", "../old"]);
    yard.left("back.git/refs/heads/main.lock", "");
    let before = yard.refs("back.git");
    let (said, code) = yard.tried("song", &["git", "export", "../back.git"]);
    assert!(code == 1 && said.contains("refs/heads/main.lock") && said.contains(ADVICE), "{said}");
    assert_eq!(yard.refs("back.git"), before);
    yard.removed("back.git/refs/heads/main.lock");
    yard.selkie("song", &["git", "export", "../back.git"]);
    assert_eq!(yard.refs("back.git"), yard.refs("old"));
    yard.left("old/.git/index.lock", "");
    let (said, code) = yard.tried("old", &["git", "link"]);
    assert!(code == 1 && said.contains("index.lock") && said.contains(ADVICE), "{said}");
    yard.removed("old/.git/index.lock");
    yard.selkie("old", &["git", "link"]);
    assert!(yard.selkie("old", &["log"]).contains("second"));
}
