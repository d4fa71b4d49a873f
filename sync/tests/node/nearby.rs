//! Nodes that look for each other, on this machine alone and at ports of their own.
#![cfg(target_os = "linux")]

use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};

use selkie_store::{SimDisk, Store, View};
use selkie_sync::{
    ChannelId, Discover, DiscoverySecret, Event, NetworkId, Node, NodeId, Notice, PresenceMatter,
    Right, Scope, Share, Speech, Why,
};
use socket2::{Domain, Socket, Type};

use crate::house::{DEADLINE, HOME, House, anywhere, id, key};

const ALL: Right = Right::Write(Scope::All);

/// What all hear that is said at one port.
struct Ear(UdpSocket);

impl Ear {
    /// At a port that nobody else uses.
    fn new() -> Self {
        let socket = Socket::new(Domain::IPV4, Type::DGRAM, None).unwrap();
        socket.set_reuse_address(true).unwrap();
        socket.bind(&SocketAddr::from(([0; 4], 0)).into()).unwrap();
        socket.set_read_timeout(Some(DEADLINE)).unwrap();
        Self(socket.into())
    }

    fn port(&self) -> u16 {
        self.0.local_addr().unwrap().port()
    }

    fn looks(&self, speech: Speech) -> Discover {
        Discover { port: self.port(), speech, within: None }
    }

    fn house(&self, number: u8) -> House {
        let store = Arc::new(Store::open(Arc::new(SimDisk::default())).unwrap());
        House::built(number, store, Some(self.looks(Speech::Tells)))
    }

    /// The next packet, from where it came.
    fn next(&self) -> (SocketAddr, Vec<u8>) {
        let mut packet = [0; 2_000];
        let (len, from) = self.0.recv_from(&mut packet).unwrap();
        (from, packet[..len].to_vec())
    }

    /// The next that is said of [`HOME`]: by whom, what and where.
    fn next_said(&self) -> (NodeId, PresenceMatter, SocketAddr) {
        let network = NetworkId::named("selkie");
        let (from, packet) = self.next();
        let said = DiscoverySecret::of(&network, &HOME).open(&packet).expect("it is for all of us");
        let presence = said.open(&network).expect("it is signed");
        assert_eq!(presence.address.ip(), from.ip());
        (said.by(), presence.matter, presence.address)
    }
}

fn is_up(number: u8) -> impl Fn(&Event) -> bool {
    move |event| matches!(event, Event::Up(node, _) if *node == id(number))
}

#[test]
fn two_who_are_near_meet_though_nobody_said_where() {
    let ear = Ear::new();
    let (east, west) = (ear.house(1), ear.house(2));
    east.add(&["pear".to_owned()]);
    // East heard of west long before it trusts it.
    east.wait_for(
        "a sighting",
        |notice| matches!(notice, Notice::Appeared(node, HOME, _) if *node == id(2)),
    );
    east.befriend(2);
    west.befriend(1);
    west.wait_until_it_has(&["pear".to_owned()]);
    let seen = east.node.nearby().unwrap();
    assert_eq!(
        (seen.at, seen.strangers, seen.troubles),
        (vec!["127.0.0.1".parse().unwrap()], 0, vec![])
    );
    let places: Vec<_> = seen.sightings[0].places.iter().map(|(at, _)| *at).collect();
    assert_eq!((seen.sightings[0].node, places), (id(2), vec![west.node.address()]));
}

#[test]
fn who_comes_back_at_another_port_is_found_again() {
    let ear = Ear::new();
    let (east, west) = (ear.house(1), ear.house(2));
    west.wait_for(
        "a sighting",
        |notice| matches!(notice, Notice::Appeared(node, ..) if *node == id(1)),
    );
    west.befriend(1);
    let store = Arc::clone(&east.store);
    let left = east.node.address();
    east.befriend(2);
    west.wait_for_event("a session", is_up(1));
    east.node.close();
    west.wait_for(
        "a farewell",
        |notice| matches!(notice, Notice::Lost(node, HOME) if *node == id(1)),
    );
    // Somebody else has its port by now.
    let _taken = UdpSocket::bind(left).unwrap();
    let again = House::built(1, store, Some(ear.looks(Speech::Tells)));
    assert_ne!(again.node.address(), left);
    again.befriend(2);
    west.wait_for_event("a session again", is_up(1));
}

#[test]
fn a_stranger_is_heard_and_not_called() {
    let ear = Ear::new();
    let (east, stranger) = (ear.house(1), ear.house(3));
    east.wait_for(
        "a sighting",
        |notice| matches!(notice, Notice::Appeared(node, ..) if *node == id(3)),
    );
    stranger.wait_for(
        "a sighting",
        |notice| matches!(notice, Notice::Appeared(node, ..) if *node == id(1)),
    );
    // One that is trusted came later, and is up: the stranger would have been called before it.
    let friend = ear.house(2);
    friend.befriend(1);
    east.befriend(2);
    east.wait_for_event("a session", is_up(2));
    assert_eq!(east.node.peers(), [id(2)]);
    assert_eq!(east.node.why_not(id(3)), Some(Why::Unwanted));
    assert_eq!(stranger.node.peers(), []);
}

#[test]
fn who_shares_something_else_is_one_of_the_others() {
    let ear = Ear::new();
    let east = ear.house(1);
    let store = Arc::new(Store::open(Arc::new(SimDisk::default())).unwrap());
    let node = Node::builder(key(3)).listen(anywhere()).discover(ear.looks(Speech::Tells));
    let node = node.start().unwrap();
    let view: View<selkie_crdt::AwSet<String>> = View::open(Arc::clone(&store), |_, _| ()).unwrap();
    node.open(ChannelId::from_bytes([9; 16]), Share::new(store, view)).unwrap();
    let until = Instant::now() + DEADLINE;
    while east.node.nearby().unwrap().strangers == 0 {
        assert!(Instant::now() < until, "it is never heard");
        let _told = east.notices.next_within(Duration::from_millis(5));
    }
    assert_eq!(east.node.nearby().unwrap().sightings, []);
    node.close();
}

#[test]
fn who_is_to_be_silent_says_nothing() {
    let ear = Ear::new();
    let off = House::new(1);
    assert_eq!(off.node.nearby(), None);
    let store = Arc::new(Store::open(Arc::new(SimDisk::default())).unwrap());
    let silent = House::built(2, store, Some(ear.looks(Speech::None)));
    // It listens by now, and would have spoken.
    assert_eq!(silent.node.nearby().unwrap().at.len(), 1);
    let loud = ear.house(3);
    silent.wait_for(
        "a sighting",
        |notice| matches!(notice, Notice::Appeared(node, ..) if *node == id(3)),
    );
    let [address, silent_address] = [&loud, &silent].map(|house| house.node.address());
    loud.befriend(2);
    silent.befriend(3);
    // Who hears calls.
    silent.wait_for_event("a session", is_up(3));
    silent.node.close();
    off.node.close();
    loud.node.close();
    loop {
        let (who, what, at) = ear.next_said();
        assert_eq!((who, at), (id(3), address), "and not {silent_address}");
        if what == PresenceMatter::Leaves {
            break;
        }
    }
}

#[test]
fn a_guest_finds_its_host_wherever_it_is() {
    let ear = Ear::new();
    let east = ear.house(1);
    east.add(&["pear".to_owned()]);
    let store = Arc::new(Store::open(Arc::new(SimDisk::default())).unwrap());
    let west = House::built(2, store, Some(ear.looks(Speech::Asks)));
    // The invitation tells the key, and no address.
    let invitation = east.node.invite(vec![], HOME, ALL, Duration::from_secs(600)).unwrap();
    west.node.accept(invitation, ALL);
    west.wait_until_it_has(&["pear".to_owned()]);
    assert_eq!(east.node.nearby().unwrap().sightings, [], "who only calls is nowhere");
}

#[test]
fn what_can_not_be_heard_is_told() {
    let taken = UdpSocket::bind("0.0.0.0:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let looks = Discover { port, speech: Speech::Tells, within: None };
    let store = Arc::new(Store::open(Arc::new(SimDisk::default())).unwrap());
    let east = House::built(1, store, Some(looks));
    let troubles = east.node.nearby().unwrap().troubles;
    assert_eq!(troubles.len(), 1);
    assert!(
        troubles[0].starts_with(&format!("nothing can be heard at port {port}: ")),
        "{troubles:?}"
    );
    // It is there all the same for who knows where it is.
    let west = House::new(2);
    west.meet(&east);
    west.wait_for_event("a session", is_up(1));
}

#[test]
fn who_is_in_no_network_looks_for_nobody() {
    let ear = Ear::new();
    let within = Some("198.51.100.201".parse().unwrap());
    let looks = Discover { within, ..ear.looks(Speech::Tells) };
    let store = Arc::new(Store::open(Arc::new(SimDisk::default())).unwrap());
    let east = House::built(1, store, Some(looks));
    let nearby = east.node.nearby().unwrap();
    assert_eq!((nearby.at, nearby.troubles), (vec![], vec![]));
}
