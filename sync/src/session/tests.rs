use std::time::Duration;

use crate::channel_id::ChannelId;
use crate::identity::delegation::{Delegation, Revocation};
use crate::identity::invitation::{Invitation, Word};
use crate::identity::network::NetworkId;
use crate::identity::signed::{Signed, Statement};
use crate::moment::Moment;
use crate::session::call::{CallId, Side};
use crate::session::control::{Control, Goodbye, Hello, Versions};
use crate::session::why::{Unreached, Why};
use crate::session::{Input, Limits, Output, Own};

mod street;

use street::{Street, address, id, key, own};

fn says<T: Statement>(number: usize, value: &T) -> Signed<T> {
    Signed::new(value, &NetworkId::named("home"), &key(number)).unwrap()
}

fn hello(number: usize) -> Hello {
    let Own { network, features, delegation, record, .. } = own(number);
    Hello { network, versions: Versions::OURS, features, delegation, proof: None, record }
}

/// A connection with a node that is not played: what it says is said by the test.
fn opens(street: &mut Street, number: usize, stranger: usize, call: u64) {
    let (peer, address) = (id(stranger), address(stranger));
    let (call, side, binding) = (CallId(call), Side::IsCalled, [0; 32]);
    street.happens(number, Input::Opened { call, peer, side, address, binding });
}

fn told(street: &Street, number: usize, output: &Output) -> usize {
    street.told.iter().filter(|(who, what)| *who == number && what == output).count()
}

#[test]
fn two_who_trust_each_other_talk() {
    let mut street = Street::of(2, 1);
    street.want(0, 1);
    street.run(1);
    assert!(street.talk(0, 1));
    assert_eq!(street.homes[0].why_not(&id(1)), None);
}

#[test]
fn of_two_calls_that_cross_one_stays() {
    for seed in 0..100 {
        let mut street = Street::of(2, seed);
        street.want(0, 1);
        street.want(1, 0);
        street.run(5);
        assert!(street.talk(0, 1), "seed {seed}");
        street.run(600);
        assert!(street.talk(0, 1), "seed {seed}");
        let ups = street.told.iter().filter(|(_, told)| matches!(told, Output::Up(..))).count();
        assert!(ups <= 4, "seed {seed}: they do not begin over and over, but {ups} times");
    }
}

#[test]
fn a_stranger_learns_nothing_and_is_told_of() {
    let mut street = Street::strangers(2, 2);
    street.happens(0, Input::Trust(id(1)));
    street.want(0, 1);
    street.run(200);
    let said: Vec<_> = street
        .told
        .iter()
        .filter_map(|(who, what)| match what {
            Output::Send(_, control) if *who == 1 => Some(control),
            _ => None,
        })
        .collect();
    assert_eq!(said, [&Control::Goodbye(Goodbye::Stranger)]);
    assert_eq!(told(&street, 1, &Output::Knocked(id(0), address(0))), 1);
    assert_eq!(street.homes[0].why_not(&id(1)), Some(Why::Told(Goodbye::Stranger)));
    // It is worth another call as soon as the other side knows it, and not before some minutes.
    street.happens(1, Input::Trust(id(0)));
    street.want(1, 0);
    street.run(1);
    assert!(street.talk(0, 1));
}

#[test]
fn an_invitation_makes_two_strangers_trust_each_other() {
    let mut street = Street::strangers(3, 3);
    let word = Word::from_bytes([7; 16]);
    street.happens(1, Input::Invite(word, Moment::NEVER));
    let (node, network) = (id(1), NetworkId::named("home"));
    let invitation = Invitation {
        node,
        network,
        addresses: vec![address(1)],
        word,
        channel: ChannelId::from_bytes([1; 16]),
        until_ms: 0,
    };
    street.happens(0, Input::Accept(invitation.clone()));
    street.run(1);
    assert!(street.talk(0, 1));
    assert_eq!(told(&street, 0, &Output::Paired(id(1), word)), 1);
    assert_eq!(told(&street, 1, &Output::Paired(id(0), word)), 1);
    // It was good for one.
    street.happens(2, Input::Accept(invitation));
    street.run(60);
    assert!(!street.talk(2, 1));
}

#[test]
fn a_person_is_let_in_with_every_device() {
    let mut street = Street::strangers(3, 4);
    // Two is a device of zero's; one trusts zero.
    let delegation = says(0, &Delegation { device: id(2), number: 1 });
    let own = Own { delegation: Some(delegation), ..own(2) };
    street.homes[2] = Street::home(own, 4, Limits::default());
    street.happens(1, Input::Trust(id(0)));
    street.happens(2, Input::Trust(id(1)));
    street.want(2, 1);
    street.run(1);
    assert!(street.talk(1, 2));
    let person = street.told.iter().find_map(|(who, told)| match told {
        Output::Up(_, _, facts) if *who == 1 => Some(facts.person),
        _ => None,
    });
    assert_eq!(person, Some(id(0)));
    // And no more once it is lost.
    let revocation = Revocation { person: id(0), device: id(2), delegations: 1 };
    street.happens(1, Input::Revoke(says(0, &revocation)));
    street.run(1);
    assert!(!street.talk(1, 2));
    assert_eq!(street.homes[2].why_not(&id(1)), Some(Why::Told(Goodbye::Revoked)));
}

#[test]
fn a_node_does_not_talk_to_itself() {
    let mut street = Street::of(1, 5);
    street.want(0, 0);
    opens(&mut street, 0, 0, 99);
    let goodbye = Output::Send(CallId(99), Control::Goodbye(Goodbye::Yourself));
    assert_eq!(told(&street, 0, &goodbye), 1);
    assert_eq!(street.told.iter().filter(|(_, it)| matches!(it, Output::Call(..))).count(), 0);
}

#[test]
fn a_peer_that_falls_silent_is_gone_in_time_and_called_again() {
    let mut street = Street::of(2, 6);
    street.want(0, 1);
    street.run(1);
    street.cut(0, 1);
    street.run(41);
    let silent = Why::Said(Goodbye::Silent);
    assert_eq!(told(&street, 0, &Output::Down(id(1), silent)), 1);
    street.run(5);
    assert!(street.talk(0, 1));
}

#[test]
fn whoever_lost_a_connection_has_a_new_one_before_the_other_notices() {
    for (caller, loser) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        let mut street = Street::of(2, 7);
        street.want(caller, 1 - caller);
        street.run(15);
        street.want(1 - caller, caller);
        let call = street.up[&(loser, 1 - loser)];
        street.breaks(loser, call);
        street.run(5);
        assert!(street.talk(0, 1), "{caller} called, {loser} lost it");
    }
}

#[test]
fn quiet_sessions_cost_little() {
    let mut street = Street::of(2, 8);
    street.want(0, 1);
    street.run(60);
    street.said = 0;
    street.run(600);
    assert!(street.talk(0, 1));
    let per_minute = street.said / 10;
    assert!(per_minute < 200, "{per_minute} bytes a minute, both ways");
}

#[test]
fn who_does_not_belong_here_is_told_why() {
    let other_network = Hello { network: NetworkId::named("other"), ..hello(1) };
    let newer = Versions { least: 2, most: 3 };
    let other_version = Hello { versions: newer, ..hello(1) };
    let table = [
        (other_network, Goodbye::OtherNetwork),
        (other_version, Goodbye::OtherVersion(Versions::OURS)),
    ];
    for (hello, goodbye) in table {
        let mut street = Street::of(2, 9);
        opens(&mut street, 0, 1, 99);
        street.happens(0, Input::Received(CallId(99), Control::Hello(Box::new(hello))));
        assert_eq!(told(&street, 0, &Output::Send(CallId(99), Control::Goodbye(goodbye))), 1);
        assert_eq!(told(&street, 0, &Output::HangUp(CallId(99))), 1);
    }
}

#[test]
fn who_breaks_the_protocol_is_dismissed() {
    let rude = Output::Send(CallId(99), Control::Goodbye(Goodbye::Rude));
    for first in [Control::Ping(1), Control::Pong(1), Control::Records(Vec::new())] {
        let mut street = Street::of(2, 10);
        opens(&mut street, 0, 1, 99);
        street.happens(0, Input::Received(CallId(99), first));
        assert_eq!(told(&street, 0, &rude), 1);
    }
    let mut street = Street::of(2, 10);
    opens(&mut street, 0, 1, 99);
    for _ in 0..2 {
        street.happens(0, Input::Received(CallId(99), Control::Hello(Box::new(hello(1)))));
    }
    assert_eq!(told(&street, 0, &rude), 1);
    assert_eq!(told(&street, 0, &Output::Down(id(1), Why::Said(Goodbye::Rude))), 1);
}

#[test]
fn those_who_say_nothing_are_few_and_soon_gone() {
    let mut street = Street::of(2, 11);
    let most = u64::try_from(Limits::default().greeting).unwrap();
    (0..most + 10).for_each(|number| opens(&mut street, 0, 50, 1_000 + number));
    let gone = |street: &Street| {
        let hung = street.told.iter().filter(|(_, told)| matches!(told, Output::HangUp(_)));
        hung.count()
    };
    assert_eq!(gone(&street), 10);
    let calls = 1_000..1_000 + most + 10;
    // They are not there to be played, so what is hung up is not told to them.
    street.homes[0].handle(street.now + Duration::from_secs(6), Input::Tick).for_each(drop);
    for call in calls {
        let heard = street.homes[0].handle(street.now, Input::Heard(CallId(call))).count();
        assert_eq!(heard, 0);
    }
    assert!(street.homes[0].calls.is_empty());
}

#[test]
fn who_says_nothing_gives_way_to_who_came_later_but_not_who_is_trusted() {
    let mut street = Street::of(3, 11);
    let limits = Limits { greeting: 3, ..Limits::default() };
    street.homes[0] = Street::home(own(0), 11, limits);
    street.happens(0, Input::Trust(id(1)));
    // Somebody who is trusted, and takes its time; then strangers.
    opens(&mut street, 0, 1, 100);
    for call in 101..106 {
        street.now += Duration::from_millis(1);
        opens(&mut street, 0, 50, call);
    }
    let hung = |street: &Street| -> Vec<_> {
        let hung = street.told.iter().filter_map(|(_, told)| match told {
            Output::HangUp(call) => Some(call.0),
            _ => None,
        });
        hung.collect()
    };
    assert_eq!(hung(&street), [101, 102, 103]);
    street.happens(0, Input::Received(CallId(100), Control::Hello(Box::new(hello(1)))));
    assert!(street.homes[0].peers().any(|peer| peer == id(1)));
    // One that says hello is waited for no more.
    opens(&mut street, 0, 50, 106);
    assert_eq!(hung(&street), [101, 102, 103]);
}

#[test]
fn there_are_no_more_peers_than_there_may_be() {
    let mut street = Street::of(4, 12);
    street.homes[0] = Street::home(own(0), 12, Limits { peers: 2, ..Limits::default() });
    (1..4).for_each(|number| street.happens(0, Input::Trust(id(number))));
    (1..4).for_each(|number| street.want(number, 0));
    street.run(10);
    assert_eq!(street.homes[0].peers().len(), 2);
    let refused = (1..4).filter(|number| !street.talk(*number, 0)).collect::<Vec<_>>();
    let why = street.homes[refused[0]].why_not(&id(0));
    assert_eq!(why, Some(Why::Told(Goodbye::Full(60))));
    // It waits as long as it was asked to, and then there is room.
    let gone = (1..4).find(|number| street.talk(*number, 0)).unwrap();
    street.happens(gone, Input::Stop);
    street.run(70);
    assert!(street.talk(refused[0], 0));
}

#[test]
fn after_a_sleep_it_is_known_at_once_who_is_there() {
    let mut street = Street::of(3, 13);
    street.want(0, 1);
    street.want(0, 2);
    street.run(20);
    street.cut(0, 1);
    // The lid is closed for an hour: ticks that were due come when it is opened.
    street.now += Duration::from_secs(3_600);
    street.run(3);
    assert_eq!(told(&street, 0, &Output::Down(id(1), Why::Said(Goodbye::Silent))), 1);
    assert!(street.talk(0, 2), "who answers stays");
    street.run(3);
    assert!(street.talk(0, 1));
}

#[test]
fn why_there_is_no_session_can_be_asked() {
    let mut street = Street::of(3, 14);
    assert_eq!(street.homes[0].why_not(&id(1)), Some(Why::Unwanted));
    street.happens(0, Input::Want(id(1)));
    assert_eq!(street.homes[0].why_not(&id(1)), Some(Why::NoAddress));
    let nowhere = "192.0.2.200:1".parse().unwrap();
    street.happens(0, Input::Found(id(1), vec![nowhere]));
    street.run(4);
    let why = Why::Unreached(nowhere, Unreached::Silence);
    assert_eq!(street.homes[0].why_not(&id(1)), Some(why));
    street.happens(0, Input::Found(id(1), vec![address(2)]));
    street.run(4);
    let wrong = Why::Unreached(address(2), Unreached::OtherKey(id(2)));
    let whys: Vec<_> = street.homes[0].why_not(&id(1)).into_iter().collect();
    assert!(whys == [wrong] || matches!(whys[..], [Why::Unreached(at, _)] if at == nowhere));
}

#[test]
fn a_node_that_stops_says_so() {
    let mut street = Street::of(2, 15);
    street.want(0, 1);
    street.run(1);
    street.happens(1, Input::Stop);
    street.run(1);
    assert_eq!(told(&street, 0, &Output::Down(id(1), Why::Told(Goodbye::Done))), 1);
    street.run(600);
    assert!(!street.talk(0, 1), "nobody is let in while a node stops");
}

#[test]
fn whatever_broke_all_who_want_to_talk_do_so_in_the_end() {
    for seed in 0..150 {
        let mut street = Street::of(2 + usize::try_from(seed % 5).unwrap(), seed);
        let count = street.homes.len();
        for _ in 0..30 {
            let (a, b) = (street.dice.index(count), street.dice.index(count));
            match street.dice.below(6) {
                0 | 1 if a != b => street.want(a, b),
                2 if a != b => street.cut(a, b),
                3 => {
                    let call = street.up.get(&(a, b)).copied();
                    call.into_iter().for_each(|call| street.breaks(a, call));
                }
                _ => {
                    let pause = street.dice.below(40);
                    street.run(pause);
                }
            }
        }
        (1..count).for_each(|number| street.want(number, number - 1));
        street.run(900);
        for number in 1..count {
            assert!(street.talk(number, number - 1), "seed {seed}, node {number}");
        }
        for (a, b) in street.up.keys() {
            assert!(street.talk(*a, *b), "seed {seed}: {a} and {b} agree");
        }
    }
}
