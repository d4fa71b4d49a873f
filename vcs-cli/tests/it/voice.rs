//! Two people compare their keys by voice.

use serde_json::Value;

use crate::network::Person;

/// What a command tells of words.
fn words(told: &Value) -> String {
    let words = told["words"].as_str().expect("there are words").to_owned();
    assert_eq!(words.split([' ', '-']).count(), 12, "{words}");
    words
}

#[test]
fn two_who_joined_have_the_same_words_and_anybody_else_has_others() {
    let ann = Person::with_repository("Ann");
    ann.seal("poem", "1");
    let bob = Person::called("Bob");
    let mut going = ann.begin(&["invite", "bob", "--listen", "127.0.0.1:0"]);
    let invitation = going.next()["invitation"].as_str().expect("it is printed").to_owned();
    let joined = bob.at_home(&["join", &invitation, "repo", "--name", "ann"]);
    let guest = going.next();
    going.must_end();
    let anns = words(&guest);
    let said = String::from_utf8(joined.stderr).expect("it is text");
    let advice = format!("ask ann for these words: {anns}.");
    assert!(said.contains(&advice), "{said}");
    assert_eq!(words(&bob.told(&["peers", "words", "ann"])), anns);

    // Somebody else with bob's place at ann's, as who took the invitation on its way would have.
    let eve = Person::called("Eve");
    ann.must(&["peers", "add", "eve", &eve.key()]);
    let other = words(&ann.told(&["peers", "words", "eve"]));
    assert_ne!(other, anns);
}

#[test]
fn who_was_compared_is_noted_and_another_key_of_that_name_is_not() {
    let ann = Person::with_repository("Ann");
    let (bob, eve) = (Person::called("Bob"), Person::called("Eve"));
    assert!(ann.fails(&["peers", "words", "bob"]).contains("shared"));
    ann.must(&["peers", "add", "bob", &bob.key()]);
    assert!(ann.fails(&["peers", "words", "carol"]).contains("carol"));
    assert_eq!(ann.told(&["peers", "words", "bob"])["compared"], false);
    assert_eq!(ann.told(&["peers", "words", "bob", "--same"])["compared"], true);
    assert_eq!(ann.told(&["peers"])["compared"], true);
    ann.must(&["peers", "add", "bob", "--at", "192.0.2.7:7355"]);
    assert_eq!(ann.told(&["peers"])["compared"], true, "where they are says nothing of who");
    ann.must(&["peers", "remove", "bob"]);
    ann.must(&["peers", "add", "bob", &eve.key()]);
    assert_eq!(ann.told(&["peers"])["compared"], false);
}
