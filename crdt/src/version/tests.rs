use alloc::string::ToString;
use alloc::vec::Vec;

use super::*;

const EAST: ActorId = ActorId::from_bytes([1; 16]);
const NORTH: ActorId = ActorId::from_bytes([2; 16]);
const WEST: ActorId = ActorId::from_bytes([3; 16]);

fn version<const N: usize>(counters: [(ActorId, u64); N]) -> VersionVector {
    VersionVector::try_from_iter(counters).expect("the counters of a test are in range")
}

fn merged(ours: &VersionVector, theirs: &VersionVector) -> VersionVector {
    let mut merged = ours.clone();
    merged.merge(theirs);
    merged
}

fn met(ours: &VersionVector, theirs: &VersionVector) -> VersionVector {
    let mut met = ours.clone();
    met.meet(theirs);
    met
}

#[test]
fn a_new_vector_saw_nothing() {
    let east = VersionVector::new();
    assert!(east.is_empty());
    assert_eq!(east.get(&EAST), 0);
}

#[test]
fn increments_count_from_one() {
    let mut east = VersionVector::new();
    assert_eq!(east.increment(EAST), Ok(Dot { actor: EAST, counter: 1 }));
    assert_eq!(east.increment(EAST), Ok(Dot { actor: EAST, counter: 2 }));
    assert_eq!(east, version([(EAST, 2)]));
}

#[test]
fn an_actor_that_made_its_last_change_makes_no_other() {
    let mut east = version([(EAST, Dot::COUNTER_MAX)]);
    assert_eq!(east.increment(EAST), Err(Exhausted { actor: EAST }));
    assert_eq!(east, version([(EAST, Dot::COUNTER_MAX)]));
}

#[test]
fn a_vector_contains_each_change_up_to_its_counter() {
    let east = version([(EAST, 2)]);
    let seen = |counter| east.contains(&Dot { actor: EAST, counter });
    assert_eq!([0, 1, 2, 3].map(seen), [false, true, true, false]);
    assert!(!east.contains(&Dot { actor: WEST, counter: 1 }));
}

#[test]
fn raising_never_lowers() {
    let mut east = version([(EAST, 5)]);
    east.raise(EAST, 3);
    assert_eq!(east, version([(EAST, 5)]));
}

#[test]
fn raising_to_zero_lists_nobody() {
    let mut east = VersionVector::new();
    east.raise(WEST, 0);
    assert_eq!(east, VersionVector::new());
}

#[test]
fn raising_stops_at_the_last_change_an_actor_can_make() {
    let mut east = VersionVector::new();
    east.raise(EAST, u64::MAX);
    assert_eq!(east, version([(EAST, Dot::COUNTER_MAX)]));
}

#[test]
fn merging_takes_the_larger_counter_of_each_actor() {
    let cases = [
        // The same actors.
        (version([]), version([]), version([])),
        (version([(EAST, 1)]), version([(EAST, 4)]), version([(EAST, 4)])),
        (
            version([(EAST, 9), (WEST, 1)]),
            version([(EAST, 4), (WEST, 2)]),
            version([(EAST, 9), (WEST, 2)]),
        ),
        // Others on one side.
        (version([]), version([(EAST, 3), (WEST, 4)]), version([(EAST, 3), (WEST, 4)])),
        (version([(NORTH, 1)]), version([]), version([(NORTH, 1)])),
        (
            version([(EAST, 1), (NORTH, 1), (WEST, 1)]),
            version([(NORTH, 5)]),
            version([(EAST, 1), (NORTH, 5), (WEST, 1)]),
        ),
        (
            version([(NORTH, 5)]),
            version([(EAST, 1), (NORTH, 1), (WEST, 1)]),
            version([(EAST, 1), (NORTH, 5), (WEST, 1)]),
        ),
        // Others on both sides.
        (
            version([(EAST, 1), (NORTH, 2)]),
            version([(NORTH, 1), (WEST, 3)]),
            version([(EAST, 1), (NORTH, 2), (WEST, 3)]),
        ),
        (
            version([(NORTH, 1), (WEST, 3)]),
            version([(EAST, 1), (NORTH, 2)]),
            version([(EAST, 1), (NORTH, 2), (WEST, 3)]),
        ),
    ];
    for (ours, theirs, expected) in cases {
        assert_eq!(merged(&ours, &theirs), expected, "{ours:?} merged with {theirs:?}");
    }
}

#[test]
fn meeting_keeps_what_both_saw() {
    let cases = [
        (version([(EAST, 1)]), version([(EAST, 4)]), version([(EAST, 1)])),
        (version([(EAST, 1)]), version([(WEST, 4)]), version([])),
        (version([(EAST, 7), (NORTH, 2)]), version([(NORTH, 1), (WEST, 3)]), version([(NORTH, 1)])),
    ];
    for (ours, theirs, expected) in cases {
        assert_eq!(met(&ours, &theirs), expected, "{ours:?} met with {theirs:?}");
    }
}

#[test]
fn two_vectors_stand_to_each_other_in_four_ways() {
    use Causality::{After, Before, Concurrent, Equal};
    let cases = [
        (version([]), version([]), Equal),
        (version([(EAST, 2)]), version([(EAST, 2)]), Equal),
        (version([(EAST, 1)]), version([(EAST, 2)]), Before),
        (version([(EAST, 3)]), version([(EAST, 2)]), After),
        (version([(EAST, 3), (WEST, 1)]), version([(EAST, 2), (WEST, 2)]), Concurrent),
        (version([]), version([(WEST, 1)]), Before),
        (version([(EAST, 1), (WEST, 1)]), version([(EAST, 1)]), After),
        (version([(EAST, 1)]), version([(WEST, 1)]), Concurrent),
        (version([(EAST, 1)]), version([(EAST, 2), (WEST, 1)]), Before),
    ];
    for (ours, theirs, expected) in cases {
        assert_eq!(ours.compare(&theirs), expected, "{ours:?} against {theirs:?}");
        assert_eq!(ours.dominates(&theirs), matches!(expected, Equal | After));
        assert_eq!(theirs.dominates(&ours), matches!(expected, Equal | Before));
        assert_eq!(ours == theirs, expected == Equal);
    }
}

#[test]
fn comparing_holds_at_the_ends_of_the_range() {
    let (least, most) = (version([(EAST, 1)]), version([(EAST, Dot::COUNTER_MAX)]));
    assert_eq!(least.compare(&most), Causality::Before);
    assert_eq!(most.compare(&least), Causality::After);
}

#[test]
fn the_difference_names_what_one_has_beyond_the_other() {
    let east = version([(EAST, 7), (NORTH, 2), (WEST, 1)]);
    let west = version([(EAST, 4), (NORTH, 2), (WEST, 3)]);
    assert!(east.diff(&west).eq([Ahead { actor: EAST, after: 4, upto: 7 }]));
    assert!(west.diff(&east).eq([Ahead { actor: WEST, after: 1, upto: 3 }]));
    assert!(east.diff(&VersionVector::new()).map(|ahead| ahead.upto).eq([7, 2, 1]));
}

#[test]
fn pairs_may_come_in_any_order() {
    assert_eq!(
        VersionVector::try_from_iter([(WEST, 1), (EAST, 2)]),
        Ok(version([(EAST, 2), (WEST, 1)]))
    );
}

#[test]
fn pairs_that_are_no_vector_are_refused() {
    let beyond = Dot::COUNTER_MAX + 1;
    let cases: [(&[(ActorId, u64)], VersionError); 3] = [
        (&[(EAST, 1), (WEST, 1), (EAST, 2)], VersionError::Repeated { actor: EAST }),
        (&[(EAST, 1), (WEST, 0)], VersionError::Zero { actor: WEST }),
        (&[(EAST, beyond)], VersionError::TooLarge { actor: EAST, counter: beyond }),
    ];
    for (pairs, error) in cases {
        assert_eq!(VersionVector::try_from_iter(pairs.iter().copied()), Err(error));
    }
}

#[test]
fn the_written_form_ascends() {
    let written: Vec<_> = version([(WEST, 2), (EAST, 1)]).into();
    assert_eq!(written, [(EAST, 1), (WEST, 2)]);
    let swapped: Vec<_> = written.into_iter().rev().collect();
    assert_eq!(VersionVector::try_from(swapped), Err(VersionError::Unsorted { actor: EAST }));
}

#[test]
fn errors_say_what_is_wrong() {
    assert_eq!(
        VersionError::Zero { actor: EAST }.to_string(),
        "actor 01010101010101010101010101010101 is listed with a counter of zero"
    );
}
