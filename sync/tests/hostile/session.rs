//! A node among those who say anything.

use std::net::SocketAddr;
use std::sync::Arc;

use selkie_crdt::ActorId;
use selkie_store::{Kind, ObjectId, PublicKey, decode, encode};
use selkie_sync::{
    Accusation, After, Along, CallId, Cause, ChannelId, Control, Core, Finding, Goodbye,
    GossipMessage, Hail, Hello, Incarnation, Input, Inventory, Item, Kept, Lane, Life, Listing,
    Loaded, MembershipMessage, Mend, Moment, NetworkId, News, NodeRecord, Notary, ObjectsInput,
    ObjectsMessage, ObjectsOutput, ObjectsWhy, Offer, Opener, Output, Own, Part, Refusal, Repair,
    RepairInput, RepairMessage, RepairOutput, Request, Right, Run, Salt, Says, Scope, SessionInput,
    Settings, Side, Signed, Stand, Standing, Stands, Statement, Stretch, Taken, Trust, Turn,
    Versions, Wanted, Wish,
};

use super::script::{Script, id, key};

const HOME: ChannelId = ChannelId::from_bytes([1; 16]);

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
            3 => self.hears(call, Lane::Bulk, objects(script).into_bytes().ok()),
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
        7 => Says::Ended(stream(script), script.bytes()),
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
        stands.insert(stream(script), stand);
    }
    stands.into_iter().collect()
}

fn run(stream: ActorId, after: u64, script: &mut Script<'_>) -> Run {
    let items = (0..=script.below(3)).map(|_| Item { payload: script.bytes(), signature: [0; 64] });
    Run { stream, after, items: items.collect() }
}

fn stream(script: &mut Script<'_>) -> ActorId {
    ActorId::from_bytes([script.below(6); 16])
}
