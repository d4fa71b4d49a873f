//! Who died is found out, and nobody else is said to have.

use std::time::Duration;

use selkie_sync::MemberState;
use selkie_tests::members::{Command, News, Swarm};
use selkie_tests::net::{Link, each_seed};

/// Runs until every other member that runs takes this one for down; tells after how many seconds the first
/// did, and the last.
fn found_out(swarm: &mut Swarm, dead: usize) -> (f64, f64) {
    let begin = swarm.now();
    swarm.told();
    let mut found = Vec::new();
    let others = (0..swarm.len()).filter(|who| swarm.is_running(*who)).count();
    while found.len() < others {
        assert!(swarm.now() - begin < Duration::from_secs(100), "{}", swarm.picture());
        swarm.run_for(Duration::from_millis(500));
        let told = swarm.told().into_iter();
        let downs = told.filter(|(_, _, news)| *news == News::Changed(dead, MemberState::Down));
        found.extend(downs.map(|(at, _, _)| (at - begin).as_secs_f64()));
    }
    (found[0], found[others - 1])
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

#[test]
fn a_member_that_stops_is_down_for_all_within_a_few_periods() {
    for (count, seeds, median_max) in [(8, 31, 5.0), (100, 3, 8.0)] {
        let mut firsts = Vec::new();
        for seed in 1..=seeds {
            let mut swarm = Swarm::gathered(seed, count, Link::LAN.losing(5));
            swarm.run_for(Duration::from_secs(3));
            swarm.stop(count / 2);
            let (first, last) = found_out(&mut swarm, count / 2);
            // Others forget what they have told some times, and leave some members in the dark for a hundred
            // periods.
            assert!(last - first < 6.0, "seed {seed} of {count}: {first} and {last}");
            firsts.push(first);
        }
        let median = median(firsts);
        assert!(median <= median_max, "{count} members: {median} periods");
    }
}

#[test]
fn two_members_are_enough_for_one_to_find_out() {
    each_seed("membership::two_members_are_enough_for_one_to_find_out", 400, |seed| {
        let mut swarm = Swarm::gathered(seed, 2, Link::LAN);
        swarm.run_for(Duration::from_secs(3));
        swarm.stop(1);
        let (first, _) = found_out(&mut swarm, 1);
        assert!(first < 6.0, "{first}");
    });
}

#[test]
fn nobody_dies_of_a_network_that_loses_datagrams() {
    let periods = 60;
    for (loss, count) in [(5, 40), (20, 20)] {
        each_seed("membership::nobody_dies_of_a_network_that_loses_datagrams", 50, |seed| {
            let mut swarm = Swarm::gathered(seed, count, Link::LAN.losing(loss));
            swarm.run_for(Duration::from_secs(periods));
            let down = |news: &News| matches!(news, News::Changed(_, MemberState::Down));
            let downs = swarm.told().iter().filter(|(_, _, news)| down(news)).count();
            assert_eq!(downs, 0, "at {loss} % loss");
        });
    }
}

#[test]
fn whoever_answers_a_suspicion_is_dead_for_nobody() {
    // Elsewhere a member that answered in time was told that it is down, and came back under another name.
    each_seed("membership::whoever_answers_a_suspicion_is_dead_for_nobody", 200, |seed| {
        let mut swarm = Swarm::gathered(seed, 12, Link::LAN);
        swarm.run_for(Duration::from_secs(2));
        // Just long enough to be suspected, and too short to be down.
        swarm.part(&[&[], &[5]]);
        let others = |who: usize| who != 5;
        let suspected = News::Changed(5, MemberState::Suspected);
        let is_suspected = |swarm: &mut Swarm| {
            swarm.told().iter().any(|(_, who, news)| others(*who) && *news == suspected)
        };
        while !is_suspected(&mut swarm) {
            swarm.run_for(Duration::from_millis(50));
        }
        swarm.mend();
        swarm.run_for(Duration::from_secs(20));
        let down = News::Changed(5, MemberState::Down);
        let downs = swarm.told().into_iter().filter(|(_, _, news)| *news == down).count();
        assert_eq!(downs, 0, "somebody took it for dead");
        assert_eq!(swarm.node(5).core().incarnation().number(), 1, "one answer is enough");
        assert!(swarm.all_agree(), "{}", swarm.picture());
    });
}

#[test]
fn a_path_that_is_cut_one_way_kills_nobody() {
    let mut swarm = Swarm::gathered(3, 9, Link::LAN);
    swarm.cut(0, 1);
    swarm.cut(4, 0);
    swarm.run_for(Duration::from_secs(60));
    let told = swarm.told();
    let down = told.iter().find(|(_, _, news)| matches!(news, News::Changed(_, MemberState::Down)));
    assert_eq!(down, None);
    assert!(swarm.all_agree(), "{}", swarm.picture());
}

#[test]
fn a_broken_connection_makes_a_member_look_at_once() {
    // Elsewhere an error of sending counts for nothing, and the member waits for its turn.
    let mut swarm = Swarm::gathered(4, 60, Link::LAN);
    swarm.run_for(Duration::from_secs(2));
    swarm.stop(7);
    swarm.told();
    swarm.ask(0, Command::Doubt(7));
    swarm.run_for(Duration::from_millis(1_100));
    let suspects = |news: &News| *news == News::Changed(7, MemberState::Suspected);
    let first = swarm.told().into_iter().find(|(_, _, news)| suspects(news));
    assert!(first.is_some(), "nobody suspects it within one period");
}

#[test]
fn a_goodbye_is_not_taken_for_a_death() {
    let mut swarm = Swarm::gathered(5, 30, Link::LAN.losing(5));
    swarm.run_for(Duration::from_secs(2));
    swarm.told();
    swarm.ask(11, Command::Leave);
    swarm.run_for(Duration::from_secs(1));
    swarm.stop(11);
    swarm.run_for(Duration::from_secs(30));
    let of_it = swarm.told().into_iter().filter_map(|(_, who, news)| match news {
        News::Changed(11, state) => Some((who, state)),
        News::Changed(..) | News::Forgotten(_) | News::Lied(_) => None,
    });
    let mut of_it: Vec<_> = of_it.collect();
    of_it.sort();
    let others = (0..30).filter(|who| *who != 11);
    assert_eq!(of_it, others.map(|who| (who, MemberState::Left)).collect::<Vec<_>>());
}

#[test]
fn a_slow_path_is_waited_for() {
    // Three seconds there and back, where a ping each second waits for half of one by default.
    let slow = Link { delay: Duration::from_millis(1_400), ..Link::WAN };
    let mut swarm = Swarm::gathered(6, 8, slow);
    swarm.run_for(Duration::from_secs(60));
    swarm.told();
    swarm.run_for(Duration::from_secs(120));
    let told = swarm.told();
    assert!(told.is_empty(), "once it is measured, nobody is suspected: {told:?}");
}

#[test]
fn what_a_node_sends_does_not_grow_with_the_network() {
    let per_node = |count: usize| {
        let mut swarm = Swarm::gathered(7, count, Link::LAN.losing(5));
        swarm.run_for(Duration::from_secs(5));
        let before = swarm.tally().all_sent();
        swarm.run_for(Duration::from_secs(40));
        let sent = swarm.tally().all_sent();
        let node_periods = 40.0 * f64::from(u32::try_from(count).unwrap());
        #[expect(clippy::cast_precision_loss, reason = "far below what a float counts")]
        let per = |count: u64| count as f64 / node_periods;
        (per(sent.messages - before.messages), per(sent.bytes - before.bytes))
    };
    for count in [8, 100] {
        let (messages, bytes) = per_node(count);
        assert!(messages <= 4.0 && bytes <= 120.0, "{count} nodes: {messages} of {bytes} bytes");
    }
}

#[test]
fn a_few_sick_members_make_no_storm() {
    // Elsewhere a few members that get half of what they are sent had the others talk of nothing else.
    let mut swarm = Swarm::gathered(8, 40, Link::LAN);
    for sick in 0..3 {
        for other in 0..40 {
            swarm.set_link(other, sick, Link::LAN.losing(60));
            swarm.set_link(sick, other, Link::LAN.losing(60));
        }
    }
    swarm.run_for(Duration::from_secs(10));
    let before = swarm.tally().all_sent().messages;
    swarm.told();
    swarm.run_for(Duration::from_secs(100));
    let sent = swarm.tally().all_sent().messages - before;
    // Where all are well it is two; what is added is the sick ones' own probes, and those of them.
    assert!(sent <= 40 * 100 * 8, "{sent} messages in 4000 node-periods");
    let down = |news: &News| matches!(news, News::Changed(3.., MemberState::Down));
    let told = swarm.told();
    let healthy: Vec<_> = told.iter().filter(|(_, who, news)| *who > 2 && down(news)).collect();
    assert!(healthy.is_empty(), "{healthy:?}");
}
