//! A node in the background, and other commands beside it: real processes over loopback.
#![cfg(unix)]

use std::fs;
use std::net::{SocketAddr, UdpSocket};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use serde_json::Value;

use crate::network::{DEADLINE, Person};

/// A node that runs for somebody. It ends with the test, however that ends.
pub(crate) struct Running<'p>(&'p Person);

impl<'p> Running<'p> {
    pub(crate) fn of(person: &'p Person) -> Self {
        person.must(&["p2p", "start", "--listen", "127.0.0.1:0"]);
        Self(person)
    }

    /// One that was started otherwise.
    pub(crate) const fn begun(person: &'p Person) -> Self {
        Self(person)
    }

    /// Lets another know where it listens.
    pub(crate) fn known_to(self, other: &Person, name: &str) -> Self {
        let told = self.0.told(&["p2p", "status"]);
        let address = told["address"].as_str().expect("it listens").to_owned();
        other.must(&["peers", "add", name, &self.0.key(), "--at", &address]);
        self
    }

    fn process(&self) -> String {
        self.0.told(&["p2p", "status"])["process"].to_string()
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        // One that ended before can not be ended.
        let mut command = self.0.command(&["p2p", "stop"]);
        let _ended = command.current_dir(&self.0.folder).output();
    }
}

fn signal(name: &str, process: &str) {
    let sent =
        Command::new("kill").args([name, process]).status().expect("there is such a program");
    assert!(sent.success());
}

/// Asks again and again until it is so.
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + DEADLINE;
    while !is_so() {
        assert!(Instant::now() < end, "never {what}");
        std::thread::yield_now();
    }
}

fn is_connected(person: &Person) -> bool {
    person.told(&["p2p", "peers"])["connected"] == true
}

#[test]
fn what_is_sealed_goes_out_while_nobody_looks_on() {
    let ann = Person::with_repository("Ann");
    ann.seal("poem", "1");
    let bob = ann.joined_by("Bob");
    let _anns = Running::of(&ann).known_to(&bob, "host");
    let _bobs = Running::of(&bob);
    let mut events = bob.begin(&["p2p", "events", "--follow"]);
    until("connected", || is_connected(&bob));
    ann.seal("poem", "2");
    events.wait_for("received");
    until("there", || bob.newest("main") == ["poem"] && bob.log().len() == 1);
    assert_eq!(bob.read("poem"), "1", "nobody moved his files");
    // The command does, and has the node do the calling.
    let told = bob.told(&["sync"]);
    assert_eq!((&told["peers"][0]["agreed"], &told["update"]), (&true.into(), &"moved".into()));
    assert_eq!(bob.read("poem"), "2");
    let seals = ann.log().len();
    assert_eq!(bob.log().len(), seals);
    let metrics = bob.told(&["p2p", "metrics"]);
    assert_eq!(metrics["connected"], 1);
    assert!(metrics["entries_in"].as_u64() > Some(0));
    assert!(bob.told(&["p2p", "ping", "host"])["round_trip_us"].as_u64() > Some(0));
    let recent = String::from_utf8(bob.must(&["--json", "p2p", "events"]).stdout).expect("text");
    let words = recent.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let words: Vec<_> =
        words.map(|told| told["event"].as_str().expect("it is named").to_owned()).collect();
    assert_eq!(words[..2], ["listening", "connected"]);
}

/// What the program prints for systemd, typed as systemd types it.
#[test]
#[cfg(target_os = "linux")]
fn what_starts_it_at_login_starts_it() {
    let ann = Person::with_repository("Ann");
    assert!(ann.fails(&["p2p", "at-login"]).contains("not shared with anybody"));
    ann.must(&["peers", "add", "bob", &"07".repeat(32)]);
    let told = ann.told(&["p2p", "at-login"]);
    let unit = told["text"].as_str().expect("it is printed");
    let printed = String::from_utf8(ann.must(&["p2p", "at-login"]).stdout).expect("text");
    assert_eq!(printed, unit);
    let line = unit.lines().find_map(|line| line.strip_prefix("ExecStart=")).expect("a line");
    let program = env!("CARGO_BIN_EXE_selkie");
    let folder = ann.folder.display();
    assert_eq!(line, format!("\"{program}\" -C \"{folder}\" serve"));
    let here = ann.folder.to_str().expect("it is text");
    let mut command = ann.command(&["-C", here, "serve", "--listen", "127.0.0.1:0"]);
    let mut child = command.current_dir("/").spawn().expect("the binary runs");
    until("there", || ann.told(&["p2p", "status"])["running"] == true);
    ann.must(&["p2p", "stop"]);
    assert!(child.wait().expect("it ran").success());
}

#[test]
fn what_was_known_when_it_ended_is_told_when_none_runs() {
    let ann = Person::with_repository("Ann");
    ann.seal("poem", "1");
    let bob = ann.joined_by("Bob");
    let status = |person: &Person| {
        let output = person.must(&["--json", "p2p", "sync-status"]).stdout;
        let text = String::from_utf8(output).expect("it is text");
        let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        lines.collect::<Vec<_>>()
    };
    assert!(bob.fails(&["p2p", "sync-status"]).contains("no node runs for this clone"));
    let anns = Running::of(&ann).known_to(&bob, "host");
    let bobs = Running::of(&bob);
    until("the same", || !status(&bob)[1]["agreed_ms"].is_null());
    let [before, agreed] = <[Value; 2]>::try_from(status(&bob)).expect("one peer");
    assert_eq!((&before["running"], &agreed["connected"]), (&true.into(), &true.into()));
    drop(bobs);
    let [after, left] = <[Value; 2]>::try_from(status(&bob)).expect("one peer");
    assert_eq!((&after["running"], &after["connected"]), (&false.into(), &0.into()));
    assert_eq!((&left["name"], &left["connected"]), (&"host".into(), &false.into()));
    assert!(left["agreed_ms"].as_u64() >= agreed["agreed_ms"].as_u64());
    let said = String::from_utf8(bob.must(&["p2p", "sync-status"]).stdout).expect("text");
    assert!(said.starts_with("No node runs for this clone. As it was "), "{said}");
    // The next one knows it, too, whoever is there.
    drop(anns);
    let _bobs = Running::of(&bob);
    let [_, known] = <[Value; 2]>::try_from(status(&bob)).expect("one peer");
    assert_eq!(known["agreed_ms"], left["agreed_ms"]);
}

#[test]
fn somebody_is_invited_while_it_runs() {
    let ann = Person::with_repository("Ann");
    ann.seal("poem", "1");
    let bob = ann.joined_by("Bob");
    let _anns = Running::of(&ann).known_to(&bob, "host");
    let carl = Person::called("Carl");
    let mut going = ann.begin(&["invite", "carl"]);
    let invitation = going.next()["invitation"].as_str().expect("it is printed").to_owned();
    carl.at_home(&["join", &invitation, "repo", "--name", "host"]);
    let came = going.next();
    assert_eq!((&came["name"], &came["key"]), (&"carl".into(), &carl.key().into()));
    going.must_end();
    assert_eq!(carl.log(), ["poem"]);
    // Who gives up waiting has invited all the same.
    let mut going = ann.begin(&["invite", "dan"]);
    let invitation = going.next()["invitation"].as_str().expect("it is printed").to_owned();
    drop(going);
    let dan = Person::called("Dan");
    dan.at_home(&["join", &invitation, "repo"]);
    let listed = String::from_utf8(ann.must(&["peers"]).stdout).expect("it is text");
    assert!(listed.contains(&dan.key()) && listed.contains("dan"), "{listed}");
}

#[test]
fn there_is_one_and_a_second_one_is_told_of_it() {
    let ann = Person::with_repository("Ann");
    ann.seal("poem", "1");
    assert!(ann.fails(&["p2p", "start"]).contains("not shared with anybody"));
    let _bob = ann.joined_by("Bob");
    assert_eq!(ann.told(&["p2p", "status"])["running"], false);
    for command in ["stop", "peers", "topology", "heal", "events", "metrics", "ping", "sync"] {
        let said = ann.fails(&["p2p", command]);
        assert!(said.contains("no node runs for this clone"), "{command}: {said}");
    }
    let node = Running::of(&ann);
    let process = node.process();
    for command in [&["p2p", "start"][..], &["serve"], &["invite", "--listen", "127.0.0.1:0"]] {
        let said = ann.fails(command);
        assert!(said.contains(&format!("process {process} serves this clone")), "{said}");
    }
    // What needs no network does not care.
    ann.seal("other", "2");
    ann.must(&["status"]);
    ann.must(&["undo"]);
    ann.must(&["gc"]);
    ann.must(&["verify"]);
    ann.must(&["p2p", "stop"]);
    assert_eq!(ann.told(&["p2p", "status"])["running"], false);
}

#[test]
fn one_that_was_killed_does_not_run() {
    let ann = Person::with_repository("Ann");
    ann.seal("poem", "1");
    let _bob = ann.joined_by("Bob");
    let node = Running::of(&ann);
    signal("-KILL", &node.process());
    until("gone", || ann.told(&["p2p", "status"])["running"] == false);
    assert!(ann.folder.join(".selkie/local/node.socket").exists(), "what it left behind");
    let again = Running::of(&ann);
    assert_eq!(ann.told(&["p2p", "status"])["running"], true);
    drop(again);
    assert!(!ann.folder.join(".selkie/local/node.socket").exists());
}

#[test]
fn who_is_asked_to_end_says_goodbye() {
    let ann = Person::with_repository("Ann");
    ann.seal("poem", "1");
    let bob = ann.joined_by("Bob");
    let _bobs = Running::of(&bob).known_to(&ann, "bob");
    let mut events = bob.begin(&["p2p", "events", "--follow"]);
    for name in ["-INT", "-TERM", "-HUP"] {
        let mut serving = ann.begin(&["serve", "--listen", "127.0.0.1:0"]);
        events.wait_for("connected");
        signal(name, &serving.child.id().to_string());
        serving.wait_for("closing");
        serving.must_end();
        let gone = loop {
            let told = events.next();
            if told["event"] == "disconnected" {
                break told;
            }
        };
        assert_eq!(gone["detail"], "it hung up: it is being stopped", "{name}");
    }
}

#[test]
fn who_is_listed_no_more_is_hung_up_on() {
    let ann = Person::with_repository("Ann");
    ann.seal("poem", "1");
    let bob = ann.joined_by("Bob");
    let _anns = Running::of(&ann).known_to(&bob, "host");
    let _bobs = Running::of(&bob);
    until("connected", || is_connected(&ann));
    bob.must(&["p2p", "disconnect", "host"]);
    until("apart", || !is_connected(&bob) && !is_connected(&ann));
    bob.must(&["p2p", "connect", "host"]);
    until("together", || is_connected(&ann));
    let name = ann.told(&["peers"])["name"].as_str().expect("he is listed").to_owned();
    ann.must(&["p2p", "remove-peer", &name]);
    ann.seal("secret", "2");
    assert!(bob.fails(&["p2p", "sync"]).contains("it does not trust this device"));
    assert_eq!(bob.newest("main"), ["poem"]);
    ann.must(&["p2p", "add-peer", "bob", &bob.key()]);
    bob.must(&["p2p", "sync", "--peer", "host"]);
    assert_eq!(bob.newest("main"), ["secret"]);
}

/// Spoils what the packs hold of some bytes.
fn rot(packs: &Path, content: &[u8]) {
    for file in fs::read_dir(packs).expect("there are packs") {
        let path = file.expect("it is listed").path();
        let mut bytes = fs::read(&path).expect("it can be read");
        if let Some(at) = bytes.windows(content.len()).position(|window| window == content) {
            bytes[at] ^= 1;
            let mut permissions = fs::metadata(&path).expect("it is there").permissions();
            std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o600);
            fs::set_permissions(&path, permissions).expect("it is ours");
            fs::write(&path, bytes).expect("it can be written");
            return;
        }
    }
    panic!("no pack holds it");
}

#[test]
fn what_rots_here_is_brought_by_a_peer() {
    let ann = Person::with_repository("Ann");
    let mut state = 1_u64;
    let next = || {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
        state.to_be_bytes()[0]
    };
    let noise: Vec<u8> = std::iter::repeat_with(next).take(50_000).collect();
    fs::write(ann.folder.join("noise"), &noise).expect("it can be written");
    ann.seal("poem", "1");
    let bob = ann.joined_by("Bob");
    rot(&bob.folder.join(".selkie/packs"), &noise[10_000..11_000]);
    bob.fails(&["verify"]);
    let _anns = Running::of(&ann).known_to(&bob, "host");
    let _bobs = Running::of(&bob);
    until("connected", || is_connected(&bob));
    let said = String::from_utf8(bob.must(&["--json", "p2p", "heal"]).stdout).expect("it is text");
    assert!(said.contains("\"healed\"") && said.contains("\"whole\""), "{said}");
    bob.must(&["verify"]);
    fs::remove_file(bob.folder.join("noise")).expect("it is there");
    bob.must(&["discard", "noise"]);
    assert_eq!(fs::read(bob.folder.join("noise")).expect("it is there"), noise);
}

/// A second clone had no node, since the first one was where all are by themselves.
#[test]
fn a_second_clone_of_a_machine_is_there_at_another_port() {
    let ann = Person::with_repository("Ann");
    ann.seal("poem", "1");
    let _bob = ann.joined_by("Bob");
    // Whoever has it already keeps it.
    let _taken = UdpSocket::bind("[::]:7355");
    let _also = UdpSocket::bind("0.0.0.0:7355");
    ann.must(&["p2p", "start"]);
    let _running = Running::begun(&ann);
    let told = ann.told(&["p2p", "status"]);
    let address = told["address"].as_str().expect("it listens").parse::<SocketAddr>();
    let address = address.expect("it is an address");
    assert_ne!(address.port(), 7355);
    ann.must(&["p2p", "stop"]);
    // A port that somebody asked for is that one or none.
    let said = ann.fails(&["--config", "network.port=7355", "serve"]);
    assert!(said.contains("there is no listening at"), "{said}");
}

/// Two nodes of one repository and one key took the connection with each peer from each other, once a minute.
#[test]
fn of_two_clones_of_one_repository_one_is_there_for_peers() {
    let ann = Person::with_repository("Ann");
    ann.seal("poem", "1");
    let bob = ann.joined_by("Bob");
    let (going, invitation) = ann.invite();
    bob.at_home(&["join", &invitation, "again", "--name", "host"]);
    going.must_end();
    let again = bob.root.join("again");
    let there = |args: &[&str]| {
        let output = bob.command(args).current_dir(&again).output().expect("the binary runs");
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(said).expect("it is text"))
    };
    let anns = Running::of(&ann).known_to(&bob, "host");
    let bobs = Running::of(&bob);
    for command in [&["p2p", "start", "--listen", "127.0.0.1:0"][..], &["serve"]] {
        let (succeeded, said) = there(command);
        assert!(!succeeded && said.contains("another clone of this repository"), "{said}");
        assert!(said.contains(&bob.folder.display().to_string()), "{said}");
        assert!(said.contains("hint: peers keep one connection"), "{said}");
    }
    // To meet peers for as long as a command takes is another matter.
    ann.seal("song", "1");
    let (succeeded, said) = there(&["sync"]);
    assert!(succeeded, "{said}");
    assert!(again.join("song").exists());
    drop(bobs);
    let (succeeded, said) = there(&["p2p", "start", "--listen", "127.0.0.1:0"]);
    assert!(succeeded, "{said}");
    assert!(there(&["p2p", "stop"]).0);
    drop(anns);
}

#[test]
fn what_keeps_a_node_from_starting_is_told_at_once_with_what_to_do() {
    let ann = Person::with_repository("Ann");
    ann.seal("poem", "1");
    ann.must(&["peers", "add", "bob", &"07".repeat(32)]);
    let taken = UdpSocket::bind("127.0.0.1:0").expect("there are ports");
    let at = taken.local_addr().expect("it has one").to_string();
    let said = ann.fails(&["p2p", "start", "--listen", &at]);
    assert!(
        said.contains(&format!("the node did not start: there is no listening at {at}")),
        "{said}"
    );
    assert!(said.contains("hint: name another port with --listen"), "{said}");
    let log = ann.folder.join(".selkie/local/node.log");
    ann.must(&["config", "set", "--user", "network.listen", "nowhere"]);
    let said = ann.fails(&["p2p", "start"]);
    assert!(said.contains("'nowhere' is no address to listen at"), "{said}");
    assert!(said.contains("hint: write it as in 0.0.0.0:7355"), "{said}");
    ann.must(&["config", "unset", "--user", "network.listen"]);
    fs::remove_file(&log).expect("it is there");
    fs::create_dir(&log).expect("it can be made");
    let said = ann.fails(&["p2p", "start"]);
    assert!(said.contains("node.log' cannot be used"), "{said}");
    assert_eq!(ann.told(&["p2p", "status"])["running"], false);
}
