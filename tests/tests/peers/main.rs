//! Whole nodes with their stores, in a network of one process.

mod clones;
mod healing;
mod members;
mod rogues;
mod strategies;

use std::time::Duration;

use selkie_sync::{Dice, Event, Lane};
use selkie_tests::net::{Link, each_seed};
use selkie_tests::peers::{Command, News, Village, content};

const MINUTE: Duration = Duration::from_secs(60);

#[test]
fn one_write_is_with_all_eight_before_anybody_notices() {
    each_seed("peers::one_write_is_with_all_eight", 5, |seed| {
        let mut village = Village::strangers(seed, 8, Link::LAN);
        village.meet_all();
        village.run_for(MINUTE);
        for round in 0..20 {
            village.add(round % 8, &round.to_string());
            let took = village.agree_within(Duration::from_secs(1));
            assert!(took <= Duration::from_millis(50), "{took:?}");
        }
    });
}

#[test]
fn what_was_written_apart_is_together_after_a_meeting() {
    let mut village = Village::strangers(1, 4, Link::WAN.losing(5));
    for place in 0..4 {
        (0..30).for_each(|round| village.add(place, &format!("{place} {round}")));
    }
    village.line_up();
    village.agree_within(Duration::from_secs(20));
}

#[test]
fn a_peer_that_may_have_it_no_more_is_told_nothing_more() {
    let mut village = Village::strangers(2, 2, Link::LAN);
    village.line_up();
    village.add(0, "for all");
    village.agree_within(MINUTE);
    village.ask(0, Command::Deny(1));
    village.run_for(Duration::from_secs(1));
    village.ask(0, Command::Add("private".to_owned()));
    village.run_for(MINUTE * 3);
    assert_eq!(village.node(1).items(), ["for all"]);
}

#[test]
fn who_lost_its_memory_takes_a_new_name() {
    let mut village = Village::strangers(3, 3, Link::LAN);
    village.line_up();
    village.add(1, "old");
    village.agree_within(MINUTE);
    let backup = village.backup(1);
    village.add(1, "new");
    village.agree_within(MINUTE);
    village.start_with(1, backup);
    [0, 2].into_iter().for_each(|place| village.want(1, place));
    village.agree_within(MINUTE);
    assert!(village.news().contains(&(1, News::Outlived)));
    village.add(1, "newest");
    village.agree_within(MINUTE);
    let forked = |(_, news): &(usize, News)| matches!(news, News::Event(Event::Forked(..)));
    assert!(!village.news().iter().any(forked));
}

#[test]
fn peers_with_nothing_to_say_cost_little() {
    let mut village = Village::strangers(4, 2, Link::LAN);
    village.line_up();
    village.add(0, "pear");
    village.agree_within(MINUTE);
    let before = village.tally().all_sent().bytes;
    village.run_for(MINUTE * 10);
    let per_minute = (village.tally().all_sent().bytes - before) / 20;
    assert!(per_minute < 1_024, "{per_minute} bytes for each peer and minute");
}

/// A village where all that can go wrong does, for some minutes; then nothing does any more.
fn weather(seed: u64) -> Village {
    let mut dice = Dice::of(seed ^ 7);
    let count = 2 + dice.index(7);
    let link = [Link::LAN, Link::WAN, Link::WAN.losing(5), Link::LAN.losing(20)][dice.index(4)];
    let mut village = Village::strangers(seed, count, link);
    village.meet_some(2);
    for step in 0..60 {
        let (one, other) = (dice.index(count), dice.index(count));
        match dice.below(12) {
            0 => village.crash(one),
            1 | 2 if !village.is_running(one) => {
                village.restart(one);
                village.want(one, other);
            }
            3 => village.cut(one, other),
            4 => {
                let places: Vec<_> = (0..count).collect();
                let (left, right) = places.split_at(dice.index(count));
                village.part(&[left, right]);
            }
            5 => village.mend(),
            6 => village.sleep(one, Duration::from_secs(dice.below(90))),
            7 => {
                let item = format!("{} {}", dice.below(count as u64), dice.below(60));
                village.ask(one, Command::Remove(format!("passing {item}")));
            }
            8 => village.ask(one, Command::Add(format!("passing {one} {step}"))),
            9 if one != other => village.want(one, other),
            _ => village.add(one, &format!("{one} {step}")),
        }
        let pause = dice.span(Duration::ZERO, Duration::from_secs(4));
        village.run_for(pause);
    }
    village.mend();
    for place in 0..count {
        if !village.is_running(place) {
            village.restart(place);
        }
    }
    village.line_up();
    village
}

#[test]
fn whatever_the_weather_was_all_hold_the_same_and_nothing_is_lost() {
    each_seed("peers::whatever_the_weather_was", 500, |seed| {
        let mut village = weather(seed);
        village.agree_within(MINUTE * 15);
    });
}

#[test]
fn a_seed_is_one_history() {
    for seed in 1..4 {
        let trace = || {
            let mut village = weather(seed);
            village.run_for(MINUTE);
            village.trace()
        };
        assert_eq!(trace(), trace());
    }
}

#[test]
fn one_entry_is_a_few_hundred_bytes_for_each_peer() {
    let mut village = Village::strangers(5, 2, Link::LAN);
    village.line_up();
    village.add(0, "pear");
    village.agree_within(MINUTE);
    village.run_for(Duration::from_secs(5));
    let before = village.tally().sent[&Lane::Gossip].bytes;
    village.add(0, "plum");
    village.agree_within(MINUTE);
    let bytes = village.tally().sent[&Lane::Gossip].bytes - before;
    // The object of a plum does not shrink, and comes along.
    assert!(bytes < content("plum").len() as u64 + 300, "{bytes} bytes");
    assert!(!village.tally().sent.contains_key(&Lane::Bulk), "nobody asked for it");
}
