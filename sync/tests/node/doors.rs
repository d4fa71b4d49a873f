//! Who gets in, and who does not.

use std::time::Duration;

use selkie_sync::Goodbye;
use selkie_sync::{Event, Node, Right, Scope, SessionLimits, Settings, Unreached, Why};

use crate::house::{DEADLINE, HOME, House, anywhere, id, key};

const ALL: Right = Right::Write(Scope::All);

/// Waits until it is known why there is no session, and returns it.
fn why_not(node: &Node, other: u8) -> Why {
    let notices = node.notices();
    let until = std::time::Instant::now() + DEADLINE;
    loop {
        match node.why_not(id(other)) {
            Some(why) if why != Why::NotYet && why != Why::NoAddress => return why,
            _ => assert!(std::time::Instant::now() < until, "it is never told"),
        }
        let _told = notices.next_within(Duration::from_millis(5));
    }
}

#[test]
fn a_stranger_is_refused_before_any_data() {
    let (east, west) = (House::new(1), House::new(2));
    east.add(&["pear".to_owned()]);
    west.befriend(1);
    west.node.want(id(1), vec![east.node.address()]);
    east.wait_for_event(
        "a knock",
        |event| matches!(event, Event::Knocked(node, _) if *node == id(2)),
    );
    assert_eq!(why_not(&west.node, 1), Why::Told(Goodbye::Stranger));
    assert_eq!(west.items(), [""; 0]);
    assert_eq!(east.node.moved().entries_out, 1 + 1, "read for nobody but the node itself");
    // As soon as somebody says so, it may come in.
    east.befriend(2);
    west.node.leave(id(1));
    west.node.want(id(1), vec![east.node.address()]);
    west.wait_until_it_has(&["pear".to_owned()]);
}

#[test]
fn who_answers_with_another_key_is_hung_up_on() {
    let (east, west) = (House::new(1), House::new(2));
    west.befriend(3);
    west.node.want(id(3), vec![east.node.address()]);
    let address = east.node.address();
    assert_eq!(why_not(&west.node, 3), Why::Unreached(address, Unreached::OtherKey(id(1))));
}

#[test]
fn a_network_that_is_not_allowed_is_not_called() {
    let east = House::new(1);
    let networks = vec![selkie_sync::Network::parse("10.0.0.0/8").unwrap()];
    let node = Node::builder(key(2)).listen(anywhere()).allow(networks).start().unwrap();
    node.want(id(1), vec![east.node.address()]);
    assert_eq!(why_not(&node, 1), Why::Unreached(east.node.address(), Unreached::Forbidden));
}

#[test]
fn an_invitation_lets_one_guest_in() {
    let (east, west, third) = (House::new(1), House::new(2), House::new(3));
    east.add(&["pear".to_owned()]);
    let address = vec![east.node.address()];
    let invitation = east.node.invite(address, HOME, ALL, Duration::from_secs(600)).unwrap();
    west.node.accept(invitation.clone(), ALL);
    west.wait_until_it_has(&["pear".to_owned()]);
    east.wait_for_event(
        "a guest",
        |event| matches!(event, Event::Paired(node, _) if *node == id(2)),
    );
    // And the other way round.
    west.add(&["plum".to_owned()]);
    east.wait_until_it_has(&["pear".to_owned(), "plum".to_owned()]);
    third.node.accept(invitation, ALL);
    assert_eq!(why_not(&third.node, 1), Why::Told(Goodbye::Stranger));
    assert_eq!(third.items(), [""; 0]);
}

#[test]
fn a_full_house_says_when_to_come_again() {
    let limits = SessionLimits { peers: 1, ..SessionLimits::default() };
    let settings = Settings { limits, ..Settings::default() };
    let full = Node::builder(key(1)).listen(anywhere()).settings(settings).start().unwrap();
    let [second, third] = [2, 3].map(House::new);
    for (number, house) in [(2, &second), (3, &third)] {
        full.trust(id(number));
        house.befriend(1);
    }
    second.node.want(id(1), vec![full.address()]);
    second.wait_for_event("a session", |event| matches!(event, Event::Up(..)));
    third.node.want(id(1), vec![full.address()]);
    assert_eq!(why_not(&third.node, 1), Why::Told(Goodbye::Full(60)));
}

/// Whoever called somebody that is gone waited three seconds at the end, for an answer that nobody would read.
#[test]
fn the_end_waits_for_no_call_that_nobody_answers() {
    let silent = std::net::UdpSocket::bind(anywhere()).unwrap();
    let node = Node::builder(key(1)).listen(anywhere()).start().unwrap();
    node.want(id(2), vec![silent.local_addr().unwrap()]);
    // It is called.
    silent.recv_from(&mut [0; 2_000]).unwrap();
    let began = std::time::Instant::now();
    node.close();
    let took = began.elapsed();
    assert!(took < Duration::from_millis(2_500), "{took:?}");
}

#[test]
fn a_port_that_is_taken_is_told() {
    let east = House::new(1);
    let taken = Node::builder(key(2)).listen(east.node.address()).start();
    assert!(taken.is_err_and(|error| error.to_string().starts_with("there is no listening at")));
}
