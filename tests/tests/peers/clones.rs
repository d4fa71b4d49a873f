//! One folder that runs twice.

use std::time::Duration;

use selkie_sync::Event;
use selkie_tests::net::{Link, each_seed};
use selkie_tests::peers::{Command, News, Village};

const MINUTE: Duration = Duration::from_secs(60);

/// Three honest peers, and one whose folder was copied: 3 and 4 are the same, and each wrote something in the same place of its log while
/// nobody else was there.
fn cloned(seed: u64) -> Village {
    let mut village = Village::with_room_for_twin(seed, 5, Link::LAN, 3);
    for one in 0..4 {
        (0..one).for_each(|other| village.want(one, other));
    }
    village.add(3, "before");
    village.run_for(MINUTE);
    village.part(&[&[0, 1, 2], &[3], &[4]]);
    village.double(3);
    village.ask(3, Command::Add("of one".to_owned()));
    village.ask(4, Command::Add("of the other".to_owned()));
    village.run_for(MINUTE * 2);
    village.news();
    village.mend();
    (0..3).for_each(|place| [3, 4].into_iter().for_each(|twin| village.want(twin, place)));
    village.run_for(MINUTE * 5);
    village
}

#[test]
fn two_that_are_one_are_told_and_go_on_as_two() {
    each_seed("peers::clones::two_that_are_one", 5, |seed| {
        let mut village = cloned(seed);
        let news = village.news();
        let forked = |(_, news): &&(usize, News)| matches!(news, News::Event(Event::Forked(..)));
        assert!(news.iter().any(|told| forked(&told)), "nobody was told");
        assert!(news.iter().any(|(place, news)| *place >= 3 && *news == News::Outlived));
        // What both said in one place is said again, by both.
        village.agree_within(MINUTE * 10);
        for item in ["of one", "of the other"] {
            assert!(village.node(0).has(item), "{item}");
        }
        // Under their new names both are heard.
        village.add(3, "later of one");
        village.run_for(MINUTE * 3);
        village.add(4, "later of the other");
        village.agree_within(MINUTE * 10);
    });
}

#[test]
fn who_says_two_things_in_one_place_is_heard_with_both_and_no_more_there() {
    each_seed("peers::clones::who_says_two_things", 5, |seed| {
        let mut village = Village::strangers(seed, 6, Link::LAN);
        village.meet_some(3);
        village.add(0, "before");
        village.agree_within(MINUTE);
        for round in 0..3 {
            village.equivocate(0, [&format!("one {round}"), &format!("other {round}")]);
            village.run_for(Duration::from_millis(30));
            // Others build upon what they heard, each upon another thing.
            (1..6).for_each(|place| village.add(place, &format!("upon it {round} {place}")));
            village.run_for(MINUTE * 2);
            village.agree_within(MINUTE * 5);
            let news = village.news();
            let ended = |(_, news): &&(usize, News)| matches!(news, News::Event(Event::Ended(..)));
            for place in 0..6 {
                let told = news.iter().filter(|told| told.0 == place && ended(told)).count();
                assert_eq!(told, 1, "round {round}: {place} was told {told} times");
            }
        }
    });
}

#[test]
fn a_liar_and_a_folder_that_runs_twice_leave_all_with_the_same() {
    each_seed("peers::clones::a_liar_and_a_folder", 5, |seed| {
        let mut village = cloned(seed);
        village.equivocate(0, ["a lie", "another"]);
        village.add(1, "meanwhile");
        village.crash(2);
        village.run_for(MINUTE);
        village.restart(2);
        [0, 1].into_iter().for_each(|other| village.want(2, other));
        village.agree_within(MINUTE * 15);
        // A newcomer hears of all that is left and of where logs ended.
        let empty = selkie_store::SimDisk::default();
        village.start_with(1, empty);
        [0, 2].into_iter().for_each(|other| village.want(1, other));
        village.run_for(MINUTE * 2);
        village.agree_within(MINUTE * 15);
    });
}
