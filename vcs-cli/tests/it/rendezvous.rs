//! People in different networks who find each other by a server: real processes over loopback, where nobody looks around.
#![cfg(unix)]

use std::process::Command;

use serde_json::Value;

use crate::network::{Going, Person};
use crate::node::{Running, until};

/// A server that runs.
struct Server {
    /// Somebody at home, where it has its key.
    _owner: Person,
    going: Going,
    key: String,
    address: String,
}

impl Server {
    /// One that holds what is left for so long.
    fn holding(time: &str) -> Self {
        let owner = Person::called("Sam");
        std::fs::create_dir(&owner.folder).expect("it can be made");
        let serve = ["rendezvous", "serve", "--listen", "127.0.0.1:0", "--hold", time];
        let mut going = owner.begin(&serve);
        let told = going.next();
        assert_eq!(told["event"], "listening");
        let [key, address] =
            ["key", "address"].map(|what| told[what].as_str().expect("it is told").to_owned());
        assert_eq!(key, owner.key());
        Self { _owner: owner, going, key, address }
    }

    /// Ends it, and tells what it said at the end.
    fn end(mut self) -> Value {
        signal("-INT", &self.going.child.id().to_string());
        let told = self.going.next();
        self.going.must_end();
        told
    }

    /// Has somebody go to it.
    fn known_to(&self, person: &Person) {
        let name = format!("{}@{}", self.key, self.address);
        person.must(&["p2p", "config", "--rendezvous", &name]);
    }
}

fn signal(name: &str, process: &str) {
    let sent =
        Command::new("kill").args([name, process]).status().expect("there is such a program");
    assert!(sent.success());
}

fn lines(person: &Person, args: &[&str]) -> Vec<Value> {
    let output = person.must(&[&["--json"], args].concat()).stdout;
    let text = String::from_utf8(output).expect("it is text");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn discovered(person: &Person) -> Vec<Value> {
    lines(person, &["p2p", "discovered"]).split_off(1)
}

/// Whether their node has left word at the server.
fn is_registered(person: &Person) -> bool {
    lines(person, &["p2p", "discovered"])[0]["servers"][0]["registered"] == true
}

fn is_connected(person: &Person) -> bool {
    person.told(&["p2p", "peers"])["connected"] == true
}

/// Two who share a repository, and know each other by key alone.
fn two() -> [Person; 2] {
    let ann = Person::with_repository("Ann");
    ann.seal("poem", "1");
    let bob = ann.joined_by("Bob");
    let name = ann.told(&["peers"])["name"].as_str().expect("he is listed").to_owned();
    ann.must(&["peers", "remove", &name]);
    ann.must(&["peers", "add", "bob", &bob.key()]);
    bob.must(&["peers", "remove", "host"]);
    bob.must(&["peers", "add", "ann", &ann.key()]);
    [ann, bob]
}

#[test]
fn network_rendezvous_is_where_peers_find_each_other() {
    let [ann, bob] = two();
    assert!(bob.fails(&["sync"]).contains("not known where any peer is"));
    let server = Server::holding("2 min");
    [&ann, &bob].into_iter().for_each(|person| server.known_to(person));
    let anns = Running::of(&ann);
    until("registered", || is_registered(&ann));
    // A command alone finds her.
    ann.seal("poem", "2");
    let told = bob.told(&["sync"]);
    assert_eq!(
        (&told["peers"][0]["name"], &told["peers"][0]["agreed"]),
        (&"ann".into(), &true.into())
    );
    assert_eq!(bob.read("poem"), "2");
    // And so does a node, which she finds too.
    let bobs = Running::of(&bob);
    until("connected", || is_connected(&ann) && is_connected(&bob));
    let seen = discovered(&bob).remove(0);
    let status = ann.told(&["p2p", "status"]);
    assert_eq!((&seen["name"], &seen["how"]), (&"ann".into(), &"rendezvous".into()));
    assert_eq!((&seen["key"], &seen["listed"]), (&ann.key().into(), &true.into()));
    assert_eq!(seen["addresses"][0]["address"], status["address"]);
    let said = String::from_utf8(bob.must(&["p2p", "discovered"]).stdout).expect("it is text");
    assert!(said.starts_with("ann") && said.contains("(rendezvous, "), "{said}");
    let checks = lines(&bob, &["doctor"]);
    let found = checks.iter().find(|it| it["what"] == "rendezvous").expect("it is looked at");
    assert_eq!((&found["verdict"], &found["found"]), (&"ok".into(), &"1 server answered".into()));
    until("registered", || is_registered(&bob));
    // What the server was told it does not know: two nodes, of one and the same.
    let end = server.end();
    assert_eq!((&end["registered"], &end["repositories"]), (&2.into(), &1.into()));
    // It is gone, and those who met go on.
    ann.seal("song", "1");
    until("there", || bob.newest("main") == ["song"]);
    drop(anns);
    drop(bobs);
}

#[test]
fn who_goes_is_taken_away_and_who_is_killed_soon_vanishes() {
    let [ann, bob] = two();
    let server = Server::holding("3 s");
    [&ann, &bob].into_iter().for_each(|person| server.known_to(person));
    let _anns = Running::of(&ann);
    let bobs = Running::of(&bob);
    until("heard of", || !discovered(&ann).is_empty());
    bob.must(&["p2p", "stop"]);
    until("gone", || discovered(&ann).is_empty());
    drop(bobs);
    let bobs = Running::of(&bob);
    until("back", || !discovered(&ann).is_empty());
    signal("-KILL", &bob.told(&["p2p", "status"])["process"].to_string());
    until("vanished", || discovered(&ann).is_empty());
    drop(bobs);
}

#[test]
fn who_has_another_repository_hears_of_nobody_there() {
    let [ann, _bob] = two();
    let server = Server::holding("2 min");
    let carl = Person::with_repository("Carl");
    carl.seal("song", "1");
    carl.must(&["peers", "add", "ann", &ann.key()]);
    [&ann, &carl].into_iter().for_each(|person| server.known_to(person));
    let (_anns, _carls) = (Running::of(&ann), Running::of(&carl));
    until("registered", || is_registered(&ann) && is_registered(&carl));
    assert_eq!((discovered(&ann).len(), discovered(&carl).len()), (0, 0));
    let said = String::from_utf8(carl.must(&["p2p", "discovered"]).stdout).expect("it is text");
    assert_eq!(said, "Nobody who has this repository was heard of at a rendezvous server.\n");
    let why = carl.told(&["p2p", "peers"])["why"].as_str().expect("it is told").to_owned();
    assert!(why.ends_with("it was not heard of at a rendezvous server"), "{why}");
    let end = server.end();
    assert_eq!((&end["registered"], &end["repositories"]), (&2.into(), &2.into()));
}

#[test]
fn a_server_that_is_not_the_one_that_was_meant_is_told_of() {
    let [ann, _bob] = two();
    let server = Server::holding("2 min");
    let name = format!("{}@{}", "07".repeat(32), server.address);
    ann.must(&["config", "set", "--user", "network.rendezvous", &name]);
    let _anns = Running::of(&ann);
    let trouble = || lines(&ann, &["p2p", "discovered"])[0]["servers"][0]["trouble"].clone();
    until("told", || trouble().as_str().is_some_and(|why| why.contains(&server.key)));
    let output = ann.command(&["p2p", "discovered"]).current_dir(&ann.folder).output();
    let said = String::from_utf8(output.expect("the binary runs").stderr).expect("it is text");
    assert!(said.contains(&format!("the rendezvous server at {}: ", server.address)), "{said}");
    let checks = lines(&ann, &["doctor"]);
    let found = checks.iter().find(|it| it["what"] == "rendezvous").expect("it is looked at");
    assert_eq!(found["verdict"], "warning");
    // Nor is one that the networks keep from calling.
    ann.must(&["p2p", "config", "--rendezvous", &server.address, "--allow", "10.0.0.0/8"]);
    until("told", || trouble().as_str().is_some_and(|why| why.contains("network.allow")));
    assert_eq!(server.end()["registered"], 0);
}

#[test]
fn what_names_no_server_is_no_setting_and_what_can_not_be_is_refused() {
    let ann = Person::with_repository("Ann");
    for bad in ["http://x", "x:0", "07@192.0.2.7:1", "a b c d e f g h i"] {
        let said = ann.fails(&["p2p", "config", "--rendezvous", bad]);
        assert!(said.contains("it is one server or several"), "{said}");
    }
    let said = ann.fails(&["rendezvous", "serve", "--listen", "192.0.2.77:7357"]);
    assert!(said.contains("there is no listening at 192.0.2.77:7357"), "{said}");
    let said = ann.fails(&["rendezvous", "serve", "--allow", "x"]);
    assert!(said.contains("'x' names no networks"), "{said}");
}
