//! Peers that do what no honest one does.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use selkie_crdt::ActorId;
use selkie_store::{Coded, Kind, ObjectId, SecretKey, encode};
use selkie_sync::{
    Accusation, CallId, Cause, ChannelId, Control, Dice, GossipMessage, Incarnation, Inventory,
    Item, Lane, Life, Listing, MembershipMessage, Mend, Moment, Name, NetworkId, News, NodeId,
    NodeRecord, ObjectsMessage, ObjectsWhy, Offer, Opener, Part, Repair, RepairInput,
    RepairMessage, RepairOutput, Request, Run, Salt, Says, Signed, Stand, Standing, Stands,
    Statement, Turn, Wanted, Wish,
};

/// Something hostile.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Trick {
    /// Bytes that are no message.
    Noise,
    /// A message longer than its lane allows.
    Oversize,
    /// What was said before, by it or to it, said again to somebody.
    Replay,
    /// Entries of others that these never wrote.
    Forge,
    /// Logs that nobody has, by the hundred and without end.
    Claim,
    /// Everybody is silent, it says, whoever answers.
    Accuse,
    /// Members that there are not, and words of those that there are which they never said.
    Invent,
    /// Objects that nobody asked for, requests without end, and answers to nothing.
    Litter,
    /// Repairs by the dozen, with things that make no sense.
    Pester,
    /// Pings, greetings and records that come too often.
    Flood,
}

/// The hostile part of a peer. The rest of it is as honest as any, so that others go on talking to it.
#[derive(Debug)]
pub(super) struct Rogue {
    tricks: Vec<Trick>,
    key: Arc<SecretKey>,
    network: NetworkId,
    channel: ChannelId,
    dice: Dice,
    heard: VecDeque<(Lane, Vec<u8>)>,
    next: Moment,
}

/// What it remembers to say it again.
const HEARD_MAX: usize = 64;
/// From one trick to the next, at most.
const PAUSE: Duration = Duration::from_millis(600);
/// Messages of one trick that floods.
const VOLLEY: u64 = 40;

impl Trick {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Noise,
        Self::Oversize,
        Self::Replay,
        Self::Forge,
        Self::Claim,
        Self::Accuse,
        Self::Invent,
        Self::Litter,
        Self::Pester,
        Self::Flood,
    ];
}

impl Rogue {
    pub(super) fn new(
        tricks: Vec<Trick>,
        key: Arc<SecretKey>,
        network: NetworkId,
        channel: ChannelId,
        dice: Dice,
    ) -> Self {
        let (heard, next) = (VecDeque::new(), Moment::START);
        Self { tricks, key, network, channel, dice, heard, next }
    }

    /// When it strikes next.
    pub(super) const fn next(&self) -> Moment {
        self.next
    }

    /// Remembers what was said.
    pub(super) fn hear(&mut self, lane: Lane, bytes: &[u8]) {
        if self.heard.len() == HEARD_MAX {
            self.heard.pop_front();
        }
        self.heard.push_back((lane, bytes.to_vec()));
    }

    /// What it says besides, if it is time, on one of these calls, where it knows of these logs and members.
    pub(super) fn strike(
        &mut self,
        now: Moment,
        calls: &[CallId],
        stands: &Stands,
        members: &[NodeId],
    ) -> Vec<(CallId, Lane, Vec<u8>)> {
        if now < self.next {
            return Vec::new();
        }
        self.next = now + self.dice.span(PAUSE / 4, PAUSE);
        let Some(call) = self.dice.pick(calls).copied() else { return Vec::new() };
        let Some(trick) = self.dice.pick(&self.tricks).copied() else { return Vec::new() };
        let said = match trick {
            Trick::Noise => self.noise(),
            Trick::Oversize => self.oversize(),
            Trick::Replay => {
                self.dice.pick(self.heard.make_contiguous()).cloned().into_iter().collect()
            }
            Trick::Forge => self.forge(stands),
            Trick::Claim => self.claim(),
            Trick::Accuse => self.accuse(members),
            Trick::Invent => self.invent(members),
            Trick::Litter => self.litter(),
            Trick::Pester => self.pester(),
            Trick::Flood => self.flood(),
        };
        said.into_iter().map(|(lane, bytes)| (call, lane, bytes)).collect()
    }

    fn noise(&mut self) -> Vec<(Lane, Vec<u8>)> {
        let (lane, len) = (self.lane(), self.dice.index(300));
        vec![(lane, self.bytes(len))]
    }

    fn oversize(&mut self) -> Vec<(Lane, Vec<u8>)> {
        let lane = self.lane();
        vec![(lane, vec![1; lane.len_max() + 1])]
    }

    fn forge(&mut self, stands: &Stands) -> Vec<(Lane, Vec<u8>)> {
        let streams: Vec<_> =
            stands.iter().map(|(stream, stand)| (*stream, stand.position)).collect();
        let invented = (ActorId::from_bytes([self.dice.roll().to_le_bytes()[0]; 16]), 0);
        let (stream, position) = self.dice.pick(&streams).copied().unwrap_or(invented);
        let after = position.saturating_sub(self.dice.below(3)) + self.dice.below(3);
        let len = self.dice.index(200);
        let item = Item { payload: self.bytes(len), signature: [7; 64] };
        let cause = if self.dice.below(2) == 0 { Cause::Push } else { Cause::Answer };
        let run = Run { stream, after, items: vec![item] };
        self.gossip(Says::Entries(vec![run], cause, Vec::new()))
    }

    fn claim(&mut self) -> Vec<(Lane, Vec<u8>)> {
        let mut stands = Stands::new();
        for _ in 0..200 {
            let mut name = [0; 16];
            name[..8].copy_from_slice(&self.dice.roll().to_le_bytes());
            let position = u64::MAX - self.dice.below(9);
            stands.insert(ActorId::from_bytes(name), Stand { position, mark: [3; 8] });
        }
        let stands: Vec<_> = stands.into_iter().collect();
        let (first, last) = (ActorId::from_bytes([0; 16]), ActorId::from_bytes([0xff; 16]));
        let says = match self.dice.below(3) {
            0 => Says::Stands(Listing { first, last, stands }, Wish::Entries, Turn::Asks),
            1 => Says::Have(stands),
            _ => Says::Want(stands.into_iter().map(|(stream, _)| (stream, 0)).collect()),
        };
        self.gossip(says)
    }

    fn accuse(&mut self, members: &[NodeId]) -> Vec<(Lane, Vec<u8>)> {
        let mut news = News::default();
        for whom in members {
            for incarnation in 0..2 {
                let incarnation = Incarnation::of(incarnation);
                news.accusations
                    .push(self.sign(&self.key, &Accusation { whom: *whom, incarnation }));
            }
        }
        news.accusations.truncate(News::ACCUSATIONS_MAX);
        of_members(&MembershipMessage::Tell(news))
    }

    fn invent(&mut self, members: &[NodeId]) -> Vec<(Lane, Vec<u8>)> {
        let mut news = News::default();
        for _ in 0..4 {
            let mut seed = [9; SecretKey::LEN];
            seed[..8].copy_from_slice(&self.dice.roll().to_le_bytes());
            let incarnation = Incarnation::of(self.dice.below(9));
            let life = Life { incarnation, standing: Standing::Here };
            news.lives.push(self.sign(&SecretKey::from_bytes(&seed), &life));
        }
        let addresses = vec![SocketAddr::from(([10, 9, 9, 9], 1))];
        let record = NodeRecord { sequence: u64::MAX, expires_ms: u64::MAX, addresses };
        news.records.push(self.sign(&self.key, &record));
        let mut bytes = encode(&MembershipMessage::Tell(news)).unwrap_or_default();
        // The name of somebody that there is, over a signature that is not theirs.
        if let Some(member) = self.dice.pick(members) {
            bytes[3..3 + NodeId::LEN].copy_from_slice(member.as_bytes());
        }
        vec![(Lane::Members, bytes)]
    }

    fn litter(&mut self) -> Vec<(Lane, Vec<u8>)> {
        let transfer = u32::try_from(self.dice.below(6)).unwrap_or(0);
        let id = ObjectId::of(Kind::Blob, &self.dice.roll().to_le_bytes());
        let message = match self.dice.below(5) {
            0 => {
                let wanted = Wanted::Exactly(vec![Name::of(id)]);
                let request = Request { channel: self.channel, have: Vec::new(), wanted };
                ObjectsMessage::Want { transfer, request, credit: u32::MAX }
            }
            1 => ObjectsMessage::Grant { transfer, bytes: u32::MAX },
            2 => {
                let offer = Offer { objects: 1 << 30, bytes: u64::MAX, ..Offer::default() };
                ObjectsMessage::Offer { transfer, offer, comes: true }
            }
            3 => ObjectsMessage::Stop { transfer, why: ObjectsWhy::Lie },
            _ => {
                let bytes = self.bytes(4_000);
                ObjectsMessage::Part(Part { transfer, piece: 0, rest: 1 << 20, bytes })
            }
        };
        message.into_bytes().map(|bytes| (Lane::Bulk, bytes)).into_iter().collect()
    }

    fn pester(&mut self) -> Vec<(Lane, Vec<u8>)> {
        let id = ObjectId::of(Kind::Blob, &self.dice.roll().to_le_bytes());
        let inventory = Arc::new(Inventory::new(vec![id], &Salt::from_bytes([1; 32])));
        let mut repair = Repair::open(inventory, [2; 16]);
        let first: Vec<RepairMessage> = repair
            .handle(Moment::START, RepairInput::Room)
            .filter_map(|output| match output {
                RepairOutput::Send(message) => Some(message),
                RepairOutput::Done(_) | RepairOutput::Failed(_) | RepairOutput::WakeAt(_) => None,
            })
            .collect();
        let opener = if self.dice.below(2) == 0 { Opener::Me } else { Opener::You };
        let opens = first.iter().cloned().map(|first| Mend::Open(self.channel, first));
        let says = first.iter().cloned().map(|first| Mend::Says(opener, first));
        opens.chain(says).flat_map(|mend| spelled(Lane::Repair, &mend)).collect()
    }

    fn flood(&mut self) -> Vec<(Lane, Vec<u8>)> {
        let numbers: Vec<_> = (0..VOLLEY).map(|_| self.dice.roll()).collect();
        let pings =
            numbers.iter().flat_map(|number| spelled(Lane::Control, &Control::Ping(*number)));
        let asks = numbers.iter().flat_map(|number| {
            let (number, whom) =
                (u32::try_from(number >> 32).unwrap_or(0), NodeId::of(self.key.public()));
            of_members(&MembershipMessage::Ask { number, whom })
        });
        let sums = numbers.iter().flat_map(|number| {
            let mut sum = [0; 16];
            sum[..8].copy_from_slice(&number.to_le_bytes());
            let says = Says::Sum(sum, Turn::Asks);
            spelled(Lane::Gossip, &GossipMessage { channel: self.channel, says })
        });
        pings.chain(asks).chain(sums).collect()
    }

    fn gossip(&self, says: Says) -> Vec<(Lane, Vec<u8>)> {
        spelled(Lane::Gossip, &GossipMessage { channel: self.channel, says })
    }

    fn sign<T: Statement>(&self, key: &SecretKey, said: &T) -> Signed<T> {
        Signed::new(said, &self.network, key).expect("what is said keeps its rules, true or not")
    }

    fn lane(&mut self) -> Lane {
        *self.dice.pick(&Lane::ALL).expect("there are lanes")
    }

    fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.dice.roll().to_le_bytes()[0]).collect()
    }
}

fn of_members(message: &MembershipMessage) -> Vec<(Lane, Vec<u8>)> {
    spelled(Lane::Members, message)
}

/// What breaks the rules of its message can not be spelled: bytes that are none are another trick.
fn spelled<T: Coded>(lane: Lane, message: &T) -> Vec<(Lane, Vec<u8>)> {
    encode(message).map(|bytes| (lane, bytes)).into_iter().collect()
}
