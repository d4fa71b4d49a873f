//! One member, told by hand what happens to it.

use std::sync::Arc;
use std::time::Duration;

use selkie_store::{PublicKey, SecretKey, decode, encode};

use super::*;
use crate::identity::network::NetworkId;
use crate::membership::message::{Hail, Stretch};
use crate::membership::roster::{MEMBERS_MAX, UNMET_MAX};
use crate::membership::rumours::RUMOURS_MAX;
use crate::membership::statement::Accusation;

const LAST: NodeId = NodeId::from_bytes([0xff; NodeId::LEN]);

fn home() -> NetworkId {
    NetworkId::named("home")
}

fn key(number: u32) -> SecretKey {
    let mut bytes = [7; SecretKey::LEN];
    bytes[..4].copy_from_slice(&number.to_le_bytes());
    SecretKey::from_bytes(&bytes)
}

fn name(number: u32) -> NodeId {
    NodeId::of(key(number).public())
}

fn life_of(number: u32, incarnation: u64, standing: Standing) -> Signed<Life> {
    let said = Life { incarnation: Incarnation::of(incarnation), standing };
    Signed::new(&said, &home(), &key(number)).unwrap()
}

fn life(number: u32, incarnation: u64) -> Signed<Life> {
    life_of(number, incarnation, Standing::Here)
}

fn accusation(by: u32, whom: u32, incarnation: u64) -> Signed<Accusation> {
    let said = Accusation { whom: name(whom), incarnation: Incarnation::of(incarnation) };
    Signed::new(&said, &home(), &key(by)).unwrap()
}

/// Member number 0, that knows members 1 to `others`.
struct Trial {
    core: Membership,
    now: Moment,
}

impl Trial {
    fn with(others: u32) -> Self {
        let now = Moment::START + Duration::from_secs(9);
        let notary = Notary::new(Arc::new(key(0)), home(), PublicKey::verifies);
        let pace = Pace::default();
        let core = Membership::new(now, notary, Incarnation::FIRST, pace, Dice::of(1));
        let mut trial = Self { core, now };
        let lives = (1..=others).map(|number| life(number, 0)).collect();
        trial.does(Input::Recalled(lives));
        trial
    }

    fn does(&mut self, input: Input) -> Vec<Output> {
        self.core.handle(self.now, input).collect()
    }

    fn hears(&mut self, from: u32, message: Message) -> Vec<Output> {
        self.does(Input::Received(name(from), Lane::Datagram, message))
    }

    fn is_told(
        &mut self,
        from: u32,
        lives: Vec<Signed<Life>>,
        accusations: Vec<Signed<Accusation>>,
    ) -> Vec<Output> {
        self.hears(from, Message::Tell(News { lives, accusations, ..News::default() }))
    }

    fn state(&self, number: u32) -> Option<State> {
        self.core.state(&name(number))
    }

    fn number_of_members(&self) -> usize {
        self.core.members().count()
    }
}

fn hail(number: u32, incarnation: u64) -> Hail {
    Hail { number, incarnation: Incarnation::of(incarnation), news: News::default() }
}

fn sent(outputs: &[Output]) -> Vec<&Message> {
    let messages = outputs.iter().filter_map(|output| match output {
        Output::Send(_, _, message) => Some(message),
        Output::Changed(..)
        | Output::Forgotten(_)
        | Output::Located(..)
        | Output::Lied(_)
        | Output::WakeAt(_) => None,
    });
    messages.collect()
}

#[test]
fn a_ping_is_answered_on_the_lane_it_came_on() {
    let mut trial = Trial::with(1);
    let ping = Message::Ping(hail(7, 0));
    let outputs = trial.does(Input::Received(name(1), Lane::Members, ping));
    assert_eq!(outputs, [Output::Send(name(1), Lane::Members, Message::Ack(hail(7, 0)))]);
}

#[test]
fn whoever_is_unknown_is_asked_to_show_its_life() {
    let mut trial = Trial::with(0);
    let outputs = trial.hears(5, Message::Ping(hail(1, 4)));
    assert_eq!(sent(&outputs), [&Message::Ack(hail(1, 0)), &Message::Who]);
    trial.is_told(5, vec![life(5, 4)], Vec::new());
    assert_eq!(trial.state(5), Some(State::Here));
}

#[test]
fn an_accusation_is_answered_with_the_next_life() {
    let mut trial = Trial::with(3);
    let outputs = trial.is_told(1, Vec::new(), vec![accusation(2, 0, 0)]);
    assert_eq!(trial.core.incarnation(), Incarnation::of(1));
    let answer = Message::Tell(News::of_life(life(0, 1)));
    assert!(outputs.contains(&Output::Send(name(1), Lane::Members, answer)));
}

#[test]
fn a_node_is_suspected_by_itself_never() {
    // Elsewhere a node was told of a suspicion of itself, by itself.
    let mut trial = Trial::with(2);
    trial.is_told(1, Vec::new(), vec![accusation(0, 0, 0)]);
    trial.does(Input::Doubted(name(0)));
    trial.now += Duration::from_secs(30);
    trial.does(Input::Tick);
    assert_eq!(trial.state(0), Some(State::Here));
    assert_eq!(trial.core.incarnation(), Incarnation::FIRST);
}

#[test]
fn whoever_lived_longer_than_it_remembers_goes_on_from_there() {
    let mut trial = Trial::with(2);
    trial.is_told(1, vec![life(0, 40)], Vec::new());
    assert_eq!(trial.core.incarnation(), Incarnation::of(41));
    trial.is_told(1, vec![life_of(0, 41, Standing::Left)], Vec::new());
    assert_eq!(trial.core.incarnation(), Incarnation::of(42), "and it did not leave");
}

#[test]
fn the_last_life_ends_nobody() {
    let mut trial = Trial::with(2);
    let last = Incarnation::LAST.number();
    // Its own word, as from a key that two have.
    trial.is_told(1, vec![life(0, last)], Vec::new());
    trial.is_told(1, Vec::new(), vec![accusation(2, 0, last)]);
    assert_eq!(trial.core.incarnation(), Incarnation::LAST);
    // Another skips to it.
    trial.is_told(1, vec![life(1, last)], Vec::new());
    trial.is_told(1, vec![life(1, 1 << 16)], Vec::new());
    let life = trial.core.lives().find(|life| life.by() == name(1)).unwrap();
    assert_eq!(life.claim().unwrap().incarnation, Incarnation::of(1 << 16));
}

#[test]
fn an_accusation_of_a_life_that_is_over_or_unknown_is_none() {
    let mut trial = Trial::with(3);
    trial.is_told(1, vec![life(2, 5)], Vec::new());
    trial.is_told(
        1,
        Vec::new(),
        vec![accusation(3, 2, 4), accusation(3, 2, 6), accusation(2, 2, 5)],
    );
    assert_eq!(trial.state(2), Some(State::Here));
    trial.is_told(1, Vec::new(), vec![accusation(9, 2, 5)]);
    assert_eq!(trial.state(2), Some(State::Here), "whoever is unknown accuses nobody");
    trial.is_told(1, Vec::new(), vec![accusation(3, 2, 5)]);
    assert_eq!(trial.state(2), Some(State::Suspected));
}

#[test]
fn many_accusers_kill_nobody_who_answers() {
    let mut trial = Trial::with(8);
    let all = [2, 3, 4, 5].map(|by| accusation(by, 1, 0));
    trial.is_told(2, Vec::new(), all.to_vec());
    assert_eq!(trial.state(1), Some(State::Suspected));
    for _ in 0..200 {
        trial.now += Duration::from_millis(100);
        let outputs = trial.does(Input::Tick);
        for output in outputs {
            // It answers, and does not say that it heard of the accusation.
            if let Output::Send(to, lane, Message::Ping(asked)) = output
                && to == name(1)
            {
                let answer = Message::Ack(hail(asked.number, 0));
                trial.does(Input::Received(to, lane, answer));
            }
        }
        assert_eq!(trial.state(1), Some(State::Suspected));
    }
}

#[test]
fn whoever_passes_on_a_forgery_is_not_heard_for_some_time() {
    let mut trial = Trial::with(4);
    let elsewhere = NetworkId::named("elsewhere");
    let said = Accusation { whom: name(2), incarnation: Incarnation::FIRST };
    let forged = Signed::new(&said, &elsewhere, &key(3)).unwrap();
    let outputs = trial.is_told(1, Vec::new(), vec![forged]);
    assert!(outputs.contains(&Output::Lied(name(1))));
    let truth = || vec![accusation(3, 2, 0)];
    trial.is_told(1, Vec::new(), truth());
    assert_eq!(trial.state(2), Some(State::Here));
    let still_answers = sent(&trial.hears(1, Message::Ping(hail(1, 0)))).len();
    assert_eq!(still_answers, 1);
    trial.is_told(4, Vec::new(), truth());
    assert_eq!(trial.state(2), Some(State::Suspected), "others are heard");
}

#[test]
fn whoever_accuses_the_living_all_the_time_is_not_believed() {
    let mut trial = Trial::with(5);
    let mut suspected = 0;
    for incarnation in 0..40 {
        trial.is_told(1, vec![life(2, incarnation)], vec![accusation(1, 2, incarnation)]);
        suspected += u32::from(trial.state(2) == Some(State::Suspected));
    }
    assert_eq!(suspected, 8);
}

#[test]
fn only_the_admitted_are_members() {
    let mut trial = Trial::with(3);
    let outputs = trial.does(Input::Admit(Admission::These([name(1), name(7)].into())));
    let gone: Vec<_> = outputs.into_iter().filter(|o| matches!(o, Output::Forgotten(_))).collect();
    assert_eq!(gone.len(), 2);
    trial.is_told(1, vec![life(7, 0), life(8, 0)], Vec::new());
    assert_eq!([1, 2, 7, 8].map(|n| trial.state(n).is_some()), [true, false, true, false]);
    assert_eq!(sent(&trial.hears(2, Message::Ping(hail(1, 0)))), [] as [&Message; 0]);
}

#[test]
fn no_flood_of_members_fills_more_than_its_share() {
    let mut trial = Trial::with(8);
    let invented = |liar: u32| 100_000 * liar..100_000 * liar + 2_500;
    for liar in 1..=5 {
        for chunk in invented(liar).collect::<Vec<_>>().chunks(News::LIVES_MAX) {
            trial.is_told(liar, chunk.iter().map(|number| life(*number, 0)).collect(), Vec::new());
        }
        let expected = (9 + UNMET_MAX * liar as usize).min(MEMBERS_MAX);
        assert_eq!(trial.number_of_members(), expected);
    }
    assert!(trial.core.rumours.len() <= RUMOURS_MAX);
    for _ in 0..400 {
        trial.now += Duration::from_secs(1);
        trial.does(Input::Tick);
    }
    // Each liar was caught at members that answer nobody, and what it spoke of is forgotten.
    assert!(trial.number_of_members() < 100, "{}", trial.number_of_members());
}

#[test]
fn questions_are_answered_so_many_times_in_a_period() {
    let mut trial = Trial::with(20);
    let stretches = vec![Stretch { upto: LAST, digest: [1; Stretch::DIGEST_LEN] }];
    let compare = Message::Compare { after: None, stretches };
    let answers = (0..500).map(|_| sent(&trial.hears(1, compare.clone())).len()).sum::<usize>();
    assert_eq!(answers, ANSWERS_MAX as usize);
    let ask = |number| Message::Ask { number, whom: name(2) };
    let pings = (0..500).map(|number| sent(&trial.hears(1, ask(number))).len()).sum::<usize>();
    assert_eq!(pings, HELPED_MAX as usize);
}

#[test]
fn messages_keep_their_bytes() {
    let message = Message::Ask { number: 300, whom: name(1) };
    let bytes = [&[1, 2, 251, 44, 1][..], name(1).as_bytes()].concat();
    assert_eq!(encode(&message).unwrap(), bytes);
    let ping = Message::Ping(Hail { news: News::of_life(life(1, 0)), ..hail(5, 2) });
    let signed = encode(&ping).unwrap();
    assert_eq!(signed[..6], [1, 0, 5, 2, 1, name(1).as_bytes()[0]]);
    assert_eq!(decode::<Message>(&signed).unwrap(), ping);
}

#[test]
fn messages_that_break_their_rules_are_none() {
    let stretch = |upto| Stretch { upto, digest: [0; Stretch::DIGEST_LEN] };
    let [low, high] = [1, 2].map(|byte| NodeId::from_bytes([byte; NodeId::LEN]));
    let compare = |after, stretches| Message::Compare { after, stretches };
    let news = News { lives: vec![life(1, 0); News::LIVES_MAX + 1], ..News::default() };
    let broken = [
        compare(None, Vec::new()),
        compare(Some(high), vec![stretch(low)]),
        compare(None, vec![stretch(high), stretch(low)]),
        compare(None, vec![stretch(low), stretch(low)]),
        Message::Differ { after: Some(high), upto: low, news: News::default() },
        Message::Tell(news),
        Message::Ping(hail(1, u64::MAX)),
    ];
    for message in broken {
        assert!(encode(&message).is_err(), "{message:?}");
    }
    assert!(encode(&compare(Some(low), vec![stretch(high)])).is_ok());
}

#[test]
fn the_fullest_datagram_fits_its_lane() {
    let mut trial = Trial::with(60);
    for by in 1..=60 {
        let (whom, news) = (by % 60 + 1, life(by, 1));
        trial.is_told(by, vec![news], vec![accusation(by, whom, 0)]);
    }
    let outputs = trial.hears(1, Message::Ping(hail(9, 0)));
    let longest = sent(&outputs).into_iter().map(|m| encode(m).unwrap().len()).max().unwrap();
    assert!((1_000..=Lane::Datagram.len_max()).contains(&longest), "{longest} bytes");
}
