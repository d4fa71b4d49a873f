//! Documents of entities: transactions, kinds, references, and agreement as a whole.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::sync::Arc;

use selkie_crdt::{
    ActorId, Document, Draft, Entity, Fate, Guard, Hlc, JoinError, Model, Name, Transaction,
};

#[test]
fn a_transaction_that_fails_leaves_the_document_as_it_was() {
    let (mut east, _) = twins();
    let before = (east.version(), east.to_bytes());
    let result = east.transact(Hlc::from_ms(9), |tx| {
        tx.entity("ann").set("name", "Anna".into()).add("friends", "bob".into());
        tx.entity("ann").unset("town");
        tx.entity("eve").found("person");
        assert!(tx.entity("bob").remove());
        Err::<(), _>("second thoughts")
    });
    assert_eq!(result.err(), Some("second thoughts"));
    assert_eq!((east.version(), east.to_bytes()), before);
}

#[test]
fn a_transaction_that_panics_leaves_the_document_as_it_was() {
    let (mut east, _) = twins();
    let before = (east.version(), east.to_bytes());
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        east.change(Hlc::from_ms(9), |tx| {
            tx.entity("bob").remove();
            tx.entity("ann").set("name", "Anna".into());
            panic!("by purpose");
            #[expect(unreachable_code, reason = "gives the closure its type")]
            Ok::<(), ()>(())
        })
    }));
    assert!(panicked.is_err());
    assert_eq!((east.version(), east.to_bytes()), before);

    write(&mut east, |tx| {
        tx.entity("ann").set("name", "Anna".into());
    });
    assert_eq!(attribute(&east, "ann", "name"), Some("Anna"));
}

#[test]
fn a_transaction_reads_what_it_wrote() {
    let (mut east, _) = twins();
    write(&mut east, |tx| {
        let mut ann = tx.entity("ann");
        assert_eq!(ann.attribute("name").map(String::as_str), Some("Ann"));
        ann.set("name", "Anna".into()).add("friends", "eve".into());
        assert_eq!(ann.attribute("name").map(String::as_str), Some("Anna"));
        assert!(ann.unset("town") && !ann.unset("town") && ann.attribute("town").is_none());
        assert!(ann.contains("friends", &"eve".into()) && ann.contains("friends", &"bob".into()));
        assert!(ann.remove_from("friends", &"bob".into()));
        assert!(
            !ann.contains("friends", &"bob".into()) && !ann.remove_from("friends", &"bob".into())
        );

        assert!(tx.entity("ann").remove());
        let mut ann = tx.entity("ann");
        assert!(!ann.exists() && !ann.remove() && ann.kind().is_none());
        assert!(ann.attribute("name").is_none() && !ann.contains("friends", &"eve".into()));
        assert_eq!(ann.found("ghost").kind(), Some("ghost"));
        assert!(ann.exists());
        assert_eq!(tx.before().get("ann").and_then(Entity::kind), Some("person"));
    });
    let ann = east.entity("ann").unwrap();
    assert_eq!((ann.kind(), ann.attributes().len()), (Some("ghost"), 0));
}

#[test]
fn a_transaction_without_changes_has_no_delta() {
    let (mut east, _) = twins();
    let before = east.version();
    let (found, delta) = east
        .transact(Hlc::from_ms(9), |tx| {
            let mut nobody = tx.entity("nobody");
            nobody.set("name", "N.".into());
            nobody.remove();
            Ok::<_, ()>(tx.entity("ann").unset("no such attribute"))
        })
        .unwrap();
    assert!(!found && delta.is_none());
    assert_eq!(east.version(), before);
}

#[test]
fn the_delta_of_a_transaction_brings_all_of_it_to_a_twin() {
    let (mut east, mut west) = twins();
    let (_, delta) = east
        .transact(Hlc::from_ms(9), |tx| {
            tx.entity("ann").set("name", "Anna".into()).add("friends", "eve".into());
            tx.entity("ann").unset("town");
            tx.entity("eve").found("person").touch();
            Ok::<_, ()>(tx.entity("bob").remove())
        })
        .unwrap();
    west.join(delta.unwrap()).unwrap();
    assert_eq!(west, east);
    assert_eq!(west.to_bytes(), east.to_bytes());
    assert!(west.entity("bob").is_none() && attribute(&west, "ann", "town").is_none());
}

#[test]
fn concurrent_transactions_merge_change_by_change() {
    let (mut east, mut west) = twins();
    write(&mut east, |tx| {
        tx.entity("ann").set("name", "Anna".into());
    });
    write(&mut west, |tx| {
        tx.entity("ann").set("town", "Bruges".into());
    });
    meet(&mut east, &mut west);
    assert_eq!(attribute(&east, "ann", "name"), Some("Anna"));
    assert_eq!(attribute(&east, "ann", "town"), Some("Bruges"));
}

#[test]
fn an_entity_that_is_removed_and_founded_again_keeps_nothing_that_was_seen() {
    let (mut east, mut west) = twins();
    write(&mut east, |tx| {
        tx.entity("ann").remove();
        tx.entity("ann").found("robot").set("name", "A-77".into());
    });
    meet(&mut east, &mut west);
    let ann = west.entity("ann").unwrap();
    assert_eq!((ann.kind(), ann.attributes().len()), (Some("robot"), 1));
    assert!(ann.collection("friends").is_none() && !ann.is_partial());
}

#[test]
fn what_was_set_while_another_removed_the_entity_is_a_part_without_kind() {
    let (mut east, mut west) = twins();
    write(&mut east, |tx| {
        tx.entity("ann").remove();
    });
    write(&mut west, |tx| {
        tx.entity("ann").set("town", "Bruges".into());
    });
    meet(&mut east, &mut west);
    let ann = east.entity("ann").unwrap();
    assert!(ann.is_partial() && ann.kind().is_none());
    assert_eq!(ann.attributes().len(), 1);
}

#[test]
fn a_founding_survives_a_concurrent_removal() {
    let (mut east, mut west) = twins();
    write(&mut east, |tx| {
        tx.entity("ann").remove();
    });
    write(&mut west, |tx| {
        tx.entity("ann").found("person");
    });
    meet(&mut east, &mut west);
    assert_eq!(east.entity("ann").and_then(Entity::kind), Some("person"));
}

#[test]
fn of_concurrent_kinds_all_read_the_first_by_name() {
    let (mut east, mut west) = twins();
    write(&mut east, |tx| {
        tx.entity("x").found("zebra");
    });
    write(&mut west, |tx| {
        tx.entity("x").found("aardvark");
    });
    let alone = west.clone();
    meet(&mut east, &mut west);
    assert_eq!(east.entity("x").and_then(Entity::kind), Some("aardvark"));
    assert_eq!(west.entity("x").and_then(Entity::kind), Some("aardvark"));

    let mut third: Document<String> = Document::load(actor(3), &alone.to_bytes()).unwrap();
    write(&mut third, |tx| {
        tx.entity("x").touch();
    });
    meet(&mut third, &mut east);
    assert_eq!(third.entity("x").and_then(Entity::kind), Some("aardvark"));
}

#[test]
fn entities_are_found_by_kind() {
    let (mut east, _) = twins();
    write(&mut east, |tx| {
        tx.entity("spring").found("election");
    });
    let mut people: Vec<_> = east.of_kind("person").map(|(id, _)| &**id).collect();
    people.sort_unstable();
    assert_eq!(people, ["ann", "bob"]);
    assert_eq!(east.of_kind("election").count(), 1);
    assert_eq!(east.of_kind("planet").count(), 0);
}

#[test]
fn a_kind_and_the_names_of_attributes_are_spelled_once() {
    let mut east = Document::new(actor(1));
    write(&mut east, |tx| {
        for n in 0..1_000 {
            let mut voter = tx.entity(&n.to_string());
            voter.found("voter").set("district", String::new()).add("ballots", String::new());
        }
    });
    let bytes = east.to_bytes();
    for word in ["voter", "district", "ballots"] {
        assert_eq!(bytes.windows(word.len()).filter(|w| *w == word.as_bytes()).count(), 1);
    }
}

#[test]
fn a_name_is_one_allocation_however_it_came() {
    let (mut east, mut west) = twins();
    write(&mut west, |tx| {
        tx.entity("eve").set("name", "Eve".into());
    });
    write(&mut west, |tx| {
        tx.entity("kim").set("name", "Kim".into());
    });
    east.join(west.delta_since(&east.version()).unwrap()).unwrap();
    write(&mut east, |tx| {
        tx.entity("ida").set("name", "Ida".into());
    });
    let loaded: Document<String> = Document::load(actor(3), &east.to_bytes()).unwrap();
    for document in [east, loaded] {
        let names: Vec<Name> = ["ann", "bob", "eve", "kim", "ida"]
            .map(|id| document.entity(id).unwrap().attributes())
            .iter()
            .map(|attributes| Name::clone(attributes.keys().find(|k| ***k == *"name").unwrap()))
            .collect();
        assert!(names.iter().all(|name| Arc::ptr_eq(name, &names[0])));
    }
}

#[test]
fn a_reference_dangles_until_its_target_comes_and_when_it_went() {
    let (mut east, mut west) = twins();
    write(&mut east, |tx| {
        tx.entity("spring").found("election").set("chair", "@eve".into());
        tx.entity("spring").add("voters", "@ann".into()).add("voters", "@kim".into());
    });
    write(&mut west, |tx| {
        tx.entity("eve").found("person");
    });
    let told = |document: &Document<String>| -> Vec<String> {
        let dangling = document.dangling(|value| value.strip_prefix('@'));
        dangling.iter().map(|d| format!("{} {} {}", d.entity, d.name, d.target)).collect()
    };
    assert_eq!(told(&east), ["spring chair eve", "spring voters kim"]);
    meet(&mut east, &mut west);
    assert_eq!(told(&east), ["spring voters kim"]);
    write(&mut west, |tx| {
        tx.entity("ann").remove();
    });
    meet(&mut east, &mut west);
    assert_eq!(told(&east), ["spring voters ann", "spring voters kim"]);
}

#[test]
fn a_guard_can_keep_entities_from_going() {
    let (mut east, mut west) = twins();
    write(&mut west, |tx| {
        tx.entity("ann").remove();
    });
    let delta = west.delta_since(&east.version()).unwrap();
    let refused = east.join_guarded(delta, |change| {
        let any_goes = change.entries.iter().any(|entry| entry.fate == Fate::Removed);
        if any_goes { Guard::Forbid } else { Guard::Allow }
    });
    assert_eq!(refused, Err(JoinError::Forbidden));
    assert!(east.entity("ann").is_some());
}

#[test]
fn bytes_that_differ_from_a_state_are_refused_or_are_another_state() {
    let (mut east, _) = twins();
    write(&mut east, |tx| {
        tx.entity("spring").found("election").touch();
    });
    write(&mut east, |tx| {
        tx.entity("it").set("name", "It".into());
    });
    let bytes = east.to_bytes();
    assert_eq!(Document::<String>::load(actor(3), &bytes).unwrap(), east);
    for at in 0..bytes.len() {
        assert!(Document::<String>::load(actor(3), &bytes[..at]).is_err());
        for flip in (0..8).map(|bit| 1 << bit) {
            let mut other = bytes.clone();
            other[at] ^= flip;
            if let Ok(loaded) = Document::<String>::load(actor(3), &other) {
                assert_eq!(loaded.to_bytes(), other);
            }
        }
    }
}

#[test]
fn a_node_can_replicate_a_document() {
    let (mut east, mut west) = twins();
    write(&mut east, |tx| {
        tx.entity("ann").set("name", "Anna".into());
    });
    write(&mut west, |tx| {
        tx.entity("ann").set("name", "Anne".into());
    });
    let changes = east.changes_since(&west.version()).unwrap();
    let conflicts = west.apply(&changes).unwrap();
    assert_eq!(conflicts.len(), 1);
    assert_eq!(conflicts, west.conflicts());
    west.resolve(&conflicts[0], 1, Hlc::from_ms(9)).unwrap();
    assert_eq!(attribute(&west, "ann", "name"), Some("Anna"));
    assert_eq!(east.restore(&west.snapshot()), Ok(vec![]));
    assert_eq!((east.id(), east.to_bytes()), ("people", west.to_bytes()));
}

/// What a document of one replica must hold, by definition.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
struct Plain {
    kind: Option<String>,
    attributes: BTreeMap<String, String>,
    collections: BTreeMap<String, BTreeSet<String>>,
}

impl Plain {
    /// A collection that lost its last element is no longer there.
    fn take_out(&mut self, name: &str, value: &str) -> bool {
        let Some(collection) = self.collections.get_mut(name) else { return false };
        let was_there = collection.remove(value);
        self.collections.retain(|_, collection| !collection.is_empty());
        was_there
    }
}

#[test]
fn a_document_holds_what_plain_maps_would_through_any_transactions() {
    let mut random = Random(7);
    for _ in 0..60 {
        let (mut east, mut west) = (Document::new(actor(1)), Document::new(actor(2)));
        let mut plain: BTreeMap<String, Plain> = BTreeMap::new();
        for ms in 0..12 {
            let mut draft = plain.clone();
            let fails = random.below(3) == 0;
            let result = east.transact(Hlc::from_ms(ms), |tx| {
                for _ in 0..random.below(12) {
                    step(&mut random, tx, &mut draft);
                }
                if fails { Err(()) } else { Ok(()) }
            });
            match result {
                Ok(((), delta)) => {
                    plain = draft;
                    delta.into_iter().for_each(|delta| west.join(delta).unwrap());
                }
                Err(()) => assert!(fails),
            }
            assert_eq!(plain_of(&east), plain);
            assert_eq!(west.to_bytes(), east.to_bytes());
            let loaded = Document::load(actor(3), &east.to_bytes()).unwrap();
            assert_eq!(loaded, east);
        }
    }
}

/// One random step in a transaction and in the maps, and all that can be read of its entity.
fn step(
    random: &mut Random,
    tx: &mut Transaction<'_, String>,
    plain: &mut BTreeMap<String, Plain>,
) {
    let id = random.name("id", 4);
    let mut draft = tx.entity(&id);
    let (name, value) = (random.name("n", 3), random.name("v", 3));
    let is_there = plain.contains_key(&id);
    match random.below(7) {
        0 => {
            draft.found(&name);
            of(plain, &id).kind = Some(name);
        }
        1 => {
            draft.touch();
            of(plain, &id);
        }
        2 => {
            draft.set(&name, value.clone());
            of(plain, &id).attributes.insert(name, value);
        }
        3 => {
            let unset = draft.unset(&name);
            assert_eq!(unset, is_there && of(plain, &id).attributes.remove(&name).is_some());
        }
        4 => {
            draft.add(&name, value.clone());
            of(plain, &id).collections.entry(name).or_default().insert(value);
        }
        5 => {
            let removed = draft.remove_from(&name, &value);
            assert_eq!(removed, is_there && of(plain, &id).take_out(&name, &value));
        }
        _ => {
            assert_eq!(draft.remove(), is_there);
            plain.remove(&id);
        }
    }
    assert_reads_as(&draft, plain.get(&id));
}

fn assert_reads_as(draft: &Draft<'_, String>, plain: Option<&Plain>) {
    assert_eq!(draft.exists(), plain.is_some());
    let nothing = Plain::default();
    let plain = plain.unwrap_or(&nothing);
    assert_eq!(draft.kind(), plain.kind.as_deref());
    for name in (0..3).map(|n| format!("n{n}")) {
        assert_eq!(draft.attribute(&name), plain.attributes.get(&name));
        for value in (0..3).map(|n| format!("v{n}")) {
            let held = plain.collections.get(&name).is_some_and(|c| c.contains(&value));
            assert_eq!(draft.contains(&name, &value), held);
        }
    }
}

fn of<'a>(plain: &'a mut BTreeMap<String, Plain>, id: &str) -> &'a mut Plain {
    plain.entry(id.to_owned()).or_default()
}

fn plain_of(document: &Document<String>) -> BTreeMap<String, Plain> {
    let plain = |entity: &Entity<String>| Plain {
        kind: entity.kind().map(str::to_owned),
        attributes: entity
            .attributes()
            .iter()
            .map(|(name, register)| (name.to_string(), register.read().unwrap().clone()))
            .collect(),
        collections: entity
            .collections()
            .iter()
            .map(|(name, collection)| (name.to_string(), collection.iter().cloned().collect()))
            .collect(),
    };
    document.entities().iter().map(|(id, entity)| (id.to_string(), plain(entity))).collect()
}

struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn name(&mut self, start: &str, limit: usize) -> String {
        format!("{start}{}", self.below(limit))
    }
}

/// Two replicas that both know Ann, of Ghent, and her friend Bob.
fn twins() -> (Document<String>, Document<String>) {
    let [mut east, mut west] = [1, 2].map(|n| Document::about("people", actor(n)));
    write(&mut east, |tx| {
        let mut ann = tx.entity("ann");
        ann.found("person").set("name", "Ann".into()).set("town", "Ghent".into());
        ann.add("friends", "bob".into());
        tx.entity("bob").found("person").set("name", "Bob".into());
    });
    west.merge(&east).unwrap();
    (east, west)
}

fn write(document: &mut Document<String>, work: impl FnOnce(&mut Transaction<'_, String>)) {
    document
        .change(Hlc::from_ms(5), |tx| {
            work(tx);
            Ok::<_, ()>(())
        })
        .unwrap();
}

fn meet(east: &mut Document<String>, west: &mut Document<String>) {
    east.merge(west).unwrap();
    west.merge(east).unwrap();
    assert_eq!(east, west);
    assert_eq!(east.to_bytes(), west.to_bytes());
}

fn attribute<'a>(document: &'a Document<String>, id: &str, name: &str) -> Option<&'a str> {
    document.entity(id)?.attribute(name).map(String::as_str)
}

fn actor(n: u8) -> ActorId {
    ActorId::from_bytes([n; 16])
}
