//! What comes from a git repository goes back as it was, and what was sealed here comes back from git with its id.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

mod hostile;
mod killed;
mod link;
mod locks;
mod remote;

/// A home with git repositories and clones in it.
struct Yard {
    _home: TempDir,
    root: PathBuf,
}

impl Yard {
    fn new() -> Self {
        let home = tempfile::tempdir().expect("a folder can be made");
        let root = home.path().canonicalize().expect("it is there");
        let yard = Self { _home: home, root };
        yard.selkie(".", &["config", "set", "user.name", "Ann"]);
        yard
    }

    fn at(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    fn command(&self, program: &str, folder: &str, args: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(args).current_dir(self.at(folder)).env_clear().stdin(Stdio::null());
        command.env("HOME", &self.root).env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("TZ", "UTC");
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "Åsa").env(format!("GIT_{who}_EMAIL"), "a@b");
        }
        command.env("GIT_AUTHOR_DATE", "1700000000 +0530");
        command.env("GIT_COMMITTER_DATE", "1700000100 -0330");
        command
    }

    fn ran(mut command: Command) -> Output {
        command.output().expect("it can be started")
    }

    /// What git says, which does it.
    fn git(&self, folder: &str, args: &[&str]) -> String {
        self.git_with(folder, args, b"")
    }

    /// The same with bytes for its input.
    fn git_with(&self, folder: &str, args: &[&str], input: &[u8]) -> String {
        let mut command = self.command("git", folder, args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("there is git");
        child.stdin.take().expect("it is piped").write_all(input).expect("git reads");
        let done = child.wait_with_output().expect("git ends");
        assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).expect("it is text").trim_end().to_owned()
    }

    fn selkie(&self, folder: &str, args: &[&str]) -> String {
        let (said, code) = self.tried(folder, args);
        assert_eq!(code, 0, "{args:?}: {said}");
        said
    }

    /// What the program says, whatever it does, and its exit code.
    fn tried(&self, folder: &str, args: &[&str]) -> (String, i32) {
        let done = Self::ran(self.command(env!("CARGO_BIN_EXE_selkie"), folder, args));
        let said = [done.stdout, done.stderr].concat();
        (String::from_utf8(said).expect("it is text"), done.status.code().unwrap_or(-1))
    }

    fn started(&self, folder: &str, args: &[&str]) -> Child {
        let mut command = self.command(env!("CARGO_BIN_EXE_selkie"), folder, args);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it can be started")
    }

    fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.at(path);
        fs::create_dir_all(path.parent().expect("it is in the yard")).expect("it can be made");
        fs::write(path, bytes).expect("it is free");
    }

    /// All refs that are brought, with what they stand at.
    fn refs(&self, folder: &str) -> BTreeSet<String> {
        let format = "--format=%(objectname) %(refname)";
        let folders = ["refs/heads", "refs/tags", "refs/notes"];
        let refs = self.git(folder, &[&["for-each-ref", format], &folders[..]].concat());
        refs.lines().map(str::to_owned).collect()
    }

    /// What git finds fault with.
    fn faults(&self, folder: &str) -> BTreeSet<String> {
        let args = ["fsck", "--strict", "--no-dangling"];
        let done = Self::ran(self.command("git", folder, &args));
        let said = [done.stdout, done.stderr].concat();
        String::from_utf8_lossy(&said).lines().map(str::to_owned).collect()
    }

    fn object(&self, folder: &str, kind: &str, bytes: &[u8]) -> String {
        let args = ["hash-object", "-t", kind, "-w", "--stdin", "--literally"];
        self.git_with(folder, &args, bytes)
    }

    fn commit(&self, folder: &str, message: &str) {
        self.git(folder, &["add", "."]);
        self.git(folder, &["commit", "-q", "--allow-empty", "-m", message]);
    }

    /// The bytes of a tree with these entries, all of one id.
    fn tree(entries: &[&[u8]], id: &str) -> Vec<u8> {
        let digit = |at: usize| u8::from_str_radix(&id[at..at + 2], 16).expect("it is hex");
        let id: Vec<u8> = (0..40).step_by(2).map(digit).collect();
        entries.iter().flat_map(|entry| [entry, &b"\0"[..], &id].concat()).collect()
    }

    /// A repository with one commit on `main`.
    fn small(&self, name: &str) {
        self.git(".", &["init", "-q", "-b", "main", name]);
        self.write(&format!("{name}/a.txt"), b"one\n");
        self.commit(name, "first");
    }

    /// A repository with everything that a commit, a tree and a tag can be.
    fn full(&self, name: &str) {
        self.small(name);
        self.write(&format!("{name}/d/e/f"), b"x\n");
        self.write(&format!("{name}/run"), b"#!/bin/sh\n");
        let run = fs::Permissions::from_mode(0o755);
        fs::set_permissions(self.at(name).join("run"), run).expect("it is ours");
        symlink("../a.txt", self.at(name).join("d/link")).expect("it is free");
        self.commit(name, "more");
        self.commit(name, "nothing");
        let big: Vec<u8> =
            (0..2_500_000_u32).map(|n| (n.wrapping_mul(n) >> 7).to_le_bytes()[0]).collect();
        self.write(&format!("{name}/big"), &big);
        self.commit(name, "big");
        for side in ["x", "y", "z"] {
            self.git(name, &["switch", "-q", "-c", side, "main"]);
            self.write(&format!("{name}/{side}.txt"), side.as_bytes());
            self.commit(name, side);
        }
        self.git(name, &["switch", "-q", "main"]);
        self.git(name, &["merge", "-q", "--no-ff", "-m", "octopus", "x", "y", "z"]);
        self.commit(name, &"m".repeat(100_000));
        let [head, file] = ["HEAD", "HEAD:a.txt"].map(|rev| self.git(name, &["rev-parse", rev]));
        let module = format!("160000,{head},module");
        self.git(name, &["update-index", "--add", "--cacheinfo", &module]);
        self.git(name, &["commit", "-q", "-m", "module"]);
        self.git(name, &["notes", "add", "-m", "a note", "HEAD"]);
        self.git(name, &["tag", "light"]);
        self.git(name, &["tag", "-a", "-m", "words", "v1"]);
        self.git(name, &["tag", "-a", "-m", "words of words", "v1-again", "v1"]);
        for branch in ["a/b", "a/B2", "feature.x", "über"] {
            self.git(name, &["branch", branch]);
        }
        self.strange(name, &file);
    }

    /// Commits and trees that git of today does not make.
    fn strange(&self, name: &str, file: &str) {
        let whole = self.git(name, &["rev-parse", "HEAD^{tree}"]);
        let rests: [&[u8]; 6] = [
            b"author A <a> 1 -0000\ncommitter B <b> 2 +051800\n\nzones\n",
            b"author \xc5sa <a> 1 +0000\ncommitter A <a> 1 +0000\nencoding ISO-8859-1\n\nl\xe4tin\n",
            b"author A <a> 1 +0000\ncommitter A <a> 1 +0000\nencoding SHIFT-JIS\n\n\x83\x80\n",
            b"author A <a> 1 +0000\ncommitter A <a> 1 +0000\ngpgsig -----BEGIN\n \n x\n -----END\nx-more y\n\nsigned",
            b"author A <a> 1 +0000\ncommitter A <a> 1 +0000\n\n",
            b"author A <a> 99999999999 +0000\ncommitter A <a> 0 +0000\n\nfar off\n",
        ];
        for (number, rest) in rests.into_iter().enumerate() {
            let bytes = [format!("tree {whole}\n").as_bytes(), rest].concat();
            let commit = self.object(name, "commit", &bytes);
            self.git(name, &["update-ref", &format!("refs/heads/strange/{number}"), &commit]);
        }
        let old =
            self.object(name, "tree", &Self::tree(&[b"100664 z", b"100644 a", b"100755 b"], file));
        let padded = self.object(name, "tree", &Self::tree(&[b"040000 odd", b"40000 usual"], &old));
        let mut parent = self.git(name, &["rev-parse", "HEAD"]);
        for (number, tree) in [&old, &padded, &whole, &padded].into_iter().enumerate() {
            parent = self.git(name, &["commit-tree", "-m", "odd", "-p", &parent, tree]);
            self.git(name, &["update-ref", &format!("refs/heads/odd/{number}"), &parent]);
        }
        let signed = format!(
            "object {parent}\ntype commit\ntag signed\ntagger A <a> 1 +0000\n\nwords\n\
             -----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----\n"
        );
        let tag = self.object(name, "tag", signed.as_bytes());
        self.git(name, &["update-ref", "refs/tags/signed", &tag]);
    }

    fn forged(&self, name: &str) {
        self.selkie(".", &["forge", name]);
    }

    /// The id of the seal that a timeline ends at.
    fn head(&self, clone: &str, timeline: &str) -> String {
        let shown = self.selkie(clone, &["show", timeline]);
        let id = shown.lines().find_map(|line| line.strip_prefix("id"));
        id.expect("a seal has an id").trim().to_owned()
    }

    fn sealed(&self, clone: &str, text: &str) {
        self.write(&format!("{clone}/a.txt"), text.as_bytes());
        self.selkie(clone, &["gather", "."]);
        self.selkie(clone, &["seal", "-m", text]);
    }
}

#[test]
fn all_that_a_repository_has_comes_back() {
    let yard = Yard::new();
    yard.full("old");
    yard.forged("clone");
    yard.selkie("clone", &["git", "import", "../old"]);
    yard.selkie("clone", &["git", "export", "../back.git"]);
    assert_eq!(yard.refs("back.git"), yard.refs("old"));
    let faults = yard.faults("old");
    let new: Vec<_> = yard.faults("back.git").difference(&faults).cloned().collect();
    assert_eq!(new, [""; 0]);
    yard.selkie("clone", &["verify"]);
    // And again, where nothing is remembered of which commit is which seal.
    fs::remove_dir_all(yard.at("clone/.selkie/local/git")).expect("it is there");
    yard.selkie("clone", &["git", "export", "../again.git"]);
    assert_eq!(yard.refs("again.git"), yard.refs("old"));
    let said = yard.selkie("clone", &["git", "import", "../again.git"]);
    assert!(said.starts_with("Brought 0 commits."), "{said}");
}

#[test]
fn what_only_a_tag_leads_to_is_given_once() {
    let yard = Yard::new();
    yard.small("old");
    yard.git("old", &["switch", "-q", "--detach"]);
    yard.commit("old", "on no branch");
    yard.git("old", &["tag", "-a", "v1", "-m", "words"]);
    yard.git("old", &["tag", "-a", "v1-again", "-m", "words about words", "v1"]);
    yard.git("old", &["tag", "-d", "v1"]);
    yard.forged("clone");
    yard.selkie("clone", &["git", "import", "../old"]);
    let said = yard.selkie("clone", &["git", "export", "../back.git"]);
    assert!(said.starts_with("Gave 2 commits"), "{said}");
    assert_eq!(yard.refs("back.git"), yard.refs("old"));
    let said = yard.selkie("clone", &["git", "export", "../back.git"]);
    assert!(said.starts_with("Gave 0 commits"), "{said}");
}

#[test]
fn two_people_who_import_one_repository_have_the_same_seals() {
    let yard = Yard::new();
    yard.full("old");
    for clone in ["east", "west"] {
        yard.forged(clone);
    }
    yard.selkie("east", &["git", "import", "../old"]);
    // The other way about it: packed, bare, in two steps.
    yard.git(".", &["clone", "-q", "--mirror", "old", "bare.git"]);
    yard.git("bare.git", &["gc", "-q", "--aggressive", "--prune=now"]);
    yard.git(".", &["clone", "-q", "--bare", "--single-branch", "-b", "x", "old", "part.git"]);
    yard.selkie("west", &["git", "import", "../part.git"]);
    yard.selkie("west", &["git", "import", "../bare.git"]);
    for timeline in ["main", "odd/3", "strange/2", "refs/notes/commits", "v1-again"] {
        assert_eq!(yard.head("east", timeline), yard.head("west", timeline), "{timeline}");
    }
}

#[test]
fn what_was_sealed_here_comes_back_from_git_with_its_id() {
    let yard = Yard::new();
    yard.full("old");
    yard.forged("east");
    yard.selkie("east", &["git", "import", "../old"]);
    yard.selkie("east", &["switch", "main"]);
    yard.sealed("east", "sealed here");
    yard.selkie("east", &["seal", "--amend", "-m", "and said better\n\nwith a body"]);
    yard.selkie("east", &["timeline", "new", "side"]);
    yard.sealed("east", "on the side");
    // A commit that is made again is a seal of ours, although it has the labels of one that came.
    yard.selkie("east", &["switch", "strange/1"]);
    yard.selkie("east", &["seal", "--amend", "-m", "latin no more"]);
    yard.selkie("east", &["git", "export", "../new.git"]);
    let new: Vec<_> = yard.faults("new.git").difference(&yard.faults("old")).cloned().collect();
    assert_eq!(new, [""; 0]);
    assert_eq!(
        yard.git("new.git", &["log", "-1", "--format=%B", "main"]).trim(),
        "and said better\n\nwith a body"
    );
    yard.forged("west");
    yard.selkie("west", &["git", "import", "../new.git"]);
    for timeline in ["main", "side", "strange/1", "x"] {
        assert_eq!(yard.head("east", timeline), yard.head("west", timeline), "{timeline}");
    }
    assert!(yard.selkie("west", &["verify"]).contains("all is whole"));
}

#[test]
fn a_second_import_goes_on_and_a_branch_that_was_rewritten_diverges() {
    let yard = Yard::new();
    yard.small("old");
    yard.forged("clone");
    yard.selkie("clone", &["git", "import", "../old"]);
    yard.selkie("clone", &["switch", "main"]);
    yard.commit("old", "second");
    let said = yard.selkie("clone", &["git", "import", "../old"]);
    assert!(said.contains("Brought 1 commit.\nFurther: 1 timeline: main."), "{said}");
    let second = yard.head("clone", "main");
    yard.git("old", &["commit", "-q", "--amend", "--allow-empty", "-m", "second, said better"]);
    let said = yard.selkie("clone", &["git", "import", "../old"]);
    assert!(said.contains("Diverged: 1 timeline: main."), "{said}");
    assert!(yard.selkie("clone", &["log", "main"]).contains("second, said better"));
    // An undo takes back what the import told, and only that.
    yard.selkie("clone", &["undo"]);
    assert_eq!(yard.head("clone", "main"), second);
    yard.selkie("clone", &["undo"]);
    yard.selkie("clone", &["undo"]);
    yard.selkie("clone", &["undo"]);
    assert_eq!(yard.selkie("clone", &["timeline", "list"]).trim(), "* main");
}

#[test]
fn names_of_git_that_would_lose_commits_stay() {
    let yard = Yard::new();
    yard.small("old");
    yard.git("old", &["switch", "-q", "-c", "elsewhere"]);
    yard.forged("clone");
    yard.selkie("clone", &["git", "import", "../old"]);
    yard.selkie("clone", &["switch", "main"]);
    yard.sealed("clone", "here");
    yard.git("old", &["switch", "-q", "main"]);
    yard.commit("old", "there");
    yard.git("old", &["switch", "-q", "elsewhere"]);
    let before = yard.refs("old");
    let (said, code) = yard.tried("clone", &["git", "export", "../old"]);
    assert_eq!(code, 1);
    assert!(said.contains("these would lose what only they lead to: refs/heads/main"), "{said}");
    assert_eq!(yard.refs("old"), before);
    // One that is checked out is not moved under the files of somebody.
    yard.git("old", &["reset", "-q", "--hard"]);
    yard.git("old", &["switch", "-q", "main"]);
    yard.git("old", &["reset", "-q", "--hard", "HEAD~1"]);
    let (said, code) = yard.tried("clone", &["git", "export", "../old"]);
    assert_eq!((said.contains("checked out there: refs/heads/main"), code), (true, 1), "{said}");
    yard.git("old", &["switch", "-q", "elsewhere"]);
    yard.selkie("clone", &["git", "export", "../old"]);
    assert_eq!(yard.git("old", &["log", "-1", "--format=%s", "main"]), "here");
    yard.git("old", &["commit", "-q", "--allow-empty", "-m", "lost"]);
    yard.git("old", &["update-ref", "refs/heads/main", "HEAD"]);
    yard.selkie("clone", &["git", "export", "--force", "../old", "main"]);
    assert_eq!(yard.git("old", &["log", "-1", "--format=%s", "main"]), "here");
}

#[test]
fn a_seal_in_conflict_is_exported_only_as_text() {
    let yard = Yard::new();
    yard.forged("clone");
    yard.sealed("clone", "base\n");
    yard.selkie("clone", &["timeline", "new", "side"]);
    yard.sealed("clone", "ours\n");
    yard.selkie("clone", &["switch", "main"]);
    yard.sealed("clone", "theirs\n");
    yard.tried("clone", &["fuse", "side"]);
    yard.selkie("clone", &["seal", "--with-conflicts", "-m", "fused"]);
    let (said, code) = yard.tried("clone", &["git", "export", "../new.git"]);
    assert_eq!(code, 1);
    assert!(said.contains("'a.txt' is in conflict in seal "), "{said}");
    yard.selkie("clone", &["git", "export", "--markers", "../new.git"]);
    let text = yard.git("new.git", &["show", "main:a.txt"]);
    assert!(text.contains("<<<<<<<") && text.contains("theirs"), "{text}");
    // What lost something comes back as a commit, and what it came from as it was.
    yard.forged("west");
    yard.selkie("west", &["git", "import", "../new.git"]);
    assert_eq!(yard.head("west", "side"), yard.head("clone", "side"));
    assert_ne!(yard.head("west", "main"), yard.head("clone", "main"));
    assert!(yard.selkie("west", &["verify"]).contains("all is whole"));
}

#[test]
fn whatever_is_killed_goes_on_and_ends_the_same() {
    let rounds =
        std::env::var("KILL_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(6);
    let yard = Yard::new();
    yard.full("old");
    yard.forged("calm");
    yard.selkie("calm", &["git", "import", "../old"]);
    let expected = yard.head("calm", "main");
    for round in 0..rounds {
        let (clone, back) = (format!("clone{round}"), format!("back{round}.git"));
        yard.forged(&clone);
        let out = format!("../{back}");
        for args in [["git", "import", "../old"], ["git", "export", &out]] {
            let mut child = yard.started(&clone, &args);
            let (begun, at) = (Instant::now(), Duration::from_micros(round % 100 * 1_700));
            while begun.elapsed() < at && child.try_wait().is_ok_and(|ended| ended.is_none()) {
                std::thread::yield_now();
            }
            // It may have ended before.
            let _ = child.kill();
            child.wait().expect("it ends");
            yard.selkie(&clone, &args);
        }
        assert_eq!(yard.head(&clone, "main"), expected, "round {round}");
        assert_eq!(yard.refs(&back), yard.refs("old"), "round {round}");
        assert!(!yard.at(&back).join("selkie-export").exists());
        yard.selkie(&clone, &["verify"]);
    }
}

/// The names of one import were one operation, which holds fewer.
#[test]
fn ten_thousand_names_come() {
    let yard = Yard::new();
    yard.small("old");
    let head = yard.git("old", &["rev-parse", "HEAD"]);
    let names = (0..5_000).map(|n| {
        format!("create refs/heads/team/topic-{n} {head}\ncreate refs/tags/release-{n} {head}\n")
    });
    let names: String = names.collect();
    yard.git_with("old", &["update-ref", "--stdin"], names.as_bytes());
    yard.git("old", &["pack-refs", "--all"]);
    yard.selkie(".", &["forge", "new"]);
    let said = yard.selkie("new", &["git", "import", "../old"]);
    assert!(said.contains("New: 5001 timelines") && said.contains("New: 5000 tags"), "{said}");
    let said = yard.selkie("old", &["git", "link"]);
    assert!(said.contains("Brought 1 commit and 10001 names"), "{said}");
    assert_eq!(yard.git("old", &["status", "--porcelain"]), "");
}
