//! Two people, each with a home of their own, over loopback.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use selkie_store::SecretKey;
use selkie_sync::{Event, Invitation, Node, Notice, Right, Scope};
use serde_json::Value;

use crate::camera::seen;

/// Somebody with a home, and a clone in it, perhaps.
pub(crate) struct Person {
    _home: tempfile::TempDir,
    pub(crate) root: PathBuf,
    pub(crate) folder: PathBuf,
    /// The port at which they look for others on this machine, if they do.
    pub(crate) looks: Option<u16>,
}

/// A command that goes on, and what it says, line by line.
pub(crate) struct Going {
    pub(crate) child: Child,
    lines: Receiver<String>,
}

/// What takes longer has failed.
pub(crate) const DEADLINE: Duration = Duration::from_secs(180);

impl Person {
    pub(crate) fn called(name: &str) -> Self {
        Self::looking(name, None)
    }

    pub(crate) fn looking(name: &str, looks: Option<u16>) -> Self {
        let home = tempfile::tempdir().expect("a folder can be made");
        let root = home.path().canonicalize().expect("it is there");
        let folder = root.join("repo");
        let person = Self { _home: home, root, folder, looks };
        person.at_home(&["config", "set", "--user", "user.name", name]);
        person
    }

    /// One who forged a repository.
    pub(crate) fn with_repository(name: &str) -> Self {
        Self::called(name).forges()
    }

    pub(crate) fn forges(self) -> Self {
        fs::create_dir(&self.folder).expect("it can be made");
        self.must(&["forge"]);
        self
    }

    pub(crate) fn seal(&self, path: &str, text: &str) {
        fs::write(self.folder.join(path), text).expect("it can be written");
        self.must(&["gather", "."]);
        self.must(&["seal", "-m", path]);
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.folder.join(path)).expect("it is there")
    }

    /// The messages of all seals, newest first.
    pub(crate) fn log(&self) -> Vec<String> {
        self.messages(&["log"])
    }

    /// What the newest seal of a timeline says.
    pub(crate) fn newest(&self, timeline: &str) -> Vec<String> {
        self.messages(&["log", timeline, "-n", "1"])
    }

    /// Those of all seals that any timeline leads to.
    pub(crate) fn log_of_all(&self) -> Vec<String> {
        self.messages(&["log", "all()"])
    }

    fn messages(&self, args: &[&str]) -> Vec<String> {
        let output = self.must(&[&["--json"], args].concat());
        let text = String::from_utf8(output.stdout).expect("it is text");
        let seals = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        seals.map(|seal| seal["message"].as_str().expect("it says something").to_owned()).collect()
    }

    pub(crate) fn must(&self, args: &[&str]) -> Output {
        succeeded(args, self.command(args).current_dir(&self.folder).output())
    }

    pub(crate) fn at_home(&self, args: &[&str]) -> Output {
        succeeded(args, self.command(args).current_dir(&self.root).output())
    }

    /// What a command says that fails.
    pub(crate) fn fails(&self, args: &[&str]) -> String {
        let folder = if self.folder.exists() { &self.folder } else { &self.root };
        let output = self.command(args).current_dir(folder).output().expect("the binary runs");
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    pub(crate) fn told(&self, args: &[&str]) -> Value {
        let output = self.must(&[&["--json"], args].concat());
        serde_json::from_slice(&output.stdout).expect("it is JSON")
    }

    pub(crate) fn key(&self) -> String {
        let output = self.at_home(&["--json", "whoami"]);
        let told: Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
        told["key"].as_str().expect("there is one").to_owned()
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_selkie"));
        command.args(args).env_clear().env("HOME", &self.root);
        // Nobody looks beyond this machine.
        match self.looks {
            None => command.env("SELKIE_NETWORK_DISCOVER", "off"),
            Some(port) => {
                let port = port.to_string();
                command.env("SELKIE_NETWORK_DISCOVERY_PORT", port);
                command.env("SELKIE_NETWORK_LISTEN", "127.0.0.1:0")
            }
        };
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Begins a command that tells JSON, line by line.
    pub(crate) fn begin(&self, args: &[&str]) -> Going {
        self.begin_to_say(&[&["--json"], args].concat())
    }

    /// Begins a command, and hears it line by line.
    fn begin_to_say(&self, args: &[&str]) -> Going {
        let mut command = self.command(args);
        let mut child = command.current_dir(&self.folder).spawn().expect("the binary runs");
        let said = BufReader::new(child.stdout.take().expect("it is read"));
        let (told, lines) = mpsc::channel();
        thread::spawn(move || {
            // A line that can not be read, or nobody wants, is the last.
            let _ended = said.lines().map_while(Result::ok).try_for_each(|line| told.send(line));
        });
        Going { child, lines }
    }

    /// Invites somebody: the command that waits for them, and what they are to type.
    pub(crate) fn invite(&self) -> (Going, String) {
        let mut going = self.begin(&["invite", "--listen", "127.0.0.1:0"]);
        let invitation = going.next()["invitation"].as_str().expect("it is printed").to_owned();
        (going, invitation)
    }

    /// Serves, and lets another know where.
    fn serve_for(&self, other: &Self, name: &str) -> Going {
        let mut going = self.begin(&["serve", "--listen", "127.0.0.1:0"]);
        let told = going.next();
        let address = told["address"].as_str().expect("it listens").to_owned();
        other.must(&["peers", "add", name, &self.key(), "--at", &address]);
        going
    }

    /// A clone of this one's repository by somebody else, who can be called from then on as they can.
    pub(crate) fn joined_by(&self, name: &str) -> Self {
        let other = Self::looking(name, self.looks);
        let (going, invitation) = self.invite();
        other.at_home(&["join", &invitation, "repo", "--name", "host"]);
        going.must_end();
        other
    }
}

impl Going {
    fn line(&mut self) -> String {
        self.lines.recv_timeout(DEADLINE).expect("it says something")
    }

    pub(crate) fn next(&mut self) -> Value {
        let line = self.line();
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("it said {line:?}"))
    }

    /// Reads on until this happens.
    pub(crate) fn wait_for(&mut self, event: &str) {
        while self.next()["event"] != event {}
    }

    pub(crate) fn must_end(self) {
        let (succeeded, said) = self.ends();
        assert!(succeeded, "{said}");
    }

    pub(crate) fn must_fail(self) -> String {
        let (succeeded, said) = self.ends();
        assert!(!succeeded, "{said}");
        said
    }

    /// Whether it succeeded, and what it said from here on.
    fn ends(mut self) -> (bool, String) {
        let until = Instant::now() + DEADLINE;
        let mut rest = Vec::new();
        // Its end closes what it writes to, so this waits for it.
        loop {
            match self.lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(line) => rest.push(line),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("it does not end: {rest:?}"),
            }
        }
        let succeeded = self.child.wait().expect("it ran").success();
        let mut errors = String::new();
        self.child.stderr.take().expect("it is read").read_to_string(&mut errors).expect("text");
        (succeeded, rest.concat() + &errors)
    }
}

impl Drop for Going {
    fn drop(&mut self) {
        // One that ended by itself can not be killed.
        let _ended = self.child.kill();
        let _waited = self.child.wait();
    }
}

fn succeeded(args: &[&str], output: std::io::Result<Output>) -> Output {
    let output = output.expect("the binary runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {said}");
    output
}

#[test]
fn a_clone_of_fifty_seals_has_fifty_seals() {
    let ann = Person::with_repository("Ann");
    ann.seal("poem", "0");
    for number in 1..50 {
        fs::write(ann.folder.join("poem"), number.to_string()).expect("it can be written");
        ann.must(&["seal", "-m", &number.to_string()]);
    }
    let bob = ann.joined_by("Bob");
    assert_eq!(bob.log(), ann.log());
    assert_eq!(bob.log().len(), 50);
    assert_eq!(bob.read("poem"), "49");
    bob.must(&["verify"]);
    // Each knows the other from now on.
    assert_eq!(bob.told(&["peers"])["key"], ann.key());
    assert_eq!(ann.told(&["peers"])["key"], bob.key());
}

#[test]
fn what_both_seal_both_have() {
    let ann = Person::with_repository("Ann");
    ann.seal("first", "1");
    let bob = ann.joined_by("Bob");
    let _serving = ann.serve_for(&bob, "host");
    bob.must(&["timeline", "new", "bobs"]);
    bob.must(&["switch", "bobs"]);
    bob.seal("of bob", "2");
    bob.must(&["switch", "main"]);
    ann.seal("of ann", "3");
    let told = bob.told(&["sync"]);
    assert_eq!(told["peers"][0]["agreed"], true);
    // Nothing of his was in the way, so his files went along.
    assert_eq!(told["update"], "moved");
    assert_eq!(bob.log(), ["of ann", "first"]);
    assert_eq!(bob.read("of ann"), "3");
    ann.must(&["switch", "bobs"]);
    assert_eq!(ann.log(), ["of bob", "first"]);
    let again = bob.told(&["sync", "host"]);
    assert_eq!((&again["entries_in"], &again["objects_in"]), (&0.into(), &0.into()));
    assert_eq!(again["timelines"], Value::Array(Vec::new()));
}

#[test]
fn a_conflict_travels_and_is_settled_once_for_both() {
    let ann = Person::with_repository("Ann");
    ann.seal("poem", "one\n");
    let bob = ann.joined_by("Bob");
    let _serving = ann.serve_for(&bob, "host");
    ann.seal("poem", "one by ann\n");
    bob.seal("poem", "one by bob\n");
    assert_eq!(bob.told(&["sync"])["update"], "diverged");
    bob.must(&["fuse", "--yes"]);
    assert!(bob.read("poem").contains("one by ann"), "it stands between markers");
    fs::write(bob.folder.join("poem"), "one by both\n").expect("it can be written");
    bob.must(&["gather", "poem"]);
    bob.must(&["seal", "-m", "settled"]);
    assert_eq!(bob.told(&["sync"])["peers"][0]["agreed"], true);
    // Her timeline has one newest seal again, and she did nothing for it.
    assert_eq!(ann.newest("main"), ["settled"]);
    assert_eq!(ann.read("poem"), "one by ann\n", "her files wait for her");
    assert_eq!(bob.told(&["sync"])["entries_in"], 0);
}

#[test]
fn sync_update_takes_files_along_but_not_those_that_somebody_changed() {
    let ann = Person::with_repository("Ann");
    ann.seal("poem", "one\n");
    let bob = ann.joined_by("Bob");
    let _serving = ann.serve_for(&bob, "host");
    ann.seal("poem", "two\n");
    fs::write(bob.folder.join("poem"), "my own\n").expect("it can be written");
    assert_eq!(bob.told(&["sync"])["update"], "blocked");
    assert_eq!(bob.read("poem"), "my own\n");
    fs::write(bob.folder.join("poem"), "one\n").expect("it can be written");
    bob.must(&["config", "set", "sync.update", "never"]);
    assert_eq!(bob.told(&["sync"])["update"], "never");
    assert_eq!(bob.read("poem"), "one\n");
    bob.must(&["config", "set", "sync.update", "clean"]);
    assert_eq!(bob.told(&["sync"])["update"], "moved");
    assert_eq!(bob.read("poem"), "two\n");
    // It is an operation like any other.
    bob.must(&["undo"]);
    assert_eq!(bob.read("poem"), "one\n");
}

#[test]
fn what_is_sealed_while_it_serves_goes_out_at_once() {
    let ann = Person::with_repository("Ann");
    ann.seal("first", "1");
    let bob = ann.joined_by("Bob");
    let _anns = ann.serve_for(&bob, "host");
    let mut bobs = bob.begin(&["serve", "--listen", "127.0.0.1:0"]);
    bobs.wait_for("connected");
    ann.seal("second", "2");
    bobs.wait_for("received");
    assert_eq!(bob.log(), ["first"], "nobody moved him");
    assert_eq!(bob.newest("main"), ["second"]);
}

#[test]
fn who_is_not_invited_gets_nothing() {
    let ann = Person::with_repository("Ann");
    ann.seal("first", "1");
    let bob = ann.joined_by("Bob");
    let listed = ann.told(&["peers"])["name"].as_str().expect("he is listed").to_owned();
    ann.must(&["peers", "remove", &listed]);
    let _serving = ann.serve_for(&bob, "host");
    ann.seal("secret", "2");
    assert!(bob.fails(&["sync"]).contains("it does not trust this device"));
    assert_eq!(bob.log(), ["first"]);
    // Somebody else who answers in her place.
    let eve = Person::with_repository("Eve");
    eve.must(&["peers", "add", "bob", &bob.key()]);
    let mut evil = eve.begin(&["serve", "--listen", "127.0.0.1:0"]);
    let address = evil.next()["address"].as_str().expect("it listens").to_owned();
    bob.must(&["peers", "add", "host", "--at", &address]);
    assert!(bob.fails(&["sync"]).contains("another node answered"));
}

#[test]
fn an_invitation_is_good_once_and_for_a_time() {
    let ann = Person::with_repository("Ann");
    ann.seal("first", "1");
    let [bob, eve] = ["Bob", "Eve"].map(Person::called);
    let (going, invitation) = ann.invite();
    bob.at_home(&["join", &invitation, "repo"]);
    going.must_end();
    let (_going, _other) = ann.invite();
    assert!(eve.fails(&["join", &invitation, "repo"]).contains("nothing could be had"));
    assert!(!eve.folder.exists(), "nothing is left behind");
    assert!(eve.fails(&["join", "selkie-x", "repo"]).contains("this is no invitation"));
    let nobody = ann.fails(&["invite", "--for", "1 second", "--listen", "127.0.0.1:0"]);
    assert!(nobody.contains("another command shares this clone"), "{nobody}");
}

#[test]
fn what_was_never_shared_can_not_be_synced() {
    let ann = Person::with_repository("Ann");
    assert!(ann.fails(&["sync"]).contains("not shared with anybody"));
    assert!(ann.fails(&["serve"]).contains("not shared with anybody"));
    ann.must(&["peers", "add", "bob", &"ab".repeat(32)]);
    assert!(ann.fails(&["sync"]).contains("it is not known where any peer is"));
    assert!(ann.fails(&["sync", "carl"]).contains("no peer called 'carl' is known here"));
    assert!(ann.fails(&["peers", "add", "dan", "x"]).contains("'x' is no key"));
}

#[test]
fn a_join_that_was_killed_goes_on_where_it_was() {
    let ann = Person::with_repository("Ann");
    // Noise, so that it takes its time.
    let mut state = 1_u64;
    let next = || {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
        state.to_be_bytes()[0]
    };
    let noise: Vec<u8> = std::iter::repeat_with(next).take(48 << 20).collect();
    fs::write(ann.folder.join("noise"), &noise).expect("it can be written");
    ann.seal("poem", "one");
    let bob = Person::called("Bob");
    let (going, invitation) = ann.invite();
    let join = ["join", &invitation, "repo", "--name", "host"];
    let mut first = bob.command(&join).current_dir(&bob.root).spawn().expect("the binary runs");
    let until = Instant::now() + DEADLINE;
    let packs = bob.folder.join(".selkie.new").join("packs");
    while fs::read_dir(&packs).map_or(0, Iterator::count) < 2 {
        assert!(Instant::now() < until && first.try_wait().expect("it ran").is_none());
        std::thread::yield_now();
    }
    first.kill().expect("it runs");
    first.wait().expect("it ran");
    assert!(!bob.folder.join(".selkie").exists());
    let said = bob.at_home(&join).stderr;
    going.must_end();
    assert_eq!(fs::read(bob.folder.join("noise")).expect("it is there"), noise);
    bob.must(&["verify"]);
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(said.contains("Received"), "{said}");
}

#[test]
fn a_guest_who_leaves_too_early_is_not_waited_for_when_the_time_is_over() {
    // Both at once, since both wait.
    thread::scope(|scope| {
        scope.spawn(|| leaves_too_early(Host::Command));
        leaves_too_early(Host::Node);
    });
}

/// Who lets guests in.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Host {
    Command,
    Node,
}

fn leaves_too_early(host: Host) {
    let ann = Person::with_repository("Ann");
    ann.seal("poem", "1");
    let bob = ann.joined_by("Bob");
    let _serving = (host == Host::Node).then(|| ann.serve_for(&bob, "ann"));
    let listen = if host == Host::Node { &[][..] } else { &["--listen", "127.0.0.1:0"] };
    let mut going = ann.begin(&[&["invite", "--for", "10 seconds"], listen].concat());
    let invitation = going.next();
    let invitation = Invitation::parse(invitation["invitation"].as_str().unwrap()).unwrap();
    // It comes, and takes nothing.
    let key = SecretKey::from_bytes(&[9; 32]);
    let guest = Node::builder(key).listen("127.0.0.1:0".parse().unwrap()).start().unwrap();
    let notices = guest.notices();
    guest.accept(invitation, Right::Write(Scope::All));
    let is_in = |notice| matches!(notice, Notice::Event(Event::Up(..)));
    while !is_in(notices.next_within(DEADLINE).expect("it comes in")) {}
    guest.close();
    let said = going.must_fail();
    assert!(said.contains("left before everything was there"), "{host:?}: {said}");
}

#[test]
fn an_invitation_is_read_by_a_camera() {
    let (ann, bob) = (Person::with_repository("Ann"), Person::called("Bob"));
    ann.seal("poem", "1");
    let mut going = ann.begin_to_say(&["invite", "--qr", "--listen", "127.0.0.1:0"]);
    let mut lines = std::iter::repeat_with(|| going.line());
    let typed = lines.find(|line| line.contains("selkie join "));
    assert_eq!(lines.next().as_deref(), Some(""));
    let read = seen(&lines.take_while(|line| !line.is_empty()).collect::<Vec<_>>());
    assert_eq!(typed, Some(format!("  selkie join {read}")));
    bob.at_home(&["join", &read, "repo"]);
    going.must_end();
    assert_eq!(bob.log(), ["poem"]);
}
