//! People who find each other in one room: real processes, on this machine alone, at a port of each test's own.
#![cfg(target_os = "linux")]

use std::net::{SocketAddr, SocketAddrV4, UdpSocket};

use rustix::net::sockopt::set_socket_reuseaddr;
use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, socket_with};
use selkie_sync::{ChannelId, DiscoverySecret, Invitation, NetworkId, PresenceMatter};
use serde_json::Value;

use crate::network::{DEADLINE, Person};
use crate::node::{Running, until};

/// What all hear that is said at one port. Nobody else uses it as long as this is there.
struct Room(UdpSocket);

impl Room {
    fn new() -> Self {
        let flags = SocketFlags::CLOEXEC;
        let socket = socket_with(AddressFamily::INET, SocketType::DGRAM, flags, None);
        let socket = socket.expect("there are sockets");
        set_socket_reuseaddr(&socket, true).expect("it can be shared");
        let anywhere: SocketAddrV4 = "0.0.0.0:0".parse().expect("it is one");
        bind(&socket, &anywhere).expect("a port is free");
        let socket = UdpSocket::from(socket);
        socket.set_read_timeout(Some(DEADLINE)).expect("it can be waited for");
        Self(socket)
    }

    fn port(&self) -> u16 {
        self.0.local_addr().expect("it has one").port()
    }

    fn person(&self, name: &str) -> Person {
        Person::looking(name, Some(self.port()))
    }

    /// The next that is said of a repository: by which key, what, and where.
    fn next_said(&self, channel: ChannelId) -> (String, PresenceMatter, SocketAddr) {
        let (mut packet, network) = ([0; 2_000], NetworkId::named("selkie"));
        let len = self.0.recv(&mut packet).expect("somebody speaks");
        let said = DiscoverySecret::of(&network, &channel).open(&packet[..len]);
        let said = said.expect("it is of this repository");
        let presence = said.open(&network).expect("it is signed");
        (said.by().to_string(), presence.matter, presence.address)
    }
}

/// How a peer stands.
fn peer(person: &Person, name: &str) -> Value {
    told(person, &["p2p", "peers"]).into_iter().find(|told| told["name"] == name).expect("listed")
}

/// All lines that a command tells.
fn told(person: &Person, args: &[&str]) -> Vec<Value> {
    let output = person.must(&[&["--json"], args].concat());
    let text = String::from_utf8(output.stdout).expect("it is text");
    text.lines().map(|line| serde_json::from_str(line).expect("it is JSON")).collect()
}

fn discovered(person: &Person) -> Vec<Value> {
    told(person, &["p2p", "discovered"]).split_off(1)
}

fn is_connected(person: &Person, name: &str) -> bool {
    peer(person, name)["connected"] == true
}

#[test]
fn two_in_one_room_need_no_address() {
    let room = Room::new();
    let ann = room.person("Ann").forges();
    ann.seal("poem", "1");
    let bob = ann.joined_by("Bob");
    let anns = Running::of(&ann);
    let _bobs = Running::of(&bob);
    let mut events = bob.begin(&["p2p", "events", "--follow"]);
    events.wait_for("connected");
    ann.seal("poem", "2");
    events.wait_for("received");
    until("heard of", || !discovered(&bob).is_empty());
    let seen = &discovered(&bob)[0];
    let status = ann.told(&["p2p", "status"]);
    assert_eq!((&seen["name"], &seen["listed"]), (&"host".into(), &true.into()));
    assert_eq!((&seen["key"], &seen["how"]), (&ann.key().into(), &"lan".into()));
    assert_eq!(seen["addresses"][0]["address"], status["address"]);
    let said = String::from_utf8(bob.must(&["p2p", "discovered"]).stdout).expect("it is text");
    assert!(said.starts_with("host") && said.contains("(lan, "), "{said}");
    let checks = told(&bob, &["doctor"]);
    let found = |what: &str| checks.iter().find(|it| it["what"] == what).map(|it| &it["found"]);
    assert_eq!(found("peers"), Some(&"1 connected peer".into()));
    assert_eq!(found("near"), Some(&"peers are looked for at 127.0.0.1".into()));
    // She goes, and comes back somewhere else.
    drop(anns);
    events.wait_for("lost");
    assert_eq!(discovered(&bob), [Value::Null; 0]);
    let why = peer(&bob, "host")["why"].as_str().expect("it is told").to_owned();
    assert!(why.ends_with("it was not heard of near here"), "{why}");
    let again = Running::of(&ann);
    events.wait_for("discovered");
    events.wait_for("connected");
    assert_ne!(ann.told(&["p2p", "status"])["address"], status["address"]);
    drop(again);
}

#[test]
fn who_is_listed_by_key_alone_is_found() {
    let room = Room::new();
    let ann = room.person("Ann").forges();
    ann.seal("poem", "1");
    let (bob, carl) = (ann.joined_by("Bob"), ann.joined_by("Carl"));
    let (_bobs, _carls) = (Running::of(&bob), Running::of(&carl));
    // Both know the repository, and not each other.
    until("heard of", || discovered(&bob).len() == 1 && discovered(&carl).len() == 1);
    let seen = &discovered(&bob)[0];
    assert_eq!((&seen["listed"], &seen["key"]), (&false.into(), &carl.key().into()));
    let said = String::from_utf8(bob.must(&["p2p", "discovered"]).stdout).expect("it is text");
    let add = format!("selkie peers add NAME {}", carl.key());
    assert!(said.starts_with(&carl.key()[..8]) && said.contains(&add), "{said}");
    let status = bob.told(&["p2p", "status"]);
    assert_eq!((&status["connected"], &status["listed"]), (&0.into(), &1.into()));
    bob.must(&["peers", "add", "carl", &carl.key()]);
    carl.must(&["peers", "add", "bob", &bob.key()]);
    until("connected", || is_connected(&bob, "carl") && is_connected(&carl, "bob"));
    // Somebody whose node does not run calls without knowing where.
    let _anns = Running::of(&ann);
    bob.must(&["p2p", "stop"]);
    let told = bob.told(&["sync"]);
    let names: Vec<_> =
        told["peers"].as_array().expect("a list").iter().map(|it| &it["name"]).collect();
    assert_eq!(names, ["carl", "host"]);
    assert_eq!(told["peers"][0]["agreed"], true);
    // And once they are hung up on, a call by name is enough.
    carl.must(&["p2p", "disconnect", "host"]);
    until("apart", || !is_connected(&carl, "host"));
    carl.must(&["p2p", "connect", "host"]);
    until("together", || is_connected(&carl, "host"));
}

#[test]
fn a_guest_finds_who_invites_where_they_are_now() {
    let room = Room::new();
    let ann = room.person("Ann").forges();
    ann.seal("poem", "1");
    let bob = room.person("Bob");
    let (going, text) = ann.invite();
    let mut invitation = Invitation::parse(&text).expect("it is one");
    let address = invitation.addresses.clone();
    // Where she was when she made it nobody is any more: nothing is ever at this port.
    invitation.addresses = vec!["127.0.0.1:0".parse().expect("it is one")];
    bob.at_home(&["join", &invitation.to_string(), "repo", "--name", "ann"]);
    going.must_end();
    assert_eq!(bob.log(), ["poem"]);
    let kept = bob.told(&["peers"])["addresses"].clone();
    assert_eq!(kept[0], address[0].to_string(), "where she was found goes first");
}

#[test]
fn network_discover_off_is_off_and_who_listens_is_silent() {
    let room = Room::new();
    let ann = room.person("Ann").forges();
    ann.seal("poem", "1");
    let (going, text) = ann.invite();
    let channel = Invitation::parse(&text).expect("it is one").channel;
    let bob = room.person("Bob");
    let join = ["join", &text, "repo", "--name", "host"];
    bob.at_home(&[&["--config", "network.discover=off"][..], &join].concat());
    going.must_end();
    ann.must(&["config", "set", "--user", "network.discover", "off"]);
    let anns = Running::of(&ann);
    assert_eq!(told(&ann, &["p2p", "discovered"])[0]["looking"], false);
    let said = String::from_utf8(ann.must(&["p2p", "discovered"]).stdout).expect("it is text");
    assert!(said.contains("network.discover is off"), "{said}");
    let name = ann.told(&["peers"])["name"].as_str().expect("he is listed").to_owned();
    let why = peer(&ann, &name)["why"].as_str().expect("it is told").to_owned();
    assert!(why.ends_with("and nobody is looked for near here"), "{why}");
    drop(anns);
    bob.must(&["config", "set", "--user", "network.discover", "listen"]);
    let bobs = Running::of(&bob);
    assert_eq!(told(&bob, &["p2p", "discovered"])[0]["at"][0], "127.0.0.1");
    // Now she speaks, and he hears it and calls.
    ann.must(&["config", "unset", "--user", "network.discover"]);
    let anns = Running::of(&ann);
    until("connected", || is_connected(&bob, "host"));
    drop(bobs);
    drop(anns);
    // All that was ever said was said by her: by the invitation, and by the second node.
    let (mut asked, mut left) = (0, 0);
    while left == 0 || asked == 0 {
        let (who, what, _) = room.next_said(channel);
        assert_eq!(who, ann.key());
        asked += usize::from(what == PresenceMatter::Asks);
        left += usize::from(what == PresenceMatter::Leaves);
    }
    assert!(asked > 0);
}

#[test]
fn network_discovery_port_is_a_port() {
    let ann = Person::called("Ann");
    for bad in ["0", "65536", "x"] {
        let said = ann.fails(&["config", "set", "--user", "network.discovery-port", bad]);
        assert!(said.contains("a number from 1 to 65535"), "{said}");
    }
    let said = ann.fails(&["config", "set", "--user", "network.discover", "mdns"]);
    assert!(said.contains("lan, listen, off"), "{said}");
}
