//! How much is said, by what differs.

use selkie_sync::Dice;

use crate::pair::{Course, assert_found, ids, inventory, repair};

fn differing(shared: usize, ours: usize, theirs: usize) -> Course {
    let mut dice = Dice::of(9);
    let shared = ids(&mut dice, shared);
    let [east, west] = [ours, theirs].map(|alone| [&shared[..], &ids(&mut dice, alone)].concat());
    let course = repair(inventory(&east, 7), inventory(&west, 7));
    assert_found(&course, &east, &west);
    course
}

#[test]
fn a_few_differences_take_one_round_trip() {
    let course = differing(20_000, 5, 5);
    let words = [
        "open, 20005 ids",
        "answer, 20005 ids ..",
        "5 ids ..",
        "5 gaps ..",
        "proof",
        "5 tails ..",
        "proof",
    ];
    assert_eq!(course.words(), words);
    assert_eq!(course.round_trips(), 1);
    assert!(course.bytes() < 1_500, "{}", course.bytes());
}

#[test]
fn equal_sets_take_one_round_trip() {
    let course = differing(20_000, 0, 0);
    assert_eq!(course.words(), ["open, 20000 ids", "answer, 20000 ids ..", "proof", "proof"]);
}

#[test]
fn a_thousand_differences_take_two() {
    let course = differing(20_000, 500, 500);
    assert_eq!(course.round_trips(), 2, "{:?}", course.words());
    assert!(course.bytes() < 60_000, "{}", course.bytes());
}

#[test]
fn many_differences_take_few() {
    let course = differing(60_000, 4_000, 4_000);
    assert!(course.round_trips() <= 4, "{:?}", course.words());
    // The ids take 56 bytes of each pair, and must.
    assert!(course.bytes() < 8_000 * 41, "{}", course.bytes());
}

#[test]
fn where_nothing_is_left_the_other_tells_all_and_nothing_is_asked_twice() {
    for course in [differing(0, 0, 3_000), differing(0, 3_000, 0)] {
        assert!(course.round_trips() <= 2, "{:?}", course.words());
        assert!(course.bytes() < 3_000 * 33 + 2_000, "{}", course.bytes());
    }
}
