//! What is done with bytes of strangers, for tests that draw them and a fuzzer that bends them.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use selkie_crdt::ActorId;
use selkie_store::{Coded, Kind, ObjectId, PublicKey, SecretKey, decode, encode};
use selkie_sync::{
    Accusation, After, Along, Announcement, CallId, Cause, ChannelId, Control, Core, Delegation,
    Discovery, DiscoveryInput, DiscoveryOutput, DiscoverySecret, Door, Errand, Finding, Frames,
    Goodbye, GossipMessage, Hail, Hello, Incarnation, Input, Inventory, Item, Kept, Lane, Life,
    Listing, Loaded, Manner, MembershipMessage, Mend, Moment, NetworkId, News, NodeId, NodeRecord,
    Notary, ObjectsInput, ObjectsMessage, ObjectsOutput, ObjectsWhy, Offer, Opener, Output, Own,
    Part, Presence, PresenceMatter, Refusal, Register, Repair, RepairInput, RepairMessage,
    RepairOutput, Reply, Request, Right, Run, Salt, Says, Scope, SessionInput, Settings, Side,
    Signed, Spot, Stand, Standing, Stands, Statement, Stretch, Taken, Trust, Turn, Versions,
    Visits, VisitsInput, VisitsOutput, Wanted, Wish, WordPacket,
};

const HOME: ChannelId = ChannelId::from_bytes([1; 16]);

/// Any bytes as every message: what can be read is spelled so and not otherwise, and keeps its lane's limit.
pub(crate) fn message(bytes: &[u8]) {
    fn spelled<T: Coded>(bytes: &[u8]) {
        if let Ok(value) = decode::<T>(bytes) {
            assert!(bytes.len() <= T::LEN_MAX);
            assert_eq!(encode(&value).expect("what was read keeps the rules"), bytes);
        }
    }
    spelled::<Control>(bytes);
    spelled::<GossipMessage>(bytes);
    spelled::<MembershipMessage>(bytes);
    spelled::<Mend>(bytes);
    spelled::<NodeRecord>(bytes);
    spelled::<Delegation>(bytes);
    spelled::<Announcement>(bytes);
    spelled::<Presence>(bytes);
    spelled::<Errand>(bytes);
    spelled::<Reply>(bytes);
    for lane in Lane::ALL {
        let mut frames = Frames::of(lane);
        for piece in bytes.chunks(7) {
            frames.push(piece);
            let longest = frames.by_ref().flatten().map(|message| message.len()).max();
            assert!(longest.unwrap_or(0) <= lane.len_max());
        }
    }
}

/// A whole node in the hands of strangers and of peers that lie: it never panics, says nothing longer than it may, and its
/// memory and what it does follow what was said to it.
pub(crate) fn session(script: &[u8]) {
    let mut town = Town::new();
    let mut script = Script(script);
    let mut done = 0;
    while let Some(step) = script.byte() {
        done += town.step(step, &mut script);
        assert!(done <= 64 + 40 * (town.heard + 1), "{done} things done for {} heard", town.heard);
    }
    let shown = format!("{:?}", town.core).len();
    assert!(shown < 400_000 + 40 * town.bytes, "{shown} characters to show {} bytes", town.bytes);
}

/// A node, and those who talk to it: two that it trusts and two that it does not.
struct Town {
    core: Core,
    now: Moment,
    calls: u64,
    heard: usize,
    bytes: usize,
    tickets: Vec<Output>,
}

/// Choices, read off the script; zeros when it ends.
struct Script<'a>(&'a [u8]);

impl Script<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn below(&mut self, limit: u8) -> u8 {
        self.byte().unwrap_or(0) % limit
    }

    fn number(&mut self) -> u64 {
        match self.below(4) {
            0 => u64::from(self.below(8)),
            1 => u64::from(self.below(255)),
            2 => u64::MAX - u64::from(self.below(3)),
            _ => u64::from(self.below(255)) << self.below(56),
        }
    }

    fn bytes(&mut self) -> Vec<u8> {
        let len = usize::from(self.below(64)).min(self.0.len());
        let (bytes, rest) = self.0.split_at(len);
        self.0 = rest;
        bytes.to_vec()
    }

    fn stream(&mut self) -> ActorId {
        ActorId::from_bytes([self.below(6); 16])
    }
}

fn key(number: u8) -> SecretKey {
    SecretKey::from_bytes(&[number + 1; 32])
}

fn id(number: u8) -> NodeId {
    NodeId::of(key(number).public())
}

impl Town {
    fn new() -> Self {
        let network = NetworkId::named("town");
        let own = Own { node: id(9), network, features: 1, delegation: None, record: None };
        let mut trust = Trust::new(network);
        (0..2).for_each(|number| trust.trust(id(number)));
        let notary = Notary::new(Arc::new(key(9)), network, PublicKey::verifies);
        let (now, tickets) = (Moment::START, Vec::new());
        let core = Core::new(now, own, notary, trust, Settings::default(), 1);
        let mut town = Self { core, now, calls: 0, heard: 0, bytes: 0, tickets };
        town.tell(Input::Grant(HOME, id(0), Right::Read));
        town.tell(Input::Grant(HOME, id(1), Right::Write(Scope::All)));
        let stand = Stand { position: 3, mark: [7; 8] };
        let stands: Stands = [(ActorId::from_bytes([2; 16]), stand)].into();
        town.tell(Input::Opened(HOME, stands));
        town
    }

    fn step(&mut self, step: u8, script: &mut Script<'_>) -> usize {
        let call = CallId(u64::from(script.below(8)));
        match step % 10 {
            0 => {
                let (peer, binding) = (id(script.below(4)), [3; 32]);
                let side = if script.below(2) == 0 { Side::Calls } else { Side::IsCalled };
                let address = SocketAddr::from(([10, 0, 0, script.below(9)], 7355));
                self.calls += 1;
                let call = CallId(self.calls % 8);
                let opened = SessionInput::Opened { call, peer, side, address, binding };
                // A driver gives no number twice while it means something.
                self.tell(Input::Session(SessionInput::Broken(call)))
                    + self.tell(Input::Session(opened))
            }
            1 => self.hears(call, Lane::Control, encode(&control(script)).ok()),
            2 => self.hears(call, Lane::Gossip, encode(&gossip(script)).ok()),
            3 => {
                let message = objects(script);
                let bytes = message.tail().map(|tail| [message.body(), &tail].concat());
                self.hears(call, Lane::Bulk, bytes.ok())
            }
            4 => {
                let lane = Lane::ALL[usize::from(script.below(6))];
                let bytes = script.bytes();
                self.hears(call, lane, Some(bytes))
            }
            5 => {
                self.now = Moment::from_us(self.now.us() + (u64::from(script.below(255)) << 18));
                self.tell(Input::Tick)
            }
            6 => self.answer(script),
            7 => {
                let lane = if script.below(2) == 0 { Lane::Datagram } else { Lane::Members };
                let bytes = encode(&member(script)).ok();
                self.hears(call, lane, bytes.filter(|bytes| bytes.len() <= lane.len_max()))
            }
            8 => self.hears(call, Lane::Repair, encode(&mend(script)).ok()),
            _ => match script.below(4) {
                0 => self.tell(Input::Session(SessionInput::Broken(call))),
                3 => self.tell(Input::Repair(HOME)),
                1 => self.tell(Input::Stalled(call)),
                _ => self.tell(Input::Drained(call)),
            },
        }
    }

    /// The store answers as it likes.
    fn answer(&mut self, script: &mut Script<'_>) -> usize {
        let input = match self.tickets.pop() {
            Some(Output::Read { ticket, after, .. }) => {
                let runs = after.into_iter().map(|(stream, after)| run(stream, after, script));
                let runs = runs.filter(|run| run.end() < u64::MAX).collect();
                Input::Read(ticket, runs, script.bytes())
            }
            Some(Output::Apply { ticket, runs, .. }) => {
                let keeps = script.below(2) == 0;
                let stand = |run: &Run| {
                    let position = if keeps { run.end() } else { run.after };
                    (run.stream, Stand { position, mark: [9; 8] })
                };
                Input::Applied(ticket, runs.iter().map(stand).collect())
            }
            Some(Output::Examine { ticket, .. }) => Input::Examined(ticket, finding(script)),
            Some(Output::Recall { peer, channel, stream }) => {
                Input::Recalled(peer, channel, stream, script.bytes())
            }
            Some(Output::Look { ticket, ids, .. }) => {
                let absent = ids.into_iter().filter(|_| script.below(2) == 0);
                Input::Absent(ticket, absent.collect())
            }
            Some(Output::Objects(_, output)) => match worked(output, script) {
                Some(done) => Input::Objects(done),
                None => Input::Tick,
            },
            Some(Output::Inventory(channel, salt)) => {
                let inventory = (script.below(4) > 0).then(|| inventory(script, &salt));
                Input::Inventory { channel, inventory, nonce: [8; 32] }
            }
            _ => Input::Tick,
        };
        self.tell(input)
    }

    fn hears(&mut self, call: CallId, lane: Lane, bytes: Option<Vec<u8>>) -> usize {
        // What breaks the rules of a message has no bytes, and is said in others.
        let Some(bytes) = bytes else { return 0 };
        self.bytes += bytes.len();
        self.tell(Input::Message(call, lane, bytes))
    }

    fn tell(&mut self, input: Input) -> usize {
        self.heard += 1;
        let outputs: Vec<_> = self.core.handle(self.now, input).collect();
        for output in &outputs {
            match output {
                Output::Send(_, lane, bytes) => assert!(bytes.len() <= lane.len_max()),
                Output::Read { .. }
                | Output::Look { .. }
                | Output::Objects(..)
                | Output::Inventory(..)
                | Output::Examine { .. }
                | Output::Recall { .. }
                | Output::Apply { .. } => self.tickets.push(output.clone()),
                Output::Call(..)
                | Output::Listen(_)
                | Output::HangUp(_)
                | Output::Refresh(_)
                | Output::Event(_)
                | Output::WakeAt(_) => {}
            }
        }
        outputs.len()
    }
}

/// What a store might say of two histories.
fn finding(script: &mut Script<'_>) -> Finding {
    match script.below(6) {
        0 => Finding::Alike(script.number()),
        1 => Finding::Before,
        2 => Finding::Elsewhere(script.number()),
        3 => Finding::Lie,
        4 => Finding::Nothing,
        _ => {
            let (position, proof) = (script.number(), script.bytes());
            let stood = stands(script).into_iter();
            let stands = stood.map(|(stream, stand)| (stream, stand.ended())).collect();
            Finding::Ended { position, proof, stands }
        }
    }
}

/// What a store might say of work on objects.
fn worked(output: ObjectsOutput, script: &mut Script<'_>) -> Option<ObjectsInput> {
    match output {
        ObjectsOutput::Look(fetch, samples) => {
            let here = samples.iter().map(|_| script.below(2) == 0).collect();
            Some(ObjectsInput::Looked(fetch, (script.below(4) > 0).then_some(here)))
        }
        ObjectsOutput::TakeAlong { fetch, .. } => {
            let along = match script.below(4) {
                0 => Along::Whole(1, 100),
                1 => Along::Lie,
                2 => Along::Unwritten,
                _ => Along::Short,
            };
            Some(ObjectsInput::TookAlong(fetch, along))
        }
        ObjectsOutput::Take { fetch, .. } => {
            let taken = match script.below(4) {
                0 => Taken::NoBase,
                1 => Taken::Lie,
                2 => Taken::Unwritten,
                _ => Taken::Objects(1, script.number()),
            };
            Some(ObjectsInput::Took(fetch, taken))
        }
        ObjectsOutput::Keep { fetch, .. } => {
            let kept = match script.below(3) {
                0 => Kept::Other,
                1 => Kept::Unwritten,
                _ => Kept::Whole,
            };
            Some(ObjectsInput::Kept(fetch, kept))
        }
        ObjectsOutput::Plan(way, _) => {
            let offer = (script.below(3) > 0).then(Offer::default);
            Some(ObjectsInput::Planned(way, offer))
        }
        ObjectsOutput::Load { way, .. } => {
            let loaded = match script.below(3) {
                0 => Loaded::Unreadable,
                1 => Loaded::End,
                _ => Loaded::Parcel(script.bytes()),
            };
            Some(ObjectsInput::Loaded(way, loaded))
        }
        _ => None,
    }
}

/// Some objects that a node may have.
fn inventory(script: &mut Script<'_>, salt: &Salt) -> Arc<Inventory> {
    let ids = (0..script.below(9)).map(|number| ObjectId::of(Kind::Blob, &[number]));
    Arc::new(Inventory::new(ids.collect(), salt))
}

/// What is said of repairs: as it is begun, or as others go on.
fn mend(script: &mut Script<'_>) -> Mend {
    let opener = if script.below(2) == 0 { Opener::Me } else { Opener::You };
    let channel = if script.below(8) == 0 { ChannelId::from_bytes([9; 16]) } else { HOME };
    match script.below(6) {
        0 => Mend::Over(opener, Refusal::Busy),
        1..4 => Mend::Open(channel, first(script)),
        4 => Mend::Says(opener, first(script)),
        // An answer, cells, a wish for more of them, and a proof, as their first bytes have it.
        _ => {
            let tag = [1, 3, 4, 10][usize::from(script.below(4))];
            let bytes = [&[1, tag][..], &script.bytes(), &[script.below(2)]].concat();
            let says = decode(&bytes).map(|message| Mend::Says(opener, message));
            says.unwrap_or(Mend::Over(opener, Refusal::Failed))
        }
    }
}

fn first(script: &mut Script<'_>) -> RepairMessage {
    let salt = Salt::from_bytes([script.below(2); 32]);
    let inventory = inventory(script, &salt);
    let mut repair = Repair::open(inventory, [6; 16]);
    let said = repair.handle(Moment::START, RepairInput::Room).find_map(|output| match output {
        RepairOutput::Send(message) => Some(message),
        RepairOutput::Done(_) | RepairOutput::Failed(_) | RepairOutput::WakeAt(_) => None,
    });
    said.expect("who opens speaks first")
}

/// What members say, by those that are there and by those that are not.
fn member(script: &mut Script<'_>) -> MembershipMessage {
    let (number, whom) = (u32::from(script.below(40)), id(script.below(12)));
    let incarnation = Incarnation::of(script.number().min(1 << 48));
    match script.below(9) {
        0 => MembershipMessage::Ping(Hail { number, incarnation, news: news(script) }),
        1 => MembershipMessage::Ack(Hail { number, incarnation, news: news(script) }),
        2 => MembershipMessage::Ask { number, whom },
        3 => MembershipMessage::Answered { number },
        4 => MembershipMessage::Silent { number },
        5 => MembershipMessage::Tell(news(script)),
        6 => MembershipMessage::Who,
        7 => {
            let stretch = Stretch { upto: whom, digest: [script.below(2); Stretch::DIGEST_LEN] };
            MembershipMessage::Compare { after: None, stretches: vec![stretch] }
        }
        _ => MembershipMessage::Differ { after: None, upto: whom, news: news(script) },
    }
}

fn news(script: &mut Script<'_>) -> News {
    let mut news = News::default();
    for _ in 0..script.below(4) {
        let (by, incarnation) = (script.below(12), Incarnation::of(u64::from(script.below(3))));
        match script.below(3) {
            0 => {
                let standing = if script.below(4) == 0 { Standing::Left } else { Standing::Here };
                news.lives.extend(signed(by, &Life { incarnation, standing }));
            }
            1 => {
                let whom = id(script.below(12));
                news.accusations.extend(signed(by, &Accusation { whom, incarnation }));
            }
            _ => {
                let addresses = vec![SocketAddr::from(([10, 0, 0, script.below(9)], 7355))];
                let (sequence, expires_ms) = (u64::from(script.below(9)), script.number());
                news.records.extend(signed(by, &NodeRecord { sequence, expires_ms, addresses }));
            }
        }
    }
    news
}

/// What one of another network says is signed by nobody in this one.
fn signed<T: Statement>(by: u8, said: &T) -> Option<Signed<T>> {
    let network = NetworkId::named(if by == 11 { "elsewhere" } else { "town" });
    Signed::new(said, &network, &key(by)).ok()
}

/// A message about objects, of few transfers and pieces, so that they meet what is open.
fn objects(script: &mut Script<'_>) -> ObjectsMessage {
    let transfer = u32::from(script.below(4));
    let piece = u32::from(script.below(3));
    match script.below(7) {
        0 => {
            let wanted = match script.below(2) {
                0 => Wanted::News,
                _ => Wanted::Exactly(Vec::new()),
            };
            let channel = if script.below(8) == 0 { ChannelId::from_bytes([9; 16]) } else { HOME };
            let have = stands(script).into_iter().map(|(id, it)| (id, it.position)).collect();
            let request = Request { channel, have, wanted };
            ObjectsMessage::Want { transfer, request, credit: u32::from(script.below(255)) << 12 }
        }
        1 => ObjectsMessage::Ask { transfer, piece, after: After::Nothing },
        2 => ObjectsMessage::Grant { transfer, bytes: u32::from(script.below(255)) << 20 },
        3 => ObjectsMessage::Stop { transfer, why: ObjectsWhy::Lie },
        4 => ObjectsMessage::Refuse { transfer, why: ObjectsWhy::Busy },
        5 => {
            let objects = u32::from(script.below(3));
            let offer = Offer { objects, bytes: script.number(), ..Offer::default() };
            ObjectsMessage::Offer { transfer, offer, comes: script.below(2) == 0 }
        }
        _ => {
            let rest = u32::from(script.below(3)) << 18;
            ObjectsMessage::Part(Part { transfer, piece, rest, bytes: script.bytes() })
        }
    }
}

fn control(script: &mut Script<'_>) -> Control {
    match script.below(6) {
        0..3 => {
            let name = if script.below(8) == 0 { "elsewhere" } else { "town" };
            let versions = Versions { least: u16::from(script.below(2)), most: 1 };
            Control::Hello(Box::new(Hello {
                network: NetworkId::named(name),
                versions,
                features: script.number(),
                delegation: None,
                proof: None,
                record: None,
            }))
        }
        3 => Control::Ping(script.number()),
        4 => Control::Pong(script.number()),
        _ => Control::Goodbye(if script.below(2) == 0 { Goodbye::Done } else { Goodbye::Full(9) }),
    }
}

fn gossip(script: &mut Script<'_>) -> GossipMessage {
    let channel = if script.below(8) == 0 { ChannelId::from_bytes([9; 16]) } else { HOME };
    let turn = if script.below(2) == 0 { Turn::Asks } else { Turn::Answers };
    let wish = if script.below(2) == 0 { Wish::Entries } else { Wish::Nothing };
    let says = match script.below(9) {
        0 => Says::Sum([script.below(3); 16], turn),
        1 => {
            let first = ActorId::from_bytes([script.below(3); 16]);
            let last = ActorId::from_bytes([3 + script.below(3); 16]);
            let mut stands = stands(script);
            stands.retain(|(stream, _)| first <= *stream && *stream <= last);
            Says::Stands(Listing { first, last, stands }, wish, turn)
        }
        2 => Says::Have(stands(script)),
        3 => Says::Want(stands(script).into_iter().map(|(id, it)| (id, it.position)).collect()),
        4 => Says::Prune,
        5 => Says::Closed,
        6 => Says::Room(u32::from(script.below(255)) << 10),
        7 => Says::Ended(script.stream(), script.bytes()),
        _ => {
            let streams = stands(script);
            let runs = streams.into_iter().map(|(id, it)| run(id, it.position, script)).collect();
            let cause = if script.below(2) == 0 { Cause::Push } else { Cause::Answer };
            Says::Entries(runs, cause, script.bytes())
        }
    };
    GossipMessage { channel, says }
}

fn stands(script: &mut Script<'_>) -> Vec<(ActorId, Stand)> {
    let mut stands = Stands::new();
    for _ in 0..script.below(4) {
        let stand = Stand { position: script.number(), mark: [script.below(3) + 6; 8] };
        stands.insert(script.stream(), stand);
    }
    stands.into_iter().collect()
}

fn run(stream: ActorId, after: u64, script: &mut Script<'_>) -> Run {
    let items = (0..=script.below(3)).map(|_| Item { payload: script.bytes(), signature: [0; 64] });
    Run { stream, after, items: items.collect() }
}

/// A node that looks around, among those who know its channel and those who do not: it never panics, says little, and its memory
/// has an end.
pub(crate) fn discovery(script: &[u8]) {
    let mut script = Script(script);
    let network = NetworkId::named("town");
    let notary = Notary::new(Arc::new(key(9)), network, PublicKey::verifies);
    let manner = [Manner::Tells(7_355), Manner::Asks, Manner::Listens];
    let mut discovery = Discovery::new(notary, manner[usize::from(script.below(3))], 1);
    let secret = DiscoverySecret::of(&network, &HOME);
    let (mut now_us, mut said, mut begun) = (0, 0_u64, 0_u64);
    let mut last = Vec::new();
    let mut tell = |now_us: u64, input| {
        let (now, time_ms) = (Moment::from_us(now_us), (1 << 40) + now_us / 1_000);
        let begins = matches!(input, DiscoveryInput::Doors(_) | DiscoveryInput::Opened(_));
        begun += u64::from(begins);
        for output in discovery.handle(now, time_ms, input) {
            match output {
                DiscoveryOutput::Say(_, packet) => {
                    assert_eq!(packet.len(), DiscoverySecret::PACKET_LEN);
                    said += 1;
                }
                DiscoveryOutput::WakeAt(at) => assert!(at > now),
                DiscoveryOutput::Found(..)
                | DiscoveryOutput::Appeared(..)
                | DiscoveryOutput::Lost(..) => {}
            }
        }
        assert!(discovery.sightings(now).len() <= 256);
        // A beat in 25 s, an answer in a second, and three questions of who has come somewhere, in two subnets.
        assert!(said <= 2 * (now_us / 900_000 + 8 * (begun + 2)), "{said} packets");
    };
    tell(now_us, DiscoveryInput::Opened(HOME));
    while let Some(step) = script.byte() {
        let from = SocketAddr::new(nearby(&mut script), 7_356);
        let input = match step % 6 {
            0 => {
                let doors = [door(0), door(1)].into_iter().take(usize::from(script.below(3)));
                DiscoveryInput::Doors(doors.collect())
            }
            1 => DiscoveryInput::Came(from, script.bytes()),
            2 => {
                let (at, port) = (nearby(&mut script), u16::from(script.below(4)));
                let matter = [PresenceMatter::Here, PresenceMatter::Asks, PresenceMatter::Leaves];
                let time_ms = match script.below(4) {
                    0 => script.number(),
                    _ => (1 << 40) + now_us / 1_000 + u64::from(script.below(255)),
                };
                let matter = matter[usize::from(script.below(3))];
                let presence = Presence { matter, time_ms, address: SocketAddr::new(at, port) };
                let signed = Signed::new(&presence, &network, &key(script.below(12))).ok();
                last = signed.and_then(|signed| secret.seal(signed).ok()).unwrap_or_default();
                DiscoveryInput::Came(from, last.clone())
            }
            3 => DiscoveryInput::Came(from, last.clone()),
            4 => {
                now_us += u64::from(script.below(255)) << script.below(28);
                DiscoveryInput::Tick
            }
            _ => match script.below(3) {
                0 => DiscoveryInput::Opened(HOME),
                1 => DiscoveryInput::Again,
                _ => DiscoveryInput::Closed(HOME),
            },
        };
        tell(now_us, input);
    }
}

fn door(number: u8) -> Door {
    Door { address: IpAddr::from([10, 0, number, 1]), bits: 24, zone: 2 }
}

fn nearby(script: &mut Script<'_>) -> IpAddr {
    match script.below(8) {
        0 => IpAddr::from([198, 51, 100, 7]),
        1 => IpAddr::from([0; 16]),
        number => IpAddr::from([10, 0, number % 2, script.below(40)]),
    }
}

/// A node that goes to a server, and the server, among those who leave there what they like: neither panics, the node visits no more
/// than it should, and what both keep has an end.
pub(crate) fn rendezvous(script: &[u8]) {
    let mut script = Script(script);
    let network = NetworkId::named("town");
    let notary = Notary::new(Arc::new(key(9)), network, PublicKey::verifies);
    let port = (script.below(2) == 0).then_some(7_355);
    let mut visits = Visits::new(notary, port, 1, 1);
    let mut register = Register::new(Duration::from_secs(script.number().min(1 << 20)));
    let (secret, spot) = (DiscoverySecret::of(&network, &HOME), Spot::of(&network, &HOME));
    let (mut now_us, mut count, mut hurries, mut due) = (0, 0_u64, 0_u64, Vec::new());
    let mut inputs = vec![VisitsInput::Opened(HOME)];
    while let Some(step) = script.byte() {
        let now = Moment::from_us(now_us);
        let time_ms = (1 << 40) + now_us / 1_000;
        for input in inputs.drain(..) {
            let hurried = !matches!(input, VisitsInput::Came(..) | VisitsInput::Tick);
            hurries += u64::from(hurried);
            for output in visits.handle(now, time_ms, input) {
                match output {
                    VisitsOutput::Visit(_, errands) => {
                        count += 1;
                        due = errands;
                    }
                    VisitsOutput::WakeAt(at) => assert!(at > now),
                    VisitsOutput::Found(..)
                    | VisitsOutput::Appeared(..)
                    | VisitsOutput::Lost(..) => {}
                }
            }
        }
        assert!(visits.sightings(now).len() <= 256);
        let from = SocketAddr::new(nearby(&mut script), 9_000 + u16::from(script.below(4)));
        match step % 6 {
            // The server answers as it should.
            0 => {
                let mut answer = |errand| register.answer(now, id(9), from, errand);
                inputs.push(VisitsInput::Came(0, due.drain(..).map(&mut answer).collect()));
            }
            // Somebody says something to it, or it says something to the node.
            1 => {
                if let Ok(errand) = decode::<Errand>(&script.bytes()) {
                    register.answer(now, id(script.below(12)), from, errand);
                }
            }
            2 => inputs.push(match decode::<Reply>(&script.bytes()) {
                Ok(reply) => VisitsInput::Came(0, vec![reply]),
                Err(_) => VisitsInput::Missed(0),
            }),
            3 => {
                let (time_ms, address) = (time_ms + u64::from(script.below(255)), from);
                let said = Presence { matter: PresenceMatter::Here, time_ms, address };
                let by = script.below(12);
                let signed = Signed::new(&said, &network, &key(by)).ok();
                let packet = signed.and_then(|signed| secret.seal(signed).ok()?.try_into().ok());
                let word = packet.into_iter().map(WordPacket).collect();
                let seconds = 1 + u32::from(script.below(255));
                register.answer(now, id(by), from, Errand::Register { spot, seconds, word });
            }
            4 => {
                now_us += u64::from(script.below(255)) << script.below(28);
                inputs.push(VisitsInput::Tick);
            }
            _ => inputs.push(happens(&mut script, from)),
        }
        assert!(register.count(now).0 <= 8_192);
        // Half a second is the least between two, but where something happens here; and one more if the server sees the node elsewhere.
        assert!(count <= 2 * (hurries + 2 + now_us / 500_000), "{count} visits");
    }
}

/// What happens to a node that goes to a server.
fn happens(script: &mut Script<'_>, from: SocketAddr) -> VisitsInput {
    match script.below(5) {
        0 => VisitsInput::Opened(HOME),
        1 => VisitsInput::Again,
        2 => VisitsInput::At(vec![from]),
        3 => VisitsInput::Missed(0),
        _ => VisitsInput::Closed(HOME),
    }
}
