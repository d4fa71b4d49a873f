//! What happens to a node is told, each thing by its word: real processes over loopback.
#![cfg(unix)]

use serde_json::Value;

use crate::network::Person;
use crate::node::{Running, until};

/// What happened of late to somebody's node.
fn events(person: &Person) -> Vec<Value> {
    let output = person.must(&["--json", "p2p", "events"]).stdout;
    let text = String::from_utf8(output).expect("it is text");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// Waits until these were all told, and returns the last of each.
fn told<const N: usize>(person: &Person, words: [&str; N]) -> [Value; N] {
    let last = |word: &str| events(person).into_iter().rfind(|event| event["event"] == word);
    until(words.join(", ").as_str(), || words.iter().all(|word| last(word).is_some()));
    words.map(|word| last(word).expect("it was there"))
}

#[test]
fn two_who_meet_sync_and_part_are_told_so() {
    let ann = Person::with_repository("Ann");
    ann.seal("poem", "1");
    let bob = ann.joined_by("Bob");
    let _anns = Running::of(&ann).known_to(&bob, "host");
    let bobs = Running::of(&bob).known_to(&ann, "bob");
    let [listening, connected, _] = told(&ann, ["listening", "connected", "agreed"]);
    assert!(listening["address"].is_string() && listening["peer"].is_null());
    assert_eq!(connected["key"], bob.key());
    bob.seal("poem", "2");
    let [received, updated] = told(&ann, ["received", "updated"]);
    assert!(received["count"].as_u64() > Some(0) && updated["detail"] == "main", "{updated}");
    ann.must(&["p2p", "sync"]);
    let [syncing, synced] = told(&ann, ["syncing", "synced"]);
    assert_eq!((&syncing["count"], &synced["key"]), (&1.into(), &bob.key().into()));
    drop(bobs);
    let [gone] = told(&ann, ["disconnected"]);
    assert!(gone["key"] == bob.key() && gone["detail"].is_string(), "{gone}");
    ann.fails(&["p2p", "sync"]);
    let [unsynced] = told(&ann, ["unsynced"]);
    assert!(unsynced["key"] == bob.key() && unsynced["detail"].is_string(), "{unsynced}");
    let times: Vec<u64> = events(&ann).iter().filter_map(|event| event["at_ms"].as_u64()).collect();
    assert!(times.is_sorted() && times.len() == events(&ann).len());
}

#[test]
fn who_comes_invited_and_who_comes_unasked_are_told_apart() {
    let ann = Person::with_repository("Ann");
    ann.seal("poem", "1");
    let bob = ann.joined_by("Bob");
    let _anns = Running::of(&ann).known_to(&bob, "host");
    let cy = Person::called("Cy");
    let mut going = ann.begin(&["invite", "cy"]);
    let invitation = going.next()["invitation"].as_str().expect("it is printed").to_owned();
    cy.at_home(&["join", &invitation, "repo", "--name", "host"]);
    going.next();
    going.must_end();
    let [paired, _] = told(&ann, ["paired", "connected"]);
    assert_eq!((&paired["peer"], &paired["key"]), (&"cy".into(), &cy.key().into()));
    // Who has the repository of somebody else, and whom she never listed.
    let dan = bob.joined_by("Dan");
    let address = ann.told(&["p2p", "status"])["address"].as_str().expect("it listens").to_owned();
    dan.must(&["peers", "add", "ann", &ann.key(), "--at", &address]);
    dan.fails(&["sync", "ann"]);
    let [refused] = told(&ann, ["refused"]);
    assert!(refused["key"] == dan.key() && refused["address"].is_string(), "{refused}");
}
