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
    each_seed("peers::clones::two_that_are_one", 3, |seed| {
        let mut village = cloned(seed);
        let news = village.news();
        let forked = |(_, news): &&(usize, News)| matches!(news, News::Event(Event::Forked(..)));
        assert!(news.iter().any(|told| forked(&told)), "nobody was told");
        assert!(news.iter().any(|(place, news)| *place >= 3 && *news == News::Outlived));
        // What was said in one place by two is with nobody twice.
        for place in 0..3 {
            let items = village.node(place).items();
            let both =
                ["of one", "of the other"].iter().filter(|it| items.contains(&(**it).to_owned()));
            assert!(both.count() <= 1, "{items:?} at {place}");
        }
        // Under their new names both are heard.
        village.add(3, "later of one");
        village.run_for(MINUTE * 3);
        village.add(4, "later of the other");
        village.run_for(MINUTE * 10);
        for place in 0..3 {
            assert_eq!(village.lost_at(place), [""; 0], "lost at {place}");
        }
    });
}
