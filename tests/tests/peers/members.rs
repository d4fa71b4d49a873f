//! Who takes part, as whole nodes see it.

use std::time::Duration;

use selkie_sync::{Event, Lane, MemberState};
use selkie_tests::net::{Link, each_seed};
use selkie_tests::peers::{News, Village};

const MINUTE: Duration = Duration::from_secs(60);

/// Whether each of these sees all of these so.
fn see(village: &Village, who: &[usize], whom: &[usize], state: MemberState) -> bool {
    let sees = |one: &usize, other: &usize| village.node(*one).sees(*other) == Some(state);
    who.iter().all(|one| whom.iter().filter(|other| *other != one).all(|other| sees(one, other)))
}

fn runs_until(village: &mut Village, most: Duration, holds: impl Fn(&Village) -> bool) -> bool {
    let end = village.now() + most;
    while village.now() < end && !holds(village) {
        village.run_for(Duration::from_millis(250));
    }
    holds(village)
}

#[test]
fn who_stops_is_down_for_its_friends_and_called_when_it_is_back() {
    each_seed("peers::members::who_stops_is_down", 200, |seed| {
        let mut village = Village::strangers(seed, 6, Link::LAN.losing(5));
        village.meet_all();
        village.run_for(MINUTE);
        assert!(see(&village, &[0, 1, 2, 3, 4, 5], &[0, 1, 2, 3, 4, 5], MemberState::Here));
        village.crash(2);
        let rest = [0, 1, 3, 4, 5];
        let found = runs_until(&mut village, MINUTE, |it| see(it, &rest, &[2], MemberState::Down));
        assert!(found, "not all know after a minute");
        let peers: Vec<_> = rest.iter().map(|place| village.node(*place).peers().len()).collect();
        assert_eq!(peers, [4; 5], "{:?}", village.news());
        village.restart(2);
        let back = |it: &Village| see(it, &[0, 1, 2, 3, 4, 5], &[2], MemberState::Here);
        assert!(runs_until(&mut village, MINUTE * 6, back), "not all know that it is back");
        let met = |it: &Village| it.node(2).peers().len() == 5;
        assert!(runs_until(&mut village, MINUTE * 6, met), "not all talk to it");
    });
}

#[test]
fn nobody_is_taken_for_dead_over_lines_that_lose_much() {
    each_seed("peers::members::nobody_is_taken_for_dead", 100, |seed| {
        let mut village = Village::strangers(seed, 6, Link::WAN.losing(20));
        village.meet_all();
        village.run_for(MINUTE * 10);
        let told = village.news().into_iter();
        let is_down = |(_, news): &(usize, News)| {
            matches!(news, News::Event(Event::Member(_, MemberState::Down)))
        };
        assert_eq!(told.filter(is_down).count(), 0);
    });
}

#[test]
fn friends_that_never_met_find_each_other_through_a_third() {
    let mut village = Village::strangers(1, 3, Link::LAN);
    village.line_up();
    village.befriend(0, 2);
    let met = |it: &Village| it.node(0).peers().len() == 2 && it.node(2).peers().len() == 2;
    assert!(runs_until(&mut village, MINUTE, met), "nobody told where it is");
    // And no longer need the third.
    village.crash(1);
    village.add(0, "pear");
    village.agree_within(MINUTE);
}

#[test]
fn a_village_that_was_cut_in_two_is_one_again() {
    let mut village = Village::strangers(2, 6, Link::LAN);
    village.meet_all();
    village.run_for(MINUTE);
    let (left, right) = ([0, 1, 2], [3, 4, 5]);
    village.part(&[&left, &right]);
    let are_apart = |it: &Village| {
        see(it, &left, &right, MemberState::Down) && see(it, &right, &left, MemberState::Down)
    };
    assert!(runs_until(&mut village, MINUTE * 2, are_apart), "the halves");
    assert!(see(&village, &left, &left, MemberState::Here));
    (0..6).for_each(|place| village.add(place, &format!("apart {place}")));
    village.mend();
    village.agree_within(MINUTE * 6);
    let all = [0, 1, 2, 3, 4, 5];
    let one = |it: &Village| see(it, &all, &all, MemberState::Here);
    assert!(runs_until(&mut village, MINUTE * 6, one), "not all see all");
}

#[test]
fn who_trusts_others_than_its_neighbour_is_not_told_of_them_for_ever() {
    // Two that let different members in can never know the same. They compared every four periods, and told each other all of it.
    let mut village = Village::strangers(3, 6, Link::LAN);
    village.line_up();
    village.run_for(MINUTE * 10);
    let said = |village: &Village| village.tally().sent[&Lane::Members].bytes;
    let before = said(&village);
    village.run_for(MINUTE * 10);
    let per_minute = (said(&village) - before) / 60;
    assert!(per_minute < 500, "{per_minute} bytes for each node and minute");
}
