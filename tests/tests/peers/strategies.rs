//! Timelines that diverge while clones can not hear each other, under every pair of strategies.

use std::time::Duration;

use selkie_store::{SealId, SecretKey};
use selkie_sync::Dice;
use selkie_tests::members::Names;
use selkie_tests::net::{Link, each_seed};
use selkie_tests::peers::{Command, Deed, Village};
use selkie_vcs::TimelineStrategy;

const MINUTE: Duration = Duration::from_secs(60);

/// All strategies of a timeline; the one who decides is the person of the first place.
fn strategies() -> Vec<TimelineStrategy> {
    let first = SecretKey::public(&Names::of(1).secret(0));
    vec![
        TimelineStrategy::Manual,
        TimelineStrategy::AutoMerge,
        TimelineStrategy::PreferLocal,
        TimelineStrategy::PreferRemote,
        TimelineStrategy::LastWrite,
        TimelineStrategy::FirstWrite,
        TimelineStrategy::Authority(vec![first]),
    ]
}

/// Whether a strategy may leave heads to a person.
const fn waits(strategy: &TimelineStrategy) -> bool {
    match strategy {
        TimelineStrategy::Manual | TimelineStrategy::AutoMerge | TimelineStrategy::Authority(_) => {
            true
        }
        TimelineStrategy::PreferLocal
        | TimelineStrategy::PreferRemote
        | TimelineStrategy::LastWrite
        | TimelineStrategy::FirstWrite => false,
    }
}

fn seal(village: &mut Village, place: usize, path: &str, text: &str) {
    let deed = Deed::Seal(path.to_owned(), format!("{text}\n"));
    village.ask(place, Command::Clone(deed));
}

/// Some clones with one seal in common, which part, seal what conflicts, set the one strategy or the other, and meet again: all know all.
fn parted(seed: u64, pair: &[TimelineStrategy; 2]) -> Village {
    let mut village = apart(seed, pair);
    meet(&mut village);
    village
}

fn meet(village: &mut Village) {
    village.mend();
    (1..village.len()).for_each(|place| village.want(place, 0));
    village.agree_within(MINUTE * 15);
}

/// The same before they meet.
fn apart(seed: u64, pair: &[TimelineStrategy; 2]) -> Village {
    let mut dice = Dice::of(seed ^ 0x57a7);
    let count = 2 + dice.index(3);
    let link = [Link::LAN, Link::WAN.losing(5), Link::LAN.losing(20)][dice.index(3)];
    let mut village = Village::of_clones(seed, count, link);
    village.meet_all();
    seal(&mut village, 0, "a", "in common");
    village.ask(0, Command::Clone(Deed::Strategy(pair[0].clone())));
    village.agree_within(MINUTE * 2);
    let places: Vec<_> = (0..count).collect();
    let (left, right) = places.split_at(1 + dice.index(count - 1));
    village.part(&[left, right]);
    for step in 0..3 * count {
        let place = dice.index(count);
        match dice.below(6) {
            0 => {
                let strategy = pair[dice.index(2)].clone();
                village.ask(place, Command::Clone(Deed::Strategy(strategy)));
            }
            1 => village.run_for(dice.span(Duration::ZERO, Duration::from_secs(2))),
            _ => {
                let path = ["a", "b", "c"][dice.index(3)];
                seal(&mut village, place, path, &format!("{place} at {step}"));
            }
        }
    }
    village
}

/// People sync, one after the other or all at once, until that makes no seal any more.
fn settle(seed: u64, village: &mut Village) {
    let mut dice = Dice::of(seed ^ 0x5e77);
    let count = village.len();
    for _ in 0..4 * count {
        let before = village.node(0).heads();
        let pause = [Duration::ZERO, Duration::from_secs(2)][dice.index(2)];
        let mut order: Vec<_> = (0..count).collect();
        dice.shuffle(&mut order);
        for place in order {
            village.ask(place, Command::Clone(Deed::Settle));
            village.run_for(dice.span(Duration::ZERO, pause));
        }
        village.agree_within(MINUTE * 15);
        if village.node(0).heads() == before {
            return;
        }
    }
    panic!("seals are made for ever");
}

/// All have the same heads, and if several, then because the strategy leaves them to a person, who brings them together. Nothing
/// that anybody sealed is lost.
fn ends_in_one_head(seed: u64, mut village: Village) {
    let all: Vec<_> = (0..village.len()).collect();
    let sealed: Vec<_> = all.iter().flat_map(|place| village.node(*place).past()).collect();
    settle(seed, &mut village);
    is_one_head(&mut village, &sealed);
}

/// The same where each clone settles whatever it hears as soon as it hears it, all of them at once.
fn ends_while_it_is_heard(seed: u64, mut village: Village) {
    let all: Vec<_> = (0..village.len()).collect();
    let sealed: Vec<_> = all.iter().flat_map(|place| village.node(*place).past()).collect();
    all.iter().for_each(|place| village.ask(*place, Command::Clone(Deed::Watch)));
    let mut dice = Dice::of(seed ^ 0x3a7c);
    if dice.below(2) == 0 {
        meet(&mut village);
    } else {
        village.mend();
        let count = village.len();
        for place in 1..count {
            village.want(place, dice.index(place));
            village.run_for(dice.span(Duration::ZERO, Duration::from_secs(3)));
        }
        village.agree_within(MINUTE * 15);
    }
    is_one_head(&mut village, &sealed);
}

fn is_one_head(village: &mut Village, sealed: &[SealId]) {
    let all: Vec<_> = (0..village.len()).collect();
    let heads = village.node(0).heads();
    assert!(all.iter().all(|place| village.node(*place).heads() == heads));
    if heads.len() > 1 {
        let strategy = village.node(0).strategy().expect("one was set");
        assert!(waits(&strategy), "{strategy:?} leaves {heads:?} to nobody");
        let last = village.len() - 1;
        village.ask(last, Command::Clone(Deed::Fuse));
        village.agree_within(MINUTE * 15);
    }
    for place in all {
        let node = village.node(place);
        assert_eq!(node.heads().len(), 1, "at {place}");
        let past = node.past();
        assert!(sealed.iter().all(|seal| past.contains(seal)), "a seal is lost at {place}");
    }
}

fn pairs() -> Vec<[TimelineStrategy; 2]> {
    let all = strategies();
    let others = |at: usize| all[at..].to_vec();
    let of = |(at, one): (usize, &TimelineStrategy)| -> Vec<_> {
        others(at).into_iter().map(|other| [one.clone(), other]).collect()
    };
    all.iter().enumerate().flat_map(of).collect()
}

/// Clones that settled at each hearing once went on for ever, in three of 56 seeds: each seal that one made had all others make one.
#[test]
fn clones_that_settle_at_each_hearing_end_in_one_head() {
    let pairs = pairs();
    each_seed("peers::strategies::at_each_hearing", 2 * pairs.len() as u64, |seed| {
        let pair = &pairs[usize::try_from(seed).unwrap() % pairs.len()];
        ends_while_it_is_heard(seed, apart(seed, pair));
    });
}

#[test]
fn every_pair_of_strategies_ends_in_one_head_that_has_what_all_sealed() {
    let pairs = pairs();
    each_seed("peers::strategies::every_pair", 2 * pairs.len() as u64, |seed| {
        let pair = &pairs[usize::try_from(seed).unwrap() % pairs.len()];
        ends_in_one_head(seed, parted(seed, pair));
    });
}
