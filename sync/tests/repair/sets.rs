//! What two sets differ in is found, whatever they are.

use selkie_store::ObjectId;
use selkie_sync::{Dice, SaltStanding};

use crate::pair::{assert_found, ids, inventory, repair};

/// Sets with so many ids in common, and so many for each side alone.
fn sets(dice: &mut Dice, shared: usize, ours: usize, theirs: usize) -> [Vec<ObjectId>; 2] {
    let shared = ids(dice, shared);
    [ours, theirs].map(|alone| [&shared[..], &ids(dice, alone)].concat())
}

#[test]
fn what_differs_is_found_by_both() {
    let mut dice = Dice::of(1);
    let cases = [
        (0, 0, 0),
        (1, 0, 0),
        (0, 1, 0),
        (0, 0, 1),
        (0, 1, 1),
        (3_000, 0, 0),
        (3_000, 1, 0),
        (3_000, 0, 1),
        (3_000, 5, 5),
        (3_000, 100, 0),
        (3_000, 0, 400),
        (3_000, 300, 300),
        (10_000, 2_500, 0),
        (10_000, 0, 3_000),
        (1_000, 1_000, 1_000),
        (0, 3_000, 0),
        (0, 0, 3_000),
        (0, 2_000, 2_000),
        (100, 3_000, 3),
        (100, 3, 3_000),
    ];
    for (shared, ours, theirs) in cases {
        let [east, west] = sets(&mut dice, shared, ours, theirs);
        let course = repair(inventory(&east, 7), inventory(&west, 7));
        assert_found(&course, &east, &west);
        let standing = course.opener.unwrap().unwrap().salt;
        assert_eq!(standing, SaltStanding::Good, "{shared} {ours} {theirs}");
    }
}

/// More of them: `REPAIR_CASES`.
#[test]
fn what_differs_is_found_in_any_sets() {
    let cases = std::env::var("REPAIR_CASES").map_or(12, |cases| cases.parse().unwrap());
    for seed in 0..cases {
        let mut dice = Dice::of(seed);
        let mut size = || {
            let most = [3, 30, 300, 3_000, 10_000][dice.index(5)];
            usize::try_from(dice.below(most)).unwrap()
        };
        let (shared, ours, theirs) = (size(), size(), size());
        let [east, west] = sets(&mut dice, shared, ours, theirs);
        let course = repair(inventory(&east, 7), inventory(&west, 7));
        assert_found(&course, &east, &west);
        assert!(course.round_trips() <= 8, "seed {seed}: {:?}", course.words());
    }
}

#[test]
fn other_salts_on_the_two_sides_cost_bytes_and_nothing_else() {
    let mut dice = Dice::of(3);
    for (shared, ours, theirs) in
        [(0, 0, 0), (0, 9, 0), (5_000, 0, 0), (5_000, 40, 30), (9, 0, 2_000)]
    {
        let [east, west] = sets(&mut dice, shared, ours, theirs);
        let course = repair(inventory(&east, 7), inventory(&west, 8));
        assert_found(&course, &east, &west);
        assert_eq!(course.answerer.unwrap().unwrap().salt, SaltStanding::Differs);
    }
}

/// Ids that share all but a few of their first or last bytes.
#[test]
fn ids_that_look_alike_are_told_apart() {
    let mut dice = Dice::of(4);
    for place in [0, 8, 24, 28] {
        let mut alike = |count: usize| -> Vec<ObjectId> {
            let numbers = (0..count).map(|_| u32::try_from(dice.below(1 << 32)).unwrap());
            let bytes = numbers.map(|number| {
                let mut bytes = [0xee; 32];
                bytes[place..place + 4].copy_from_slice(&number.to_be_bytes());
                bytes
            });
            bytes.map(ObjectId::from_bytes).collect()
        };
        let shared = alike(4_000);
        let [east, west] = [alike(60), alike(90)].map(|alone| [&shared[..], &alone].concat());
        for salts in [[7, 7], [7, 8]] {
            let course = repair(inventory(&east, salts[0]), inventory(&west, salts[1]));
            assert_found(&course, &east, &west);
        }
    }
}

#[test]
fn who_opens_makes_no_difference_to_what_is_found() {
    let mut dice = Dice::of(5);
    for (shared, ours, theirs) in [(900, 3, 4), (2_000, 200, 0), (500, 700, 800)] {
        let [east, west] = sets(&mut dice, shared, ours, theirs);
        let one = repair(inventory(&east, 7), inventory(&west, 7));
        let other = repair(inventory(&west, 7), inventory(&east, 7));
        assert_eq!(one.opener, other.answerer);
        assert_eq!(one.answerer, other.opener);
    }
}

#[test]
fn the_same_sets_are_talked_over_in_the_same_words() {
    let talk = || {
        let [east, west] = sets(&mut Dice::of(6), 3_000, 400, 500);
        let course = repair(inventory(&east, 7), inventory(&west, 7));
        course.said.into_iter().map(|said| said.bytes).collect::<Vec<_>>()
    };
    assert_eq!(talk(), talk());
}
