//! Twenty ways in which replicated types went wrong elsewhere, and what happens here.
//!
//! | pitfall | held here by |
//! | --- | --- |
//! | 1 a dot given twice after a crash | `a_replica_that_lost_…`; for logs `a_replica_that_lost_its_last_entries_…` |
//! | 2 two replicas under one name | `two_replicas_that_write_under_one_name_…`; for logs `other_contents_at_one_position_…` |
//! | 3 a removal without a dot | `a_removal_can_be_told_from_its_absence` |
//! | 4 a gap joined over | `a_delta_that_begins_too_late_is_refused`; for logs `an_entry_waits_for_the_one_before_it` |
//! | 5 a removal of what was not seen | `a_removal_ends_what_was_renewed_and_not_…` and the next |
//! | 6 an add optimised away | `an_element_that_is_added_again_survives_…` |
//! | 7 a removal against a change below | `an_entity_comes_back_with_only_what_…` |
//! | 8 a counter in a map | `a_counter_that_was_removed_counts_from_zero`, and the module doc of the counter |
//! | 9 empty or absent | `a_child_that_lost_its_last_part_is_gone`, `an_entity_without_attributes_…` |
//! | 10 equal moments | `writes_of_one_moment_are_settled_alike`; a full counter: the tests of the clock |
//! | 11 a poisoned clock | the tests of the clock: `a_poisoned_clock_is_refused_and_moves_nothing` |
//! | 12 values that equal without being alike | `texts_that_look_alike_stay_two` |
//! | 13 names without end | `names_under_which_nothing_was_done_leave_no_trace`; those that did something stay |
//! | 14 what was forgotten comes back | `a_peer_that_was_long_away_revives_nothing`; for logs `an_entry_that_was_cut_off_…` |
//! | 15 hostile bytes | `every_bit_that_flips_…`, and `withstands_bytes_that_nobody_wrote` of each type in `laws` |
//! | 16 the order of a hash | `bytes_do_not_depend_on_how_a_state_came_about` |
//! | 17 the whole for a part | `the_delta_of_one_change_does_not_grow_with_the_state`; time: the benches |
//! | 18 replicas compared by value | `laws`: versions and bytes, of up to five replicas |
//! | 19 a child made twice | `children_made_at_once_under_one_key_are_one` |
//! | 20 an entity in two places | `an_entity_that_two_people_move_is_in_one_place` |

use selkie_crdt::ActorId;
use selkie_crdt::AwMap;
use selkie_crdt::AwSet;
use selkie_crdt::Causal;
use selkie_crdt::Causality;
use selkie_crdt::Counter;
use selkie_crdt::Delta;
use selkie_crdt::Doc;
use selkie_crdt::Entity;
use selkie_crdt::EwFlag;
use selkie_crdt::Hlc;
use selkie_crdt::JoinError;
use selkie_crdt::LwwRegister;

type Names = AwSet<String>;
type Entities = AwMap<String, Entity<String>>;

#[test]
fn a_replica_that_lost_its_last_changes_hears_of_it_before_it_gives_a_dot_twice() {
    let [mut east, mut west] = docs::<Names, 2>();
    east.edit().add("pear".into());
    let backup = east.clone();
    east.edit().add("plum".into());
    west.merge(&east).unwrap();

    let mut east = backup;
    assert_eq!(east.merge(&west), Err(JoinError::Amnesia { have: 1, told: 2 }));
    east.take_actor(actor(9));
    east.edit().add("fig".into());
    east.merge(&west).unwrap();
    west.merge(&east).unwrap();

    assert_eq!(east.root().sorted(), ["fig", "pear", "plum"]);
    assert_eq!(west.to_bytes(), east.to_bytes());
}

#[test]
fn two_replicas_that_write_under_one_name_are_found_out() {
    let [mut east, mut west] = docs::<Names, 2>();
    let mut copy = east.clone();
    east.edit().add("pear".into());
    copy.edit().add("plum".into());
    west.merge(&east).unwrap();
    let before = west.to_bytes();

    let joined = west.join(copy.state());

    assert!(matches!(joined, Err(JoinError::Reused(dot)) if dot.actor == east.actor()));
    assert_eq!(west.to_bytes(), before);
}

#[test]
fn two_replicas_that_write_under_one_name_in_two_places_are_found_out() {
    let [mut east, mut west] = docs::<AwMap<u8, EwFlag>, 2>();
    let mut copy = east.clone();
    east.edit().entry(1).enable();
    copy.edit().entry(2).enable();
    west.merge(&east).unwrap();
    let before = west.to_bytes();

    let joined = west.join(copy.state());

    assert!(matches!(joined, Err(JoinError::Reused(dot)) if dot.actor == east.actor()));
    assert_eq!(west.to_bytes(), before);
}

#[test]
fn a_removal_can_be_told_from_its_absence() {
    let [mut east, mut west] = docs::<Names, 2>();
    east.edit().add("pear".into());
    west.merge(&east).unwrap();

    east.edit().remove("pear");

    assert_eq!(east.version().compare(&west.version()), Causality::After);
    west.merge(&east).unwrap();
    assert!(west.root().is_empty());
}

#[test]
fn a_delta_that_begins_too_late_is_refused() {
    let [mut east, mut west] = docs::<Names, 2>();
    east.edit().add("pear".into());
    let late = east.update(|mut set| set.add("plum".into())).unwrap();

    let joined = west.join(late);

    assert_eq!(joined, Err(JoinError::Gap { actor: east.actor(), have: 0, from: 1 }));
    west.merge(&east).unwrap();
    assert_eq!(west.root().sorted(), ["pear", "plum"]);
}

#[test]
fn a_removal_ends_what_was_renewed_and_not_what_was_not_seen() {
    let [mut east, mut west] = docs::<Names, 2>();
    east.edit().add("pear".into());
    west.edit().add("pear".into());
    east.edit().add("pear".into());

    east.edit().remove("pear");
    west.merge(&east).unwrap();

    assert!(west.root().contains("pear"));
}

#[test]
fn who_missed_a_renewal_learns_of_the_removal() {
    let [mut east, mut west] = docs::<Names, 2>();
    east.edit().add("pear".into());
    west.merge(&east).unwrap();
    east.edit().add("pear".into());
    east.edit().remove("pear");

    west.merge(&east).unwrap();

    assert!(west.root().is_empty());
}

#[test]
fn an_element_that_is_added_again_survives_a_concurrent_removal() {
    let [mut east, mut west] = docs::<Names, 2>();
    east.edit().add("pear".into());
    west.merge(&east).unwrap();

    east.edit().add("pear".into());
    west.edit().remove("pear");

    sync(&mut east, &mut west);
    assert!(east.root().contains("pear") && west.root().contains("pear"));
}

#[test]
fn an_entity_comes_back_with_only_what_was_set_while_it_was_removed() {
    let [mut east, mut west] = docs::<Entities, 2>();
    for n in 0..20 {
        let name = format!("attribute {n}");
        east.edit().entry("ann".into()).set(&name, "old".into(), Hlc::from_ms(1));
    }
    east.edit().entry("ann".into()).touch();
    west.merge(&east).unwrap();

    east.edit().remove("ann");
    west.edit().entry("ann".into()).set("attribute 7", "new".into(), Hlc::from_ms(2));

    sync(&mut east, &mut west);
    let ann = east.root().get("ann").expect("a change below a key survives its removal");
    assert!(ann.is_partial());
    assert_eq!(ann.attributes().len(), 1);
    assert_eq!(ann.attribute("attribute 7").map(String::as_str), Some("new"));
}

#[test]
fn a_counter_that_was_removed_counts_from_zero() {
    let [mut east, mut west] = docs::<AwMap<String, Counter>, 2>();
    east.edit().entry("visits".into()).add(100);
    west.merge(&east).unwrap();
    west.edit().entry("visits".into()).add(10);
    east.merge(&west).unwrap();

    east.edit().remove("visits");
    east.edit().entry("visits".into()).add(1);

    sync(&mut east, &mut west);
    assert_eq!(west.root().get("visits").map(Counter::value), Some(1));
    assert_eq!(west.to_bytes(), east.to_bytes());
}

#[test]
fn a_child_that_lost_its_last_part_is_gone() {
    let [mut east, mut west] = docs::<AwMap<u8, AwMap<u8, AwSet<u8>>>, 2>();
    east.edit().entry(1).entry(2).add(3);
    west.merge(&east).unwrap();

    east.edit().entry(1).entry(2).remove(&3);
    let _opened_and_left = east.edit().entry(7).entry(8);

    assert!(east.root().is_empty());
    west.merge(&east).unwrap();
    assert!(west.root().is_empty());
    assert_eq!(west.to_bytes(), east.to_bytes());
}

#[test]
fn an_entity_without_attributes_stays() {
    let [mut east, mut west] = docs::<Entities, 2>();
    east.edit().entry("ann".into()).touch();
    west.merge(&east).unwrap();
    assert!(west.root().contains_key("ann"));
}

#[test]
fn writes_of_one_moment_are_settled_alike() {
    let [mut east, mut west] = docs::<LwwRegister<String>, 2>();
    east.edit().write("of the lesser actor".into(), Hlc::from_ms(5));
    west.edit().write("of the greater actor".into(), Hlc::from_ms(5));

    sync(&mut east, &mut west);

    for doc in [east, west] {
        assert_eq!(doc.root().read().map(String::as_str), Some("of the greater actor"));
    }
}

#[test]
fn texts_that_look_alike_stay_two() {
    let [mut east, mut west] = docs::<Names, 2>();
    east.edit().add("caf\u{e9}".into());
    west.edit().add("cafe\u{301}".into());
    sync(&mut east, &mut west);
    assert_eq!(east.root().len(), 2);
    assert_eq!(west.to_bytes(), east.to_bytes());
}

#[test]
fn names_under_which_nothing_was_done_leave_no_trace() {
    let [mut east, mut west] = docs::<Names, 2>();
    east.edit().add("pear".into());
    let before = east.to_bytes();

    (10..60).for_each(|n| east.take_actor(actor(n)));
    assert_eq!(east.to_bytes(), before);

    west.merge(&east).unwrap();
    assert_eq!(west.version().len(), 1);
}

#[test]
fn a_peer_that_was_long_away_revives_nothing() {
    let [mut east, mut west, mut north] = docs::<Names, 3>();
    east.edit().add("pear".into());
    east.edit().add("plum".into());
    west.merge(&east).unwrap();
    north.merge(&east).unwrap();
    east.keep_kills(0);
    east.edit().remove("pear");
    north.merge(&east).unwrap();
    north.forget_stable(&north.version());

    west.edit().add("fig".into());
    north.merge(&west).unwrap();
    west.merge(&north).unwrap();

    assert_eq!(north.root().sorted(), ["fig", "plum"]);
    assert_eq!(west.to_bytes(), north.to_bytes());
}

#[test]
fn every_bit_that_flips_is_refused_or_spells_another_delta() {
    let [mut east, mut west] = docs::<Entities, 2>();
    let mut ann = east.edit();
    ann.entry("ann".into()).set("town", "Ghent".into(), Hlc::from_ms(1));
    ann.entry("ann".into()).collection("ballots").add("spring".into());
    west.merge(&east).unwrap();
    west.edit().entry("ann".into()).set("town", "Bruges".into(), Hlc::from_ms(2));
    east.edit().entry("bob".into()).touch();
    east.merge(&west).unwrap();
    let bytes = east.delta_since(&Doc::<Entities>::new(actor(1)).version()).unwrap().to_bytes();

    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        if let Ok(delta) = Delta::<Entities>::from_bytes(&flipped) {
            assert_eq!(delta.to_bytes(), flipped);
        }
    }
    for len in 0..bytes.len() {
        assert!(Delta::<Entities>::from_bytes(&bytes[..len]).is_err());
    }
}

#[test]
fn bytes_do_not_depend_on_how_a_state_came_about() {
    let [mut east, mut west, mut north, mut south] = docs::<AwMap<String, Names>, 4>();
    for n in 0..200 {
        let doc = if n % 2 == 0 { &mut east } else { &mut west };
        doc.edit().entry(format!("key {}", n % 50)).add(format!("element {n}"));
    }
    north.merge(&east).unwrap();
    north.merge(&west).unwrap();
    south.join(west.state()).unwrap();
    south.merge(&east).unwrap();
    assert_eq!(south.to_bytes(), north.to_bytes());
    let loaded = Doc::<AwMap<String, Names>>::load(actor(9), &north.to_bytes()).unwrap();
    assert_eq!(loaded.to_bytes(), north.to_bytes());
}

#[test]
fn the_delta_of_one_change_does_not_grow_with_the_state() {
    for elements in [10, 10_000] {
        let [mut east] = docs::<AwSet<u32>, 1>();
        (0..elements).for_each(|n| east.edit().add(n));
        let add = east.update(|mut set| set.add(3)).unwrap();
        let remove = east.update(|mut set| assert!(set.remove(&3))).unwrap();
        assert!(add.to_bytes().len() < 50 && remove.to_bytes().len() < 50);
    }
}

#[test]
fn children_made_at_once_under_one_key_are_one() {
    let [mut east, mut west] = docs::<AwMap<String, Names>, 2>();
    east.edit().entry("fruit".into()).add("pear".into());
    west.edit().entry("fruit".into()).add("plum".into());
    sync(&mut east, &mut west);
    assert_eq!(
        west.root().get("fruit").map(AwSet::sorted),
        Some(vec![&"pear".into(), &"plum".into()])
    );
}

#[test]
fn an_entity_that_two_people_move_is_in_one_place() {
    let [mut east, mut west] = docs::<Entities, 2>();
    east.edit().entry("ann".into()).set("team", "red".into(), Hlc::from_ms(1));
    west.merge(&east).unwrap();

    east.edit().entry("ann".into()).set("team", "green".into(), Hlc::from_ms(2));
    west.edit().entry("ann".into()).set("team", "blue".into(), Hlc::from_ms(3));

    sync(&mut east, &mut west);
    for doc in [east, west] {
        assert_eq!(doc.root().len(), 1);
        let ann = doc.root().get("ann").expect("nobody removed her");
        assert_eq!(ann.attribute("team").map(String::as_str), Some("blue"));
    }
}

/// Replicas that know nothing of each other, with ascending names.
fn docs<T: Causal, const N: usize>() -> [Doc<T>; N] {
    let mut n = 0;
    [(); N].map(|()| {
        n += 1;
        Doc::new(actor(n))
    })
}

fn actor(n: u8) -> ActorId {
    ActorId::from_bytes([n; 16])
}

fn sync<T: Causal>(east: &mut Doc<T>, west: &mut Doc<T>) {
    east.merge(west).unwrap();
    west.merge(east).unwrap();
}
