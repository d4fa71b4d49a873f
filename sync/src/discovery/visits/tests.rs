use std::sync::Arc;

use selkie_store::{PublicKey, SecretKey};

use super::*;
use crate::discovery::register::Register;
use crate::identity::network::NetworkId;
use crate::identity::signed::Signed;

const HOME: ChannelId = ChannelId::from_bytes([1; 16]);
const OTHER: ChannelId = ChannelId::from_bytes([2; 16]);
const TODAY_MS: u64 = 1_800_000_000_000;

fn network() -> NetworkId {
    NetworkId::named("town")
}

fn key(number: u8) -> SecretKey {
    SecretKey::from_bytes(&[number; 32])
}

fn id(number: u8) -> NodeId {
    NodeId::of(key(number).public())
}

/// Where the server sees a node: behind a router that gives it another port.
fn seen(number: u8) -> SocketAddr {
    SocketAddr::from(([198, 51, 100, number], 40_000))
}

fn own(number: u8) -> SocketAddr {
    SocketAddr::from(([192, 168, 0, number], 7_355))
}

/// A server, and those who visit it.
struct Square {
    now: Moment,
    register: Register,
    is_open: bool,
    visitors: Vec<Visitor>,
    /// Visits that were made.
    visits: usize,
}

struct Visitor {
    number: u8,
    visits: Visits,
    wake_at: Moment,
    told: Vec<Output>,
}

impl Square {
    fn new() -> Self {
        let register = Register::new(Duration::from_secs(300));
        let (now, visitors) = (Moment::START + Duration::from_secs(1), Vec::new());
        Self { now, register, is_open: true, visitors, visits: 0 }
    }

    /// Somebody comes who knows this channel, and is called at port 7355 if it can be called at all.
    fn come(&mut self, number: u8, channel: ChannelId, port: Option<u16>) {
        let notary = Notary::new(Arc::new(key(number)), network(), PublicKey::verifies);
        let visits = Visits::new(notary, port, 1, u64::from(number));
        let wake_at = Moment::NEVER;
        self.visitors.push(Visitor { number, visits, wake_at, told: Vec::new() });
        self.tell(number, Input::At(vec![own(number)]));
        self.tell(number, Input::Opened(channel));
    }

    fn visitor(&mut self, number: u8) -> &mut Visitor {
        self.visitors.iter_mut().find(|it| it.number == number).unwrap()
    }

    fn tell(&mut self, number: u8, input: Input) {
        let (now, time_ms) = (self.now, TODAY_MS + self.now.us() / 1_000);
        let mut inputs = vec![input];
        while let Some(input) = inputs.pop() {
            let visitor = self.visitor(number);
            let outputs: Vec<_> = visitor.visits.handle(now, time_ms, input).collect();
            for output in outputs {
                match output {
                    Output::Visit(0, errands) => inputs.push(self.visit(number, errands)),
                    Output::WakeAt(at) => self.visitor(number).wake_at = at,
                    told => self.visitor(number).told.push(told),
                }
            }
        }
    }

    fn visit(&mut self, number: u8, errands: Vec<Errand>) -> Input {
        self.visits += 1;
        assert!(errands.len() <= ERRANDS_MAX);
        if !self.is_open {
            return Input::Missed(0);
        }
        let mut answer = |errand| self.register.answer(self.now, id(number), seen(number), errand);
        Input::Came(0, errands.into_iter().map(&mut answer).collect())
    }

    fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some((at, number)) = self.visitors.iter().map(|it| (it.wake_at, it.number)).min()
            && at <= end
        {
            self.now = self.now.max(at);
            self.visitor(number).wake_at = Moment::NEVER;
            self.tell(number, Input::Tick);
        }
        self.now = end;
    }

    /// Somebody is killed.
    fn dies(&mut self, number: u8) {
        self.visitors.retain(|it| it.number != number);
    }

    /// Where another is, as this one heard.
    fn places(&mut self, number: u8, other: u8) -> Vec<SocketAddr> {
        let now = self.now;
        let sightings = self.visitor(number).visits.sightings(now);
        let of = sightings.into_iter().filter(|it| it.node == id(other));
        let mut places: Vec<_> = of.flat_map(|it| it.places).map(|(at, _)| at).collect();
        places.sort();
        places
    }

    fn told(&mut self, number: u8) -> Vec<Output> {
        std::mem::take(&mut self.visitor(number).told)
    }
}

fn minutes(count: u64) -> Duration {
    Duration::from_secs(60 * count)
}

#[test]
fn two_who_know_the_server_alone_find_each_other() {
    let mut square = Square::new();
    square.come(1, HOME, Some(7_355));
    square.pass(minutes(1));
    square.come(2, HOME, Some(7_355));
    // Where the server sees it, the port it listens at there, and where it is inside.
    let places = [own(1), SocketAddr::new(seen(1).ip(), 7_355), seen(1)];
    assert_eq!(square.places(2, 1), places);
    let begins = Output::Found(id(1), HOME, seen(1), Step::Begins);
    assert!(square.told(2).contains(&begins), "who is new to us is called at once");
    square.pass(minutes(1));
    assert_eq!(square.places(1, 2).len(), 3);
    square.told(1);
    square.pass(minutes(30));
    assert_eq!((square.places(1, 2).len(), square.places(2, 1).len()), (3, 3));
    let changes = |told: Vec<Output>| {
        told.into_iter()
            .filter(|it| !matches!(it, Output::Found(_, _, _, Step::Stays)))
            .collect::<Vec<_>>()
    };
    assert_eq!(changes(square.told(1)), [], "nothing changes while nothing does");
    // Two visits a minute of each, and some at the beginning.
    assert!(square.visits <= 2 * (2 * 32 + 8), "{} visits", square.visits);
}

#[test]
fn who_only_calls_finds_others_and_is_found_by_nobody() {
    let mut square = Square::new();
    square.come(1, HOME, Some(7_355));
    square.come(2, HOME, None);
    assert_eq!(square.places(2, 1).len(), 3);
    square.pass(minutes(5));
    assert_eq!(square.places(1, 2), []);
    assert_eq!(square.register.count(square.now), (1, 1));
}

#[test]
fn who_goes_is_gone_and_who_dies_is_gone_soon() {
    let mut square = Square::new();
    (1..=3).for_each(|number| square.come(number, HOME, Some(7_355)));
    square.pass(minutes(2));
    assert_eq!((square.places(1, 2).len(), square.places(1, 3).len()), (3, 3));
    square.told(1);
    square.tell(2, Input::Stop);
    square.dies(2);
    square.dies(3);
    square.pass(Duration::from_secs(35));
    assert_eq!((square.places(1, 2).len(), square.places(1, 3).len()), (0, 3));
    square.pass(Duration::from_secs(140));
    assert_eq!(square.places(1, 3), []);
    let lost = square.told(1).into_iter().filter(|it| matches!(it, Output::Lost(..)));
    let lost: Vec<_> = lost.collect();
    assert_eq!(lost, [2, 3].map(|number| Output::Lost(id(number), HOME)), "each is lost once");
    square.tell(1, Input::Closed(HOME));
    assert_eq!(square.register.count(square.now), (0, 0), "what is shared no longer is not left");
}

#[test]
fn a_server_that_is_gone_is_visited_ever_more_rarely_and_found_when_it_is_back() {
    let mut square = Square::new();
    (1..=2).for_each(|number| square.come(number, HOME, Some(7_355)));
    square.pass(minutes(1));
    square.is_open = false;
    square.pass(Duration::from_secs(60));
    assert_eq!(square.places(1, 2).len(), 3, "what was heard of late is not forgotten for that");
    square.pass(minutes(5));
    assert_eq!(square.places(1, 2), []);
    let before = square.visits;
    square.pass(minutes(60));
    assert!(square.visits - before <= 2 * 17, "{} visits", square.visits - before);
    square.register = Register::new(Duration::from_secs(300));
    square.is_open = true;
    square.pass(minutes(6));
    assert_eq!((square.places(1, 2).len(), square.places(2, 1).len()), (3, 3));
}

#[test]
fn who_does_not_know_the_channel_learns_nothing_of_it() {
    let mut square = Square::new();
    square.come(1, HOME, Some(7_355));
    square.come(2, OTHER, Some(7_355));
    square.pass(minutes(2));
    assert_eq!((square.places(1, 2).len(), square.places(2, 1).len()), (0, 0));
    // Whoever runs the server has what was left, and can not read it; nor does it show that it is a repository's, or whose.
    let spot = Spot::of(&network(), &HOME);
    let listed = square.register.answer(square.now, id(9), seen(9), Errand::List(spot));
    let Reply::Listed { words, .. } = listed else { panic!("it is listed") };
    assert_eq!(words.len(), 1);
    let other = Secret::of(&network(), &OTHER);
    assert!(words.iter().flatten().all(|packet| other.open(&packet.0).is_none()));
    let secrets = [id(1).as_bytes().to_vec(), HOME.as_bytes().to_vec()];
    for packet in words.iter().flatten() {
        let holds = |secret: &Vec<u8>| packet.0.windows(secret.len()).any(|it| it == secret);
        assert!(!secrets.iter().any(holds));
    }
}

/// Has a node of [`HOME`] read what somebody left who knows the channel. Tells who was found.
fn found(packets: Vec<Vec<u8>>) -> Vec<(NodeId, SocketAddr)> {
    let notary = Notary::new(Arc::new(key(1)), network(), PublicKey::verifies);
    let mut visits = Visits::new(notary, None, 1, 1);
    let first: Vec<_> = visits.handle(Moment::START, TODAY_MS, Input::Opened(HOME)).collect();
    assert!(matches!(&first[0], Output::Visit(0, errands) if errands.len() == 1));
    let packets = packets.into_iter().map(|packet| Packet(packet.try_into().unwrap()));
    let words = packets.map(|packet| vec![packet]).collect();
    let came = Input::Came(0, vec![Reply::Listed { you: seen(1), words }]);
    let found = visits.handle(Moment::START, TODAY_MS, came).filter_map(|output| match output {
        Output::Found(node, _, at, _) => Some((node, at)),
        _ => None,
    });
    found.collect()
}

fn packet(by: u8, time_ms: u64, address: SocketAddr) -> Vec<u8> {
    let said = Presence { matter: Matter::Here, time_ms, address };
    let signed = Signed::new(&said, &network(), &key(by)).unwrap();
    Secret::of(&network(), &HOME).seal(signed).unwrap()
}

#[test]
fn what_is_forged_old_or_leads_nowhere_is_not_believed() {
    let good = || packet(2, TODAY_MS, own(2));
    assert_eq!(found(vec![good()]), [(id(2), own(2))]);
    assert_eq!(found(vec![good(), good()]), [(id(2), own(2))], "said twice it is said once");
    // Signed by another than it names, as only who knows the channel can hide it.
    let presence = Presence { matter: Matter::Here, time_ms: TODAY_MS, address: own(3) };
    let elsewhere = Signed::new(&presence, &NetworkId::named("elsewhere"), &key(3)).unwrap();
    let forged = Secret::of(&network(), &HOME).seal(elsewhere).unwrap();
    let nowhere = ["127.0.0.1:0", "169.254.1.1:7355", "255.255.255.255:7355", "[fe80::1]:7355"];
    let mut bad = vec![
        forged,
        vec![7; Secret::PACKET_LEN],
        packet(1, TODAY_MS, own(1)),
        packet(4, TODAY_MS - SLACK - 1, own(4)),
        packet(5, TODAY_MS + SLACK + 1, own(5)),
    ];
    bad.extend(nowhere.map(|at| packet(6, TODAY_MS, at.parse().unwrap())));
    bad.push(good());
    assert_eq!(found(bad), [(id(2), own(2))]);
}

const SLACK: u64 = crate::discovery::heard::SLACK_MS;

#[test]
fn a_server_that_lies_costs_a_visit_now_and_then() {
    let notary = Notary::new(Arc::new(key(1)), network(), PublicKey::verifies);
    let mut visits = Visits::new(notary, Some(7_355), 1, 1);
    let (mut now, mut count, mut wake_at) = (Moment::START, 0_u32, Moment::NEVER);
    let mut inputs = vec![Input::At(vec![own(1)]), Input::Opened(HOME)];
    while now < Moment::START + minutes(60) {
        let input = inputs.pop().unwrap_or_else(|| {
            now = wake_at;
            Input::Tick
        });
        for output in visits.handle(now, TODAY_MS, input) {
            match output {
                // It sees the node somewhere else each time, holds word for no time, and says at times what is no answer.
                Output::Visit(0, errands) => {
                    count += 1;
                    let you = SocketAddr::from((count.to_be_bytes(), 9));
                    let answer = |errand: &Errand| match errand {
                        Errand::List(_) if count.is_multiple_of(3) => Reply::Unregistered,
                        Errand::List(_) => Reply::Listed { you, words: Vec::new() },
                        Errand::Register { .. } => Reply::Registered(30),
                        Errand::Unregister(_) => Reply::Refused(Full::Server),
                    };
                    let mut replies: Vec<_> = errands.iter().map(answer).collect();
                    replies.truncate(if count.is_multiple_of(7) { 0 } else { 99 });
                    inputs.push(Input::Came(0, replies));
                }
                Output::WakeAt(at) => wake_at = at,
                other => panic!("{other:?}"),
            }
        }
    }
    // Every ten seconds, since it says to hold no longer than thirty, and once more if it sees the node elsewhere.
    assert!((300..=760).contains(&count), "{count} visits in an hour");
}

#[test]
fn who_has_many_channels_is_asked_about_all_of_them_by_turns() {
    let mut square = Square::new();
    let channel = |number: u8| ChannelId::from_bytes([number + 10; 16]);
    square.come(1, channel(0), Some(7_355));
    (1..40).for_each(|number| square.tell(1, Input::Opened(channel(number))));
    square.pass(minutes(1));
    assert_eq!(square.register.count(square.now).1, 40);
    square.come(2, channel(39), None);
    assert_eq!(square.places(2, 1).len(), 3);
}
