//! What each setting of the network does: real processes over loopback. A test is named after its setting.
#![cfg(unix)]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use selkie_store::{PublicKey, SecretKey};
use selkie_sync::{Goodbye, Node, NodeId, Why};
use serde_json::Value;

use crate::network::{DEADLINE, Going, Person};
use crate::node::{Running, until};

/// Whatever names a test of a setting or a command.
const TESTS: [&str; 6] = [
    include_str!("setting.rs"),
    include_str!("network.rs"),
    include_str!("nearby.rs"),
    include_str!("node.rs"),
    include_str!("rendezvous.rs"),
    include_str!("topology.rs"),
];

/// Ann, whose node runs, and Bob, who knows where.
fn two() -> [Person; 2] {
    let ann = Person::with_repository("Ann");
    ann.seal("poem", "1");
    let bob = ann.joined_by("Bob");
    [ann, bob]
}

fn lines(person: &Person, args: &[&str]) -> Vec<Value> {
    let output = person.must(&[&["--json"], args].concat()).stdout;
    let text = String::from_utf8(output).expect("it is text");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn syncing(person: &Person) -> Value {
    lines(person, &["p2p", "sync-status"]).remove(0)
}

/// A port that nobody has.
fn free_port() -> u16 {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("there are ports");
    socket.local_addr().expect("it has one").port()
}

/// Where packets come, and nobody answers.
fn silent() -> (UdpSocket, String) {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("there are ports");
    let at = socket.local_addr().expect("it has one").to_string();
    (socket, at)
}

#[test]
fn every_setting_of_the_network_has_a_test() {
    let ann = Person::called("Ann");
    let output = ann.at_home(&["--json", "config", "keys"]).stdout;
    let text = String::from_utf8(output).expect("it is text");
    let keys = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let names = keys.map(|key| key["name"].as_str().expect("it has one").to_owned());
    let is_of_network = |name: &String| name.starts_with("network.") || name.starts_with("sync.");
    let untested = names.filter(is_of_network).filter(|name| {
        let function = format!("#[test]\nfn {}_", name.replace(['.', '-'], "_"));
        !TESTS.iter().any(|tests| tests.contains(&function))
    });
    assert_eq!(untested.collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn every_command_of_a_node_is_typed_in_a_test() {
    let ann = Person::called("Ann");
    let output = ann.at_home(&["p2p", "--help"]).stdout;
    let text = String::from_utf8(output).expect("it is text");
    let commands = text.lines().skip_while(|line| *line != "Commands:").skip(1);
    let commands: Vec<_> = commands.map_while(|line| line.split_whitespace().next()).collect();
    assert!(commands.contains(&"start") && commands.contains(&"metrics"), "{commands:?}");
    let untested = commands.into_iter().filter(|command| {
        let typed = format!("\"p2p\", \"{command}\"");
        *command != "help" && !TESTS.iter().any(|tests| tests.contains(&typed))
    });
    assert_eq!(untested.collect::<Vec<_>>(), Vec::<&str>::new());
}

#[test]
fn network_port_is_where_a_node_listens() {
    let [ann, _bob] = two();
    let at = |person: &Person| -> SocketAddr {
        let told = person.told(&["p2p", "status"]);
        told["address"].as_str().expect("it listens").parse().expect("it is an address")
    };
    let [first, second] = [free_port(), free_port()];
    ann.must(&["p2p", "config", "--port", &first.to_string()]);
    ann.must(&["p2p", "start"]);
    let running = Running::begun(&ann);
    assert_eq!(at(&ann).port(), first);
    // One that runs is begun anew.
    let process = ann.told(&["p2p", "status"])["process"].clone();
    ann.must(&["p2p", "config", "--port", &second.to_string()]);
    assert_eq!(at(&ann).port(), second);
    assert_ne!(ann.told(&["p2p", "status"])["process"], process);
    for bad in ["0", "65536", "x"] {
        let said = ann.fails(&["p2p", "config", "--port", bad, "--max-peers", "7"]);
        assert!(said.contains("it is a port"), "{said}");
    }
    let peers = lines(&ann, &["p2p", "config"]);
    assert!(peers.iter().any(|it| it["name"] == "network.peers" && it["value"] == "50"));
    drop(running);
}

#[test]
fn network_listen_is_where_a_node_listens() {
    let [ann, _bob] = two();
    ann.must(&["p2p", "config", "--listen", "127.0.0.1:0"]);
    ann.must(&["p2p", "start"]);
    let _running = Running::begun(&ann);
    let told = ann.told(&["p2p", "status"]);
    assert!(told["address"].as_str().expect("it listens").starts_with("127.0.0.1:"));
    let said = ann.must(&["p2p", "config", "--reset"]).stdout;
    drop(said);
    let listen = lines(&ann, &["p2p", "config"]);
    assert!(listen.iter().all(|it| it["name"] != "network.listen"));
}

#[test]
fn network_allow_is_who_is_called_and_may_call() {
    let [ann, bob] = two();
    let _anns = Running::of(&ann).known_to(&bob, "host");
    let _bobs = Running::of(&bob);
    until("connected", || bob.told(&["p2p", "peers"])["connected"] == true);
    bob.must(&["p2p", "config", "--allow", "10.0.0.0/8 fd00::/8"]);
    until("told", || {
        let told = bob.told(&["p2p", "peers"]);
        told["why"].as_str().is_some_and(|why| why.contains("do not allow"))
    });
    bob.must(&["p2p", "config", "--allow", "127.0.0.0/8"]);
    until("connected again", || bob.told(&["p2p", "peers"])["connected"] == true);
    let said = bob.fails(&["p2p", "config", "--allow", "10.0.0.1/8"]);
    assert!(said.contains("it is one network or several"), "{said}");
}

#[test]
fn network_peers_is_how_many_are_connected() {
    let [ann, bob] = two();
    let carl = ann.joined_by("Carl");
    ann.must(&["p2p", "config", "--max-peers", "1"]);
    let _anns = Running::of(&ann).known_to(&bob, "host").known_to(&carl, "host");
    let _bobs = Running::of(&bob);
    until("connected", || bob.told(&["p2p", "peers"])["connected"] == true);
    let said = carl.fails(&["sync"]);
    assert!(said.contains("it has enough peers"), "{said}");
}

#[test]
fn network_syncs_is_how_many_are_done_at_once() {
    let [ann, _bob] = two();
    let (_socket, at) = silent();
    ann.must(&["peers", "add", "ghost", &"07".repeat(32), "--at", &at]);
    ann.must(&["p2p", "config", "--max-syncs", "1"]);
    let _anns = Running::of(&ann);
    let _both: [Going; 2] = [(); 2].map(|()| ann.begin(&["p2p", "sync", "--peer", "ghost"]));
    until("one", || syncing(&ann)["under_way"] == 1);
    ann.must(&["p2p", "config", "--max-syncs", "2"]);
    until("both", || syncing(&ann)["under_way"] == 2);
}

/// Noise of this length, which does not shrink.
fn noise(len: usize) -> String {
    let mut state = 1_u64;
    let next = || {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
        char::from(b'!' + (state >> 56) as u8 % 90)
    };
    std::iter::repeat_with(next).take(len).collect()
}

/// How long it takes until Bob has some hundred thousand bytes of Ann's.
fn taking(bob: &Person) -> Duration {
    let began = Instant::now();
    assert_eq!(bob.told(&["sync"])["peers"][0]["agreed"], true);
    assert_eq!(bob.read("noise").len(), 300_000);
    began.elapsed()
}

#[test]
fn network_send_is_how_much_goes_out_in_a_second() {
    let [ann, bob] = two();
    let said = ann.fails(&["p2p", "config", "--send", "1 KiB", "--max-peers", "7"]);
    assert!(said.contains("such as '16 KiB' or more"), "{said}");
    ann.must(&["p2p", "config", "--send", "64 KiB"]);
    let _anns = Running::of(&ann).known_to(&bob, "host");
    ann.seal("noise", &noise(300_000));
    // Of printable noise at least eight tenths are left.
    let took = taking(&bob);
    assert!(took > Duration::from_secs(3), "{took:?}");
}

#[test]
fn network_receive_is_how_much_comes_in_a_second() {
    let [ann, bob] = two();
    bob.must(&["p2p", "config", "--receive", "64 KiB"]);
    let _anns = Running::of(&ann).known_to(&bob, "host");
    ann.seal("noise", &noise(300_000));
    let took = taking(&bob);
    assert!(took > Duration::from_secs(3), "{took:?}");
}

#[test]
fn network_messages_is_how_many_a_peer_may_say_in_a_second() {
    let [ann, bob] = two();
    bob.must(&["p2p", "config", "--max-messages", "5"]);
    let _anns = Running::of(&ann).known_to(&bob, "host");
    ann.seal("noise", &noise(300_000));
    // It is more than ten: greetings, where logs stand, entries, and parts of objects.
    let took = taking(&bob);
    assert!(took > Duration::from_secs(2), "{took:?}");
}

#[test]
fn network_memory_is_what_connections_hold_together() {
    let [ann, bob] = two();
    let carl = ann.joined_by("Carl");
    let room = || ann.told(&["p2p", "metrics"])["connection_bytes_max"].clone();
    let _anns = Running::of(&ann);
    assert_eq!(room(), 64 << 20);
    ann.must(&["p2p", "config", "--max-memory", "8 MiB"]);
    assert_eq!(room(), 8 << 20, "it was begun anew");
    let anns = Running::begun(&ann).known_to(&bob, "host").known_to(&carl, "host");
    let _others = [Running::of(&bob), Running::of(&carl)];
    until("shared", || room() == 4 << 20);
    let said = ann.fails(&["p2p", "config", "--max-memory", "much"]);
    assert!(said.contains("such as '8 MiB' or more"), "{said}");
    drop(anns);
}

/// Passes on what comes to it, and no answers. Tells of the first one.
fn one_way(to: SocketAddr) -> (SocketAddr, mpsc::Receiver<()>) {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("there are ports");
    let at = socket.local_addr().expect("it has one");
    let (answered, answers) = mpsc::channel();
    thread::spawn(move || {
        let mut packet = [0; 2_000];
        while let Ok((len, from)) = socket.recv_from(&mut packet) {
            if from == to {
                // Nobody listens any more: neither does this.
                if answered.send(()).is_err() {
                    return;
                }
            } else if socket.send_to(&packet[..len], to).is_err() {
                return;
            }
        }
    });
    (at, answers)
}

#[test]
fn network_strangers_is_how_many_are_listened_to_that_have_not_said_who_they_are() {
    let [ann, bob] = two();
    ann.must(&["p2p", "config", "--max-strangers", "1"]);
    let _anns = Running::of(&ann).known_to(&bob, "host");
    let at = ann.told(&["p2p", "status"])["address"].as_str().expect("it listens").to_owned();
    let (relay, answers) = one_way(at.parse().expect("it is an address"));
    // Somebody begins a handshake, and does not go on.
    let stranger = |number| {
        let key = SecretKey::from_bytes(&[number; 32]);
        Node::builder(key).listen("127.0.0.1:0".parse().unwrap()).start().unwrap()
    };
    let anns = NodeId::of(PublicKey::spelled(&ann.key()).expect("it is one"));
    let ghost = stranger(9);
    ghost.want(anns, vec![relay]);
    answers.recv_timeout(DEADLINE).expect("it is answered");
    let began = Instant::now();
    drop((ghost, answers));
    // Who shares the repository is let in all the same.
    bob.must(&["sync"]);
    // So long a handshake may take, and no other stranger is listened to meanwhile.
    let other = stranger(8);
    other.want(anns, vec![at.parse().expect("it is an address")]);
    until("listened to", || matches!(other.why_not(anns), Some(Why::Told(Goodbye::Stranger))));
    assert!(began.elapsed() > Duration::from_secs(4), "{:?}", began.elapsed());
}

#[test]
fn sync_timeout_is_how_long_a_peer_is_waited_for() {
    let [ann, _bob] = two();
    let (_socket, at) = silent();
    ann.must(&["peers", "add", "ghost", &"07".repeat(32), "--at", &at]);
    ann.must(&["p2p", "config", "--sync-timeout", "1 s"]);
    let _anns = Running::of(&ann);
    let began = Instant::now();
    let said = ann.fails(&["p2p", "sync", "--peer", "ghost"]);
    assert!(said.contains("1 peer was missed"), "{said}");
    // It would be a minute.
    assert!(began.elapsed() < Duration::from_secs(40), "{:?}", began.elapsed());
}

#[test]
fn sync_interval_is_how_often_those_are_called_who_are_away() {
    let [ann, _bob] = two();
    let _anns = Running::of(&ann);
    assert_eq!(syncing(&ann)["interval_seconds"], 30);
    until("called", || !syncing(&ann)["called_ms"].is_null());
    let first = syncing(&ann)["called_ms"].clone();
    ann.must(&["p2p", "auto-sync", "interval", "1 s"]);
    assert_eq!(syncing(&ann)["interval_seconds"], 1);
    until("called again", || syncing(&ann)["called_ms"] != first);
    for bad in ["0 s", "2 days", "often"] {
        let said = ann.fails(&["p2p", "auto-sync", "interval", bad]);
        assert!(said.contains("from '1 s' to '1 day'"), "{said}");
    }
}

#[test]
fn sync_auto_is_whether_what_is_new_is_told_unasked() {
    let [ann, bob] = two();
    let _anns = Running::of(&ann).known_to(&bob, "host");
    let _bobs = Running::of(&bob);
    until("connected", || bob.told(&["p2p", "peers"])["connected"] == true);
    ann.must(&["p2p", "auto-sync", "off"]);
    assert_eq!(syncing(&ann)["auto"], false);
    until("there again", || {
        bob.must(&["p2p", "connect", "host"]);
        bob.told(&["p2p", "peers"])["connected"] == true
    });
    ann.seal("kept", "2");
    // Bob asks, and has all that he is told of.
    assert_eq!(bob.told(&["p2p", "sync"])["agreed"], true);
    assert_eq!(bob.newest("main"), ["poem"]);
    ann.must(&["p2p", "sync"]);
    until("told", || bob.newest("main") == ["kept"]);
    ann.must(&["p2p", "auto-sync", "on"]);
    ann.seal("more", "3");
    until("told by itself", || bob.newest("main") == ["more"]);
}

#[test]
fn sync_strategy_settles_what_nobody_spoke_of() {
    let [ann, bob] = two();
    ann.seal("poem", "of ann");
    bob.seal("poem", "of bob");
    let _anns = Running::of(&ann).known_to(&bob, "host");
    let _bobs = Running::of(&bob);
    let heads = |person: &Person| person.told(&["timeline"])["heads"].clone();
    let waits = |person: &Person| lines(person, &["p2p", "sync-status"]).pop().expect("a line");
    until("diverged", || waits(&bob)["schema"] == "selkie.waits/1");
    assert_eq!(waits(&bob)["strategy"], "manual");
    assert_eq!(heads(&bob).as_array().expect("a list").len(), 2);
    // It holds from the next thing on that comes, or that somebody syncs.
    bob.must(&["p2p", "config", "--conflict-strategy", "last_write"]);
    bob.must(&["sync"]);
    assert_eq!(heads(&bob).as_array().expect("a list").len(), 1);
    until("one head", || heads(&ann) == heads(&bob));
    let said = bob.fails(&["p2p", "config", "--conflict-strategy", "authority"]);
    assert!(said.contains("it is one of: manual"), "{said}");
}

/// What is answered to these bytes, in one go.
fn told_at(at: &str, asked: &[u8]) -> String {
    let mut stream = TcpStream::connect(at).expect("somebody listens");
    stream.set_read_timeout(Some(DEADLINE)).expect("it is a stream");
    // Who is sent away in the middle of a question can not end it.
    let _sent = stream.write_all(asked);
    let mut told = Vec::new();
    let _ended = stream.read_to_end(&mut told);
    String::from_utf8(told).expect("it is text")
}

#[test]
fn network_metrics_tells_numbers_on_this_machine_alone() {
    let [ann, bob] = two();
    let [at, other] = [(); 2].map(|()| {
        let free = TcpListener::bind("127.0.0.1:0").expect("there are ports");
        free.local_addr().expect("it has one").to_string()
    });
    for elsewhere in ["0.0.0.0:9464", "192.0.2.1:9464", "localhost", "127.0.0.1:0", "9464"] {
        let said = ann.fails(&["p2p", "config", "--metrics", elsewhere]);
        assert!(said.contains("an address of this machine alone"), "{said}");
    }
    ann.must(&["p2p", "config", "--metrics", &at]);
    let running = Running::of(&ann).known_to(&bob, "host");
    bob.seal("poem", "2");
    bob.must(&["sync", "host"]);
    let asks = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";
    // Who only knocks, asks too much, or says nothing to the end keeps nobody waiting for long.
    let idle: Vec<_> = (0..12).map(|_| TcpStream::connect(&at).expect("it listens")).collect();
    let told = told_at(&at, asks);
    assert!(told.starts_with("HTTP/1.1 200 OK\r\nContent-Type: text/plain"), "{told}");
    drop(idle);
    let (_, page) = told.split_once("\r\n\r\n").expect("a head and a page");
    let number = |name: &str| {
        let line = page.lines().find_map(|line| line.strip_prefix(&format!("{name} ")));
        line.unwrap_or_else(|| panic!("{name}: {page}")).parse::<f64>().expect("it is a number")
    };
    let metrics = ann.told(&["p2p", "metrics"]);
    assert!(number("selkie_entries_received_total") > 0.0);
    for (name, field) in [
        ("selkie_entries_received_total", "entries_in"),
        ("selkie_objects_received_total", "objects_in"),
        ("selkie_object_received_bytes_total", "object_bytes_in"),
    ] {
        assert_eq!(metrics[field].as_f64(), Some(number(name)), "{name}");
    }
    assert!(number("selkie_peers") >= 1.0 && number("selkie_start_time_seconds") > 1e9);
    let kinds = page.lines().filter(|line| line.starts_with("# TYPE ")).count();
    assert_eq!(kinds, page.lines().filter(|line| !line.starts_with('#')).count(), "{page}");
    assert!(!page.contains(&bob.key()), "it tells of nobody");
    for (asked, state) in [
        (&b"GET / HTTP/1.1\r\n\r\n"[..], "404"),
        (b"POST /metrics HTTP/1.1\r\n\r\n", "405"),
        (b"\xff\r\n\r\n", "400"),
        (&b"long".repeat(4_096), ""),
    ] {
        let told = told_at(&at, asked);
        let expected = format!("HTTP/1.1 {state}");
        assert!(told.starts_with(&expected) || state.is_empty(), "{told}");
    }
    assert!(told_at(&at, asks).contains("200 OK"), "it answers still");
    // One that runs is begun anew, and where somebody else listens it does not begin.
    ann.must(&["p2p", "config", "--metrics", &other]);
    assert!(told_at(&other, asks).contains("200 OK") && TcpStream::connect(&at).is_err());
    drop(running);
    let taken = TcpListener::bind(&at).expect("nobody listens there any more");
    ann.must(&["p2p", "config", "--metrics", &at]);
    let said = ann.fails(&["p2p", "start"]);
    assert!(said.contains(&format!("numbers can not be told at {at}")), "{said}");
    drop(taken);
}
