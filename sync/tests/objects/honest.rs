//! What comes of nodes that mean well.

use std::collections::BTreeSet;
use std::time::Duration;

use selkie_store::{Bases, gc};
use selkie_sync::{
    Intake, Kept, Name, ObjectsFailure, ObjectsOutput, Outlet, Request, Taken, Wanted,
};

use crate::folders::closure;
use crate::garden::{CHANNEL, Garden, noise};
use crate::net::{Net, seeds};

fn fetched() -> ObjectsOutput {
    ObjectsOutput::Fetched(1, BTreeSet::new())
}

#[test]
fn a_newcomer_gets_all_of_a_history() {
    let east = Garden::grown(1, 40, 30);
    for seed in 0..seeds(2) {
        let west = Garden::empty();
        let mut net = Net::of(seed, &[&west, &east]);
        assert_eq!(net.fetch(&[1], west.request()), fetched());
        assert_eq!(west.ids(), east.ids());
        assert!(west.is_whole());
        assert_eq!((net.outlets(1), net.blamed()), (0, vec![]));
    }
}

#[test]
fn one_more_seal_takes_one_question_and_one_answer() {
    let mut east = Garden::grown(1, 40, 3);
    let west = Garden::empty();
    Net::of(0, &[&west, &east]).fetch(&[1], west.request());
    west.hear(&east);
    let at = east.files["part1/file6.rs"].len() / 2;
    east.files.get_mut("part1/file6.rs").unwrap().splice(at..at, *b"one line\n");
    east.seal();
    let mut net = Net::of(0, &[&west, &east]);
    assert_eq!(net.fetch(&[1], west.request()), fetched());
    assert_eq!(west.ids(), east.ids());
    // The question, the offer, the parcel, and a word of thanks.
    assert_eq!(net.delivered, 4);
    assert!(net.sent[&0] < 60 && net.sent[&1] < 320, "{:?}", net.sent);
}

#[test]
fn who_has_all_is_told_so() {
    let east = Garden::grown(1, 5, 2);
    let west = Garden::empty();
    Net::of(0, &[&west, &east]).fetch(&[1], west.request());
    west.hear(&east);
    let mut net = Net::of(0, &[&west, &east]);
    assert_eq!(net.fetch(&[1], west.request()), fetched());
    assert!(net.sent[&0] + net.sent[&1] < 80, "{:?}", net.sent);
}

#[test]
fn a_cut_at_any_message_leaves_the_store_whole_and_the_rest_comes_later() {
    let east = Garden::noisy(4, 800_000);
    let all = {
        let west = Garden::empty();
        let mut net = Net::of(7, &[&west, &east]);
        net.fetch(&[1], west.request());
        (net.delivered, net.sent[&1])
    };
    let step = 5 / usize::try_from(seeds(1).min(5)).unwrap();
    for at in (0..all.0).step_by(step) {
        let west = Garden::empty();
        let mut net = Net::of(7, &[&west, &east]);
        net.begin(&[1], west.request());
        net.run(at);
        net.cut(0, 1);
        let first = net.sent.get(&1).copied().unwrap_or(0);
        assert!(west.is_whole());
        let kept: u64 =
            west.ids().iter().map(|id| west.store.read(id).unwrap().bytes.len() as u64).sum();
        // Everything of it is new: nothing of what was before the cut is remembered, but for the store.
        let mut net = Net::of(at as u64, &[&west, &east]);
        assert_eq!(net.fetch(&[1], west.request()), fetched());
        assert_eq!(west.ids(), east.ids());
        assert!(net.sent[&1] + kept <= all.1 + 3_000, "after {first} bytes {kept} were kept");
    }
}

/// Who was killed counts its transfers from one again. What was still read for it as it was before came to it as it is now, under the
/// same number: pieces that it had not asked for, or an end that was none. So it took an honest peer for a liar, or waited for
/// nothing.
#[test]
fn who_is_killed_and_begins_anew_is_sent_nothing_of_before() {
    let east = Garden::noisy(4, 800_000);
    for at in (1..40).step_by(3) {
        for seed in 0..seeds(1) {
            let west = Garden::empty();
            let mut net = Net::of(seed, &[&west, &east]);
            net.begin(&[1], west.request());
            net.run(at);
            net.kill(0, &west, 1);
            assert_eq!(net.fetch(&[1], west.request()), fetched(), "killed at {at}, seed {seed}");
            assert_eq!(net.blamed(), [], "killed at {at}, seed {seed}");
            assert_eq!((west.ids(), net.outlets(1)), (east.ids(), 0));
        }
    }
}

#[test]
fn several_sources_share_the_work() {
    let east = Garden::noisy(12, 1_000_000);
    for seed in 0..seeds(1) {
        let (west, north) = (Garden::empty(), Garden::empty());
        Net::of(seed, &[&north, &east]).fetch(&[1], north.request());
        north.hear(&east);
        let mut net = Net::of(seed, &[&west, &east, &north]);
        assert_eq!(net.fetch(&[1, 2], west.request()), fetched());
        assert_eq!(west.ids(), east.ids());
        assert!(west.is_whole());
        assert!(net.sent[&1] > 2_000_000 && net.sent[&2] > 2_000_000, "{:?}", net.sent);
        assert!(net.sent[&1] + net.sent[&2] < 12_100_000, "{:?}", net.sent);
    }
}

#[test]
fn histories_are_shared_out_as_well() {
    let east = Garden::grown(5, 200, 10);
    let north = Garden::empty();
    Net::of(1, &[&north, &east]).fetch(&[1], north.request());
    north.hear(&east);
    for seed in 0..seeds(1) {
        let west = Garden::empty();
        let mut net = Net::of(seed, &[&west, &east, &north]);
        assert_eq!(net.fetch(&[1, 2], west.request()), fetched());
        assert_eq!(west.ids(), east.ids());
        assert!(west.is_whole());
    }
}

#[test]
fn a_source_that_goes_away_is_replaced() {
    let east = Garden::noisy(12, 1_000_000);
    let north = Garden::empty();
    Net::of(0, &[&north, &east]).fetch(&[1], north.request());
    north.hear(&east);
    let step = 30 / usize::try_from(seeds(1).min(30)).unwrap();
    for at in (0..60).step_by(step) {
        let west = Garden::empty();
        let mut net = Net::of(at as u64, &[&west, &east, &north]);
        net.begin(&[1, 2], west.request());
        net.run(at);
        net.cut(0, 1);
        net.run(usize::MAX);
        assert_eq!(net.outcome(), Some(fetched()));
        assert_eq!(west.ids(), east.ids());
    }
}

#[test]
fn nobody_left_is_told() {
    let east = Garden::noisy(3, 1_000_000);
    let west = Garden::empty();
    let mut net = Net::of(0, &[&west, &east]);
    net.begin(&[1], west.request());
    net.run(3);
    net.cut(0, 1);
    assert_eq!(net.outcome(), Some(ObjectsOutput::Failed(1, ObjectsFailure::NoSource)));
    assert_eq!(net.outlets(1), 1, "its close is still to be worked on");
    net.run(usize::MAX);
    let mut net = Net::of(0, &[&west, &east]);
    assert_eq!(net.fetch(&[], west.request()), ObjectsOutput::Failed(1, ObjectsFailure::NoSource));
}

#[test]
fn what_a_version_says_and_the_store_lacks_is_asked_for() {
    // East built on a seal that was amended away, and which west collected since.
    let mut east = Garden::grown(2, 12, 3);
    let amended = *east.seals.last().unwrap();
    let west = Garden::empty();
    let before = east.seals[2].object();
    let request = Request {
        channel: CHANNEL,
        have: Vec::new(),
        wanted: Wanted::Behind(vec![Name::of(before)]),
    };
    assert_eq!(Net::of(0, &[&west, &east]).fetch(&[1], request), fetched());
    west.hear(&east);
    assert!(!west.store.has(&amended.object()).unwrap());
    east.files.insert("late".to_owned(), noise(1, 100));
    let late = east.seal();
    for seed in 0..seeds(2) {
        let mut net = Net::of(seed, &[&west, &east]);
        assert_eq!(net.fetch(&[1], west.request()), fetched());
        assert!(closure(&east.store, vec![late.object()]).is_subset(&west.ids()));
        assert!(west.is_whole());
    }
}

#[test]
fn a_base_that_is_gone_is_done_without() {
    let mut east = Garden::grown(2, 3, 1);
    let west = Garden::empty();
    // West says that it has all of it, and has nothing.
    west.hear(&east);
    east.files.values_mut().for_each(|bytes| bytes.extend(b"and more\n"));
    let late = east.seal();
    let mut net = Net::of(0, &[&west, &east]);
    assert_eq!(net.fetch(&[1], west.request()), fetched());
    assert_eq!(closure(&east.store, vec![late.object()]), west.ids());
    assert!(west.is_whole());
    assert_eq!(net.blamed(), []);
}

#[test]
fn a_long_transfer_is_held_back_by_who_receives() {
    let east = Garden::noisy(30, 700_000);
    let west = Garden::empty();
    let mut net = Net::of(3, &[&west, &east]);
    assert_eq!(net.fetch(&[1], west.request()), fetched());
    assert!(net.held_max < 5 << 20, "{} bytes were on their way", net.held_max);
}

#[test]
fn no_collection_takes_what_came_before_its_entries() {
    let (east, mut west) = (Garden::grown(1, 5, 0), Garden::empty());
    let request = west.request();
    let used = west.put_seal(None).object();
    let mut outlet = Outlet::plan(&east.store, &request).unwrap();
    let mut intake = Intake::new(&west.store).unwrap();
    while let Some(parcel) = outlet.load(&east.store, 0, Bases::Before).unwrap() {
        assert!(matches!(intake.take(0, &parcel), Taken::Objects(..)));
    }
    assert_eq!(intake.keep(0, None), Kept::Whole);
    assert_eq!(intake.tops(), [east.seals[0].object()]);
    let collect = |at_ms| gc(&west.store, Duration::ZERO, at_ms, || Ok(vec![used]), |_| ());
    for at_ms in 0..4 {
        // Nothing names it, so it is condemned; and it waits for who relies on it.
        collect(at_ms).unwrap();
    }
    assert_eq!(west.ids(), closure(&west.store, vec![used]));
    assert!(east.ids().iter().all(|id| west.store.read(id).is_ok()));
    drop(intake);
    for at_ms in 4..8 {
        collect(at_ms).unwrap();
    }
    assert!(east.ids().iter().all(|id| west.store.read(id).is_err()));
}
