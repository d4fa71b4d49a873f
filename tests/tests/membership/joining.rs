//! Who comes is known soon, and learns whom it came to.

use std::time::Duration;

use selkie_sync::{Lane, MemberState};
use selkie_tests::members::{Command, Swarm};
use selkie_tests::net::{Link, each_seed};

#[test]
fn members_that_know_one_of_them_know_all_soon() {
    each_seed("membership::members_that_know_one_of_them_know_all_soon", 60, |seed| {
        let mut swarm = Swarm::strangers(seed, 40, Link::WAN.losing(5));
        (1..40).for_each(|place| swarm.ask(place, Command::Meet(0)));
        swarm.agree_within(Duration::from_secs(40));
    });
}

#[test]
fn members_that_know_only_their_neighbour_know_all_soon() {
    let mut swarm = Swarm::strangers(2, 25, Link::LAN.losing(5));
    (1..25).for_each(|place| swarm.ask(place, Command::Meet(place - 1)));
    swarm.agree_within(Duration::from_secs(40));
}

#[test]
fn a_newcomer_learns_a_large_network_in_pieces() {
    // Elsewhere a message that held all members grew beyond what a datagram carries, and the node failed. Here
    // each letter is measured against its lane when it is written.
    let mut swarm = Swarm::gathered(3, 300, Link::LAN);
    swarm.restart(17);
    swarm.ask(17, Command::Meet(200));
    swarm.run_for(Duration::from_secs(2));
    let known = (0..300).filter(|whom| swarm.sees(17, *whom) == Some(MemberState::Here)).count();
    assert_eq!(known, 300);
    let longest = swarm.tally().sent[&Lane::Members];
    assert!(longest.bytes < 300 * 1_000, "{longest:?}");
}

#[test]
fn rumours_end() {
    // Elsewhere what is to be told was never done with.
    let mut swarm = Swarm::strangers(4, 30, Link::LAN.losing(5));
    (1..30).for_each(|place| swarm.ask(place, Command::Meet(0)));
    swarm.run_for(Duration::from_secs(120));
    let before = swarm.tally().sent[&Lane::Datagram];
    swarm.run_for(Duration::from_secs(20));
    let sent = swarm.tally().sent[&Lane::Datagram];
    let bytes = (sent.bytes - before.bytes) / (sent.messages - before.messages);
    assert!(bytes < 20, "{bytes} bytes a message: something is still told");
}

#[test]
fn a_member_that_left_comes_back_in_its_next_life() {
    let mut swarm = Swarm::gathered(5, 10, Link::LAN);
    swarm.run_for(Duration::from_secs(2));
    swarm.ask(3, Command::Leave);
    swarm.run_for(Duration::from_secs(5));
    assert_eq!(swarm.sees(8, 3), Some(MemberState::Left));
    swarm.restart(3);
    swarm.ask(3, Command::Meet(4));
    swarm.agree_within(Duration::from_secs(20));
    assert_eq!(swarm.node(3).core().incarnation().number(), 1);
}
