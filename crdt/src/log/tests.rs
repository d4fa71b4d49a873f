use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::*;
use crate::dot::NoDot;

mod keeping;

const EAST: ActorId = ActorId::from_bytes([1; 16]);
const NORTH: ActorId = ActorId::from_bytes([2; 16]);
const WEST: ActorId = ActorId::from_bytes([3; 16]);

fn version<const N: usize>(counters: [(ActorId, u64); N]) -> VersionVector {
    VersionVector::try_from_iter(counters).expect("the counters of a test are in range")
}

/// An entry of millisecond `ms` that depends on nothing.
fn entry(author: ActorId, sequence: u64, ms: u64) -> Entry<u64> {
    let dependencies = VersionVector::new();
    Entry { author, sequence, time: Hlc::from_ms(ms), dependencies, payload: ms }
}

/// The same, written after `dependency`.
fn entry_after(dependency: Dot, author: ActorId, sequence: u64, ms: u64) -> Entry<u64> {
    let dependencies = version([(dependency.actor, dependency.counter)]);
    Entry { dependencies, ..entry(author, sequence, ms) }
}

fn dot(actor: ActorId, counter: u64) -> Dot {
    Dot { actor, counter }
}

/// A log that merged these entries, all of which it took in.
fn log<const N: usize>(entries: [Entry<u64>; N]) -> Log<u64> {
    let mut log = Log::new();
    assert_eq!(log.merge(entries).new.len(), N);
    log
}

fn payloads(log: &Log<u64>) -> Vec<u64> {
    log.iter().map(|entry| entry.payload).collect()
}

fn sent(log: &Log<u64>, version: &VersionVector) -> Vec<Entry<u64>> {
    log.since(version).expect("nothing was cut off").cloned().collect()
}

#[test]
fn what_east_appends_west_merges() {
    let (mut east, mut west) = (Log::new(), Log::new());
    east.append(EAST, Hlc::from_ms(10), 1).expect("the entry is the first");
    east.append(EAST, Hlc::from_ms(20), 2).expect("time goes on");
    let outcome = west.merge(sent(&east, west.version()));
    assert_eq!(outcome.new, [dot(EAST, 1), dot(EAST, 2)]);
    assert!(west.iter().eq(east.iter()));
    assert_eq!(west.version(), east.version());
}

#[test]
fn equal_times_of_two_authors_both_survive() {
    let (mut east, mut west) = (log([entry(EAST, 1, 10)]), log([entry(WEST, 1, 10)]));
    let (from_east, from_west) =
        (sent(&east, &VersionVector::new()), sent(&west, &VersionVector::new()));
    assert_eq!(east.merge(from_west).new, [dot(WEST, 1)]);
    assert_eq!(west.merge(from_east).new, [dot(EAST, 1)]);
    assert!(east.iter().eq(west.iter()));
    assert!(east.iter().map(Entry::dot).eq([dot(EAST, 1), dot(WEST, 1)]));
}

#[test]
fn equal_times_of_one_author_keep_their_sequence() {
    let east = log([entry(EAST, 1, 10), entry(EAST, 2, 10)]);
    assert!(east.iter().map(Entry::dot).eq([dot(EAST, 1), dot(EAST, 2)]));
}

#[test]
fn what_comes_twice_is_a_duplicate() {
    let mut west = log([entry(EAST, 1, 10)]);
    let outcome = west.merge([entry(EAST, 1, 10), entry(EAST, 3, 30), entry(EAST, 3, 30)]);
    assert_eq!((outcome.new.len(), outcome.duplicate, outcome.buffered), (0, 2, 1));
}

#[test]
fn other_contents_at_one_position_are_refused_and_handed_back() {
    let mut west = log([entry(EAST, 1, 10)]);
    let other = Entry { payload: 99, ..entry(EAST, 1, 10) };
    let outcome = west.merge([other.clone()]);
    assert_eq!(outcome.rejected, [Rejection { entry: other, reason: RejectReason::Conflict }]);
    assert_eq!(payloads(&west), [10]);
}

#[test]
fn other_contents_at_the_position_of_one_that_waits_are_refused() {
    let mut west = Log::new();
    assert_eq!(west.merge([entry_after(dot(NORTH, 1), EAST, 1, 10)]).buffered, 1);
    // This one depends on nothing, and is refused even so: the first that came stands.
    let outcome = west.merge([entry(EAST, 1, 10)]);
    assert_eq!(outcome.rejected[0].reason, RejectReason::Conflict);
    assert_eq!((west.len(), west.waiting()), (0, 1));
}

#[test]
fn of_two_contents_in_one_batch_the_first_stands() {
    let mut west = Log::new();
    let outcome = west.merge([entry(EAST, 1, 10), Entry { payload: 99, ..entry(EAST, 1, 10) }]);
    assert_eq!((outcome.new.len(), outcome.rejected.len()), (1, 1));
    assert_eq!(payloads(&west), [10]);
}

#[test]
fn an_entry_waits_for_the_one_before_it() {
    let mut west = Log::new();
    assert_eq!(west.merge([entry(EAST, 2, 20)]).buffered, 1);
    let outcome = west.merge([entry(EAST, 1, 10)]);
    assert_eq!(outcome.new, [dot(EAST, 1), dot(EAST, 2)]);
    assert_eq!(west.waiting(), 0);
}

#[test]
fn an_entry_waits_for_what_it_depends_on() {
    let mut west = Log::new();
    let answer = entry_after(dot(NORTH, 2), EAST, 1, 30);
    assert_eq!(west.merge([answer, entry(NORTH, 1, 10)]).buffered, 1);
    assert_eq!(west.merge([entry(NORTH, 2, 20)]).new, [dot(NORTH, 2), dot(EAST, 1)]);
}

#[test]
fn an_entry_waits_for_each_of_its_dependencies() {
    let mut west = Log::new();
    let dependencies = version([(NORTH, 1), (WEST, 1)]);
    assert_eq!(west.merge([Entry { dependencies, ..entry(EAST, 1, 30) }]).buffered, 1);
    assert_eq!(west.merge([entry(NORTH, 1, 10)]).new, [dot(NORTH, 1)]);
    assert_eq!(west.merge([entry(WEST, 1, 20)]).new, [dot(WEST, 1), dot(EAST, 1)]);
    assert!(west.waiting.wakes.is_empty());
}

#[test]
fn what_waits_for_a_later_entry_of_its_batch_was_not_buffered() {
    let mut west = Log::new();
    let outcome = west.merge([entry_after(dot(NORTH, 1), EAST, 1, 30), entry(NORTH, 1, 40)]);
    assert_eq!((outcome.new.len(), outcome.buffered), (2, 0));
}

#[test]
fn a_conversation_in_reverse_is_taken_in_at_once() {
    let mut turns = Vec::from([entry(EAST, 1, 1)]);
    for n in 1..=500 {
        turns.push(entry_after(dot(EAST, n), WEST, n, 2 * n));
        turns.push(entry_after(dot(WEST, n), EAST, n + 1, 2 * n + 1));
    }
    let mut north = Log::new();
    let outcome = north.merge(turns.into_iter().rev());
    assert_eq!((outcome.new.len(), outcome.dropped), (1_001, 0));
}

#[test]
fn an_entry_names_what_its_author_took_in_since_its_last() {
    let mut east = log([entry(WEST, 1, 10), entry(NORTH, 1, 10)]);
    let mut dependencies = |ms| {
        let entry = east.append(EAST, Hlc::from_ms(ms), ms).expect("time goes on").clone();
        let _ = east.merge([entry_after(entry.dot(), WEST, entry.sequence + 1, ms + 1)]);
        entry.dependencies
    };
    assert_eq!(dependencies(20), version([(NORTH, 1), (WEST, 1)]));
    assert_eq!(dependencies(30), version([(WEST, 2)]));
}

#[test]
fn an_entry_does_not_name_what_comes_before_what_it_names() {
    let mut east = log([entry(WEST, 1, 10), entry_after(dot(WEST, 1), NORTH, 1, 20)]);
    let first = east.append(EAST, Hlc::from_ms(30), 30).expect("time goes on");
    assert_eq!(first.dependencies, version([(NORTH, 1)]));
    let _ = east.merge([entry(WEST, 2, 40), entry_after(dot(WEST, 2), NORTH, 2, 50)]);
    let second = east.append(EAST, Hlc::from_ms(60), 60).expect("time goes on");
    assert_eq!(second.dependencies, version([(NORTH, 2)]));
}

#[test]
fn an_entry_names_what_is_newer_than_what_another_comes_after() {
    let mut east = log([entry(WEST, 1, 10)]);
    east.append(EAST, Hlc::from_ms(20), 20).expect("time goes on");
    let _ = east.merge([entry(WEST, 2, 30), entry_after(dot(WEST, 1), NORTH, 1, 40)]);
    let next = east.append(EAST, Hlc::from_ms(50), 50).expect("time goes on");
    assert_eq!(next.dependencies, version([(NORTH, 1), (WEST, 2)]));
}

#[test]
fn an_author_that_comes_back_names_what_it_had_not() {
    let mut east = log([entry(WEST, 1, 10)]);
    east.append(EAST, Hlc::from_ms(20), 20).expect("time goes on");
    let _ = east.merge([entry(NORTH, 1, 30)]);
    // Read back from what was written down, the log remembers nothing of who appends.
    let mut again = Log::new();
    let _ = again.merge(east.iter().cloned());
    let next = again.append(EAST, Hlc::from_ms(40), 40).expect("time goes on");
    assert_eq!(next.dependencies, version([(NORTH, 1)]));
}

#[test]
fn no_more_of_one_author_waits_than_may() {
    let mut west = Log::new();
    let outcome = west.merge((2..=201).map(|n| entry(EAST, n, n)));
    assert_eq!((outcome.buffered, outcome.dropped), (100, 100));
    // The nearest stayed, and another that is nearer still takes the place of the farthest.
    assert!(west.received().runs().eq([(EAST, 2..=101)]));
    assert_eq!(west.merge([entry(EAST, 1, 1)]).new.len(), 101);
}

#[test]
fn what_is_nearer_its_turn_takes_the_place_of_what_is_farther() {
    let mut west = Log::with_limits(Limits { per_author: 2, total: 10 });
    assert_eq!(west.merge([entry(EAST, 5, 50), entry(EAST, 9, 90)]).buffered, 2);
    let outcome = west.merge([entry(EAST, 3, 30)]);
    assert_eq!((outcome.buffered, outcome.dropped), (1, 1));
    assert!(west.received().runs().eq([(EAST, 3..=3), (EAST, 5..=5)]));
}

#[test]
fn no_more_of_all_authors_wait_than_may() {
    let author = |n: u64| ActorId::from_bytes((u128::from(n) << 64).to_be_bytes());
    let mut west = Log::new();
    let outcome = west.merge((1..=10_001).map(|n| entry(author(n), 2, 20)));
    assert_eq!((outcome.buffered, outcome.dropped), (10_000, 1));
    // A full buffer holds up nothing that is ready.
    assert_eq!(west.merge([entry(NORTH, 1, 10)]).new, [dot(NORTH, 1)]);
}

#[test]
fn what_was_dropped_comes_again() {
    let mut west = Log::with_limits(Limits { per_author: 1, total: 1 });
    let held_up = [entry_after(dot(WEST, 1), EAST, 1, 20), entry_after(dot(WEST, 1), NORTH, 1, 20)];
    assert_eq!(west.merge(held_up.clone()).dropped, 1);
    assert_eq!(west.merge([entry(WEST, 1, 10)]).new, [dot(WEST, 1), dot(EAST, 1)]);
    assert_eq!(west.merge(held_up).new, [dot(NORTH, 1)]);
}

#[test]
fn a_flood_that_is_dropped_leaves_nothing_behind() {
    let mut west = Log::with_limits(Limits { per_author: 1, total: 1 });
    assert_eq!(west.merge([entry_after(dot(WEST, 1), EAST, 1, 20)]).buffered, 1);
    for n in 1..100 {
        assert_eq!(west.merge([entry_after(dot(WEST, n), NORTH, 1, 20)]).dropped, 1);
        assert_eq!(west.merge([entry_after(dot(WEST, n), NORTH, 2, 20)]).dropped, 1);
    }
    assert_eq!(west.waiting.wakes.len(), 1);
}

#[test]
fn one_that_is_dropped_leaves_the_one_before_it_waiting() {
    let mut west = Log::with_limits(Limits { per_author: 1, total: 10 });
    let both = [entry_after(dot(WEST, 1), EAST, 1, 20), entry_after(dot(WEST, 1), EAST, 2, 20)];
    assert_eq!(west.merge(both).dropped, 1);
    assert_eq!(west.merge([entry(WEST, 1, 10)]).new, [dot(WEST, 1), dot(EAST, 1)]);
}

#[test]
fn what_is_no_entry_is_refused() {
    let cases = [
        (entry(EAST, 0, 10), RejectReason::NoDot(NoDot { actor: EAST, counter: 0 })),
        (
            entry(EAST, Dot::COUNTER_MAX + 1, 10),
            RejectReason::NoDot(NoDot { actor: EAST, counter: Dot::COUNTER_MAX + 1 }),
        ),
        (entry_after(dot(EAST, 1), EAST, 2, 20), RejectReason::DependsOnItself),
    ];
    for (entry, reason) in cases {
        let mut west = Log::new();
        let outcome = west.merge([entry.clone()]);
        assert_eq!(outcome.rejected, [Rejection { entry, reason }]);
        assert_eq!((west.len(), west.waiting()), (0, 0));
    }
}

#[test]
fn an_entry_from_before_its_predecessor_is_refused() {
    let mut west = log([entry(EAST, 1, 10)]);
    let outcome = west.merge([entry(EAST, 2, 9)]);
    let last = Hlc::from_ms(10);
    assert_eq!(outcome.rejected[0].reason, RejectReason::TimeBackwards { last });
    assert_eq!(west.version(), &version([(EAST, 1)]));
}

#[test]
fn an_entry_from_before_its_predecessor_is_refused_also_once_that_was_cut_off() {
    let mut west = log([entry(EAST, 1, 10)]);
    let _ = west.compact(&Retention::newest(0), &version([(EAST, 1)]), 50);
    let outcome = west.merge([entry(EAST, 2, 9)]);
    let last = Hlc::from_ms(10);
    assert_eq!(outcome.rejected[0].reason, RejectReason::TimeBackwards { last });
}

#[test]
fn one_that_is_refused_holds_up_no_other() {
    let mut west = log([entry(EAST, 1, 10)]);
    let refused = Entry { payload: 99, ..entry(EAST, 1, 10) };
    assert_eq!(west.merge([refused, entry(EAST, 2, 20)]).new, [dot(EAST, 2)]);
}

#[test]
fn time_that_runs_backwards_appends_nothing() {
    let mut east = log([entry(EAST, 1, 10)]);
    let last = Hlc::from_ms(10);
    let refused = east.append(EAST, Hlc::from_ms(9), 9).map(Entry::dot);
    assert_eq!(refused, Err(AppendError::TimeBackwards { last }));
    assert_eq!(payloads(&east), [10]);
}

#[test]
fn time_that_stands_still_appends() {
    let mut east = log([entry(EAST, 1, 10)]);
    assert_eq!(east.append(EAST, Hlc::from_ms(10), 10).map(Entry::dot), Ok(dot(EAST, 2)));
}

#[test]
fn a_replica_that_lost_its_last_entries_does_not_write_them_again() {
    // East wrote three entries, lost the last two, and hears of the third from west.
    let mut east = log([entry(EAST, 1, 10)]);
    assert_eq!(east.merge([entry(EAST, 3, 30)]).buffered, 1);
    let refused = east.append(EAST, Hlc::from_ms(40), 40).map(Entry::dot);
    assert_eq!(refused, Err(AppendError::Overtaken { known: dot(EAST, 3) }));
}

#[test]
fn who_claims_to_answer_an_entry_to_come_silences_nobody() {
    let mut east = log([entry(EAST, 1, 10)]);
    assert_eq!(east.merge([entry_after(dot(EAST, 9), WEST, 1, 30)]).buffered, 1);
    assert_eq!(east.append(EAST, Hlc::from_ms(40), 40).map(Entry::dot), Ok(dot(EAST, 2)));
}

#[test]
fn a_reader_is_sent_what_it_lacks_in_the_order_of_folding() {
    let east = log([entry(EAST, 1, 10), entry(EAST, 2, 30), entry(WEST, 1, 20)]);
    let lacking = sent(&east, &version([(EAST, 1)]));
    assert!(lacking.iter().map(Entry::dot).eq([dot(WEST, 1), dot(EAST, 2)]));
}

#[test]
fn a_reader_that_has_more_is_sent_nothing() {
    let east = log([entry(EAST, 1, 10)]);
    assert!(sent(&east, &version([(EAST, 4), (WEST, 9)])).is_empty());
}

#[test]
fn a_reader_that_lacks_what_was_cut_off_is_told_so() {
    let mut east = log([entry(EAST, 1, 10), entry(EAST, 2, 20)]);
    let _ = east.compact(&Retention::newest(1), &version([(EAST, 2)]), 50);
    let base = version([(EAST, 1)]);
    assert_eq!(east.since(&VersionVector::new()).map(drop), Err(Compacted { base: base.clone() }));
    assert_eq!(sent(&east, &base), [entry(EAST, 2, 20)]);
}

#[test]
fn an_entry_is_found_by_its_name_until_it_is_cut_off() {
    let mut east = log([entry(EAST, 1, 10), entry(EAST, 2, 20)]);
    let stable = east.version().clone();
    let _ = east.compact(&Retention::newest(1), &stable, 50);
    let payload = |sequence| east.entry(&dot(EAST, sequence)).map(|entry| entry.payload);
    assert_eq!([0, 1, 2, 3].map(payload), [None, None, Some(20), None]);
}

#[test]
fn errors_say_what_is_wrong() {
    let compacted = Compacted { base: VersionVector::new() };
    assert_eq!(compacted.to_string(), "entries up to {} were cut off");
    assert_eq!(
        RejectReason::Conflict.to_string(),
        String::from("another entry is here at this position of its author")
    );
}
