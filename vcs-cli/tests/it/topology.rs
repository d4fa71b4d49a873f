//! Who is connected with whom, as nodes tell it: real processes over loopback.
#![cfg(unix)]

use serde_json::Value;

use crate::network::Person;
use crate::node::{Running, until};

/// The node itself, and the others by name.
fn topology(person: &Person) -> (Value, Vec<Value>) {
    let output = person.must(&["--json", "p2p", "topology"]).stdout;
    let text = String::from_utf8(output).expect("it is text");
    let mut lines = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    (lines.next().expect("it tells of itself"), lines.collect())
}

fn named(person: &Person, name: &str) -> Value {
    let (_, others) = topology(person);
    others.into_iter().find(|it| it["name"] == name).expect("somebody is called so")
}

#[test]
fn each_end_tells_of_a_connection_and_of_who_is_known_and_not_connected() {
    let ann = Person::with_repository("Ann");
    ann.seal("poem", "1");
    let bob = ann.joined_by("Bob");
    let name = ann.told(&["peers"])["name"].as_str().expect("he is listed").to_owned();
    ann.must(&["peers", "add", "dan", &"07".repeat(32)]);
    let _anns = Running::of(&ann).known_to(&bob, "host");
    let bobs = Running::of(&bob);
    until("connected", || named(&ann, &name)["connected"] == true);
    until("a member", || named(&ann, &name)["member"] == "alive");
    let (own, others) = topology(&ann);
    assert_eq!((&own["schema"], &own["key"]), (&"selkie.topology/1".into(), &ann.key().into()));
    assert_eq!((&own["connected"], &own["known"]), (&1.into(), &2.into()));
    assert_eq!(others.len(), 2);
    let bobs_end = named(&bob, "host");
    let anns_end = named(&ann, &name);
    assert_eq!((&anns_end["caller"], &bobs_end["caller"]), (&"peer".into(), &"here".into()));
    assert_eq!((&anns_end["hears"], &bobs_end["hears"]), (&"eager".into(), &"eager".into()));
    assert!(anns_end["round_trip_us"].as_u64() > Some(0));
    let dan = named(&ann, "dan");
    assert_eq!((&dan["connected"], &dan["listed"]), (&false.into(), &true.into()));
    assert_eq!((&dan["member"], &dan["caller"]), (&Value::Null, &Value::Null));
    assert!(
        dan["why"].as_str().expect("it is told why").contains("has not been told to call it"),
        "{dan}"
    );
    let said = String::from_utf8(ann.must(&["p2p", "topology"]).stdout).expect("text");
    let lines: Vec<_> = said.lines().collect();
    assert_eq!(lines[0], "this node");
    assert!(lines[1].starts_with(&format!("├─ {name}")) && lines[1].contains("; it called;"));
    assert_eq!(lines[2], "└─ not connected with it");
    assert!(lines[3].starts_with("   └─ dan"), "{said}");
    // Who says goodbye is no connection any more.
    drop(bobs);
    until("apart", || named(&ann, &name)["connected"] == false);
    assert_eq!(topology(&ann).0["connected"], 0);
}
