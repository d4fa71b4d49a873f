//! Whole nodes over QUIC itself, in an air that comes from a seed, at a time that passes when nothing else is to be done.

use std::time::Duration;

use crate::dice::Dice;
use crate::node::tests::house::address;
use crate::node::tests::path::Path;
use crate::node::tests::seeds::{each_seed, run};
use crate::node::tests::town::{Calls, Town};

mod air;
mod bounded;
mod house;
mod mailbox;
mod path;
mod port;
mod seeds;
mod town;

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

/// Two, three or five, to whom much happens, and who come to hold the same. What arrived, when, in one hash.
async fn whatever_happens(seed: u64) -> blake3::Hash {
    let mut dice = Dice::of(seed);
    let count = [2, 3, 5][dice.index(3)];
    let mut town = Town::new(dice.roll(), count, Path::any(&mut dice));
    for other in 1..=count {
        for one in 1..other {
            let (calls, is_swapped) = (dice.below(2) == 0, dice.below(2) == 0);
            let calls = if calls { Calls::Both } else { Calls::First };
            let (one, other) = if is_swapped { (other, one) } else { (one, other) };
            town.acquaint(one, other, calls);
        }
    }
    town.open_all();
    for _ in 0..30 {
        town.live().await;
        let pause = if dice.below(8) == 0 { secs(60) } else { secs(4) };
        town.pass(dice.span(Duration::ZERO, pause)).await;
    }
    town.settle().await;
    let air = town.air.clone();
    town.end().await;
    air.course()
}

#[test]
fn whatever_happens_all_come_to_hold_the_same_and_nothing_is_left() {
    each_seed(6, |seed| _ = run(whatever_happens(seed)));
}

#[test]
fn the_same_seed_takes_the_same_course() {
    let course = run(whatever_happens(7));
    assert_eq!(run(whatever_happens(7)), course);
    assert_ne!(run(whatever_happens(8)), course);
}

#[test]
fn what_is_small_is_there_in_half_a_round_trip_and_what_disks_take() {
    run(async {
        let mut town = Town::twins(Path::LAN);
        town.hear_up(1, 2, secs(1)).await;
        town.pass(secs(1)).await;
        town.add(1, 1_000);
        assert!(town.see(2, secs(1)).await < ms(40));
        town.end().await;
    });
}

#[test]
fn a_long_silence_of_the_air_ends_a_session_and_its_end_begins_another() {
    run(async {
        let mut town = Town::twins(Path::WAN);
        town.hear_up(1, 2, secs(2)).await;
        town.air.cut(address(1), address(2));
        town.air.cut(address(2), address(1));
        town.add(1, 1_000);
        town.add(2, 1_000);
        town.hear_down(1, 2, secs(41)).await;
        town.hear_down(2, 1, secs(1)).await;
        town.pass(secs(60)).await;
        town.air.mend();
        town.hear_up(2, 1, secs(70)).await;
        town.see(1, secs(2)).await;
        town.see(2, secs(2)).await;
        town.end().await;
    });
}

#[test]
fn a_short_silence_ends_nothing_and_is_made_up_for() {
    run(async {
        let mut town = Town::twins(Path::WAN);
        town.hear_up(1, 2, secs(2)).await;
        town.air.cut(address(1), address(2));
        town.air.cut(address(2), address(1));
        town.add(1, 1_000);
        town.pass(secs(10)).await;
        town.air.mend();
        // QUIC tries again after twice as long each time, and so when it was silent for as long again at the latest.
        town.see(2, secs(11)).await;
        assert_eq!(town.partings(), 0);
        town.end().await;
    });
}

#[test]
fn where_only_one_hears_the_other_both_notice() {
    run(async {
        let mut town = Town::twins(Path::WAN);
        town.hear_up(1, 2, secs(2)).await;
        town.air.cut(address(1), address(2));
        town.hear_down(2, 1, secs(41)).await;
        // The one that is heard still is told.
        town.hear_down(1, 2, ms(100)).await;
        town.air.mend();
        town.hear_up(1, 2, secs(70)).await;
        town.end().await;
    });
}

#[test]
fn who_is_killed_is_missed_and_met_again() {
    for killed in [1, 2] {
        run(async {
            let mut town = Town::twins(Path::WAN);
            let left = 3 - killed;
            town.hear_up(left, killed, secs(2)).await;
            town.house(killed).fall().await;
            town.hear_down(left, killed, secs(41)).await;
            town.pass(secs(20)).await;
            town.house(killed).open();
            town.hear_up(left, killed, secs(20)).await;
            town.end().await;
        });
    }
}

#[test]
fn who_is_killed_and_comes_back_before_it_is_missed_is_met_again() {
    // Who calls is there at once. Who is called is known no more as soon as the other says anything, and is called again after a second.
    for (killed, most) in [(1, secs(1)), (2, secs(4))] {
        run(async {
            let mut town = Town::twins(Path::WAN);
            town.hear_up(1, 2, secs(2)).await;
            town.pass(secs(20)).await;
            town.house(killed).fall().await;
            town.house(killed).open();
            town.hear_up(killed, 3 - killed, most).await;
            town.end().await;
        });
    }
}

/// What a slow disk still read for who was killed came to who was back, who took it for a lie and hung up for five minutes.
#[test]
fn who_is_killed_while_a_slow_disk_reads_for_it_goes_on_when_it_is_back() {
    for fell in [secs(4), secs(9), secs(14), secs(19)] {
        run(async {
            let mut town = Town::new(1, 2, Path::LAN);
            town.acquaint(2, 1, Calls::First);
            town.house(1).carries = secs(4);
            town.open_all();
            (0..40).for_each(|_| _ = town.add(1, 100_000));
            town.hear_up(2, 1, secs(4)).await;
            town.pass(fell).await;
            town.house(2).fall().await;
            town.house(2).open();
            town.see(2, secs(250)).await;
            town.end().await;
        });
    }
}

#[test]
fn a_caller_that_moves_stays_connected() {
    run(async {
        let mut town = Town::twins(Path::WAN);
        town.hear_up(1, 2, secs(2)).await;
        town.pass(secs(5)).await;
        let elsewhere = address(77);
        town.air.carry(address(1), elsewhere);
        town.add(1, 1_000);
        town.see(2, secs(1)).await;
        town.add(2, 1_000);
        town.see(1, secs(1)).await;
        assert_eq!(town.partings(), 0);
        town.air.carry(elsewhere, address(1));
        town.end().await;
    });
}

#[test]
fn much_comes_over_a_thin_wire_and_holds_up_nobody_for_long() {
    // A source was given up that brought no whole part in ten seconds, and parts were of a MiB: over a wire of a tenth of that a
    // second nothing long ever came. What was small, of others, stood behind all of it, and was given up as well.
    run(async {
        let mut town = Town::new(1, 3, Path { rate: 100_000, ..Path::WAN });
        town.acquaint(1, 2, Calls::First);
        town.acquaint(3, 1, Calls::First);
        town.open_all();
        town.hear_up(2, 1, secs(2)).await;
        town.pass(secs(2)).await;
        (0..40).for_each(|_| _ = town.add(1, 200_000));
        for _ in 0..4 {
            town.pass(secs(8)).await;
            let small = [town.add(3, 500)].into();
            town.see_these(2, &small, secs(15)).await;
        }
        // Eight million bytes take eighty seconds, of which some passed.
        town.see(2, secs(60)).await;
        town.see(3, secs(20)).await;
        assert_eq!(town.partings(), 0);
        town.end().await;
    });
}

#[test]
fn a_far_and_fickle_path_makes_nobody_suspected() {
    // Each way takes from 100 to 500 ms, some packets pass others, come twice or not at all.
    let path = Path {
        lost_ppm: 20_000,
        delay: ms(100),
        jitter: ms(400),
        doubled_ppm: 20_000,
        held_ppm: 50_000,
        held: ms(500),
        ..Path::WAN
    };
    each_seed(3, |seed| {
        run(async {
            let mut town = Town::new(seed, 3, path);
            for (one, other) in [(1, 2), (1, 3), (2, 3)] {
                town.acquaint(one, other, Calls::First);
            }
            town.open_all();
            town.pass(secs(30)).await;
            for _ in 0..20 {
                town.pass(secs(30)).await;
                town.add(1, 2_000);
            }
            town.see(2, secs(20)).await;
            town.see(3, secs(20)).await;
            assert_eq!(town.doubts(), 0);
            town.end().await;
        });
    });
}

#[test]
fn one_long_object_comes_over_a_wire_that_is_thinner_still() {
    run(async {
        let mut town = Town::twins(Path { rate: 30_000, ..Path::WAN });
        town.hear_up(1, 2, secs(2)).await;
        town.add(1, 1_000_000);
        town.see(2, secs(45)).await;
        town.end().await;
    });
}

#[test]
fn who_hangs_up_with_the_first_word_fills_no_memory() {
    // QUIC holds such a connection until it is idle, which takes a minute, and tells that the handshake is over at once: so it
    // was none that could be counted, and as many were held as somebody sent packets from wherever.
    run(async {
        let mut town = Town::new(1, 2, Path::LAN);
        town.acquaint(1, 2, Calls::First);
        town.house(2).open();
        for caller in 0..40 {
            town.hang_up_at(2, caller, 20).await;
        }
        assert_eq!(town.house(2).connections(), 64);
        // Who shows where it is comes in all the same.
        town.house(1).open();
        town.hear_up(1, 2, secs(2)).await;
        town.end().await;
    });
}
