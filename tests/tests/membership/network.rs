//! The network of one process does what it says, seen through nodes that only note what comes.

use std::time::Duration;

use selkie_sync::{Lane, Moment};
use selkie_tests::net::{Clock, Input, Link, Net, Node, Output, Parcel};

/// A node that sends what it is asked to, and tells what comes.
struct Noter;

/// A numbered message of some length.
#[derive(Clone, Debug)]
struct Note(Vec<u8>);

/// What a noter tells.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Noted {
    Came(usize, Lane, u8),
    Lost(usize),
    Woke,
}

/// What a noter is asked to do.
enum Ask {
    Send(usize, Lane, u8, usize),
    Wake(Moment),
}

impl Parcel for Note {
    fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Node for Noter {
    type Message = Note;
    type Command = Ask;
    type News = Noted;

    fn handle(&mut self, _: Moment, input: Input<Note, Ask>) -> Vec<Output<Note, Noted>> {
        match input {
            Input::Started => Vec::new(),
            Input::Tick => vec![Output::Tell(Noted::Woke)],
            Input::Received(from, lane, note) => {
                vec![Output::Tell(Noted::Came(from, lane, note.0[0]))]
            }
            Input::Lost(peer) => vec![Output::Tell(Noted::Lost(peer))],
            Input::Asked(Ask::Send(to, lane, number, len)) => {
                vec![Output::Send(to, lane, Note(vec![number; len]))]
            }
            Input::Asked(Ask::Wake(at)) => vec![Output::WakeAt(at)],
        }
    }
}

fn pair(link: Link) -> Net<Noter> {
    let mut net = Net::new(7, link);
    let at_start = Clock::default();
    net.add_with_clock(Noter, at_start);
    net.add_with_clock(Noter, at_start);
    net
}

/// Sends these from the first to the second, and tells what came, in order.
fn sent_over(net: &mut Net<Noter>, lane: Lane, numbers: impl Iterator<Item = u8>) -> Vec<u8> {
    numbers.for_each(|number| net.ask(0, Ask::Send(1, lane, number, 100)));
    net.run_for(Duration::from_secs(600));
    came(net)
}

fn came(net: &mut Net<Noter>) -> Vec<u8> {
    let told = net.told().into_iter();
    let numbers = told.filter_map(|(_, _, noted)| match noted {
        Noted::Came(_, _, number) => Some(number),
        Noted::Lost(_) | Noted::Woke => None,
    });
    numbers.collect()
}

fn all() -> impl Iterator<Item = u8> {
    0..200
}

#[test]
fn a_good_link_brings_everything_in_order() {
    for lane in [Lane::Datagram, Lane::Bulk] {
        assert_eq!(sent_over(&mut pair(Link::WAN), lane, all()), all().collect::<Vec<_>>());
    }
}

#[test]
fn datagrams_are_lost_and_streams_only_wait() {
    let lossy = Link::WAN.losing(30);
    let datagrams = sent_over(&mut pair(lossy), Lane::Datagram, all());
    assert!((110..170).contains(&datagrams.len()), "{}", datagrams.len());
    assert!(datagrams.is_sorted(), "what comes is in order");
    assert_eq!(sent_over(&mut pair(lossy), Lane::Gossip, all()), all().collect::<Vec<_>>());
}

#[test]
fn doubles_and_late_ones_are_faults_of_their_own() {
    let doubling = Link { doubled_ppm: 500_000, ..Link::LAN };
    let doubled = sent_over(&mut pair(doubling), Lane::Datagram, all());
    assert!((270..330).contains(&doubled.len()), "{}", doubled.len());
    let holding = Link { held_ppm: 300_000, held: Duration::from_secs(1), ..Link::LAN };
    let held = sent_over(&mut pair(holding), Lane::Datagram, all());
    assert_eq!(held.len(), 200);
    assert!(!held.is_sorted());
}

#[test]
fn a_stream_that_breaks_brings_nothing_more_until_both_ends_know() {
    let mut net = pair(Link::LAN);
    net.ask(0, Ask::Send(1, Lane::Control, 1, 9));
    net.run_for(Duration::from_secs(1));
    net.cut(1, 0);
    net.ask(0, Ask::Send(1, Lane::Control, 2, 9));
    net.mend();
    net.ask(0, Ask::Send(1, Lane::Control, 3, 9));
    net.ask(0, Ask::Send(1, Lane::Datagram, 4, 9));
    net.run_for(Duration::from_secs(40));
    net.ask(0, Ask::Send(1, Lane::Control, 5, 9));
    net.run_for(Duration::from_secs(1));
    let told: Vec<_> = net.told().into_iter().map(|(_, place, noted)| (place, noted)).collect();
    let expected = [
        (1, Noted::Came(0, Lane::Control, 1)),
        (1, Noted::Came(0, Lane::Datagram, 4)),
        (0, Noted::Lost(1)),
        (1, Noted::Lost(0)),
        (1, Noted::Came(0, Lane::Control, 5)),
    ];
    assert_eq!(told, expected);
}

#[test]
fn islands_and_cuts_hold_for_what_is_on_its_way() {
    let mut net = pair(Link::WAN);
    net.ask(0, Ask::Send(1, Lane::Datagram, 1, 9));
    net.part(&[&[0], &[1]]);
    net.run_for(Duration::from_secs(1));
    net.mend();
    net.cut(0, 1);
    net.ask(0, Ask::Send(1, Lane::Datagram, 2, 9));
    net.ask(1, Ask::Send(0, Lane::Datagram, 3, 9));
    net.run_for(Duration::from_secs(1));
    assert_eq!(came(&mut net), [3]);
}

#[test]
fn who_sleeps_misses_datagrams_and_gets_the_rest_when_it_wakes() {
    let mut net = pair(Link::LAN);
    let at = |seconds| Moment::START + Duration::from_secs(seconds);
    net.ask(1, Ask::Wake(at(2)));
    net.sleep(1, Duration::from_secs(10));
    net.ask(0, Ask::Send(1, Lane::Datagram, 1, 9));
    net.ask(0, Ask::Send(1, Lane::Gossip, 2, 9));
    net.ask(0, Ask::Send(1, Lane::Gossip, 3, 9));
    net.run_for(Duration::from_secs(20));
    let told: Vec<_> = net.told().into_iter().map(|(when, _, noted)| (when, noted)).collect();
    let came = |number| (at(10), Noted::Came(0, Lane::Gossip, number));
    assert_eq!(told.len(), 3);
    assert!(told.contains(&(at(10), Noted::Woke)));
    let streams: Vec<_> = told.into_iter().filter(|(_, noted)| *noted != Noted::Woke).collect();
    assert_eq!(streams, [came(2), came(3)]);
}

#[test]
fn a_narrow_link_takes_its_time_and_loses_what_would_wait_too_long() {
    let narrow = Link { rate: Some(10_000), jitter: Duration::ZERO, ..Link::LAN };
    let mut net = pair(narrow);
    // A tenth of a second each: the last ones would wait for more than a second.
    for number in 0..20 {
        net.ask(0, Ask::Send(1, Lane::Datagram, number, 1_000));
    }
    net.run_for(Duration::from_secs(5));
    let told = net.told();
    assert_eq!(told.len(), 10);
    let last = told.last().unwrap().0;
    assert_eq!(last, Moment::START + Duration::from_micros(1_000_500));
}

#[test]
fn one_direction_may_be_worse_than_the_other() {
    let mut net = pair(Link::LAN);
    net.set_link(0, 1, Link::LAN.losing(100));
    net.ask(0, Ask::Send(1, Lane::Datagram, 1, 9));
    net.ask(1, Ask::Send(0, Lane::Datagram, 2, 9));
    net.run_for(Duration::from_secs(1));
    assert_eq!(came(&mut net), [2]);
}

#[test]
fn what_was_planned_for_one_run_of_a_node_does_not_happen_to_the_next() {
    let mut net = pair(Link::LAN);
    net.ask(1, Ask::Wake(Moment::START + Duration::from_secs(5)));
    net.ask(0, Ask::Send(1, Lane::Bulk, 1, 9));
    net.stop(1);
    net.start(1, Noter);
    net.run_for(Duration::from_secs(20));
    assert_eq!(net.told(), []);
    net.run_for(Duration::from_secs(20));
    let lost: Vec<_> = net.told().into_iter().map(|(_, place, noted)| (place, noted)).collect();
    assert_eq!(lost, [(1, Noted::Lost(0)), (0, Noted::Lost(1))]);
}
