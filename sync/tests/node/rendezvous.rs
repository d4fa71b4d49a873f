//! Nodes that know a server and not each other, and those who mean it no good.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use quinn::{Connection, Endpoint};
use selkie_store::{Coded, SimDisk, Store, View, decode, encode};
use selkie_sync::{
    ChannelId, Errand, Event, Full, HeardBy, NetworkId, Node, Notice, Rendezvous, RendezvousServer,
    Reply, Right, Scope, ServerName, Share, Speech, Spot, WordPacket, frame,
};
use tokio::runtime::{Builder, Runtime};

use crate::caller::{call, shown};
use crate::house::{DEADLINE, HOME, anywhere, id, key};

const PROTOCOL: &[u8] = b"selkie-rendezvous/1";

fn server() -> RendezvousServer {
    let hold = Duration::from_secs(60);
    RendezvousServer::start(key(99), anywhere(), Vec::new(), hold).unwrap()
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// A node with an empty store that shares [`HOME`], and goes to this server.
fn node(number: u8, channel: ChannelId, server: &str) -> Node {
    let servers = vec![ServerName::parse(server).unwrap()];
    let rendezvous = Rendezvous { servers, speech: Speech::Tells };
    let builder = Node::builder(key(number)).listen(anywhere()).rendezvous(rendezvous);
    let node = builder.start().unwrap();
    let store = std::sync::Arc::new(Store::open(std::sync::Arc::new(SimDisk::default())).unwrap());
    let view: View<selkie_crdt::AwSet<String>> =
        View::open(std::sync::Arc::clone(&store), |_, _| ()).unwrap();
    node.open(channel, Share::new(store, view)).unwrap();
    node
}

fn befriend(node: &Node, other: u8) {
    node.trust(id(other));
    node.grant(HOME, id(other), Right::Write(Scope::All));
}

fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + DEADLINE;
    while !is_so() {
        assert!(Instant::now() < end, "never {what}");
        std::thread::yield_now();
    }
}

#[test]
fn two_who_know_the_server_alone_meet() {
    let server = server();
    let name = format!("{}@{}", server.id(), server.address());
    let east = node(1, HOME, &name);
    let west = node(2, HOME, &name);
    let notices = west.notices();
    befriend(&east, 2);
    befriend(&west, 1);
    let end = Instant::now() + DEADLINE;
    loop {
        let left = end.saturating_duration_since(Instant::now());
        match notices.next_within(left) {
            Some(Notice::Event(Event::Up(node, _))) if node == id(1) => break,
            Some(_) => {}
            None => panic!("they never met"),
        }
    }
    until("registered", || server.tally().registered == 2);
    assert_eq!(server.tally().spots, 1);
    // Who came later has heard of the other; which of them that is, is as it happens.
    let nearby = [&east, &west].map(|node| node.nearby().unwrap());
    assert!(nearby.iter().all(|it| !it.is_looking && it.servers[0].trouble.is_none()));
    let of = |number: u8, node: &Node| (id(number), HeardBy::Rendezvous, node.address());
    let seen = nearby.iter().flat_map(|it| &it.sightings);
    let seen: Vec<_> = seen.map(|it| (it.node, it.by, it.places[0].0)).collect();
    assert!(seen.contains(&of(1, &east)) || seen.contains(&of(2, &west)), "{seen:?}");
    // Who goes takes what it left along.
    east.close();
    until("taken away", || server.tally().registered == 1);
    server.close();
    // And where there is no server any more nodes live on, and end.
    west.close();
}

#[test]
fn who_knows_another_channel_finds_nobody() {
    let server = server();
    let name = server.address().to_string();
    let east = node(1, HOME, &name);
    let other = node(2, ChannelId::from_bytes([9; 16]), &name);
    until("both there", || server.tally().spots == 2);
    until("asked", || other.nearby().unwrap().servers[0].was_asked);
    assert_eq!(
        (east.nearby().unwrap().sightings, other.nearby().unwrap().sightings),
        (vec![], vec![])
    );
}

#[test]
fn a_server_with_another_key_than_was_said_is_told_nothing() {
    let server = server();
    let east = node(1, HOME, &format!("{}@{}", id(98), server.address()));
    until("asked", || east.nearby().unwrap().servers[0].was_asked);
    let trouble = east.nearby().unwrap().servers.remove(0).trouble.unwrap();
    assert!(trouble.contains(&id(99).to_string()), "{trouble}");
    assert_eq!((server.tally().registered, server.tally().visits), (0, 0));
}

/// Somebody with a key who speaks that protocol, and is let in.
async fn let_in(at: SocketAddr, protocol: &[u8], number: u32) -> Option<Connection> {
    let endpoint = Endpoint::client(anywhere()).ok()?;
    call(&endpoint, at, protocol, shown(number)).await.ok()
}

/// Says some bytes, and hears what comes until the server ends it or has answered that often.
async fn say(connection: &Connection, bytes: &[u8], answers: usize) -> Vec<Reply> {
    let (mut to, mut from) = connection.open_bi().await.unwrap();
    // The server may have had enough before all of it is said.
    let _enough = to.write_all(bytes).await;
    let mut replies = Vec::new();
    while replies.len() < answers {
        let mut head = [0; 4];
        if from.read_exact(&mut head).await.is_err() {
            break;
        }
        let mut reply = vec![0; usize::try_from(u32::from_le_bytes(head)).unwrap()];
        assert!(reply.len() <= Reply::LEN_MAX);
        from.read_exact(&mut reply).await.unwrap();
        replies.push(decode(&reply).unwrap());
    }
    replies
}

fn said(errand: &Errand) -> Vec<u8> {
    frame(&encode(errand).unwrap())
}

fn visit(at: SocketAddr, number: u32, bytes: &[u8], answers: usize) -> Vec<Reply> {
    runtime().block_on(async {
        let whole = async {
            let connection = let_in(at, PROTOCOL, number).await.expect("it is let in");
            let replies = say(&connection, bytes, answers).await;
            connection.close(0_u32.into(), b"");
            replies
        };
        tokio::time::timeout(DEADLINE, whole).await.expect("it comes to an end")
    })
}

#[test]
fn who_is_rude_is_sent_away_and_others_are_served() {
    let server = server();
    let at = server.address();
    let east = node(1, HOME, &at.to_string());
    until("there", || server.tally().registered == 1);
    let spot = Spot::of(&NetworkId::named("selkie"), &HOME);
    let list = said(&Errand::List(spot));
    let rude: [Vec<u8>; 6] = [
        vec![0xff; 2_000],
        frame(&[7; 700]),
        frame(&[]),
        [u32::MAX.to_le_bytes().to_vec(), vec![0; 100]].concat(),
        said(&Errand::List(spot))[..10].iter().chain(&[0xff; 40]).copied().collect(),
        frame(&[encode(&Errand::List(spot)).unwrap(), vec![0]].concat()),
    ];
    for (number, bytes) in rude.iter().enumerate() {
        let number = u32::try_from(number).unwrap();
        assert_eq!(visit(at, number, bytes, 9), [], "what is no errand has no answer: {number}");
    }
    // More errands than there are in one visit are not done.
    assert_eq!(visit(at, 20, &list.repeat(40), 32).len(), 32);
    // A stranger who learned the name of the spot has packets that it can not read, and changes nothing for others.
    let replies = visit(at, 21, &[list.clone(), said(&Errand::Unregister(spot)), list].concat(), 3);
    let [Reply::Listed { words, .. }, Reply::Unregistered, again] = &replies[..] else {
        panic!("{replies:?}")
    };
    assert_eq!(words.len(), 1);
    assert!(matches!(again, Reply::Listed { words: then, .. } if then == words));
    let forged = Errand::Register { spot, seconds: 600, word: vec![WordPacket([7; 160])] };
    assert_eq!(visit(at, 22, &said(&forged), 1), [Reply::Registered(60)]);
    let west = node(2, HOME, &at.to_string());
    until("heard of", || !west.nearby().unwrap().sightings.is_empty());
    let seen: Vec<_> = west.nearby().unwrap().sightings.into_iter().map(|it| it.node).collect();
    assert_eq!(seen, [id(1)], "what nobody can read is nobody");
    // Other protocols are none of this server, and no node of the other protocol is found there.
    assert!(runtime().block_on(let_in(at, b"selkie/1", 23)).is_none());
    assert!(runtime().block_on(let_in(east.address(), PROTOCOL, 24)).is_none());
    until("counted", || server.tally().rude >= 5);
}

#[test]
fn one_device_takes_no_more_than_its_share() {
    let server = server();
    let register = |number: u8| {
        let spot = Spot::from_bytes([number; 16]);
        said(&Errand::Register { spot, seconds: 60, word: vec![WordPacket([7; 160])] })
    };
    let mut replies = Vec::new();
    for first in [0, 30, 60] {
        let errands: Vec<u8> = (first..first + 30).flat_map(register).collect();
        replies.extend(visit(server.address(), 1, &errands, 30));
    }
    assert!(replies[..64].iter().all(|it| *it == Reply::Registered(60)));
    assert!(replies[64..].iter().all(|it| *it == Reply::Refused(Full::Visitor)));
    assert_eq!(server.tally().registered, 64);
}
