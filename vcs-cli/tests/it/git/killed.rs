//! Commands in a linked repository that are killed at any moment: both sides are whole, and the end is the same.

use std::env;
use std::fs;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::Yard;

/// Kinds of commands that are killed.
const KINDS: usize = 6;

/// As many files as it takes for a command to be caught in the middle.
const FILES: usize = 60;

impl Yard {
    /// A linked repository, and another one that it and Bob share.
    fn shared(&self) {
        self.small("song");
        for number in 0..FILES {
            self.write(&format!("song/d{}/{number}", number % 7), format!("{number}\n").as_bytes());
        }
        self.commit("song", "many");
        self.git("song", &["branch", "side"]);
        self.git(".", &["clone", "-q", "--bare", "song", "hub.git"]);
        self.git(".", &["clone", "-q", "hub.git", "bob"]);
        self.git("song", &["remote", "add", "origin", "../hub.git"]);
        self.selkie("song", &["git", "link"]);
    }

    /// A command to be killed, once all that it takes is done.
    fn prepared(&self, round: usize) -> Vec<String> {
        let name = format!("round{round}");
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        match round % KINDS {
            0 => {
                (0..FILES)
                    .for_each(|n| self.write(&format!("song/e{}/{n}", n % 7), name.as_bytes()));
                self.selkie("song", &["gather", "."]);
                words(&["seal", "-m", &name])
            }
            1 => words(&["switch", self.other()]),
            2 => {
                self.selkie("song", &["timeline", "new", "--stay", &name]);
                self.git("song", &["pack-refs", "--all"]);
                words(&["timeline", "remove", &name])
            }
            3 => {
                self.write("bob/b.txt", name.as_bytes());
                self.commit("bob", &name);
                self.git("bob", &["push", "-q"]);
                words(&["git", "fetch", "origin"])
            }
            4 => words(&["git", "export", "../back.git"]),
            _ => words(&["tag", &name]),
        }
    }

    fn other(&self) -> &'static str {
        if self.git("song", &["branch", "--show-current"]) == "main" { "side" } else { "main" }
    }

    /// Whether the command was caught before its end, and how long it and what it began ran.
    fn killed(&self, args: &[&str], at: Duration) -> (bool, Duration) {
        let (mut ours, theirs) = UnixStream::pair().expect("there are sockets");
        let mut command = self.command(env!("CARGO_BIN_EXE_selkie"), "song", args);
        command.stdin(Stdio::from(OwnedFd::from(theirs)));
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let begun = Instant::now();
        let mut child = command.spawn().expect("it can be started");
        drop(command);
        while begun.elapsed() < at && child.try_wait().is_ok_and(|ended| ended.is_none()) {
            std::hint::spin_loop();
        }
        // It may have ended before.
        let _ = child.kill();
        let ended = child.wait().expect("it ends");
        // A git that was at work for it goes on, and has the other end of this as long as it does.
        ours.read_to_end(&mut Vec::new()).expect("it is open");
        (ended.code().is_none(), begun.elapsed())
    }

    /// Asserts that the end of a command is what it is if nobody kills it.
    fn came_to_its_end(&self, round: usize, args: &[&str]) {
        let told = format!("round {round}: {args:?}");
        let refs = self.git("song", &["for-each-ref", "--format=%(refname)"]);
        let has = |name: &str| refs.lines().any(|own| own == name);
        match round % KINDS {
            0 => {
                let subjects = self.git("song", &["log", "--format=%s"]);
                let count =
                    subjects.lines().filter(|own| own == args.last().expect("a name")).count();
                assert_eq!(count, 1, "{told}: {subjects}");
            }
            1 => assert_eq!(self.git("song", &["branch", "--show-current"]), args[1], "{told}"),
            2 => assert!(!has(&format!("refs/heads/{}", args[2])), "{told}"),
            3 => {
                let there = self.git("hub.git", &["rev-parse", "main"]);
                assert_eq!(self.git("song", &["rev-parse", "origin/main"]), there, "{told}");
                let title = self.selkie("song", &["log", "--oneline", "-n", "1", "origin/main"]);
                assert!(title.contains(&format!("round{round}")), "{told}: {title}");
            }
            4 => {
                let mut refs = self.refs("song");
                refs.retain(|name| !name.contains(" refs/remotes/"));
                let mut back = self.refs("back.git");
                back.retain(|name| !name.contains(" refs/remotes/"));
                assert_eq!(back, refs, "{told}");
            }
            _ => assert!(has(&format!("refs/tags/{}", args[1])), "{told}"),
        }
        assert_eq!(self.git("song", &["status", "--porcelain"]), "", "{told}");
        let said = self.selkie("song", &["status"]);
        assert!(said.contains("Everything is sealed."), "{told}: {said}");
        let [ours, theirs] = [
            self.selkie("song", &["log", "--format", "{title}"]),
            self.git("song", &["log", "--format=%s"]),
        ];
        assert_eq!(ours.trim_end(), theirs, "{told}");
    }
}

#[test]
fn what_is_killed_in_a_linked_repository_leaves_both_sides_whole() {
    let rounds = env::var("KILL_ROUNDS").ok().and_then(|rounds| rounds.parse().ok());
    let rounds: usize = rounds.unwrap_or(2 * KINDS);
    let yard = Yard::new();
    yard.shared();
    let (mut caught, mut times) = (0, [Duration::from_millis(20); KINDS]);
    for round in 0..rounds {
        let args = yard.prepared(round);
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        // Spread over the time that such a command takes, as far as it is known by now.
        let at =
            times[round % KINDS] * u32::try_from(round / KINDS * 7 % 16 + 5).expect("small") / 20;
        let (was_caught, took) = yard.killed(&args, at);
        if !was_caught {
            times[round % KINDS] = took;
        }
        caught += usize::from(was_caught);
        let told = format!("round {round}: {args:?} after {at:?}, caught: {was_caught}");
        // Any command does what was left, and clears away.
        let said = yard.selkie("song", &["status"]);
        assert!(!said.contains(".lock"), "{told}: {said}");
        // Whether it came to its end or not, typed again it does: what is done is refused, or done once more.
        if round % KINDS != 0 || !said.contains("Everything is sealed.") {
            yard.tried("song", &args);
        }
        assert_eq!(locks(&yard.at("song/.git")), Vec::<String>::new(), "{told}");
        yard.came_to_its_end(round, &args);
        assert_eq!(yard.faults("song").len(), 0, "{told}");
        if yard.at("back.git").exists() {
            assert_eq!(locks(&yard.at("back.git")), Vec::<String>::new(), "{told}");
            assert_eq!(yard.faults("back.git").len(), 0, "{told}");
        }
    }
    assert!(caught > 0, "no command was caught in the middle");
    assert!(yard.selkie("song", &["verify"]).contains("all is whole"));
}

/// Every lock of git's in a repository.
fn locks(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("it is there") {
        let path = entry.expect("it can be listed").path();
        if path.is_dir() {
            found.extend(locks(&path));
        } else if path.extension().is_some_and(|ending| ending == "lock") {
            found.push(path.to_string_lossy().into_owned());
        }
    }
    found
}
