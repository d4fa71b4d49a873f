//! Members that lie. They have keys of the network, and are listened to until they are caught.

mod liar;

use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use selkie_sync::{MemberState, Pace};
use selkie_tests::members::{Command, Member, Names, News};
use selkie_tests::net::{Link, Net, each_seed};

use self::liar::{Actor, Liar, Lie};

const HONEST: usize = 12;
const LIARS: usize = 3;

/// A network of honest members, and behind them some that all lie in one way.
fn besieged(seed: u64, link: Link, lie: Lie) -> Net<Actor> {
    let names = Rc::new(Names::of(HONEST + LIARS));
    let mut net = Net::new(seed, link);
    for place in 0..HONEST + LIARS {
        let member =
            Member::new(Rc::clone(&names), place, Pace::default(), seed ^ ((place as u64) << 32));
        net.add(if place < HONEST {
            Actor::Honest(Box::new(member), 0)
        } else {
            Actor::Liar(Box::new(Liar::new(member, Rc::clone(&names), place, lie, seed)))
        });
    }
    (1..HONEST + LIARS).for_each(|place| net.ask(place, Command::Meet(0)));
    net
}

fn sees(net: &Net<Actor>, who: usize, whom: usize) -> Option<MemberState> {
    net.node(who).member().state(whom)
}

/// Whom a liar accuses may be suspected at any moment, and still takes part.
fn is_live(net: &Net<Actor>, who: usize, whom: usize) -> bool {
    matches!(sees(net, who, whom), Some(MemberState::Here | MemberState::Suspected))
}

/// Whether all honest members that run see all honest members as they are.
fn honest_agree(net: &Net<Actor>) -> bool {
    let mut honest = (0..HONEST).filter(|who| net.is_running(*who));
    honest.all(|who| (0..HONEST).all(|whom| is_live(net, who, whom) == net.is_running(whom)))
}

/// Who sees whom how: a line for each honest member.
fn picture(net: &Net<Actor>) -> String {
    let line = |who| {
        let states = (0..HONEST + LIARS).map(|whom| match sees(net, who, whom) {
            Some(MemberState::Here) => '.',
            Some(MemberState::Suspected) => '?',
            Some(MemberState::Down) => 'x',
            Some(MemberState::Left) => '<',
            None => ' ',
        });
        states.collect::<String>()
    };
    (0..HONEST).map(line).collect::<Vec<_>>().join("\n")
}

/// Whom honest members took for dead since this was asked last.
fn killed(net: &mut Net<Actor>) -> BTreeSet<usize> {
    let told = net.told().into_iter();
    let downs = told.filter_map(|(_, who, news)| match news {
        News::Changed(whom, MemberState::Down) if who < HONEST && whom < HONEST => Some(whom),
        News::Changed(..) | News::Forgotten(_) | News::Lied(_) => None,
    });
    downs.collect()
}

/// Who was caught at passing on what nobody signed.
fn caught(net: &mut Net<Actor>) -> BTreeSet<usize> {
    let told = net.told().into_iter();
    let liars = told.filter_map(|(_, _, news)| match news {
        News::Lied(whom) => Some(whom),
        News::Changed(..) | News::Forgotten(_) => None,
    });
    liars.collect()
}

/// The honest live, agree, and find out who dies, whatever the others say.
fn holds_against(test: &str, lie: Lie) {
    // Whoever looks for members that do not exist has less time for those that do. One that was only spoken of may even be
    // forgotten with them, until it is heard of again.
    let (find, agree) = match lie {
        Lie::Invent => (Duration::from_secs(120), Duration::from_secs(60)),
        _ => (Duration::from_secs(60), Duration::ZERO),
    };
    each_seed(&format!("membership::{test}"), 1, |seed| {
        let mut net = besieged(seed, Link::LAN.losing(5), lie);
        net.run_for(Duration::from_secs(20));
        net.told();
        net.run_for(Duration::from_secs(40));
        assert_eq!(killed(&mut net), BTreeSet::new(), "{lie:?} killed");
        net.stop(4);
        let begin = net.now();
        let found = net.run_until(begin + find, |net| {
            (0..HONEST).filter(|who| *who != 4).all(|who| !is_live(net, who, 4))
        });
        assert!(found, "a death is hidden by {lie:?}:\n{}", picture(&net));
        net.run_for(Duration::from_secs(10));
        let end = net.now() + agree;
        assert!(net.run_until(end, honest_agree), "no agreement under {lie:?}:\n{}", picture(&net));
        assert_eq!(killed(&mut net), BTreeSet::from([4]), "{lie:?} killed");
    });
}

#[test]
fn accusations_of_the_living_kill_nobody() {
    holds_against("accusations_of_the_living_kill_nobody", Lie::Accuse);
}

#[test]
fn forged_statements_are_believed_by_nobody_and_their_teller_is_not_heard() {
    holds_against("forged_statements_are_believed_by_nobody", Lie::Forge);
    let mut net = besieged(1, Link::LAN, Lie::Forge);
    net.run_for(Duration::from_secs(10));
    let liars: BTreeSet<_> = (HONEST..HONEST + LIARS).collect();
    assert_eq!(caught(&mut net), liars, "the liars and nobody else");
}

#[test]
fn what_is_told_again_later_changes_nothing() {
    holds_against("what_is_told_again_later_changes_nothing", Lie::Replay);
}

#[test]
fn nobody_is_moved_to_the_last_life() {
    holds_against("nobody_is_moved_to_the_last_life", Lie::Last);
    let mut net = besieged(2, Link::LAN, Lie::Last);
    net.run_for(Duration::from_secs(30));
    for place in 0..HONEST {
        let incarnation = net.node(place).member().core().incarnation().number();
        assert!(incarnation < 40, "member {place} is in life {incarnation}");
    }
}

#[test]
fn members_that_do_not_exist_hide_no_death() {
    holds_against("members_that_do_not_exist_hide_no_death", Lie::Invent);
}

#[test]
fn floods_of_questions_and_of_noise_are_survived() {
    holds_against("floods_of_questions_and_of_noise_are_survived", Lie::Flood);
}

#[test]
fn helpers_that_answer_for_the_dead_only_delay() {
    holds_against("helpers_that_answer_for_the_dead_only_delay", Lie::Vouch);
}

#[test]
fn what_the_honest_send_each_other_stays_bounded_under_attack() {
    for lie in Lie::ALL {
        let mut net = besieged(3, Link::LAN, lie);
        let sent = |net: &Net<Actor>| (0..HONEST).map(|place| net.node(place).sent()).sum::<u64>();
        net.run_for(Duration::from_secs(10));
        let before = sent(&net);
        net.run_for(Duration::from_secs(20));
        let per_period = (sent(&net) - before) / (20 * HONEST as u64);
        assert!(per_period <= 20, "{lie:?}: {per_period} messages a period");
    }
}
