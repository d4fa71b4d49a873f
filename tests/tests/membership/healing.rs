//! What was parted comes together again.

use std::time::Duration;

use selkie_sync::{MemberState, Pace};
use selkie_tests::members::{Command, Swarm};
use selkie_tests::net::{Link, each_seed};

#[test]
fn a_member_that_was_taken_for_dead_learns_it_and_comes_back() {
    // Elsewhere it never learned, and a network that lost a fifth of its datagrams fell apart.
    each_seed(
        "membership::a_member_that_was_taken_for_dead_learns_it_and_comes_back",
        10,
        |seed| {
            let mut swarm = Swarm::gathered(seed, 10, Link::LAN.losing(5));
            swarm.part(&[&[], &[6]]);
            swarm.run_for(Duration::from_secs(60));
            assert_eq!(swarm.sees(0, 6), Some(MemberState::Down));
            assert_eq!(swarm.sees(6, 0), Some(MemberState::Down), "and it is alone for itself");
            swarm.mend();
            swarm.agree_within(Duration::from_secs(40));
            assert!(swarm.node(6).core().incarnation().number() > 0, "it lives its next life");
        },
    );
}

#[test]
fn two_halves_that_took_each_other_for_dead_come_together() {
    each_seed("membership::two_halves_that_took_each_other_for_dead_come_together", 2, |seed| {
        let mut swarm = Swarm::gathered(seed, 30, Link::WAN.losing(5));
        let half: Vec<_> = (0..15).collect();
        let rest: Vec<_> = (15..30).collect();
        swarm.part(&[&half, &rest]);
        swarm.run_for(Duration::from_secs(90));
        assert_eq!(swarm.sees(0, 29), Some(MemberState::Down), "{}", swarm.picture());
        assert_eq!(swarm.sees(0, 14), Some(MemberState::Here), "{}", swarm.picture());
        swarm.mend();
        swarm.agree_within(Duration::from_secs(90));
    });
}

#[test]
fn members_that_all_restart_at_once_find_each_other_whatever_was_said_of_them() {
    // Elsewhere accusations from before the restart were never told again, and some members stayed dead for
    // some others.
    let test =
        "membership::members_that_all_restart_at_once_find_each_other_whatever_was_said_of_them";
    each_seed(test, 2, |seed| {
        let mut swarm = Swarm::gathered(seed, 20, Link::LAN.losing(5));
        for down in 4..12 {
            swarm.stop(down);
        }
        swarm.run_for(Duration::from_secs(20));
        for place in 0..20 {
            // Two of the old ones stay, and know of eight that are dead.
            if place > 1 {
                swarm.restart(place);
                swarm.ask(place, Command::Meet(place % 2));
            }
        }
        swarm.agree_within(Duration::from_secs(90));
        assert!(swarm.node(5).core().incarnation().number() > 0, "it was told of its last life");
    });
}

#[test]
fn a_network_that_never_rests_agrees_when_it_does() {
    each_seed("membership::a_network_that_never_rests_agrees_when_it_does", 100, |seed| {
        let mut dice = selkie_sync::Dice::of(seed);
        let link = Link {
            doubled_ppm: 20_000,
            held_ppm: 50_000,
            held: Duration::from_secs(3),
            ..Link::WAN.losing(15)
        };
        let mut swarm = Swarm::gathered(seed, 12, link);
        for _ in 0..25 {
            let (one, other) = (dice.index(12), dice.index(12));
            match dice.below(6) {
                0 => swarm.stop(one),
                1 => {
                    swarm.restart(one);
                    swarm.ask(one, Command::Meet(other));
                }
                2 => swarm.part(&[&[], &[one, other]]),
                3 => swarm.cut(one, other),
                4 => swarm.sleep(one, dice.span(Duration::ZERO, Duration::from_secs(20))),
                _ => swarm.mend(),
            }
            swarm.run_for(dice.span(Duration::from_millis(100), Duration::from_secs(8)));
        }
        swarm.mend();
        for place in 0..12 {
            if !swarm.is_running(place) {
                swarm.restart(place);
            }
            swarm.ask(place, Command::Meet((place + 1) % 12));
        }
        swarm.agree_within(Duration::from_secs(180));
    });
}

#[test]
fn the_dead_are_forgotten_though_newcomers_hear_of_them() {
    // Elsewhere each newcomer that heard of a dead member told the next one, so that none was ever forgotten.
    let told = Duration::from_secs(120);
    let pace = Pace { told, ..Pace::default() };
    let mut swarm = Swarm::with_pace(9, 30, Link::LAN, pace);
    (6..30).for_each(|place| swarm.stop(place));
    (1..6).for_each(|place| swarm.ask(place, Command::Meet(0)));
    swarm.run_for(Duration::from_secs(20));
    swarm.stop(5);
    // A newcomer every twenty seconds, who asks the last one that came.
    for place in 6..30 {
        swarm.restart(place);
        swarm.ask(place, Command::Meet(if place == 6 { 0 } else { place - 1 }));
        swarm.run_for(Duration::from_secs(20));
    }
    for place in (0..30).filter(|place| *place != 5) {
        assert_eq!(swarm.sees(place, 5), None, "{}", swarm.picture());
    }
}
