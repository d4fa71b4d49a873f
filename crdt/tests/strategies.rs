//! Strategies: what they choose, and that all replicas choose alike without a word.

use selkie_crdt::{
    ActorId, Claim, Document, Entity, Hlc, Rules, Strategy, Value, Verdict, VersionVector,
};

const ANN: ActorId = ActorId::from_bytes([1; 16]);
const BOB: ActorId = ActorId::from_bytes([2; 16]);
const EVE: ActorId = ActorId::from_bytes([3; 16]);
const NOBODY: ActorId = ActorId::from_bytes([9; 16]);

#[test]
fn each_strategy_chooses_as_it_says() {
    let (five, six, seven) = (claim(&5, 10, ANN), claim(&6, 30, BOB), claim(&7, 20, EVE));
    let highest = Strategy::merge(|values| **values.iter().max().unwrap());
    let even = Strategy::custom(|claims| claims.iter().map(|c| *c.value).find(|v| v % 2 == 0));
    let huge = Strategy::custom(|claims| claims.iter().map(|c| *c.value).find(|v| *v > 99));
    for (strategy, wanted) in [
        (Strategy::LastWrite, Some(6)),
        (Strategy::FirstWrite, Some(5)),
        (highest, Some(7)),
        (Strategy::authority([EVE, BOB]), Some(7)),
        (Strategy::authority([NOBODY, ANN]), Some(5)),
        (Strategy::authority([NOBODY]), None),
        (Strategy::authority([NOBODY]).or(Strategy::FirstWrite), Some(5)),
        (even, Some(6)),
        (huge.clone(), None),
        (huge.or(Strategy::Person).or(Strategy::LastWrite), Some(6)),
        (Strategy::Person, None),
    ] {
        let verdict = strategy.settle([five, six, seven]).unwrap();
        assert_eq!(verdict.settled().copied(), wanted, "{strategy:?}");
    }
}

#[test]
fn the_order_of_arrival_never_matters() {
    // Two at one time, two of one actor at one time, and two that say the same.
    let claims = [
        claim(&5, 10, ANN),
        claim(&6, 10, BOB),
        claim(&7, 10, BOB),
        claim(&5, 20, EVE),
        claim(&8, 20, BOB),
    ];
    let digits = Strategy::merge(|values| values.iter().fold(0, |all, value| all * 10 + **value));
    for (strategy, wanted) in [
        (Strategy::LastWrite, 5),
        (Strategy::FirstWrite, 5),
        (digits, 56_785),
        (Strategy::authority([BOB]), 8),
        (Strategy::custom(|claims| Some(*claims[2].value)), 7),
    ] {
        for order in orders_of(&claims) {
            assert_eq!(strategy.settle(order).unwrap().settled(), Some(&wanted), "{strategy:?}");
        }
    }
    for order in orders_of(&claims) {
        assert_eq!(Strategy::Person.settle(order), Some(Verdict::Open(claims_in(&claims))));
    }
}

#[test]
fn writes_at_one_time_stand_by_actor_and_writes_of_one_actor_by_bytes() {
    let by_actor = [claim(&9, 10, ANN), claim(&1, 10, BOB)];
    let by_bytes = [claim(&300, 10, ANN), claim(&7, 10, ANN)];
    assert_eq!(Strategy::LastWrite.settle(by_actor).unwrap().settled(), Some(&1));
    // In bytes 300 begins with 0xac, which is above 7.
    assert_eq!(300_u32.to_bytes()[0], 0xac);
    assert_eq!(Strategy::LastWrite.settle(by_bytes).unwrap().settled(), Some(&300));
}

#[test]
fn those_who_agree_need_no_person() {
    let agreed = [claim(&5, 10, ANN), claim(&5, 30, BOB)];
    assert_eq!(Strategy::Person.settle(agreed).unwrap().settled(), Some(&5));
}

#[test]
fn of_no_claims_there_is_no_verdict() {
    assert_eq!(Strategy::<u32>::LastWrite.settle([]), None);
}

#[test]
fn the_last_write_is_what_the_register_reads() {
    let [ann, bob, eve] = three_who_wrote("age", [40, 41, 42]);
    for document in [ann, bob, eve] {
        let rules = Rules::new(Strategy::LastWrite);
        let read = document.entity("ida").and_then(|ida| ida.attribute("age"));
        let settlement = document.settle("ida", &rules).unwrap();
        assert_eq!(Some(&*settlement.settled["age"]), read);
    }
}

#[test]
fn replicas_that_apply_rules_read_the_same_and_write_nothing() {
    let sum = Strategy::merge(|values: &[&u32]| values.iter().copied().sum());
    let rules = Rules::new(Strategy::Person).anywhere("age", sum);
    let documents = three_who_wrote("age", [1, 2, 3]);
    let versions = documents.each_ref().map(Document::version);
    let states = documents.each_ref().map(Document::to_bytes);

    for document in &documents {
        assert_eq!(*document.settle("ida", &rules).unwrap().settled["age"], 6);
        assert!(document.open(&rules).is_empty());
    }

    assert_eq!(documents.each_ref().map(Document::version), versions);
    assert_eq!(documents.each_ref().map(Document::to_bytes), states);
    assert_eq!([&states[1], &states[2]], [&states[0], &states[0]]);
}

#[test]
fn a_person_settles_for_everyone() {
    let rules = Rules::new(Strategy::Person);
    let [mut ann, mut bob, mut eve] = three_who_wrote("age", [1, 2, 3]);
    let open = bob.open(&rules);
    assert_eq!(open.len(), 1);
    assert_eq!((&**open[0].0, open[0].1, open[0].2.len()), ("ida", "age", 3));

    set(&mut bob, "age", 7, 50);
    ann.merge(&bob).unwrap();
    eve.merge(&ann).unwrap();

    for document in [ann, bob, eve] {
        assert!(document.open(&rules).is_empty());
        assert_eq!(*document.settle("ida", &rules).unwrap().settled["age"], 7);
    }
}

#[test]
fn a_write_that_the_person_did_not_see_is_a_rival_of_the_decision() {
    let rules = Rules::new(Strategy::Person);
    let [mut ann, mut bob, _] = three_who_wrote("age", [1, 2, 3]);
    set(&mut ann, "age", 7, 50);
    set(&mut bob, "age", 8, 40);
    ann.merge(&bob).unwrap();
    let open = ann.open(&rules);
    assert_eq!(open[0].2.iter().map(|claim| *claim.value).collect::<Vec<_>>(), [8, 7]);
}

#[test]
fn the_narrowest_rule_decides() {
    let only = |n: u32| Strategy::custom(move |_| Some(n));
    let rules = Rules::new(only(0))
        .anywhere("status", only(1))
        .kind("ballot", only(2))
        .attribute("ballot", "status", only(3))
        .attribute("voter", "age", only(4));
    for (kind, name, wanted) in [
        (Some("ballot"), "status", 3),
        (Some("ballot"), "title", 2),
        (Some("voter"), "status", 1),
        (Some("voter"), "age", 4),
        (Some("voter"), "name", 0),
        (Some("shipment"), "status", 1),
        (None, "status", 1),
        (None, "age", 0),
    ] {
        let verdict = rules.strategy(kind, name).settle([claim(&8, 1, ANN), claim(&9, 1, BOB)]);
        assert_eq!(verdict.unwrap().settled(), Some(&wanted), "{name} of {kind:?}");
    }
}

#[test]
fn an_entity_that_came_back_in_part_has_no_kind_to_go_by() {
    let rules = Rules::new(Strategy::Person).kind("person", Strategy::LastWrite);
    let [mut ann, mut bob, mut eve] = three_who_wrote("age", [1, 2, 3]);
    ann.change(Hlc::from_ms(60), |tx| Ok::<_, ()>(tx.entity("ida").remove())).unwrap();
    set(&mut bob, "age", 4, 61);
    set(&mut eve, "age", 5, 62);
    ann.merge(&bob).unwrap();
    ann.merge(&eve).unwrap();
    assert!(ann.entity("ida").is_some_and(Entity::is_partial));
    assert_eq!(ann.open(&rules).len(), 1);
}

fn claim(value: &u32, ms: u64, actor: ActorId) -> Claim<'_, u32> {
    Claim { value, at: Hlc::from_ms(ms), actor }
}

fn claims_in<'a>(claims: &[Claim<'a, u32>]) -> Vec<Claim<'a, u32>> {
    let mut sorted = claims.to_vec();
    sorted.sort_by(|a, b| (a.at, a.actor, a.value).cmp(&(b.at, b.actor, b.value)));
    sorted
}

/// All orders of these, by Heap's way.
fn orders_of<T: Clone>(all: &[T]) -> Vec<Vec<T>> {
    let Some((last, rest)) = all.split_last() else { return vec![vec![]] };
    let put_in = |order: Vec<T>| {
        (0..=order.len()).map(move |at| {
            let mut longer = order.clone();
            longer.insert(at, last.clone());
            longer
        })
    };
    orders_of(rest).into_iter().flat_map(put_in).collect()
}

/// Three replicas that founded one person, set the attribute at once, and met in three orders.
fn three_who_wrote(name: &str, values: [u32; 3]) -> [Document<u32>; 3] {
    let mut documents = [ANN, BOB, EVE].map(Document::new);
    for (document, value) in documents.iter_mut().zip(values) {
        document
            .change(Hlc::from_ms(u64::from(value)), |tx| {
                tx.entity("ida").found("person").set(name, value);
                Ok::<_, ()>(())
            })
            .unwrap();
    }
    let alone = documents.clone();
    for (document, order) in documents.iter_mut().zip([[1, 2], [2, 0], [1, 0]]) {
        for other in order {
            document.merge(&alone[other]).unwrap();
        }
    }
    let seen: [VersionVector; 3] = documents.each_ref().map(Document::version);
    assert_eq!([&seen[1], &seen[2]], [&seen[0], &seen[0]]);
    documents
}

fn set(document: &mut Document<u32>, name: &str, value: u32, ms: u64) {
    let set = document.change(Hlc::from_ms(ms), |tx| {
        tx.entity("ida").set(name, value);
        Ok::<_, ()>(())
    });
    set.unwrap();
}
