//! How long a village takes to find out who died and who is back, and what that costs, as a table: `cargo run --release -p selkie-tests --example meeting`.
//!
//! Whole nodes with their stores, on a LAN that loses five of a hundred packets. All trust each other; up to fifty are all connected with all, of
//! more each has some eight sessions.

#![expect(
    clippy::cast_precision_loss,
    reason = "figures for people, who read three digits of them"
)]

use std::time::{Duration, Instant};

use selkie_sync::{Lane, MemberState};
use selkie_tests::net::Link;
use selkie_tests::peers::{Command, Village};

/// Up to so many are all connected with all.
const MESH: usize = 50;

fn main() {
    println!(
        "| nodes | down for the first | for all | here again for all | bytes a node and idle minute | of it about members | times real time |"
    );
    println!("| --: | --: | --: | --: | --: | --: | --: |");
    for count in [2, 8, 50, 200] {
        measure(count);
    }
    let (bytes, lost) = repair();
    println!("\na repair of {lost} objects of 200: {bytes} bytes on its lane");
}

fn measure(count: usize) {
    let began = Instant::now();
    let mut village = village(count);
    village.run_for(Duration::from_secs(120));
    let before = village.tally().clone();
    village.run_for(Duration::from_secs(600));
    let after = village.tally().clone();
    let minutes = 10.0 * count as f64;
    let idle = (after.all_sent().bytes - before.all_sent().bytes) as f64 / minutes;
    let members: u64 = [Lane::Datagram, Lane::Members]
        .iter()
        .map(|lane| after.sent[lane].bytes - before.sent.get(lane).map_or(0, |sent| sent.bytes))
        .sum();
    let dead = count - 1;
    village.crash(dead);
    let found = [1, count - 1].map(|least| wait(&mut village, dead, least, MemberState::Down));
    village.restart(dead);
    village.want(dead, 0);
    let back = wait(&mut village, dead, count - 1, MemberState::Here);
    let faster = village.now().us() as f64 / 1e6 / began.elapsed().as_secs_f64();
    println!(
        "| {count} | {:.1} s | {:.1} s | {:.1} s | {idle:.0} | {:.0} | {faster:.0} |",
        found[0],
        found[0] + found[1],
        back,
        members as f64 / minutes,
    );
}

/// So many that trust each other.
fn village(count: usize) -> Village {
    let mut village = Village::strangers(1, count, Link::LAN.losing(5));
    for one in 0..count {
        (0..one).for_each(|other| village.befriend(one, other));
    }
    if count <= MESH {
        village.meet_all();
    } else {
        village.meet_some(3);
    }
    village
}

/// Lets time pass until so many see one so; tells how many seconds that took.
fn wait(village: &mut Village, whom: usize, least: usize, state: MemberState) -> f64 {
    let begin = village.now();
    let sees = |village: &Village| {
        let others = (0..village.len()).filter(|place| *place != whom);
        others.filter(|place| village.node(*place).sees(whom) == Some(state)).count()
    };
    while sees(village) < least {
        assert!(village.now() - begin < Duration::from_secs(1_800), "never");
        village.run_for(Duration::from_millis(100));
    }
    (village.now() - begin).as_secs_f64()
}

/// Damage, and what its repair says.
fn repair() -> (u64, usize) {
    let mut village = village(2);
    (0..200).for_each(|number| village.add(number % 2, &number.to_string()));
    village.agree_within(Duration::from_secs(60));
    village.damage(1);
    village.want(1, 0);
    village.run_for(Duration::from_secs(20));
    let lost = village.node(1).hollow().len();
    let said =
        |village: &Village| village.tally().sent.get(&Lane::Repair).map_or(0, |sent| sent.bytes);
    let before = said(&village);
    village.ask(1, Command::Repair);
    village.run_for(Duration::from_secs(20));
    assert!(village.node(1).hollow().is_empty(), "it is not healed");
    (said(&village) - before, lost)
}
