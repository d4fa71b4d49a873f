//! Real processes with bad weather between them: a way that delays packets, loses, doubles and swaps them, from a seed.
#![cfg(unix)]

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::net::{SocketAddr, UdpSocket};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use selkie_sync::Dice;
use serde_json::Value;

use crate::network::Person;
use crate::node::{Running, until};

/// What is between a caller and a node. It lasts as long as the test.
struct Weather {
    at: SocketAddr,
}

/// What happens to packets.
#[derive(Clone, Copy)]
struct Forecast {
    delay: Duration,
    jitter: Duration,
    lost_percent: u64,
    doubled_percent: u64,
}

/// A packet, and which of both ways it goes.
type Packet = (Way, Vec<u8>);

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Way {
    There,
    Back,
}

impl Weather {
    /// Whoever calls here calls there.
    fn before(node: SocketAddr, forecast: Forecast, seed: u64) -> Self {
        let bind = || UdpSocket::bind("127.0.0.1:0").expect("there are ports");
        let (front, back) = (bind(), bind());
        let at = front.local_addr().expect("it has one");
        back.connect(node).expect("it is on this machine");
        let (sky, packets) = mpsc::channel();
        let (callers, caller) = mpsc::channel();
        let hear = |socket: &UdpSocket| socket.try_clone().expect("there are handles");
        let (heard, answers) = (hear(&front), hear(&back));
        let there = Sender::clone(&sky);
        thread::spawn(move || listen(&heard, Way::There, &there, Some(&callers)));
        thread::spawn(move || listen(&answers, Way::Back, &sky, None));
        thread::spawn(move || blow(forecast, seed, &packets, &caller, [&front, &back]));
        Self { at }
    }
}

fn listen(
    socket: &UdpSocket,
    way: Way,
    sky: &Sender<Packet>,
    callers: Option<&Sender<SocketAddr>>,
) {
    let (mut bytes, mut last) = ([0; 2_000], None);
    loop {
        // A port that is closed for a moment is told by an error, and that passes.
        let Ok((len, from)) = socket.recv_from(&mut bytes) else { continue };
        if last.replace(from) != Some(from)
            && callers.is_some_and(|callers| callers.send(from).is_err())
        {
            return;
        }
        if sky.send((way, bytes[..len].to_vec())).is_err() {
            return;
        }
    }
}

/// Carries packets until nobody sends any.
fn blow(
    forecast: Forecast,
    seed: u64,
    packets: &Receiver<Packet>,
    callers: &Receiver<SocketAddr>,
    [front, back]: [&UdpSocket; 2],
) {
    let mut dice = Dice::of(seed);
    let (mut flying, mut sent, mut caller) = (BinaryHeap::new(), 0_u64, None);
    loop {
        let next = flying.peek().map(|Reverse((at, ..)): &Reverse<(Instant, u64, Packet)>| *at);
        let wait = next.map_or(Duration::from_secs(60), |at| at - Instant::now());
        match packets.recv_timeout(wait) {
            Ok(packet) => {
                let copies = if dice.below(100) < forecast.doubled_percent { 2 } else { 1 };
                for _ in 0..copies {
                    if dice.below(100) >= forecast.lost_percent {
                        let delay = forecast.delay + dice.span(Duration::ZERO, forecast.jitter);
                        sent += 1;
                        flying.push(Reverse((Instant::now() + delay, sent, packet.clone())));
                    }
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        caller = callers.try_iter().last().or(caller);
        while flying.peek().is_some_and(|Reverse((at, ..))| *at <= Instant::now()) {
            let Some(Reverse((_, _, (way, bytes)))) = flying.pop() else { break };
            // Where nobody listens it is lost, as anywhere.
            let _lost = match (way, caller) {
                (Way::There, _) => back.send(&bytes),
                (Way::Back, Some(caller)) => front.send_to(&bytes, caller),
                (Way::Back, None) => Ok(0),
            };
        }
    }
}

#[test]
fn what_is_sealed_comes_through_bad_weather_and_nobody_is_lost() {
    let ann = Person::with_repository("Ann");
    ann.seal("poem", "1");
    let bob = ann.joined_by("Bob");
    let _anns = Running::of(&ann);
    let at = ann.told(&["p2p", "status"])["address"].as_str().expect("it listens").to_owned();
    // Each way takes 50 to 250 ms, so packets pass each other.
    let forecast = Forecast {
        delay: Duration::from_millis(50),
        jitter: Duration::from_millis(200),
        lost_percent: 5,
        doubled_percent: 5,
    };
    let weather = Weather::before(at.parse().expect("it is an address"), forecast, 7);
    bob.must(&["peers", "add", "host", &ann.key(), "--at", &weather.at.to_string()]);
    let _bobs = Running::of(&bob);
    let connected = || bob.told(&["p2p", "peers"])["connected"] == true;
    until("connected", connected);
    for number in 0..3 {
        ann.seal(&format!("of ann {number}"), &"a".repeat(40_000));
        until("there", || bob.newest("main") == [format!("of ann {number}")]);
    }
    let output = bob.must(&["--json", "p2p", "events"]).stdout;
    let text = String::from_utf8(output).expect("it is text");
    let told = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let lost: Vec<_> = told.filter(|it| it["event"] == "disconnected").collect();
    assert_eq!(lost, Vec::<Value>::new());
    bob.must(&["sync"]);
    assert_eq!(bob.log().len(), 4);
    bob.must(&["verify"]);
}
