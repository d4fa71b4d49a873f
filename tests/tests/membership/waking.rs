//! A node that did not run for some time blames nobody for it.

use std::time::Duration;

use selkie_sync::{MemberState, Moment};
use selkie_tests::members::{Command, News, Swarm};
use selkie_tests::net::{Clock, Link, each_seed};

/// How many members these took for dead since this was asked last.
fn downs_by(swarm: &mut Swarm, who: &[usize]) -> usize {
    let down = |news: &News| matches!(news, News::Changed(_, MemberState::Down));
    swarm.told().iter().filter(|(_, by, news)| who.contains(by) && down(news)).count()
}

#[test]
fn a_laptop_that_wakes_accuses_nobody() {
    each_seed("membership::a_laptop_that_wakes_accuses_nobody", 150, |seed| {
        let mut swarm = Swarm::gathered(seed, 10, Link::LAN.losing(5));
        swarm.run_for(Duration::from_secs(3));
        swarm.sleep(4, Duration::from_secs(300));
        swarm.run_for(Duration::from_secs(299));
        assert_eq!(swarm.sees(0, 4), Some(MemberState::Down));
        swarm.told();
        swarm.run_for(Duration::from_secs(20));
        let told = swarm.told();
        let accused = told.iter().find(|(_, who, news)| {
            *who == 4 && matches!(news, News::Changed(whom, MemberState::Suspected) if *whom != 4)
        });
        assert_eq!(accused, None);
        swarm.agree_within(Duration::from_secs(20));
    });
}

#[test]
fn a_node_that_gets_no_processor_for_seconds_flaps_nobody() {
    // Elsewhere members under load took others for dead again and again.
    let mut swarm = Swarm::gathered(2, 12, Link::LAN);
    for _ in 0..30 {
        swarm.sleep(0, Duration::from_millis(2_700));
        swarm.run_for(Duration::from_secs(4));
    }
    assert_eq!(downs_by(&mut swarm, &[0]), 0);
    swarm.agree_within(Duration::from_secs(20));
}

#[test]
fn clocks_that_run_wrong_make_no_dead() {
    let clock = |place: u64| Clock {
        began: Moment::from_us(77 * place),
        drift_ppm: [-200_000, 0, 300_000][usize::try_from(place % 3).unwrap()],
    };
    let clocks: Vec<_> = (0..10).map(clock).collect();
    let mut swarm = Swarm::with_clocks(3, Link::LAN, &clocks);
    (1..10).for_each(|place| swarm.ask(place, Command::Meet(0)));
    swarm.run_for(Duration::from_secs(120));
    assert!(swarm.all_agree(), "{}", swarm.picture());
    let all: Vec<_> = (0..10).collect();
    assert_eq!(downs_by(&mut swarm, &all), 0);
}
