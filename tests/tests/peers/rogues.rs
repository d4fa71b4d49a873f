//! Honest peers in bad company.

use std::time::Duration;

use selkie_sync::{Dice, Event, MemberState};
use selkie_tests::net::{Link, each_seed};
use selkie_tests::peers::{Command, News, Trick, Village};

const MINUTE: Duration = Duration::from_secs(60);
/// As it would be shown: several times what it takes.
const WEIGHT_MAX: usize = 3 << 20;

/// Four or five honest peers, and among them one or two that are not. All trust each other.
fn troubled(seed: u64, tricks: &[Trick]) -> Village {
    let mut dice = Dice::of(seed ^ 0xbad);
    let (honest, hostile) = (4 + dice.index(2), 1 + dice.index(2));
    let mut village = Village::strangers(seed, honest + hostile, Link::LAN.losing(5));
    (honest..honest + hostile).for_each(|place| village.corrupt(place, tricks));
    village.meet_all();
    for step in 0..20 {
        let place = dice.index(honest);
        village.add(place, &format!("{place} {step}"));
        if dice.below(10) == 0 {
            village.crash(place);
            village.run_for(Duration::from_secs(1));
            village.restart(place);
        }
        let pause = dice.span(Duration::ZERO, Duration::from_secs(3));
        village.run_for(pause);
    }
    // The honest ones talk to each other whatever the others do.
    for one in 0..honest {
        (0..one).for_each(|other| village.want(one, other));
    }
    village
}

fn stands_firm(village: &mut Village) {
    village.agree_within(MINUTE * 15);
    // As long as it takes to hear of those that were stopped.
    village.run_for(MINUTE * 2);
    let honest = village.honest();
    for place in &honest {
        let weight = village.node(*place).weight();
        assert!(weight < WEIGHT_MAX, "{weight} characters of memory at {place}");
        for other in honest.iter().filter(|other| *other != place) {
            let state = village.node(*place).sees(*other);
            assert_ne!(state, Some(MemberState::Down), "{other} is down for {place}");
        }
    }
}

#[test]
fn each_trick_by_itself_changes_nothing_among_the_honest() {
    for trick in Trick::ALL {
        each_seed("peers::rogues::each_trick_by_itself", 1, |seed| {
            let mut village = troubled(seed, &[trick]);
            stands_firm(&mut village);
        });
    }
}

#[test]
fn all_tricks_together_change_nothing_among_the_honest() {
    each_seed("peers::rogues::all_tricks_together", 20, |seed| {
        let mut village = troubled(seed, &Trick::ALL);
        stands_firm(&mut village);
    });
}

#[test]
fn a_hostile_village_is_one_history_too() {
    let trace = || {
        let mut village = troubled(4, &Trick::ALL);
        village.run_for(MINUTE);
        village.trace()
    };
    assert_eq!(trace(), trace());
}

#[test]
fn who_may_not_have_it_gets_nothing_by_any_trick() {
    let mut village = Village::strangers(5, 3, Link::LAN);
    village.corrupt(2, &[Trick::Replay, Trick::Litter, Trick::Pester, Trick::Claim, Trick::Flood]);
    village.meet_all();
    [0, 1].into_iter().for_each(|place| village.ask(place, Command::Deny(2)));
    village.run_for(MINUTE);
    let heard = village.node(2).items();
    (0..10).for_each(|round| village.add(round % 2, &format!("private {round}")));
    village.run_for(MINUTE * 5);
    assert_eq!(village.node(2).items(), heard);
    assert_eq!(village.lost_at(0), [""; 0]);
}

#[test]
fn who_passes_on_forgeries_is_named() {
    let mut village = Village::strangers(6, 3, Link::LAN);
    village.corrupt(2, &[Trick::Invent]);
    village.meet_all();
    village.run_for(MINUTE);
    let is_named = |(place, news): &(usize, News)| {
        *place != 2 && matches!(news, News::Event(Event::Forger(_)))
    };
    assert!(village.news().iter().any(is_named));
}
