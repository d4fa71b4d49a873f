use alloc::vec::Vec;

use super::*;
use crate::actor::ActorId;
use crate::hlc::Hlc;
use crate::log::retention::Retention;

const EAST: ActorId = ActorId::from_bytes([1; 16]);
const WEST: ActorId = ActorId::from_bytes([3; 16]);

/// The payloads in the order in which they were folded, and how many were cut off.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
struct Story {
    told: Vec<u64>,
    forgotten: usize,
}

impl Materialise<u64> for Story {
    fn apply(&mut self, entry: &Entry<u64>) {
        self.told.push(entry.payload);
    }

    fn compacted(&mut self, removed: &[Entry<u64>]) {
        self.told.retain(|told| removed.iter().all(|entry| entry.payload != *told));
        self.forgotten += removed.len();
    }
}

/// A log in which `author` wrote at each of these milliseconds.
fn log(author: ActorId, at_ms: impl IntoIterator<Item = u64>) -> Log<u64> {
    let mut log = Log::new();
    for ms in at_ms {
        log.append(author, Hlc::from_ms(ms), ms).expect("time goes on");
    }
    log
}

fn story_of(log: &Log<u64>) -> Materialised<Story> {
    let mut story = Materialised::new(Story::default()).with_checkpoint_every(2);
    story.refresh(log).expect("nothing was cut off");
    story
}

fn merge(into: &mut Log<u64>, from: &Log<u64>) {
    let sent: Vec<_> = from.since(into.version()).expect("nothing was cut off").cloned().collect();
    let _ = into.merge(sent);
}

#[test]
fn new_entries_are_folded_once() {
    let mut east = log(EAST, [10, 20]);
    let mut story = story_of(&east);
    east.append(EAST, Hlc::from_ms(30), 30).expect("time goes on");
    assert_eq!(story.refresh(&east), Ok(Refreshed { folded: 1, again: 0 }));
    assert_eq!(story.refresh(&east), Ok(Refreshed { folded: 0, again: 0 }));
    assert_eq!(story.state().told, [10, 20, 30]);
}

#[test]
fn a_late_entry_is_folded_where_it_belongs() {
    let mut east = log(EAST, [10, 20, 30, 40, 50]);
    let mut story = story_of(&east);
    merge(&mut east, &log(WEST, [35]));
    // The checkpoint after 20 is the last before it.
    assert_eq!(story.refresh(&east), Ok(Refreshed { folded: 4, again: 3 }));
    assert_eq!(story.state().told, [10, 20, 30, 35, 40, 50]);
}

#[test]
fn an_entry_before_all_others_folds_everything_again() {
    let mut east = log(EAST, [10, 20, 30]);
    let mut story = story_of(&east);
    merge(&mut east, &log(WEST, [5]));
    assert_eq!(story.refresh(&east), Ok(Refreshed { folded: 4, again: 3 }));
    assert_eq!(story.state().told, [5, 10, 20, 30]);
}

#[test]
fn a_late_entry_folds_little_more_than_what_comes_after_it() {
    let mut east = log(EAST, (1..=10_000).map(|n| n * 10));
    let mut story = story_of(&east);
    assert!(story.checkpoints.len() <= 30, "{} checkpoints", story.checkpoints.len());
    for after in [1, 10, 100, 1_000] {
        let mut west = log(WEST, []);
        let ms = 100_000 - after * 10 + 5;
        let author = ActorId::from_bytes([u8::try_from(ms % 251).expect("it is less"); 16]);
        west.append(author, Hlc::from_ms(ms), ms).expect("the entry is the first");
        merge(&mut east, &west);
        let again = story.refresh(&east).expect("nothing was cut off").again as u64;
        assert!((after..=4 * after + 4).contains(&again), "{again} again for {after}");
    }
    assert!(story.state().told.is_sorted());
}

#[test]
fn replicas_that_merged_in_another_order_tell_one_story() {
    let (mut east, mut west) = (log(EAST, [10, 30, 50]), log(WEST, [20, 30, 40]));
    let (mut here, mut there) = (story_of(&east), story_of(&west));
    merge(&mut east, &west);
    merge(&mut west, &east);
    here.refresh(&east).expect("nothing was cut off");
    there.refresh(&west).expect("nothing was cut off");
    assert_eq!(here.state().told, [10, 20, 30, 30, 40, 50]);
    assert_eq!(there.state(), here.state());
}

#[test]
fn the_state_is_told_what_was_cut_off() {
    let mut east = log(EAST, [10, 20, 30]);
    let mut story = story_of(&east);
    let stable = east.version().clone();
    story.compact(&east.compact(&Retention::newest(1), &stable, 50)).expect("one base");
    story.refresh(&east).expect("one base");
    assert_eq!(*story.state(), Story { told: Vec::from([30]), forgotten: 2 });
}

#[test]
fn what_was_cut_off_before_it_was_folded_is_not_lost() {
    let mut east = log(EAST, [10, 20]);
    let mut story = story_of(&east);
    east.append(EAST, Hlc::from_ms(30), 30).expect("time goes on");
    let stable = east.version().clone();
    story.compact(&east.compact(&Retention::newest(0), &stable, 50)).expect("one base");
    assert_eq!(story.state().forgotten, 3);
}

#[test]
fn a_newcomer_tells_the_same_story_from_a_snapshot() {
    let mut east = log(EAST, [10, 20, 30]);
    let mut here = story_of(&east);
    let stable = east.version().clone();
    here.compact(&east.compact(&Retention::newest(1), &stable, 50)).expect("one base");
    here.refresh(&east).expect("one base");

    let snapshot = here.snapshot(&east).expect("one base");
    let mut west = log(WEST, [25]);
    let _ = west.restore(&snapshot.base).expect("west cut nothing off");
    merge(&mut west, &east);
    merge(&mut east, &west);
    let mut there = Materialised::restore(snapshot);
    there.refresh(&west).expect("one base");
    here.refresh(&east).expect("one base");
    assert_eq!(there.state(), here.state());
    assert_eq!(there.state().told, [25, 30]);
}

#[test]
fn a_log_that_was_compacted_elsewhere_is_refused() {
    let mut east = log(EAST, [10, 20, 30]);
    let mut story = story_of(&east);
    let stable = east.version().clone();
    let _missed = east.compact(&Retention::newest(2), &stable, 50);
    let second = east.compact(&Retention::newest(1), &stable, 50);
    let base = second.before.clone();
    assert_eq!(story.compact(&second), Err(RefreshError::OtherBase { base }));
    let base = second.base;
    assert_eq!(story.refresh(&east), Err(RefreshError::OtherBase { base: base.clone() }));
    assert_eq!(story.snapshot(&east).map(drop), Err(RefreshError::OtherBase { base }));
    assert_eq!(story.state().told, [10, 20, 30]);
}

#[test]
fn a_log_that_lacks_what_was_folded_is_refused() {
    let mut story = story_of(&log(EAST, [10, 20]));
    let version = story.version().clone();
    assert_eq!(story.refresh(&log(EAST, [10])), Err(RefreshError::Ahead { version }));
    assert_eq!(story.state().told, [10, 20]);
}
