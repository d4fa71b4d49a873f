//! Repairs where images mislead, which takes somebody who knows the salt.

use std::collections::BTreeSet;

use selkie_store::ObjectId;

use super::*;
use crate::dice::Dice;
use crate::repair::salt::{Salt, tail};

fn salt() -> Salt {
    Salt::from_bytes([7; 32])
}

fn ids(dice: &mut Dice, count: usize) -> Vec<ObjectId> {
    let mut some = || blake3::hash(&dice.roll().to_le_bytes()).into();
    (0..count).map(|_| ObjectId::from_bytes(some())).collect()
}

/// An id with the image of another.
fn double(dice: &mut Dice, id: &ObjectId) -> ObjectId {
    let other = ids(dice, 1)[0];
    salt().key().id(salt().key().image(id), &tail(&other))
}

fn inventory(ids: &[ObjectId]) -> Arc<Inventory> {
    Arc::new(Inventory::new(ids.to_vec(), &salt()))
}

/// What both sides come to, and what was said.
fn talk(east: &[ObjectId], west: &[ObjectId]) -> ([Result<Difference, RepairError>; 2], Vec<Part>) {
    let mut sides =
        [Repair::open(inventory(east), [1; 16]), Repair::answer(inventory(west), [2; 16])];
    let (mut results, mut said, mut parts) = ([None, None], Vec::new(), Vec::new());
    while results.iter().any(Option::is_none) {
        for (side, result) in sides.iter_mut().zip(&mut results) {
            let heard = std::mem::take(&mut said).into_iter().map(Input::Received);
            for input in heard.chain((0..64).map(|_| Input::Room)) {
                for output in side.handle(Moment::START, input) {
                    match output {
                        Output::Send(message) => {
                            parts.push(message.part.clone());
                            said.push(message);
                        }
                        Output::Done(difference) => *result = Some(Ok(difference)),
                        Output::Failed(error) => *result = Some(Err(error)),
                        Output::WakeAt(_) => {}
                    }
                }
            }
        }
    }
    (results.map(|result| result.expect("both ended")), parts)
}

fn assert_found_in_doubt(east: &[ObjectId], west: &[ObjectId]) -> Vec<Part> {
    let (results, parts) = talk(east, west);
    let sets = [east, west].map(|ids| ids.iter().copied().collect::<BTreeSet<_>>());
    for (result, [here, there]) in results.into_iter().zip([[0, 1], [1, 0]]) {
        let difference = result.expect("nobody lies");
        assert!(difference.only_here.iter().eq(sets[here].difference(&sets[there])));
        assert!(difference.only_there.iter().eq(sets[there].difference(&sets[here])));
        assert_eq!(difference.salt, SaltStanding::Doubtful);
    }
    parts
}

#[test]
fn two_ids_with_one_image_on_the_two_sides_do_not_pass_for_one() {
    let mut dice = Dice::of(1);
    let shared = ids(&mut dice, 2_000);
    for (ours, theirs) in [(0, 0), (3, 4), (0, 300), (400, 300), (3_000, 10), (10, 3_000)] {
        let [east, west] = [ours, theirs].map(|alone| ids(&mut dice, alone));
        let one = ids(&mut dice, 1)[0];
        let other = double(&mut dice, &one);
        let east = [&shared[..], &east, &[one]].concat();
        let west = [&shared[..], &west, &[other]].concat();
        let parts = assert_found_in_doubt(&east, &west);
        assert!(parts.iter().any(|part| matches!(part, Part::Ask { by: By::Id, .. })));
    }
}

#[test]
fn two_ids_with_one_image_on_one_side_make_images_useless_at_once() {
    let mut dice = Dice::of(2);
    let shared = ids(&mut dice, 2_000);
    let other = double(&mut dice, &shared[0]);
    let doubled = [&shared[..], &[other]].concat();
    assert_found_in_doubt(&doubled, &shared);
    assert_found_in_doubt(&shared, &doubled);
    assert_found_in_doubt(&doubled, &doubled);
}

/// The shape that a sum of images does not see: the images of two ids here add up to those of two there.
#[test]
fn images_that_add_up_alike_do_not_pass_for_equal() {
    let mut dice = Dice::of(3);
    let key = salt().key();
    let shared = ids(&mut dice, 500);
    let tails = ids(&mut dice, 4);
    let images = [(10_u64, 40_u64), (20, 30)];
    let [east, west] = [0, 1].map(|side| {
        let (one, other) = images[side];
        let alone =
            [key.id(one, &tail(&tails[2 * side])), key.id(other, &tail(&tails[2 * side + 1]))];
        [&shared[..], &alone].concat()
    });
    let (results, _) = talk(&east, &west);
    assert_eq!(results[0].as_ref().unwrap().only_here.len(), 2);
    assert_eq!(results[1].as_ref().unwrap().only_here.len(), 2);
}

#[test]
fn who_says_nothing_is_not_waited_for_longer_than_a_minute() {
    let mut repair = Repair::open(inventory(&[]), [1; 16]);
    let outputs: Vec<_> = repair.handle(Moment::START, Input::Room).collect();
    let late = Moment::START + SILENCE_MAX;
    assert_eq!(outputs.last(), Some(&Output::WakeAt(late)));
    let early = Moment::from_us(late.us() - 1);
    assert_eq!(repair.handle(early, Input::Tick).collect::<Vec<_>>(), [Output::WakeAt(late)]);
    let outputs: Vec<_> = repair.handle(late, Input::Tick).collect();
    assert_eq!(outputs, [Output::Failed(RepairError::Silent(SILENCE_MAX))]);
    assert_eq!(repair.handle(late, Input::Room).count(), 0);
}

#[test]
fn no_more_is_made_than_there_is_room_for() {
    let west = inventory(&ids(&mut Dice::of(4), 100_000));
    let mut sides = [Repair::open(inventory(&[]), [1; 16]), Repair::answer(west, [2; 16])];
    let (mut said, mut bursts, mut is_over) = (Vec::new(), Vec::new(), false);
    while !is_over {
        for side in &mut sides {
            let heard: Vec<_> = std::mem::take(&mut said);
            for input in heard.into_iter().map(Input::Received).chain([Input::Room]) {
                let before = said.len();
                for output in side.handle(Moment::START, input) {
                    match output {
                        Output::Send(message) => said.push(message),
                        Output::Done(difference) => is_over |= difference.only_here.is_empty(),
                        Output::Failed(error) => panic!("{error}"),
                        Output::WakeAt(_) => {}
                    }
                }
                bursts.push(said.len() - before);
            }
        }
    }
    assert_eq!(bursts.iter().max(), Some(&BURST));
    assert!(bursts.iter().sum::<usize>() > 50);
}
