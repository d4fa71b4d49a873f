//! The page about two laptops in `docs` is played as it stands, by two people with a home each.
#![cfg(target_os = "linux")]

use std::io::{BufRead, BufReader};
use std::net::UdpSocket;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use crate::page::play;

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

#[test]
fn the_page_says_what_happens() {
    // A port at which nobody else looks.
    let looks = UdpSocket::bind("0.0.0.0:0").expect("a port is free");
    let port = looks.local_addr().expect("it has one").port();
    drop(looks);
    let mut laptops = [Laptop::new(port), Laptop::new(port)];
    let mut invitation = String::new();
    play("two-laptops.md", &["ann$ ", "bob$ "], |who, command| {
        let laptop = &mut laptops[who];
        if let Some(folder) = command.strip_prefix("cd ") {
            laptop.here.push(folder);
            return None;
        }
        if command.starts_with("selkie invite") {
            let said = laptop.begin(command);
            said.trim().trim_start_matches("selkie join ").clone_into(&mut invitation);
            return Some(said);
        }
        let said = laptop.run(&command.replace("selkie-…", &invitation));
        if command.starts_with("selkie join") {
            laptops.iter_mut().for_each(Laptop::must_have_ended);
        }
        Some(said)
    });
}
