use std::cell::Cell;
use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use selkie_store::{PublicKey, Signature, decode, encode};

use crate::discovery::door::Door;
use crate::discovery::heard::{AT_ONE_ADDRESS_MAX, NODES_MAX, PLACES_MAX};
use crate::discovery::packet::Secret;
use crate::discovery::presence::{Announcement, Matter, Presence};
use crate::discovery::sources::SOURCES_MAX;
use crate::discovery::step::Step;
use crate::discovery::{Discovery, Input, Manner, Output};
use crate::identity::network::NetworkId;
use crate::identity::signed::Signed;
use crate::membership::notary::Notary;
use crate::moment::Moment;

mod room;

use room::{HOME, OTHER, Room, TODAY_MS, here, id, ip, key, network, packet, place};

/// Seeds, by default some; with `DISCOVERY_SEEDS` as many as that says.
fn seeds() -> std::ops::Range<u64> {
    let said = std::env::var("DISCOVERY_SEEDS").ok().and_then(|it| it.parse().ok());
    0..said.unwrap_or(30)
}

/// A room with one machine that has begun, and is silent for some seconds.
fn alone() -> Room {
    let mut room = Room::of(1, 1);
    room.run(10);
    room
}

/// A packet of another comes to all, from there.
fn comes(room: &mut Room, from: IpAddr, packet: &[u8]) {
    room.spread(SocketAddr::new(from, 1), packet);
    room.run(0);
    room.run(1);
}

const fn is_found(told: &Output) -> bool {
    matches!(told, Output::Found(..))
}

#[test]
fn two_in_one_room_find_each_other_at_once() {
    for seed in seeds() {
        let mut room = Room::of(1, seed);
        room.run(100);
        room.enter(Manner::Tells(7_355), HOME);
        room.run(2);
        assert_eq!(room.heard(0), [(1, vec![place(1)])], "seed {seed}");
        assert_eq!(room.heard(1), [(0, vec![place(0)])], "seed {seed}");
        let began = |(_, who, told): &(Moment, usize, Output)| {
            *who == 0 && *told == Output::Found(id(1), HOME, place(1), Step::Begins)
        };
        let at = room.told.iter().find(|told| began(told)).map(|told| told.0).unwrap();
        assert!(at - Moment::START < Duration::from_millis(100_006), "who was there hears at once");
    }
}

#[test]
fn loss_doubles_and_delay_hide_few_for_long() {
    // A node is lost from sight by three beats that are lost in a row.
    for (lost, most) in [(100_000, 1), (300_000, 6)] {
        let (mut all, mut hidden) = (0, 0);
        for seed in seeds().take(20) {
            let mut room = Room::of(5, seed);
            (room.lost, room.twice) = (lost, 200_000);
            room.longest = Duration::from_secs(2);
            for _ in 0..5 {
                room.run(60);
                let heard: usize = (0..5).map(|number| room.heard(number).len()).sum();
                (all, hidden) = (all + 20, hidden + 20 - heard);
            }
        }
        assert!(hidden * 100 <= all * most, "{hidden} of {all} at {lost} of a million");
    }
}

#[test]
fn a_room_is_quiet() {
    for seed in seeds().take(3) {
        let mut room = Room::of(10, seed);
        room.run(60);
        let before = room.said.len();
        room.run(3_600);
        let each = (room.said.len() - before) / 10;
        assert!((100..=145).contains(&each), "seed {seed}: {each} packets an hour");
    }
}

#[test]
fn what_was_said_before_is_not_believed_again() {
    let mut room = Room::of(2, 1);
    room.run(5);
    let recorded: Vec<_> = room.said.iter().filter(|said| said.1 == 1).cloned().collect();
    room.nodes.pop();
    room.run(1);
    let found = room.count(0, is_found);
    for (_, _, packet) in &recorded {
        comes(&mut room, ip(1), packet);
    }
    assert_eq!(room.count(0, is_found), found, "not from where it came from");
    room.run(300);
    assert_eq!(room.heard(0), []);
    let found = room.count(0, is_found);
    for (_, _, packet) in &recorded {
        comes(&mut room, ip(9), packet);
    }
    assert_eq!(room.count(0, is_found), found, "and not from elsewhere");
    room.run(600);
    for (_, _, packet) in &recorded {
        comes(&mut room, ip(1), packet);
    }
    assert_eq!(room.count(0, is_found), found, "nor after its time");
}

#[test]
fn nobody_speaks_for_another() {
    let mut room = alone();
    let said = here(place(5), 10_000);
    let signed = Signed::new(&said, &network(), &key(5)).unwrap();
    let mut bytes = encode(&Announcement(signed)).unwrap();
    // Behind the version stands who says it.
    bytes[1..33].copy_from_slice(id(6).as_bytes());
    let forged = decode::<Announcement>(&bytes).unwrap();
    assert_eq!(forged.0.by(), id(6));
    let secret = Secret::of(&network(), &HOME);
    comes(&mut room, ip(5), &secret.seal(forged.0).unwrap());
    // What is signed in another network says nothing here.
    let elsewhere = Signed::new(&said, &NetworkId::named("elsewhere"), &key(5)).unwrap();
    comes(&mut room, ip(5), &secret.seal(elsewhere).unwrap());
    assert_eq!(room.sightings(0), []);
    comes(&mut room, ip(5), &packet(HOME, 5, &said));
    assert_eq!(room.heard(0), [(5, vec![place(5)])]);
}

#[test]
fn who_shares_nothing_is_counted_and_no_more() {
    let mut room = alone();
    for number in 1..4 {
        comes(&mut room, ip(number), &packet(OTHER, number, &here(place(number), 10_000)));
    }
    assert_eq!((room.sightings(0), room.nodes[0].discovery.strangers(room.now)), (vec![], 3));
    assert_eq!(room.count(0, |_| true), 0);
    room.run(200);
    assert_eq!(room.nodes[0].discovery.strangers(room.now), 0);
}

#[test]
fn a_clock_that_is_far_off_is_told_and_not_believed() {
    let hour_ms = 3_600_000;
    for (time_ms, ahead_ms) in [(TODAY_MS + hour_ms, hour_ms), (u64::MAX, 1 << 62)] {
        let mut room = alone();
        let said = Presence { time_ms, ..here(place(1), 0) };
        comes(&mut room, ip(1), &packet(HOME, 1, &said));
        let sightings = room.sightings(0);
        assert!(sightings[0].places.is_empty());
        let ahead = u64::try_from(sightings[0].ahead_ms.unwrap()).unwrap();
        assert!(ahead > ahead_ms - 60_000, "{ahead}");
        assert_eq!(room.count(0, |_| true), 0);
        // Once it is right it is heard like any other.
        comes(&mut room, ip(1), &packet(HOME, 1, &here(place(1), 12_000)));
        assert_eq!(room.heard(0), [(1, vec![place(1)])]);
        assert_eq!(room.sightings(0)[0].ahead_ms, None);
        comes(&mut room, ip(1), &packet(HOME, 1, &said));
        assert_eq!(room.sightings(0)[0].ahead_ms, None, "what is known is better");
    }
    let mut room = alone();
    let said = Presence { time_ms: 0, ..here(place(1), 0) };
    comes(&mut room, ip(1), &packet(HOME, 1, &said));
    assert!(room.sightings(0)[0].ahead_ms < Some(0));
}

#[test]
fn nobody_hears_itself() {
    let mut room = alone();
    let own = room.said[0].2.clone();
    comes(&mut room, ip(0), &own);
    // Another clone of the same device goes by the same key, and calls are of no use.
    comes(&mut room, ip(3), &packet(HOME, 0, &here(place(3), 10_000)));
    assert_eq!((room.count(0, |_| true), room.sightings(0)), (0, vec![]));
    assert_eq!(room.nodes[0].discovery.strangers(room.now), 0);
}

#[test]
fn each_subnet_is_told_its_own_address() {
    let notary = room::notary(0);
    let mut discovery = Discovery::new(notary, Manner::Tells(9), 1);
    let [home, lane] = [("192.0.2.9", 24, 2), ("fe80::9", 64, 3)]
        .map(|(address, bits, zone)| Door { address: address.parse().unwrap(), bits, zone });
    drop(discovery.handle(Moment::START, TODAY_MS, Input::Opened(HOME)));
    let said = discovery.handle(Moment::START, TODAY_MS, Input::Doors([home, lane].into()));
    let secret = Secret::of(&network(), &HOME);
    let said: Vec<_> = said
        .filter_map(|output| match output {
            Output::Say(door, packet) => {
                let said = secret.open(&packet).unwrap().open(&network()).unwrap();
                Some((door, said.address.to_string(), said.matter))
            }
            _ => None,
        })
        .collect();
    let expected = [
        (home, "192.0.2.9:9".to_owned(), Matter::Asks),
        (lane, "[fe80::9]:9".to_owned(), Matter::Asks),
    ];
    assert_eq!(said, expected);
}

#[test]
fn an_address_of_the_link_is_found_where_it_was_heard() {
    let mut room = alone();
    let lane = Door { address: "fe80::9".parse().unwrap(), bits: 64, zone: 3 };
    let home = room.nodes[0].door;
    room.happens(0, Input::Doors([home, lane].into()));
    room.run(1);
    let said = packet(HOME, 1, &here("[fe80::5]:7355".parse().unwrap(), 11_000));
    for from in ["[fe80::5%2]:1", "[fe80::6%3]:1", "[fe80::5%3]:1"] {
        room.happens(0, Input::Came(from.parse().unwrap(), said.clone()));
    }
    assert_eq!(room.heard(0), [(1, vec!["[fe80::5%3]:7355".parse().unwrap()])]);
    // The same node is in the other subnet too.
    comes(&mut room, ip(1), &packet(HOME, 1, &here(place(1), 11_000)));
    assert_eq!(room.sightings(0)[0].places.len(), 2);
}

#[test]
fn who_is_not_in_the_subnet_is_not_heard() {
    let mut room = alone();
    let far: SocketAddr = "198.51.100.1:7355".parse().unwrap();
    comes(&mut room, far.ip(), &packet(HOME, 1, &here(far, 10_000)));
    assert_eq!(room.sightings(0), []);
    assert_eq!(room.nodes[0].discovery.strangers(room.now), 0);
}

#[test]
fn who_is_silent_is_lost_and_who_goes_at_once() {
    let mut room = Room::of(2, 1);
    room.run(5);
    room.nodes.pop();
    room.run(100);
    assert_eq!(room.heard(0).len(), 1, "three silent beats are chance");
    room.run(15);
    assert_eq!(room.heard(0), []);
    assert_eq!(room.told.last().unwrap().2, Output::Lost(id(1), HOME));
    let again = room.enter(Manner::Tells(7_355), HOME);
    room.run(2);
    assert_eq!(room.heard(0), [(1, vec![place(1)])]);
    room.happens(again, Input::Stop);
    room.run(1);
    assert_eq!(room.heard(0), []);
    assert_eq!(room.count(0, |told| *told == Output::Lost(id(1), HOME)), 2);
    assert_eq!(room.count(0, |told| *told == Output::Appeared(id(1), HOME, place(1))), 2);
}

#[test]
fn who_moves_asks_at_once_from_there() {
    let mut room = Room::of(2, 1);
    room.run(100);
    let door = Door { address: ip(7), ..room.nodes[1].door };
    room.nodes[1].door = door;
    room.happens(1, Input::Doors([door].into()));
    room.run(2);
    assert_eq!(room.heard(0), [(1, vec![place(7), place(1)])]);
    let said = room.said.len();
    room.happens(1, Input::Doors([door].into()));
    room.run(1);
    assert!(room.said.len() <= said + 1, "to be where one was is no news");
    // It goes from everywhere.
    room.happens(1, Input::Stop);
    room.run(1);
    assert_eq!(room.heard(0), []);
}

#[test]
fn who_only_calls_is_answered_and_not_called() {
    for seed in seeds() {
        let mut room = Room::of(1, seed);
        room.run(100);
        let guest = room.enter(Manner::Asks, HOME);
        room.run(0);
        let began = room.now;
        room.run(1);
        assert_eq!(room.heard(guest), [(0, vec![place(0)])], "seed {seed}");
        let heard = room.told.iter().find(|(_, who, _)| *who == guest).unwrap().0;
        assert!(heard - began < Duration::from_millis(111), "seed {seed}: {:?}", heard - began);
        assert_eq!((room.heard(0), room.count(0, |_| true)), (vec![], 0));
        let before = room.said.len();
        room.happens(guest, Input::Stop);
        assert_eq!(room.said.len(), before, "nor does it say that it goes");
    }
}

#[test]
fn who_listens_says_nothing() {
    let mut room = Room::of(1, 1);
    let silent = room.enter(Manner::Listens, HOME);
    room.run(300);
    room.happens(silent, Input::Doors(BTreeSet::new()));
    room.happens(silent, Input::Doors([room.nodes[silent].door].into()));
    room.happens(silent, Input::Stop);
    assert!(room.said.iter().all(|said| said.1 == 0));
    assert!(room.count(silent, is_found) > 0 && room.heard(0).is_empty());
}

#[test]
fn however_many_ask_one_answer_a_second_is_enough() {
    let mut room = alone();
    let before = room.said.len();
    for at in 0..100 {
        for number in 1..9 {
            let asks = Presence {
                matter: Matter::Asks,
                ..here(SocketAddr::new(ip(number), 0), 10_000 + at)
            };
            room.spread(SocketAddr::new(ip(number), 1), &packet(HOME, number, &asks));
        }
        room.now += Duration::from_millis(100);
        room.run(0);
    }
    let answers = room.said.len() - before;
    assert!((3..=11).contains(&answers), "{answers}");
}

#[test]
fn who_is_wanted_only_now_was_heard_before() {
    let mut room = Room::of(2, 1);
    room.run(5);
    let found = |told: &Output| *told == Output::Found(id(1), HOME, place(1), Step::Stays);
    let before = room.count(0, found);
    room.happens(0, Input::Again);
    assert_eq!(room.count(0, found), before + 1);
    room.happens(0, Input::Closed(HOME));
    room.happens(0, Input::Again);
    assert_eq!(room.count(0, found), before + 1);
}

#[test]
fn a_clock_that_is_put_back_does_not_silence_its_node() {
    let mut room = Room::of(2, 1);
    room.run(5);
    for back_ms in [0, 30_000, 300_000] {
        room.nodes[1].clock_ms = TODAY_MS - back_ms;
        room.run(300);
        assert_eq!(room.heard(0).len(), 1, "{back_ms} ms");
    }
}

#[test]
fn invented_nodes_fill_no_memory() {
    thread_local!(static CHECKED: Cell<usize> = const { Cell::new(0) });
    fn verifies(key: &PublicKey, said: &[u8], signature: &Signature) -> bool {
        CHECKED.set(CHECKED.get() + 1);
        key.verifies(said, signature)
    }
    let notary = Notary::new(Arc::new(key(0)), network(), verifies);
    let mut discovery = Discovery::new(notary, Manner::Listens, 1);
    let door = Door { address: "10.0.0.1".parse().unwrap(), bits: 8, zone: 2 };
    let mut now = Moment::START;
    drop(discovery.handle(now, TODAY_MS, Input::Doors([door].into())));
    drop(discovery.handle(now, TODAY_MS, Input::Opened(HOME)));
    let came = |discovery: &mut Discovery, now: Moment, number: usize, at: u32, port: u16| {
        let from = SocketAddr::new(IpAddr::V4((0x0a00_0000 + at).into()), port);
        let said = packet(HOME, number, &here(from, now.us() / 1_000));
        let time_ms = TODAY_MS + now.us() / 1_000;
        drop(discovery.handle(now, time_ms, Input::Came(from, said)));
    };
    // At once, from one address: so many are checked, and fewer remembered.
    (1..200).for_each(|number| came(&mut discovery, now, number, 7, 9));
    assert_eq!(CHECKED.get(), 32);
    assert_eq!(discovery.sightings(now).len(), AT_ONE_ADDRESS_MAX);
    // For a minute, from as many addresses.
    for number in 200..1_800 {
        now += Duration::from_millis(40);
        came(&mut discovery, now, number, u32::try_from(number).unwrap(), 9);
    }
    assert_eq!(discovery.sightings(now).len(), NODES_MAX);
    assert_eq!(discovery.sources.len(), SOURCES_MAX);
    assert!(CHECKED.get() <= 32 + 64 + 16 * 64, "{}", CHECKED.get());
    // One that is everywhere.
    for port in 1..100 {
        now += Duration::from_secs(1);
        came(&mut discovery, now, 9_999, 5, port);
    }
    let everywhere = discovery.sightings(now).into_iter().find(|it| it.node == id(9_999)).unwrap();
    assert_eq!(everywhere.places.len(), PLACES_MAX);
    assert_eq!(everywhere.places[0].0.port(), 99, "the newest is first");
}

#[test]
fn noise_says_nothing() {
    let mut room = alone();
    for len in [0, 1, 159, 160, 161, 1_500] {
        for byte in [0, 1, 255] {
            comes(&mut room, ip(4), &vec![byte; len]);
        }
    }
    assert_eq!((room.count(0, |_| true), room.sightings(0)), (0, vec![]));
}

/// A change of these bytes is another version.
#[test]
fn a_packet_keeps_its_bytes() {
    let said = Presence { matter: Matter::Asks, ..here(place(8), 5) };
    let packet = packet(HOME, 3, &said);
    let hex = packet.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
    assert_eq!(hex, GOLDEN);
}

const GOLDEN: &str = "0101e6eea0fc5b60f9bf5bd27280c5680b4fc247c6a1a0c78a31fc5f75153407c1374f7ad6ab7071bbf766903804efdb53758771e8d7e81b2c94dcf63134148d8ddbb989bf5ec7637d83c278ef7e3de0a17d784b055ca1efd07cfe7e65b20dfcbf3298d96fbef2efc70e1bab5f1a0a263944458b2e4668d941ec0638d5b8c52ce60e7c1da53d669026b0a8b841a9ecbb5cf10013e05238fb2a0e7cd69db84766";
