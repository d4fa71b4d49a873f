use alloc::collections::BTreeSet;
use alloc::vec;

use super::*;

const EAST: ActorId = ActorId::from_bytes([1; 16]);
const WEST: ActorId = ActorId::from_bytes([2; 16]);

fn east(counter: u64) -> Dot {
    Dot { actor: EAST, counter }
}

fn west(counter: u64) -> Dot {
    Dot { actor: WEST, counter }
}

/// The context of somebody who saw these dots, in this order.
fn saw(dots: impl IntoIterator<Item = Dot>) -> Context {
    let mut context = Context::new();
    for dot in dots {
        context.insert(dot).expect("a test has few runs");
    }
    context
}

fn merged(ours: &Context, theirs: &Context) -> Context {
    let mut merged = ours.clone();
    merged.merge(theirs).expect("a test has few runs");
    merged
}

#[test]
fn dots_in_order_leave_no_run() {
    let seen = saw((1..=100).map(east));
    assert!(seen.is_contiguous());
    assert_eq!(seen.version().get(&EAST), 100);
}

#[test]
fn a_dot_out_of_order_waits_in_a_run() {
    let seen = saw([1, 3, 4].map(east));
    assert_eq!(seen.version().get(&EAST), 1);
    assert!(seen.runs().eq([(EAST, 3..=4)]));
    assert_eq!([1, 2, 3, 4, 5].map(|n| seen.contains(&east(n))), [true, false, true, true, false]);
}

#[test]
fn a_missing_dot_takes_the_run_behind_it_in() {
    let seen = saw([1, 3, 4, 6, 2].map(east));
    assert_eq!(seen.version().get(&EAST), 4);
    assert!(seen.runs().eq([(EAST, 6..=6)]));
}

#[test]
fn a_dot_between_two_runs_makes_them_one() {
    assert!(saw([3, 5, 4].map(east)).runs().eq([(EAST, 3..=5)]));
}

#[test]
fn a_dot_before_a_run_extends_it() {
    assert!(saw([5, 4].map(east)).runs().eq([(EAST, 4..=5)]));
}

#[test]
fn actors_do_not_mix() {
    let seen = saw([east(1), west(2), east(3)]);
    assert!(seen.runs().eq([(EAST, 3..=3), (WEST, 2..=2)]));
    assert!(!seen.contains(&west(3)) && !seen.contains(&east(2)));
}

#[test]
fn what_is_missing_lies_between() {
    let seen = saw([east(1), east(4), east(9), west(2)]);
    assert!(seen.missing().eq([(EAST, 2..=3), (EAST, 5..=8), (WEST, 1..=1)]));
}

#[test]
fn a_dot_seen_twice_is_new_once() {
    let mut seen = Context::new();
    assert_eq!([3, 3].map(|n| seen.insert(east(n))), [Ok(true), Ok(false)]);
}

#[test]
fn what_is_no_dot_is_refused() {
    let mut seen = Context::new();
    for counter in [0, Dot::COUNTER_MAX + 1, u64::MAX] {
        let no_dot = NoDot { actor: EAST, counter };
        assert_eq!(seen.insert(east(counter)), Err(ContextError::NoDot(no_dot)));
    }
    assert_eq!(seen, Context::new());
}

#[test]
fn the_last_dot_of_an_actor_may_come_first() {
    let seen = saw([Dot::COUNTER_MAX, Dot::COUNTER_MAX - 1].map(east));
    assert!(seen.runs().eq([(EAST, Dot::COUNTER_MAX - 1..=Dot::COUNTER_MAX)]));
}

#[test]
fn merging_closes_the_holes_of_both() {
    let cases = [
        (saw([1, 2].map(east)), saw([3, 4].map(east)), saw((1..=4).map(east))),
        (saw([2, 4].map(east)), saw([1, 3].map(east)), saw((1..=4).map(east))),
        (saw([east(2)]), saw([west(2)]), saw([east(2), west(2)])),
        (saw([3, 4, 9].map(east)), saw([5, 7].map(east)), saw([3, 4, 5, 7, 9].map(east))),
        (saw([3].map(east)), saw((1..=9).map(east)), saw((1..=9).map(east))),
    ];
    for (ours, theirs, expected) in cases {
        assert_eq!(merged(&ours, &theirs), expected);
        assert_eq!(merged(&theirs, &ours), expected);
    }
}

#[test]
fn holes_on_purpose_fill_no_memory() {
    let mut seen = saw((1..=Context::RUNS_MAX as u64).map(|n| east(2 * n)));
    let before = seen.clone();
    assert_eq!(seen.insert(west(2)), Err(ContextError::TooManyRuns));
    assert_eq!(seen.merge(&saw([west(2)])), Err(ContextError::TooManyRuns));
    assert_eq!(seen, before);
}

#[test]
fn a_full_context_still_takes_what_closes_a_hole() {
    let mut seen = saw((1..=Context::RUNS_MAX as u64).map(|n| east(2 * n)));
    assert_eq!(seen.insert(west(1)), Ok(true));
    assert_eq!(seen.insert(east(7)), Ok(true));
    assert_eq!(seen.insert(west(3)), Ok(true));
    assert_eq!(seen.insert(west(5)), Err(ContextError::TooManyRuns));
}

#[test]
fn the_form_does_not_depend_on_the_order() {
    let mut dice = 0x5eed_u64;
    for _ in 0..200 {
        let mut model = BTreeSet::new();
        let mut seen = Context::new();
        for _ in 0..30 {
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let dot = [east, west][usize::from(dice >> 63 == 0)](1 + (dice >> 40) % 25);
            assert_eq!(seen.insert(dot), Ok(model.insert(dot)));
        }
        assert_eq!(seen, saw(model.iter().copied()));
        assert_eq!(seen, saw(model.iter().rev().copied()));
        assert!((0..30).all(|n| seen.contains(&east(n)) == model.contains(&east(n))));
    }
}

#[test]
fn the_written_form_reads_as_the_same_context() {
    let seen = saw([east(1), east(4), west(2), west(3)]);
    let (version, runs) = seen.clone().into();
    assert_eq!(runs, [(east(4), 4), (west(2), 3)]);
    assert_eq!(Context::try_from((version, runs)), Ok(seen));
}

#[test]
fn a_written_form_that_no_context_has_is_refused() {
    let (version, _) = saw([east(1)]).into();
    let cases = [
        // Touches the dense part, or lies in it.
        (vec![(east(2), 3)], (east(2), 3)),
        (vec![(east(1), 3)], (east(1), 3)),
        // Touches the run before it, or lies in it.
        (vec![(east(3), 4), (east(5), 5)], (east(5), 5)),
        (vec![(east(3), 9), (east(5), 6)], (east(5), 6)),
        // Comes before the run before it.
        (vec![(east(9), 9), (east(3), 4)], (east(3), 4)),
        (vec![(west(3), 4), (east(3), 4)], (east(3), 4)),
        // Ends before it begins, or beyond the last dot.
        (vec![(east(3), 2)], (east(3), 2)),
        (vec![(east(3), u64::MAX)], (east(3), u64::MAX)),
    ];
    for (runs, (first, last)) in cases {
        let refused = Context::try_from((version.clone(), runs));
        assert_eq!(refused, Err(ContextError::Misplaced { first, last }));
    }
}
