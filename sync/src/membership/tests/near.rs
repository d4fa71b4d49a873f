//! A member that can talk to some of the others only.

use std::net::SocketAddr;

use super::*;

/// Member number 0, that knows members 1 to `others` and is connected with the first few.
fn connected(others: u32, met: u32) -> Trial {
    let mut trial = Trial::with(others);
    let notary = Notary::new(Arc::new(key(0)), home(), PublicKey::verifies);
    let (first, pace, dice) = (Incarnation::FIRST, Pace::default(), Dice::of(1));
    trial.core = Membership::over_connections(trial.now, notary, first, pace, dice);
    trial.does(Input::Recalled((1..=others).map(|number| life(number, 0)).collect()));
    (1..=met).for_each(|number| _ = trial.does(Input::Met(name(number))));
    trial
}

/// Lets time pass, in which nobody says anything; tells what was sent to whom.
fn alone_for(trial: &mut Trial, seconds: u64) -> Vec<(NodeId, Message)> {
    let mut sent = Vec::new();
    for _ in 0..seconds * 4 {
        trial.now += Duration::from_millis(250);
        for output in trial.does(Input::Tick) {
            if let Output::Send(to, _, message) = output {
                sent.push((to, message));
            }
        }
    }
    sent
}

fn record(number: u32, sequence: u64) -> Signed<NodeRecord> {
    let addresses = vec![SocketAddr::from(([10, 0, 0, 1], 7355))];
    let said = NodeRecord { sequence, expires_ms: 9, addresses };
    Signed::new(&said, &home(), &key(number)).unwrap()
}

fn told(records: Vec<Signed<NodeRecord>>) -> Message {
    Message::Tell(News { records, ..News::default() })
}

#[test]
fn nobody_is_pinged_or_accused_that_there_is_no_way_to() {
    let mut trial = connected(40, 2);
    let sent = alone_for(&mut trial, 3);
    assert!(sent.iter().any(|(_, message)| matches!(message, Message::Ping(_))));
    assert!(sent.iter().all(|(to, _)| [name(1), name(2)].contains(to)), "{sent:?}");
    alone_for(&mut trial, 120);
    // The two that do not answer are down; of the others nothing is known.
    for number in 1..=40 {
        let expected = if number <= 2 { State::Down } else { State::Here };
        assert_eq!(trial.state(number), Some(expected), "{number}");
    }
}

#[test]
fn who_others_accuse_is_down_when_no_next_life_comes() {
    let mut trial = connected(5, 2);
    trial.is_told(1, Vec::new(), vec![accusation(1, 5, 0)]);
    assert_eq!(trial.state(5), Some(State::Suspected));
    let answers = |trial: &mut Trial| {
        // Those that it met answer pings, and what they are asked with silence.
        for _ in 0..240 {
            trial.now += Duration::from_millis(250);
            let outputs = trial.does(Input::Tick);
            for output in outputs {
                let Output::Send(to, lane, message) = output else { continue };
                let answer = match message {
                    Message::Ping(Hail { number, .. }) => Message::Ack(hail(number, 0)),
                    Message::Ask { number, .. } => Message::Silent { number },
                    _ => continue,
                };
                trial.does(Input::Received(to, lane, answer));
            }
        }
    };
    answers(&mut trial);
    assert_eq!(trial.state(5), Some(State::Down));
    assert_eq!(trial.state(1), Some(State::Here));
    // A next life that comes by anybody brings it back.
    trial.is_told(2, vec![life(5, 1)], Vec::new());
    assert_eq!(trial.state(5), Some(State::Here));
    // And in time it is no death.
    trial.is_told(1, Vec::new(), vec![accusation(1, 5, 1)]);
    trial.is_told(2, vec![life(5, 2)], Vec::new());
    answers(&mut trial);
    assert_eq!(trial.state(5), Some(State::Here));
}

#[test]
fn who_was_parted_from_is_not_pinged_any_more() {
    let mut trial = connected(2, 2);
    trial.does(Input::Parted(name(1)));
    let sent = alone_for(&mut trial, 2);
    assert!(sent.iter().all(|(to, _)| *to == name(2)), "{sent:?}");
}

#[test]
fn who_is_suspected_hears_it_when_it_is_met() {
    let mut trial = connected(3, 1);
    trial.is_told(1, Vec::new(), vec![accusation(1, 3, 0)]);
    let outputs = trial.does(Input::Met(name(3)));
    let news = News { accusations: vec![accusation(1, 3, 0)], ..News::default() };
    assert!(outputs.contains(&Output::Send(name(3), Lane::Members, Message::Tell(news))));
}

#[test]
fn of_records_the_newest_holds_and_only_its_maker_signs_it() {
    let mut trial = connected(3, 1);
    let located = |trial: &mut Trial, record: Signed<NodeRecord>| {
        let outputs = trial.hears(1, told(vec![record]));
        outputs.iter().filter(|output| matches!(output, Output::Located(..))).count()
    };
    assert_eq!(located(&mut trial, record(3, 7)), 1);
    assert_eq!(located(&mut trial, record(3, 7)), 0, "it is known");
    assert_eq!(located(&mut trial, record(3, 6)), 0, "it is old");
    assert_eq!(located(&mut trial, record(99, 7)), 0, "nobody knows that member");
    assert_eq!(trial.core.record(&name(3)), Some(&record(3, 7)));
    // It goes along with pings from here on.
    let sent = alone_for(&mut trial, 3);
    let tells = |(_, message): &(NodeId, Message)| matches!(message, Message::Ping(hail) if hail.news.records == [record(3, 7)]);
    assert!(sent.iter().any(tells), "{sent:?}");
    let said = NodeRecord { sequence: 8, expires_ms: 9, addresses: Vec::new() };
    let elsewhere = Signed::new(&said, &NetworkId::named("elsewhere"), &key(3)).unwrap();
    let outputs = trial.hears(1, told(vec![elsewhere]));
    assert!(outputs.contains(&Output::Lied(name(1))));
    assert_eq!(trial.core.record(&name(3)), Some(&record(3, 7)));
}

#[test]
fn records_are_learned_by_comparing() {
    let (mut one, mut other) = (connected(70, 1), connected(70, 1));
    one.hears(1, told((2..40).map(|number| record(number, 1)).collect()));
    // Both play the first member; they tell each other through whom both met.
    let mut mail = other.does(Input::Met(name(1)));
    for turn in 0..8 {
        let hears = if turn % 2 == 0 { &mut one } else { &mut other };
        let said = std::mem::take(&mut mail).into_iter();
        let messages = said.filter_map(|output| match output {
            Output::Send(to, Lane::Members, message) if to == name(1) => Some(message),
            _ => None,
        });
        for message in messages {
            mail.extend(hears.does(Input::Received(name(1), Lane::Members, message)));
        }
    }
    let known = (2..40).filter(|number| other.core.record(&name(*number)).is_some()).count();
    assert_eq!(known, 38);
}

#[test]
fn a_session_that_measures_makes_waits_longer() {
    let pings = |took: Option<Duration>| {
        let mut trial = connected(1, 1);
        took.into_iter().for_each(|took| _ = trial.does(Input::Measured(name(1), took)));
        alone_for(&mut trial, 9);
        trial.state(1)
    };
    assert_eq!(pings(None), Some(State::Down));
    assert_eq!(pings(Some(Duration::from_secs(3))), Some(State::Here), "it has more time");
}
