//! The page about two laptops in `docs` is played as it stands, by two people with a home each.
#![cfg(target_os = "linux")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::UdpSocket;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// Somebody at a laptop.
struct Laptop {
    _home: tempfile::TempDir,
    home: PathBuf,
    here: PathBuf,
    /// A command that waits for somebody, and what it said.
    waiting: Option<Child>,
}

impl Laptop {
    /// One that listens where nothing else does.
    fn new(looks: u16) -> Self {
        let home = tempfile::tempdir().expect("a folder can be made");
        let root = home.path().canonicalize().expect("it is there");
        let laptop = Self { _home: home, here: root.clone(), home: root, waiting: None };
        let free = UdpSocket::bind("127.0.0.1:0").expect("a port is free");
        let address = free.local_addr().expect("it has one").to_string();
        drop(free);
        laptop.run(&format!("selkie config set --user network.listen {address}"));
        laptop.run(&format!("selkie config set --user network.discovery-port {looks}"));
        laptop
    }

    fn command(&self, line: &str) -> Command {
        let bin = PathBuf::from(env!("CARGO_BIN_EXE_selkie"));
        let path = format!("{}:/usr/bin:/bin", bin.parent().expect("it is in a folder").display());
        let mut command = Command::new("sh");
        command.args(["-c", line]).env_clear().env("HOME", &self.home).env("PATH", path);
        command.current_dir(&self.here).stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// What a command says that must succeed.
    fn run(&self, line: &str) -> String {
        let output = self.command(line).output().expect("there is a shell");
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8(said).expect("it is text");
        assert!(output.status.success(), "{line}: {said}");
        said
    }

    /// Begins a command that waits, and returns what it said by then.
    fn begin(&mut self, line: &str) -> String {
        let mut child = self.command(line).spawn().expect("there is a shell");
        let mut lines = BufReader::new(child.stdout.take().expect("it is read")).lines();
        let is_it = |line: &String| line.contains("selkie join");
        let said = lines.find_map(|line| Some(line.expect("it can be read")).filter(is_it));
        self.waiting = Some(child);
        said.expect("it invites")
    }

    fn must_have_ended(&mut self) {
        let Some(mut child) = self.waiting.take() else { return };
        assert!(child.wait().expect("it ran").success());
    }
}

impl Drop for Laptop {
    fn drop(&mut self) {
        // What ended by itself can not be ended.
        let _ended = self.waiting.take().map(|mut child| child.kill());
        let _stopped = self.command("selkie p2p stop").output();
    }
}

/// Whether a line of what was said is as the page has it: what differs from day to day is left open there.
fn says(said: &str, line: &str) -> bool {
    said.lines().any(|said| {
        let mut rest = said;
        line.split('…').all(|part| match rest.find(part) {
            Some(at) => {
                rest = &rest[at + part.len()..];
                true
            }
            None => false,
        })
    })
}

#[test]
fn the_page_says_what_happens() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/two-laptops.md");
    let page = fs::read_to_string(page).expect("the page is there");
    // A port at which nobody else looks.
    let looks = UdpSocket::bind("0.0.0.0:0").expect("a port is free");
    let port = looks.local_addr().expect("it has one").port();
    drop(looks);
    let mut laptops = [("ann$ ", Laptop::new(port)), ("bob$ ", Laptop::new(port))];
    let (mut is_inside, mut said, mut invitation, mut count) =
        (false, String::new(), String::new(), 0);
    for line in page.lines() {
        if line.starts_with("```") {
            is_inside = line == "```console";
            continue;
        }
        if !is_inside || line.is_empty() {
            continue;
        }
        let typed = laptops
            .iter_mut()
            .find_map(|(prompt, laptop)| Some((line.strip_prefix(*prompt)?, laptop)));
        let Some((command, laptop)) = typed else {
            assert!(says(&said, line), "{line:?} is not in {said}");
            continue;
        };
        count += 1;
        if let Some(folder) = command.strip_prefix("cd ") {
            laptop.here.push(folder);
            continue;
        }
        if command.starts_with("selkie invite") {
            said = laptop.begin(command);
            invitation = said.trim().trim_start_matches("selkie join ").to_owned();
            continue;
        }
        said = laptop.run(&command.replace("selkie-…", &invitation));
        if command.starts_with("selkie join") {
            laptops.iter_mut().for_each(|(_, laptop)| laptop.must_have_ended());
        }
    }
    assert!(count > 10, "the page has commands");
}

#[test]
fn what_the_page_leaves_open_may_be_anything() {
    let said = "ann: both have the same.\nReceived 2 entries";
    assert!(says(said, "ann: both have the same.") && says(said, "Received … entries"));
    assert!(!says(said, "bob: both have the same.") && !says(said, "entries … Received"));
}
