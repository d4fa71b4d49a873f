//! What is damaged comes back from others.

use std::time::Duration;

use selkie_sync::Event;
use selkie_tests::net::{Link, each_seed};
use selkie_tests::peers::{Command, News, Village};

const MINUTE: Duration = Duration::from_secs(60);

/// A village in which all have the same, and one has lost some of it without knowing.
fn damaged(seed: u64, count: usize) -> Village {
    let mut village = Village::strangers(seed, count, Link::WAN.losing(5));
    village.meet_all();
    for round in 0..20 {
        village.add(round % count, &round.to_string());
    }
    village.agree_within(MINUTE);
    village.damage(1);
    (0..count).filter(|place| *place != 1).for_each(|place| village.want(1, place));
    village.run_for(Duration::from_secs(5));
    assert!(!village.node(1).hollow().is_empty(), "nothing was damaged");
    village.news();
    village
}

fn healed(village: &mut Village) -> usize {
    let told = village.news().into_iter();
    let counts = told.filter_map(|(place, news)| match news {
        News::Event(Event::Healed(_, _, count)) => Some((place, count)),
        _ => None,
    });
    counts.inspect(|(place, _)| assert_eq!(*place, 1)).map(|(_, count)| count).sum()
}

#[test]
fn what_was_damaged_is_whole_again_when_somebody_asks_for_it() {
    each_seed("peers::healing::what_was_damaged", 100, |seed| {
        let mut village = damaged(seed, 3);
        let lost = village.node(1).hollow().len();
        village.ask(1, Command::Repair);
        // It started a moment ago, and others may still take it for dead: then it is healed once they talk to it again.
        village.run_for(MINUTE * 3);
        village.agree_within(MINUTE);
        assert_eq!(healed(&mut village), lost, "what was lost is fetched, and nothing else");
    });
}

#[test]
fn what_is_gone_comes_back_though_nobody_asks() {
    let mut village = damaged(7, 3);
    // Only its packs are laid aside; nobody looks for what was in them.
    village.ask(1, Command::LayAside);
    village.run_for(MINUTE * 150);
    assert!(healed(&mut village) > 0);
    village.agree_within(MINUTE);
}

#[test]
fn stores_that_are_whole_are_compared_in_a_kilobyte_and_nothing_is_fetched() {
    let mut village = Village::strangers(8, 2, Link::LAN);
    village.line_up();
    (0..30).for_each(|round| village.add(round % 2, &round.to_string()));
    village.agree_within(MINUTE);
    village.run_for(Duration::from_secs(5));
    village.news();
    let before = village.tally().clone();
    village.ask(0, Command::Repair);
    village.run_for(Duration::from_secs(5));
    let bytes = village.tally().sent[&selkie_sync::Lane::Repair].bytes
        - before.sent.get(&selkie_sync::Lane::Repair).map_or(0, |count| count.bytes);
    assert!(bytes < 1_200, "{bytes} bytes");
    let told: Vec<_> = village.news();
    let compared = |(_, news): &&(usize, News)| {
        matches!(news, News::Event(Event::Compared { lacked: 0, lent: 0, .. }))
    };
    assert_eq!(told.iter().filter(compared).count(), 2, "{told:?}");
}
