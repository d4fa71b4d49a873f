use alloc::collections::BTreeMap;
use alloc::collections::BTreeSet;

use super::*;

const ACTORS: u32 = 3;
const SLOTS: u64 = 6;

/// Where each change went, as a list would have it.
#[derive(Default)]
struct Plain {
    went: BTreeMap<Mark, u32>,
    opened: BTreeSet<u32>, // actors of whom more slots than those may be told
}

#[test]
fn a_change_is_found_where_it_went() {
    for seed in 1..300 {
        let (order, plain, _) = history(seed);
        for (mark, slot) in &plain.went {
            assert_eq!(order.find(*mark), Some(*slot), "{mark:?} of seed {seed}");
        }
    }
}

#[test]
fn a_change_that_went_nowhere_is_not_found() {
    for seed in 1..300 {
        let (order, plain, seen) = history(seed);
        for actor in (0..ACTORS).filter(|actor| !plain.opened.contains(actor)) {
            for counter in 1..=seen[actor as usize] {
                let mark = Mark::new(actor, counter);
                assert_eq!(order.find(mark), plain.went.get(&mark).copied(), "seed {seed}");
            }
        }
    }
}

#[test]
fn all_slots_that_newer_changes_went_to_are_told_once_in_order() {
    for seed in 1..300 {
        let (order, plain, seen) = history(seed);
        for since in [[0, 0, 0], [3, 0, 9], [20, 5, 1], [seen[0], seen[1], seen[2]]] {
            let told = order.slots_since(&since, &seen);
            assert!(told.is_sorted_by(|a, b| a < b), "seed {seed}");
            let newer = |mark: &Mark| mark.counter() > since[mark.actor() as usize];
            let news = plain.went.iter().filter(|(mark, _)| newer(mark));
            let wanted: BTreeSet<u32> = news.map(|(_, slot)| *slot).collect();
            let told: BTreeSet<u32> = told.into_iter().collect();
            assert!(told.is_superset(&wanted), "seed {seed}");
            assert!(!plain.opened.is_empty() || told == wanted, "seed {seed}");
        }
    }
}

/// Actors that fill slots in rows, leave them, open them, and are heard of out of turn.
fn history(seed: u64) -> (Order, Plain, [u64; ACTORS as usize]) {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut below = |limit: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 16) % limit
    };
    let (mut order, mut plain, mut seen) = (Order::default(), Plain::default(), [0_u64; 3]);
    for _ in 0..below(60) {
        let actor = below(u64::from(ACTORS)) as u32;
        let last = seen[actor as usize];
        let slot = below(SLOTS) as u32;
        let may_open = seed.is_multiple_of(2) && actor == 0;
        let first = last + 1 + below(3);
        let len = 1 + below(4);
        seen[actor as usize] = first + len;
        if may_open && below(2) == 0 {
            order.open(Mark::new(actor, first), slot);
            plain.opened.insert(actor);
            plain.went.extend((first..first + len).map(|n| (Mark::new(actor, n), slot)));
            continue;
        }
        let step = below(2) as u32;
        let mut row: Vec<(u64, u32)> =
            (0..len).map(|n| (first + n, slot + step * n as u32)).collect();
        if below(4) == 0 {
            row.reverse();
        }
        for (counter, slot) in row {
            order.note(Mark::new(actor, counter), slot);
            plain.went.insert(Mark::new(actor, counter), slot);
        }
    }
    (order, plain, seen)
}
