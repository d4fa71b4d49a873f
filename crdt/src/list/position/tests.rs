use alloc::vec::Vec;

use super::*;

const ANN: Line = Line(1);
const BOB: Line = Line(2);
const CAT: Line = Line(3);

#[test]
fn ten_thousand_appends_stay_a_few_bytes() {
    let last = repeated(10_000, <[Position]>::len);
    assert_eq!(last.spelled_len(), 9);
}

#[test]
fn ten_thousand_prepends_stay_a_few_bytes() {
    let last = repeated(10_000, |_| 0);
    assert_eq!(last.spelled_len(), 9);
}

#[test]
fn ten_thousand_inserts_right_after_one_item_stay_a_few_bytes() {
    let last = repeated(10_000, |list| list.len().min(1));
    assert_eq!(last.spelled_len(), 10);
}

#[test]
fn ten_thousand_inserts_right_before_one_item_stay_a_few_bytes() {
    let last = repeated(10_000, |list| list.len().saturating_sub(1));
    assert_eq!(last.spelled_len(), 10);
}

#[test]
fn authors_who_take_turns_at_an_end_never_need_more_than_a_step_each() {
    for end in [|_: &[Position]| 0, |list: &[Position]| list.len()] {
        let mut list = Vec::new();
        let mut dice = Dice(3);
        for _ in 0..3_000 {
            insert(&mut list, end, [BOB, CAT, ANN][dice.roll(3)]);
        }
        assert_eq!(list.iter().map(|position| position.0.len()).max(), Some(3));
    }
}

#[test]
fn a_gap_that_is_halved_from_both_sides_takes_a_byte_for_two_items() {
    let halving = |list: &[Position]| list.len() / 2;
    assert_eq!(repeated(100, halving).0.len(), 50);
}

#[test]
fn a_way_ends_at_the_last_step_and_is_shared_from_there_on() {
    let halving = |list: &[Position]| list.len() / 2;
    assert_eq!(repeated(600, halving).0.len(), STEPS_MAX);
}

#[test]
fn what_was_inserted_stands_where_it_was_inserted() {
    let mut dice = Dice(1);
    for _ in 0..300 {
        let mut list = Vec::new();
        for _ in 0..60 {
            let at = dice.roll(list.len() + 1);
            insert(&mut list, |_| at, [ANN, BOB, CAT][dice.roll(3)]);
            assert!(list.is_sorted_by(|a, b| a < b), "{list:?}");
        }
    }
}

#[test]
fn what_two_put_into_one_gap_at_the_same_time_does_not_interleave() {
    let mut dice = Dice(7);
    for round in 0..20_000 {
        let mut list = Vec::new();
        for _ in 0..dice.roll(2 + round / 1_000) {
            let at = dice.roll(list.len() + 1);
            insert(&mut list, |_| at, [ANN, BOB, CAT][dice.roll(3)]);
            if dice.roll(4) == 0 {
                list.remove(dice.roll(list.len()));
            }
        }
        let gap = dice.roll(list.len() + 1);
        let authors = [[ANN, BOB], [BOB, CAT], [ANN, CAT]][dice.roll(3)];
        let blocks = authors.map(|author| block(&list, gap, author, &mut dice));
        let mut met: Vec<(&Position, usize)> = Vec::new();
        for (whose, block) in blocks.iter().enumerate() {
            met.extend(block.iter().map(|position| (position, whose)));
        }
        met.sort();
        let turns = met.windows(2).filter(|pair| pair[0].1 != pair[1].1).count();
        assert_eq!(turns, 1, "{list:?} {gap} {blocks:?}");
    }
}

#[test]
fn a_position_has_one_spelling() {
    let position = Position::between(None, None, ANN);
    assert_eq!(position.to_bytes(), [1, 1, 0, 0, 0, 1, 2]);
    assert_eq!(Position::from_bytes(&position.to_bytes()), Ok(position));
}

#[test]
fn what_no_list_writes_is_refused() {
    let cases: &[(&[u8], DecodeError)] = &[
        (&[1, 1, 0, 0, 0, 0], DecodeError::NotCanonical), // no step
        (&[1, 1, 0, 0, 0, 1, 0], DecodeError::NotCanonical), // left of the root
        (&[2, 1, 0, 0, 0, 2, 0, 0, 0, 1, 2], DecodeError::NotCanonical), // a silent author
        (&[2, 1, 0, 0, 0, 1, 0, 0, 0, 2, 2, 3, 1], DecodeError::NotCanonical), // one named twice
        (&[1, 1, 0, 0, 0, 1, 3, 0], DecodeError::NotCanonical), // a turn to who speaks
        (&[0, 1, 2], DecodeError::Range),                 // nobody's step
        (&[1, 1, 0, 0, 0, 0x81, 2], DecodeError::Range),  // too many steps
    ];
    for (bytes, error) in cases {
        assert_eq!(Position::from_bytes(bytes), Err(*error), "{bytes:?}");
    }
}

/// The last of `count` positions that one author puts at `index`.
fn repeated(count: usize, index: impl Fn(&[Position]) -> usize) -> Position {
    let mut list = Vec::new();
    for _ in 1..count {
        insert(&mut list, &index, ANN);
    }
    let at = index(&list);
    insert(&mut list, |_| at, ANN);
    list.swap_remove(at)
}

fn insert(list: &mut Vec<Position>, index: impl Fn(&[Position]) -> usize, line: Line) {
    let at = index(list);
    let lower = at.checked_sub(1).map(|before| &list[before]);
    let upper = list[at..].iter().find(|upper| lower.is_none_or(|lower| *upper > lower));
    let position = Position::between(lower, upper, line);
    list.insert(at, position);
}

/// What `author` puts into the gap before `index`, each anywhere among their own before it.
fn block(list: &[Position], index: usize, author: Line, dice: &mut Dice) -> Vec<Position> {
    let mut list = list.to_vec();
    for len in 0..5 {
        let at = index + dice.roll(len + 1);
        insert(&mut list, |_| at, author);
    }
    list.drain(index..index + 5).collect()
}

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        (self.0 >> 33) as usize % sides
    }
}
