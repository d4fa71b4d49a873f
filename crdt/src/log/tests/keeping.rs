//! What is cut off, and how to go on without it.

use super::*;
use crate::log::retention::Keep;

/// A log with entries of east at milliseconds 10, 20, 30 and 40.
fn four() -> Log<u64> {
    log([10, 20, 30, 40].map(|ms| entry(EAST, ms / 10, ms)))
}

/// What is left of four entries when everybody has them.
fn kept(retention: &Retention, now_ms: u64) -> Vec<u64> {
    let mut east = four();
    let _ = east.compact(retention, &version([(EAST, 4)]), now_ms);
    payloads(&east)
}

#[test]
fn each_policy_keeps_its_own() {
    let (young, two) = (Keep::Younger { ms: 10 }, Keep::Newest { count: 2 });
    let cases: [(Retention, &[u64]); 12] = [
        (Retention::everything(), &[10, 20, 30, 40]),
        (Retention::newest(9), &[10, 20, 30, 40]),
        (Retention::newest(1), &[40]),
        (Retention::newest(0), &[]),
        // At the age of 20 exactly an entry stays.
        (Retention::younger(20), &[30, 40]),
        (Retention::younger(u64::MAX), &[10, 20, 30, 40]),
        (Retention::younger(0), &[]),
        (Retention::any([young, two]), &[30, 40]),
        (Retention::all([young, two]), &[40]),
        (Retention::all([Keep::Everything, two]), &[30, 40]),
        (Retention::any([]), &[]),
        (Retention::all([]), &[10, 20, 30, 40]),
    ];
    for (retention, expected) in cases {
        assert_eq!(kept(&retention, 50), expected, "{retention:?}");
    }
}

#[test]
fn what_a_known_peer_lacks_stays() {
    let mut east = four();
    let compaction = east.compact(&Retention::newest(0), &version([(EAST, 2)]), 50);
    assert_eq!(compaction.base, version([(EAST, 2)]));
    assert_eq!(payloads(&east), [30, 40]);
}

#[test]
fn what_a_known_peer_lacks_holds_what_is_folded_after_it() {
    let mut east = log([entry(WEST, 1, 5), entry(EAST, 1, 10)]);
    let _ = east.compact(&Retention::newest(0), &version([(EAST, 1)]), 50);
    assert_eq!(payloads(&east), [5, 10]);
}

#[test]
fn a_policy_may_let_unsynced_entries_go() {
    let mut east = four();
    let compaction = east.compact(&Retention::newest(1).even_unsynced(), &version([]), 50);
    assert_eq!((compaction.before, compaction.base), (version([]), version([(EAST, 3)])));
    assert_eq!(compaction.removed, [10, 20, 30].map(|ms| entry(EAST, ms / 10, ms)));
}

#[test]
fn an_entry_that_was_cut_off_does_not_come_back() {
    let mut east = four();
    let _ = east.compact(&Retention::newest(1), &version([(EAST, 4)]), 50);
    let outcome = east.merge(four().iter().cloned());
    assert_eq!((outcome.new.len(), outcome.duplicate), (0, 4));
    assert_eq!(payloads(&east), [40]);
}

#[test]
fn an_entry_from_before_the_cut_is_taken_in_and_called_late() {
    let mut east = four();
    let _ = east.compact(&Retention::newest(1), &version([(EAST, 4)]), 50);
    let outcome = east.merge([entry(WEST, 1, 15), entry(WEST, 2, 35)]);
    assert_eq!((outcome.new.len(), outcome.late), (2, 1));
    assert_eq!(payloads(&east), [15, 35, 40]);
}

#[test]
fn cutting_a_late_entry_off_moves_the_end_of_what_was_cut_nowhere() {
    let mut east = four();
    let _ = east.compact(&Retention::newest(1), &version([(EAST, 4)]), 50);
    let _ = east.merge([entry(WEST, 1, 15)]);
    let _ = east.compact(&Retention::newest(1), &version([(EAST, 4), (WEST, 1)]), 50);
    assert_eq!(east.base().end().map(|end| end.time), Some(Hlc::from_ms(30)));
    assert_eq!(east.merge([entry(NORTH, 1, 20)]).late, 1);
}

#[test]
fn appending_goes_on_after_everything_was_cut_off() {
    let mut east = four();
    let _ = east.compact(&Retention::newest(0), &version([(EAST, 4)]), 50);
    let next = east.append(EAST, Hlc::from_ms(50), 50).map(Entry::dot);
    assert_eq!(next, Ok(dot(EAST, 5)));
}

#[test]
fn a_newcomer_goes_on_from_a_base() {
    let mut east = four();
    let _ = east.compact(&Retention::newest(1), &version([(EAST, 4)]), 50);
    let mut west = Log::new();
    let _ = west.restore(east.base()).expect("west cut nothing off");
    let _ = west.merge(sent(&east, west.version()));
    assert_eq!(west.version(), east.version());
    assert_eq!(payloads(&west), [40]);
}

#[test]
fn restoring_keeps_what_was_not_yet_synced() {
    let mut east = four();
    let _ = east.compact(&Retention::newest(1), &version([(EAST, 4)]), 50);
    // West wrote offline, from what it then had of east.
    let mut west = log([entry(EAST, 1, 10)]);
    west.append(WEST, Hlc::from_ms(15), 15).expect("the entry is the first");
    let _ = west.restore(east.base()).expect("west cut nothing off");
    assert_eq!(payloads(&west), [15]);
    let _ = west.merge(sent(&east, west.version()));
    let _ = east.merge(sent(&west, east.version()));
    assert!(west.iter().eq(east.iter()));
    assert_eq!(payloads(&east), [15, 40]);
}

#[test]
fn a_base_that_covers_half_of_what_is_here_leaves_the_other_half() {
    let mut east = four();
    let _ = east.compact(&Retention::newest(2), &version([(EAST, 4)]), 50);
    let mut west = four();
    let _ = west.restore(east.base()).expect("west cut nothing off");
    assert_eq!(payloads(&west), [30, 40]);
    assert_eq!(west.entry(&dot(EAST, 3)), Some(&entry(EAST, 3, 30)));
    assert_eq!(west.entry(&dot(EAST, 2)), None);
}

#[test]
fn an_entry_after_a_base_names_what_the_base_brought() {
    let mut east = four();
    let _ = east.compact(&Retention::newest(0), &version([(EAST, 4)]), 50);
    let mut west = Log::new();
    west.append(WEST, Hlc::from_ms(5), 5).expect("the entry is the first");
    let _ = west.restore(east.base()).expect("west cut nothing off");
    let next = west.append(WEST, Hlc::from_ms(60), 60).expect("time goes on");
    assert_eq!(next.dependencies, version([(EAST, 4)]));
}

#[test]
fn a_base_makes_ready_what_waited_for_it() {
    let mut west = Log::new();
    assert_eq!(west.merge([entry(EAST, 4, 40), entry_after(dot(EAST, 2), NORTH, 1, 45)]).new, []);
    let mut east = four();
    let _ = east.compact(&Retention::newest(1), &version([(EAST, 4)]), 50);
    let outcome = west.restore(east.base()).expect("west cut nothing off");
    assert_eq!(outcome.new, [dot(EAST, 4), dot(NORTH, 1)]);
    assert_eq!(west.waiting(), 0);
}

#[test]
fn a_base_that_does_not_cover_what_was_cut_off_is_refused() {
    let mut east = four();
    let _ = east.compact(&Retention::newest(1), &version([(EAST, 4)]), 50);
    let refused = east.restore(&Base::new());
    assert_eq!(refused, Err(RestoreError::Behind { base: version([(EAST, 3)]) }));
    assert_eq!(payloads(&east), [40]);
}

#[test]
fn a_base_that_puts_entries_out_of_order_is_refused() {
    let mut east = four();
    let end = Position { time: Hlc::from_ms(35), author: EAST, sequence: 2 };
    let lying = Base::try_from(Vec::from([end])).expect("the position is in range");
    assert_eq!(east.restore(&lying), Err(RestoreError::Contradicted { author: EAST }));
    assert_eq!(payloads(&east), [10, 20, 30, 40]);
}

#[test]
fn a_log_is_the_same_again_from_what_was_written_down() {
    let mut east = four();
    let _ = east.merge([entry(WEST, 1, 25)]);
    let _ = east.compact(&Retention::newest(3), &version([(EAST, 4)]), 50);
    let written: (Vec<Position>, Vec<_>) =
        (east.base().clone().into(), east.iter().cloned().collect());
    let mut again = Log::new();
    let base = Base::try_from(written.0).expect("the base was written so");
    let _ = again.restore(&base).expect("the log is empty");
    let _ = again.merge(written.1);
    assert!(again.iter().eq(east.iter()));
    assert_eq!((again.version(), again.base()), (east.version(), east.base()));
}
