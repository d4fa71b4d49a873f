//! Timelines that diverge under nodes in the background, which settle them where nobody looks on: real processes over loopback.
#![cfg(unix)]

use std::collections::BTreeSet;
use std::env;

use serde_json::Value;

use crate::network::Person;
use crate::node::{Running, until};

/// The words for a timeline that name no keys.
const STRATEGIES: [&str; 6] =
    ["manual", "auto_merge", "prefer_local", "prefer_remote", "last_write", "first_write"];

/// Those of them that leave it to a person what both sides changed.
const WAITING: [&str; 2] = ["manual", "auto_merge"];

fn main_of(person: &Person) -> Value {
    person.told(&["timeline"])
}

fn heads(person: &Person) -> BTreeSet<String> {
    let told = main_of(person);
    let heads = told["heads"].as_array().expect("a list").iter();
    heads.map(|head| head.as_str().expect("a name").to_owned()).collect()
}

fn strategy(person: &Person) -> String {
    main_of(person)["strategy"].as_str().unwrap_or("manual").to_owned()
}

/// Each says how the timeline is settled, unheard by the other, and seals the same file. Then they hear each other.
fn diverges(people: [&Person; 2], words: [&str; 2], round: usize) {
    let [ann, bob] = people;
    bob.must(&["p2p", "disconnect", "host"]);
    for (person, word) in people.into_iter().zip(words) {
        if strategy(person) != word {
            person.must(&["timeline", "strategy", "main", word]);
        }
        person.seal("poem", &format!("{round}: {word} of {}", person.key()));
    }
    let sealed = people.map(heads);
    bob.must(&["p2p", "connect", "host"]);
    until(&format!("the same under {words:?}"), || {
        let [ours, theirs] = people.map(strategy);
        let [heads, others] = people.map(heads);
        let may_wait = WAITING.contains(&&*ours);
        let is_settled = heads.len() == 1 || heads.len() == 2 && may_wait;
        let is_heard = sealed.iter().all(|before| *before != heads);
        is_settled && is_heard && ours == theirs && heads == others
    });
    assert_eq!(ann.read("poem"), format!("{round}: {} of {}", words[0], ann.key()));
    // Who left it to people is told so, and one of them says what it is to be.
    if heads(bob).len() > 1 {
        until("told", || {
            let told = bob.must(&["--json", "p2p", "sync-status"]).stdout;
            String::from_utf8_lossy(&told).contains("\"schema\":\"selkie.waits/1\"")
        });
        bob.must(&["timeline", "strategy", "main", "last_write"]);
        until("heard", || strategy(ann) == "last_write");
    }
    bob.must(&["sync"]);
    until("one head", || heads(ann).len() == 1 && heads(ann) == heads(bob));
    ann.must(&["sync"]);
    assert_eq!(ann.read("poem"), bob.read("poem"));
}

/// With `DIVERGE_PAIRS` so many of all pairs; by itself each strategy beside the next.
#[test]
fn nodes_settle_what_diverged_under_pairs_of_strategies() {
    let ann = Person::with_repository("Ann");
    ann.seal("poem", "0");
    let bob = ann.joined_by("Bob");
    let _anns = Running::of(&ann).known_to(&bob, "host");
    let _bobs = Running::of(&bob);
    let count = env::var("DIVERGE_PAIRS").map_or(0, |count| count.parse().expect("a number"));
    let all = STRATEGIES.iter().flat_map(|one| STRATEGIES.map(|other| [*one, other]));
    let next = (0..STRATEGIES.len()).map(|at| [STRATEGIES[at], STRATEGIES[(at + 1) % 6]]);
    for (round, words) in next.chain(all.take(count)).enumerate() {
        diverges([&ann, &bob], words, round);
    }
    let events = bob.must(&["--json", "p2p", "events"]).stdout;
    let events = String::from_utf8_lossy(&events);
    for event in ["settled", "diverged", "updated"] {
        assert!(events.contains(&format!("\"event\":\"{event}\"")), "{event}: {events}");
    }
}
